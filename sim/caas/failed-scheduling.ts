/**
 * Why kube-scheduler found no node for a pod, as its events say it (`FailedScheduling: 0/6 nodes are
 * available: 4 Insufficient cpu, 2 Too many pods`). Worked out only when it happens; pods of a
 * cluster that fail for the same reasons are one.
 */
import { Tally } from '../tally.ts';
import type { NodeRecord, PodRecord } from './records.ts';

export interface FailedScheduling {
  readonly cluster: string;
  /** Attempts that ended so. */
  times: number;
  /** The first of them: when, of which pod, and what that requests. */
  readonly first_s: number;
  readonly pod: string;
  readonly cpu: number;
  readonly memory_bytes: number;
  /** A pod of a daemon set, which is for one node only. */
  readonly isDaemon: boolean;
  /** Nodes that were looked at: all of the cluster, or that one. */
  readonly nodes: number;
  /** Those of them that are not Ready, and those that are cordoned. */
  readonly notReady: number;
  readonly unschedulable: number;
  /** The others, by what the pod finds insufficient there; one may lack several. */
  readonly insufficient: { readonly cpu: number; readonly memory: number; readonly pods: number };
}

/** What the filters ask of a node beside its room. */
export interface NodeCondition {
  isReady(node: NodeRecord): boolean;
  isSchedulable(node: NodeRecord): boolean;
}

export class FailedSchedulings {
  readonly #condition: NodeCondition;
  readonly #tally = new Tally<FailedScheduling>();

  constructor(condition: NodeCondition) {
    this.#condition = condition;
  }

  /** In the order in which they first happened. */
  get all(): readonly FailedScheduling[] {
    return this.#tally.all;
  }

  /** Notes a pod that found no node at `time_s`; `name` is the pod's. */
  note(pod: PodRecord, name: string, time_s: number): void {
    const found = explain(pod, this.#condition);
    const key = `${pod.cluster.spec.name} ${reasonsOf(found)}`;
    this.#tally.note(key, () => ({
      cluster: pod.cluster.spec.name,
      first_s: time_s,
      pod: name,
      cpu: pod.template.cpu_m / 1000,
      memory_bytes: pod.template.memory_bytes,
      ...found,
    }));
  }
}

type Found = Pick<
  FailedScheduling,
  'isDaemon' | 'nodes' | 'notReady' | 'unschedulable' | 'insufficient'
>;

function reasonsOf({ isDaemon, notReady, unschedulable, insufficient }: Found): string {
  const { cpu, memory, pods } = insufficient;
  const counts = [notReady, unschedulable, cpu, memory, pods];
  return [isDaemon, ...counts.map((n) => n > 0)].join(' ');
}

function explain(pod: PodRecord, condition: NodeCondition): Found {
  const nodes = pod.pinned ? [pod.pinned] : pod.cluster.nodes;
  const insufficient = { cpu: 0, memory: 0, pods: 0 };
  let [notReady, unschedulable] = [0, 0];
  for (const node of nodes) {
    // A daemon's pod tolerates both: only room counts for it.
    if (!pod.pinned && !condition.isReady(node)) {
      notReady++;
    } else if (!pod.pinned && !condition.isSchedulable(node)) {
      unschedulable++;
    } else {
      const { cpu_m, memory_bytes } = pod.template;
      if (node.cpuUsed_m + cpu_m > node.cpu_m) insufficient.cpu++;
      if (node.memoryUsed_bytes + memory_bytes > node.memory_bytes) insufficient.memory++;
      if (node.podsUsed >= node.cluster.spec.max_pods_per_node) insufficient.pods++;
    }
  }
  const isDaemon = pod.pinned !== undefined;
  return { isDaemon, nodes: nodes.length, notReady, unschedulable, insufficient };
}
