/** Invariants of bare metal, operating systems, hypervisors and the network. */
import { hasProviders, neverExceeds, servesOnlyWhileSupported } from './forms.ts';
import type { Invariant } from './invariant.ts';

export const INFRASTRUCTURE: readonly Invariant[] = [
  servesOnlyWhileSupported(
    'machine',
    'machine-needs-a-feed',
    'A machine runs only while at least one PDU of its rack feeds it.',
  ),
  servesOnlyWhileSupported(
    'disk',
    'disk-needs-its-machine',
    'A disk is usable only while its machine has power.',
  ),
  servesOnlyWhileSupported(
    'host-os',
    'host-needs-machine-disk-and-network',
    'A host serves only on a running machine, with a system disk and a NIC that has a link.',
  ),
  hasProviders(
    'host-os',
    ['running', 'degraded', 'updating'],
    'machine',
    { min: 1, max: 1 },
    'host-on-one-machine',
    'A running operating system is on exactly one machine.',
  ),
  {
    name: 'one-host-per-machine',
    describes: 'A machine carries at most one operating system.',
    kind: 'machine',
    alsoAfter: ['host-os'],
    prepare: (view) => {
      const hostOs = view.kindId('host-os');
      return (machine) => {
        let hosts = 0;
        view.eachDependent(machine, hostOs, () => {
          hosts++;
        });
        return hosts > 1 ? `${view.nameOf(machine)} carries ${hosts} operating systems` : undefined;
      };
    },
  },
  {
    name: 'host-only-on-deployed-machine',
    describes: 'An operating system runs only on a machine that MAAS has deployed.',
    kind: 'host-os',
    alsoAfter: ['machine'],
    prepare: (view) => {
      const machine = view.kindId('machine');
      const deployed = view.states('machine', 'deployed');
      return (host) => {
        if (!view.isServing(host)) return undefined;
        let wrong: string | undefined;
        view.eachProvider(host, machine, (m) => {
          if (!deployed[view.state(m)]) wrong = `${view.nameOf(host)} runs on ${view.stateName(m)}`;
        });
        return wrong;
      };
    },
  },
  servesOnlyWhileSupported(
    'hypervisor',
    'hypervisor-needs-its-host',
    'A hypervisor serves only on a host that serves.',
  ),
  hasProviders(
    'domain',
    ['running', 'paused', 'starting'],
    'hypervisor',
    { min: 1, max: 1 },
    'domain-on-one-hypervisor',
    'A domain runs on exactly one hypervisor.',
  ),
  servesOnlyWhileSupported(
    'domain',
    'domain-needs-its-hypervisor',
    'A domain runs only while its hypervisor and its disks serve.',
  ),
  neverExceeds(
    'hypervisor',
    'vcpus-within-ratio',
    'Virtual CPUs placed on a host never exceed its threads times the CPU ratio.',
    'hypervisor.vcpus_used',
    'hypervisor.vcpus_limit',
  ),
  neverExceeds(
    'hypervisor',
    'memory-within-ratio',
    'Memory placed on a host never exceeds what it may give.',
    'hypervisor.memory_bytes_used',
    'hypervisor.memory_bytes_limit',
  ),
  servesOnlyWhileSupported(
    'chassis',
    'chassis-needs-its-host',
    'A chassis serves only on a host that serves.',
  ),
  hasProviders(
    'port',
    ['ACTIVE'],
    'chassis',
    { min: 1, max: 1 },
    'port-bound-once',
    'A port that is ACTIVE is bound to exactly one chassis.',
  ),
  {
    name: 'gateway-on-a-live-chassis',
    describes: 'An active gateway has a chassis that serves.',
    kind: 'gateway',
    alsoAfter: ['chassis'],
    prepare: (view) => {
      const active = view.states('gateway', 'active');
      const chassis = view.kindId('chassis');
      return (gateway) =>
        active[view.state(gateway)] && view.countServingProviders(gateway, chassis) === 0
          ? `${view.nameOf(gateway)} is active without a chassis that serves`
          : undefined;
    },
  },
];
