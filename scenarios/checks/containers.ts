/** Kubernetes clusters and Juju models. */
import type { K8sWorkload, KubernetesCluster, Site, Stack } from '../../model/scenario.ts';
import { formatBytes } from '../unit-format.ts';
import { check, countMachines, cpusOf, flavorsOf, type Report } from './check.ts';

function checkReplicas(set: K8sWorkload, path: readonly string[], report: Report): void {
  const { replicas, max_unavailable, autoscale } = set;
  if (autoscale !== undefined) {
    const { min, max } = autoscale;
    if (min > max) {
      const message = `min ${min} is greater than max ${max}`;
      report('SCENARIO_CONTRADICTION', [...path, 'autoscale'], message);
    } else if (replicas < min || replicas > max) {
      const message = `${replicas} replicas are outside the autoscaler's limits`;
      const expected = `between ${min} and ${max}`;
      report('SCENARIO_CONTRADICTION', [...path, 'autoscale'], message, { expected });
    }
  }
  if (max_unavailable === 0) {
    const message = 'no pod may ever be taken down, so nodes cannot be drained';
    report('SCENARIO_ROLE', [...path, 'max_unavailable'], message, { hint: 'allow at least 1' });
  }
}

/** CPU and memory of the largest node; undefined when its flavor is not known. */
function nodeSize(site: Site, stack: Stack, { nodes }: KubernetesCluster) {
  if (nodes.type === 'servers') {
    const flavors = stack.openstack?.flavors ?? {};
    if (!Object.hasOwn(flavors, nodes.flavor)) return undefined;
    const { vcpus, ram_bytes } = flavors[nodes.flavor];
    return { cpu: vcpus, memory_bytes: ram_bytes };
  }
  const flavors = flavorsOf(site, nodes.on);
  if (flavors.length === 0) return undefined;
  return {
    cpu: Math.max(...flavors.map(cpusOf)),
    memory_bytes: Math.max(...flavors.map((f) => f.memory_bytes)),
  };
}

const WORKLOADS = ['deployments', 'stateful_sets', 'daemon_sets', 'jobs'] as const;

const clusters = check(['site', 'stack'], ({ site, stack }, report) => {
  for (const cluster of stack.kubernetes) {
    const path = ['stack', 'kubernetes', cluster.name];
    const { nodes } = cluster;
    if (nodes.type === 'servers' && nodes.max < nodes.count) {
      const message = `max ${nodes.max} is less than count ${nodes.count}`;
      report('SCENARIO_CONTRADICTION', [...path, 'nodes', 'max'], message);
    }
    if (nodes.type === 'machines' && countMachines(site, nodes.on) === 0) {
      const message = `no rack has a machine of ${nodes.on.join(', ')}`;
      report('SCENARIO_TOO_FEW_MACHINES', [...path, 'nodes', 'on'], message);
    }
    const size = nodeSize(site, stack, cluster);
    for (const kind of WORKLOADS) {
      for (const set of cluster[kind]) {
        const here = [...path, kind, set.name];
        if ('replicas' in set) checkReplicas(set, here, report);
        if ('claim_bytes' in set && stack.ceph === undefined) {
          const message = 'claims need storage: without Ceph they stay pending';
          report('SCENARIO_ROLE', [...here, 'claim'], message, { hint: 'add stack.ceph' });
        }
        if (!size || (set.cpu <= size.cpu && set.memory_bytes <= size.memory_bytes)) continue;
        const message = `no node can hold a pod of ${set.name}`;
        const expected = `at most ${size.cpu} cores and ${formatBytes(size.memory_bytes)}`;
        report('SCENARIO_OVER_CAPACITY', here, message, { expected });
      }
    }
  }
});

const models = check(['stack'], ({ stack }, report) => {
  for (const model of stack.juju) {
    for (const [i, [a, b]] of model.relations.entries()) {
      if (a !== b) continue;
      const path = ['stack', 'juju', model.name, 'relations', i];
      report('SCENARIO_ROLE', path, `${a} is related to itself`, {
        hint: 'peer relations come with the charm',
      });
    }
  }
});

export const containerChecks = [clusters, models];
