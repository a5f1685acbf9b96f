/** Invariants of OpenStack, containers, Kubernetes and Juju. */
import { hasProviders, isOwned, neverExceeds, servesOnlyWhileSupported } from './forms.ts';
import type { Invariant } from './invariant.ts';

export const PLATFORM: readonly Invariant[] = [
  {
    name: 'no-server-active-on-a-dead-host',
    describes:
      'No server counts as UP once its host has been lost for longer than it takes to notice ' +
      '(service_down_time and a report interval).',
    kind: 'server',
    prepare: (view) => {
      const down = view.states('compute-service', 'down');
      const up = view.states('server', 'UP');
      const activeMask = view.states('server', 'active');
      const service = view.kindId('compute-service');
      return (server) => {
        const state = view.state(server);
        if (!up[state] || !activeMask[state]) return undefined;
        let wrong: string | undefined;
        view.eachProvider(server, service, (s) => {
          if (down[view.state(s)])
            wrong = `${view.nameOf(server)} is UP though ${view.nameOf(s)} is down`;
        });
        return wrong;
      };
    },
  },
  hasProviders(
    'server',
    ['active.idle'],
    'domain',
    { min: 1, max: 1 },
    'active-server-is-one-domain',
    'An active server is exactly one domain.',
  ),
  {
    name: 'active-server-has-bound-ports',
    describes: 'Every port of an active server whose host is UP is bound and ACTIVE.',
    kind: 'server',
    alsoAfter: ['port'],
    prepare: (view) => {
      const port = view.kindId('port');
      const bound = view.states('port', 'ACTIVE');
      return (server) => {
        if (!view.isServing(server)) return undefined;
        let wrong: string | undefined;
        view.eachProvider(server, port, (p) => {
          if (!bound[view.state(p)]) wrong = `${view.nameOf(p)} is ${view.stateName(p)}`;
        });
        return wrong && `${view.nameOf(server)} is active though ${wrong}`;
      };
    },
  },
  servesOnlyWhileSupported(
    'server',
    'server-needs-domain-ports-and-volumes',
    'A server serves only while its domain, its ports, its volumes and its compute service do.',
  ),
  neverExceeds(
    'project',
    'servers-within-quota',
    'A project never has more servers than its quota.',
    'project.servers_used',
    'project.servers_quota',
  ),
  neverExceeds(
    'project',
    'vcpus-within-quota',
    'A project never uses more virtual CPUs than its quota.',
    'project.vcpus_used',
    'project.vcpus_quota',
  ),
  servesOnlyWhileSupported(
    'volume',
    'volume-needs-its-image',
    'A volume is usable only while its RBD image is.',
  ),
  isOwned(
    'domain',
    'server',
    'dependent',
    ['absent', 'defining', 'undefining', 'destroying', 'shutoff', 'crashed', 'nostate'],
    'no-orphaned-domain',
    'In a cloud, a running domain belongs to a server: a deleted server leaves none behind.',
  ),
  {
    name: 'sandbox-on-one-runtime',
    describes: 'A ready sandbox is run by exactly one container runtime.',
    kind: 'sandbox',
    prepare: (view) => {
      const ready = view.states('sandbox', 'SANDBOX_READY');
      const runtime = view.kindId('container-runtime');
      return (sandbox) => {
        const n = view.countProviders(sandbox, runtime);
        return ready[view.state(sandbox)] && n !== 1
          ? `${view.nameOf(sandbox)} has ${n} runtimes`
          : undefined;
      };
    },
  },
  servesOnlyWhileSupported(
    'container',
    'container-needs-its-sandbox',
    'A container runs only in a sandbox that is ready.',
  ),
  hasProviders(
    'pod',
    ['Running.Started'],
    'node',
    { min: 1, max: 1 },
    'running-pod-on-one-node',
    'A running pod is on exactly one node.',
  ),
  servesOnlyWhileSupported(
    'pod',
    'ready-pod-needs-node-and-sandbox',
    'A pod is Ready only while its node, its sandbox and its claims serve.',
  ),
  neverExceeds(
    'node',
    'pods-within-node-capacity',
    'A node never has more pods than are allocatable on it.',
    'node.pods',
    'node.allocatable_pods',
  ),
  neverExceeds(
    'node',
    'cpu-requests-within-node',
    'CPU requests of the pods on a node never exceed its allocatable CPUs.',
    'node.cpu_requests',
    'node.allocatable_cpu',
  ),
  neverExceeds(
    'node',
    'memory-requests-within-node',
    'Memory requests of the pods on a node never exceed its allocatable memory.',
    'node.memory_requests_bytes',
    'node.allocatable_memory_bytes',
  ),
  neverExceeds(
    'pdb',
    'disruption-budget-respected',
    'Voluntary disruptions never take more pods away than the PodDisruptionBudget allows.',
    'pdb.voluntarily_disrupted',
    'pdb.max_unavailable',
  ),
  {
    name: 'service-endpoints-are-ready',
    describes: 'A service that is available has at least one Ready pod behind it.',
    kind: 'service',
    alsoAfter: ['pod'],
    prepare: (view) => {
      const available = view.states('service', 'available');
      const pod = view.kindId('pod');
      return (service) =>
        available[view.state(service)] && view.countServingProviders(service, pod) === 0
          ? `${view.nameOf(service)} is available without a Ready pod`
          : undefined;
    },
  },
  {
    name: 'unit-in-one-place',
    describes: 'A Juju unit is placed on at most one machine or pod.',
    kind: 'unit',
    prepare: (view) => {
      const machine = view.kindId('juju-machine');
      const pod = view.kindId('pod');
      return (unit) => {
        const places = view.countProviders(unit, machine) + view.countProviders(unit, pod);
        return places > 1 ? `${view.nameOf(unit)} is in ${places} places` : undefined;
      };
    },
  },
  servesOnlyWhileSupported(
    'unit',
    'active-unit-needs-its-place',
    'A Juju unit is active only while the machine or pod it is placed on serves.',
  ),
  {
    name: 'relation-joins-two-applications',
    describes: 'A joined relation has two applications (one, for a peer relation).',
    kind: 'relation',
    prepare: (view) => {
      const joined = view.states('relation', 'joined');
      const application = view.kindId('application');
      return (relation) => {
        const sides = view.countProviders(relation, application);
        return joined[view.state(relation)] && (sides < 1 || sides > 2)
          ? `${view.nameOf(relation)} joins ${sides} applications`
          : undefined;
      };
    },
  },
];
