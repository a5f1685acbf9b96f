import type { ProfileTimings, Timing } from '../../profile.ts';

/** A row of the northbound database, from its insert to hv_cfg on every chassis. */
const ROW: Timing = {
  distribution: { type: 'lognormal', median: 0.5, sigma: 0.6 },
  source: 'assumption: northd and some hundred controllers; 41 ms were measured with three',
};

/** A change of a host's Open vSwitch until ovs-vswitchd has carried it out. */
const SWITCHD: Timing = {
  distribution: { type: 'lognormal', median: 0.06, sigma: 0.5 },
  source: 'assumption: as measured on a host of the lab, 33-113 ms',
};

/** OVN with some hundred chassis. */
export const DATACENTER_SDN: ProfileTimings = {
  'chassis.register': {
    distribution: { type: 'lognormal', median: 5, sigma: 0.5 },
    source: 'assumption: the southbound database is read and all flows are computed at the start',
  },
  'chassis.resume': {
    distribution: { type: 'lognormal', median: 5, sigma: 0.5 },
    source: 'assumption: the southbound database is read and all flows are computed at the start',
  },
  'chassis.deregister': {
    distribution: { type: 'lognormal', median: 0.3, sigma: 0.5 },
    source: 'measured: OVN 23.03.1 with three chassis 90 ms; more ports here',
  },
  'chassis.restart_delay': {
    distribution: { type: 'constant', value: 0.1 },
    source: 'systemd-system.conf(5): DefaultRestartSec=100ms',
  },
  'port.bind': {
    distribution: { type: 'lognormal', median: 0.4, sigma: 0.6 },
    source: 'assumption: claim, northd and neutron event; 32 ms were measured with three chassis',
  },
  'port.unbind': {
    distribution: { type: 'lognormal', median: 0.4, sigma: 0.6 },
    source: 'assumption; 40-80 ms were measured with three chassis',
  },
  'port.delete': {
    distribution: { type: 'lognormal', median: 0.05, sigma: 0.6 },
    source: 'assumption: one transaction on a busy database; 3 ms were measured',
  },
  'gateway.claim': {
    distribution: { type: 'lognormal', median: 0.3, sigma: 0.5 },
    source: 'assumption: claim, flows, gratuitous ARPs; 20 ms were measured with three chassis',
  },
  'gateway.delete': {
    distribution: { type: 'lognormal', median: 0.05, sigma: 0.6 },
    source: 'assumption: one transaction on a busy database; 3 ms were measured',
  },
  'gateway.bfd_timeout': {
    distribution: { type: 'uniform', min: 2, max: 3 },
    source:
      'ovs-vswitchd.conf.db(5): bfd min_rx 1000 ms, mult 3, less the phase of the last packet',
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
