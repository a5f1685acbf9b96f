/** `stack.kubernetes`: clusters, their nodes and what runs on them. */
import { z } from 'zod';
import type { K8sJob, K8sWorkload, KubernetesCluster } from '../../model/scenario.ts';
import {
  cores,
  duration,
  durations,
  flavorNames,
  listed,
  name,
  named,
  positiveBytes,
  positiveDuration,
  ratio,
  text,
  whole,
} from './fields.ts';

const REPLICAS_MAX = 1_000_000;

const nodes = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('servers').describe('The nodes are servers in OpenStack.'),
    project: name().describe('Project that owns them.'),
    flavor: name().describe('Server flavor.'),
    image: name().describe('Image.'),
    network: name().describe('Network.'),
    count: whole(1, 10_000).describe('Nodes at the start.'),
    max: whole(1, 10_000).optional().describe('Cluster autoscaling stops here. Default: `count`.'),
  }),
  z.strictObject({
    type: z.literal('machines').describe('The nodes are bare-metal machines.'),
    on: flavorNames().describe('Machine flavors.'),
  }),
]);

const resources = {
  image: text(255).describe('Container image.'),
  cpu: cores().prefault('100m').describe('CPU request.'),
  memory: positiveBytes().prefault('128MiB').describe('Memory request.'),
};

const service = z.boolean().default(false).describe('A service of this name selects the pods.');

const autoscale = z.strictObject({
  min: whole(1, REPLICAS_MAX).describe('Fewest replicas.'),
  max: whole(1, REPLICAS_MAX).describe('Most replicas.'),
  cpu_target: ratio().describe('Mean utilisation of the CPU request to hold.'),
});

const replicated = {
  ...resources,
  replicas: whole(0, REPLICAS_MAX).default(1).describe('Pods.'),
  service,
  max_unavailable: whole(0, REPLICAS_MAX)
    .optional()
    .describe('Disruption budget: so many pods may be taken down at a time. Default: no budget.'),
  autoscale: autoscale.optional().describe('Horizontal autoscaling.'),
};

const deployment = z
  .strictObject(replicated)
  .transform(({ memory, ...rest }) => ({ ...rest, memory_bytes: memory }));

const statefulSet = z
  .strictObject({
    ...replicated,
    claim: positiveBytes().optional().describe('Volume claim of each pod. Default: none.'),
  })
  .transform(({ memory, claim, ...rest }) => ({
    ...rest,
    memory_bytes: memory,
    ...(claim === undefined ? {} : { claim_bytes: claim }),
  }));

/** A daemon set has one pod a node, so no count of its own. */
const daemonSet = z
  .strictObject({ ...resources, service })
  .transform(({ memory, ...rest }) => ({ ...rest, replicas: 1, memory_bytes: memory }));

const job = z
  .strictObject({
    ...resources,
    completions: whole(1, REPLICAS_MAX).default(1).describe('Pods that must succeed.'),
    every: positiveDuration().optional().describe('A cron job: started this often.'),
    runtime: durations().describe('How long a pod runs.'),
  })
  .transform(({ memory, every, ...rest }) => ({
    ...rest,
    memory_bytes: memory,
    ...(every === undefined ? {} : { every_s: every }),
  }));

export const kubernetesSchema = z
  .strictObject({
    nodes: nodes.describe('What the nodes are.'),
    max_pods_per_node: whole(1, 10_000).default(110).describe('Limit of a kubelet.'),
    node_monitor_grace: duration()
      .prefault('40s')
      .describe('A node without a heartbeat for this long is Unknown.'),
    pod_eviction: duration()
      .prefault('5m')
      .describe('Pods of a lost node are evicted after this time.'),
    deployments: named(deployment).default({}).describe('Deployments.'),
    stateful_sets: named(statefulSet).default({}).describe('Stateful sets.'),
    daemon_sets: named(daemonSet).default({}).describe('Daemon sets: a pod on every node.'),
    jobs: named(job).default({}).describe('Jobs and cron jobs.'),
  })
  .transform((written): Omit<KubernetesCluster, 'name'> => {
    const { nodes, node_monitor_grace, pod_eviction } = written;
    return {
      nodes: nodes.type === 'machines' ? nodes : { ...nodes, max: nodes.max ?? nodes.count },
      max_pods_per_node: written.max_pods_per_node,
      node_monitor_grace_s: node_monitor_grace,
      pod_eviction_s: pod_eviction,
      deployments: listed(written.deployments) satisfies K8sWorkload[],
      stateful_sets: listed(written.stateful_sets) satisfies K8sWorkload[],
      daemon_sets: listed(written.daemon_sets) satisfies K8sWorkload[],
      jobs: listed(written.jobs) satisfies K8sJob[],
    };
  });
