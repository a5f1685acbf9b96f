import type { ProfileTimings, Timing } from '../../profile.ts';

const OVN = 'measured: OVN 23.03.1 on Debian 12, 2 cores';

/** A row of the northbound database, from its insert to hv_cfg on every chassis. */
const ROW: Timing = {
  distribution: { type: 'uniform', min: 0.03, max: 0.058 },
  source: `${OVN}: hv_cfg after 41 ms (median 32-42, at most 58)`,
};

/** A change of a host's Open vSwitch until ovs-vswitchd has carried it out. */
const SWITCHD: Timing = {
  distribution: { type: 'uniform', min: 0.025, max: 0.12 },
  source:
    'measured: Open vSwitch 3.1.0, ovs-vsctl add-port and del-port of an internal port, 33-113 ms',
};

/** Three chassis in network namespaces. */
export const LAB_SDN: ProfileTimings = {
  'chassis.register': {
    distribution: { type: 'uniform', min: 0.6, max: 0.9 },
    source: `${OVN}: central and all chassis registered in 0.9 s`,
  },
  'chassis.resume': {
    distribution: { type: 'uniform', min: 0.2, max: 0.6 },
    source: 'assumption: less than a first start',
  },
  'chassis.deregister': {
    distribution: { type: 'constant', value: 0.09 },
    source: `${OVN}: ports down 90 ms after ovn-appctl exit`,
  },
  'chassis.restart_delay': {
    distribution: { type: 'constant', value: 0.1 },
    source: 'systemd-system.conf(5): DefaultRestartSec=100ms',
  },
  'port.bind': {
    distribution: { type: 'uniform', min: 0.018, max: 0.042 },
    source: `${OVN}: claimed after 18 ms, up in the northbound database after 32 ms, at most 42`,
  },
  'port.unbind': {
    distribution: { type: 'uniform', min: 0.04, max: 0.08 },
    source: `${OVN}: unbound 40-80 ms after unplug`,
  },
  'port.delete': {
    distribution: { type: 'uniform', min: 0.003, max: 0.009 },
    source: `${OVN}: a transaction takes 3 ms, at most 9`,
  },
  'gateway.claim': {
    distribution: { type: 'uniform', min: 0.01, max: 0.03 },
    source: `${OVN}: moved 20 ms after BFD was down`,
  },
  'gateway.delete': {
    distribution: { type: 'uniform', min: 0.003, max: 0.009 },
    source: `${OVN}: a transaction takes 3 ms, at most 9`,
  },
  'gateway.bfd_timeout': {
    distribution: { type: 'constant', value: 2.45 },
    source: `${OVN}: BFD down 2.45 s after kill -9 of a chassis`,
  },
  'logical-switch.create': ROW,
  'logical-switch.update': ROW,
  'logical-switch.delete': ROW,
  'logical-router.create': ROW,
  'logical-router.update': ROW,
  'logical-router.delete': ROW,
  'acl.create': ROW,
  'acl.update': ROW,
  'acl.delete': ROW,
  'nat.create': ROW,
  'nat.update': ROW,
  'nat.delete': ROW,
  'load-balancer.create': ROW,
  'load-balancer.update': ROW,
  'load-balancer.delete': ROW,
  'dhcp-options.create': ROW,
  'dhcp-options.update': ROW,
  'dhcp-options.delete': ROW,
  'bridge.add': SWITCHD,
  'bridge.delete': SWITCHD,
  'interface.add': SWITCHD,
  'interface.delete': SWITCHD,
};
