/**
 * kube-scheduler: filters the nodes a pod may go to and takes the one with the best score. Plugins
 * and weights are those of the default profile; what the scenario does not have (affinities,
 * topology constraints of one's own, preemption) is left out.
 */
import { Stream } from '../../engine/random.ts';
import type { KubeContext } from './context.ts';
import type { ClusterRecord, NodeRecord, PodRecord } from './records.ts';

const MAX_NODE_SCORE = 100;
/** Weights of the default profile. NodeResourcesFit scores by LeastAllocated. */
const WEIGHT = {
  leastAllocated: 1,
  balancedAllocation: 1,
  imageLocality: 1,
  spreading: 2,
} as const;
/** maxSkew of the default hostname constraint of PodTopologySpread. */
const HOSTNAME_MAX_SKEW = 3;
/** With fewer nodes than this, all of them are looked at (minFeasibleNodesToFind). */
const MIN_FEASIBLE_NODES = 100;
const MIN_FEASIBLE_PERCENT = 5;
/** Sizes between these, times the share of nodes that have the image, score from 0 to 100. */
const IMAGE_MIN_bytes = 23 * 1024 ** 2;
const IMAGE_MAX_bytes = 1000 * 1024 ** 2;

/** Nodes that are looked at before the best of them is taken (percentageOfNodesToScore = 0). */
export function feasibleNodesToFind(nodes: number): number {
  if (nodes < MIN_FEASIBLE_NODES) return nodes;
  const percent = Math.max(MIN_FEASIBLE_PERCENT, Math.trunc(50 - nodes / 125));
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((nodes * percent) / 100));
}

/** LeastAllocated: the mean share of CPU and memory left free, 0..100, in whole numbers. */
export function leastAllocatedScore(
  requested: readonly [number, number],
  capacity: readonly [number, number],
): number {
  const free = (i: 0 | 1) =>
    requested[i] > capacity[i] || capacity[i] === 0
      ? 0
      : Math.trunc(((capacity[i] - requested[i]) * MAX_NODE_SCORE) / capacity[i]);
  return Math.trunc((free(0) + free(1)) / 2);
}

/** BalancedAllocation: 100 when CPU and memory are used to the same share. */
export function balancedAllocationScore(
  requested: readonly [number, number],
  capacity: readonly [number, number],
): number {
  const cpu = Math.min(1, requested[0] / capacity[0]);
  const memory = Math.min(1, requested[1] / capacity[1]);
  return Math.trunc((1 - Math.abs(cpu - memory) / 2) * MAX_NODE_SCORE);
}

/**
 * PodTopologySpread by hostname: fewer pods of the same owner are better. `counts` are those of all
 * feasible nodes.
 */
export function spreadingScores(counts: readonly number[]): number[] {
  const weight = Math.log(counts.length + 2);
  const raw = counts.map((count) => Math.round(count * weight + (HOSTNAME_MAX_SKEW - 1)));
  const max = Math.max(...raw);
  const min = Math.min(...raw);
  if (max === 0) return raw.map(() => MAX_NODE_SCORE);
  return raw.map((score) => Math.trunc((MAX_NODE_SCORE * (max + min - score)) / max));
}

export class Scheduler {
  readonly #k: KubeContext;
  readonly #isReady: Uint8Array;
  readonly #isPresent: Uint8Array;
  readonly #scratch = new Stream(0, 0);
  readonly #root: Stream;

  constructor(context: KubeContext) {
    const { world, engine } = context;
    this.#k = context;
    this.#isReady = new Uint8Array(engine.model.stateNames.length);
    const ready = context.mask('node', 'Ready');
    const schedulable = context.mask('node', 'schedulable');
    ready.forEach((match, s) => {
      this.#isReady[s] = match && schedulable[s] ? 1 : 0;
    });
    this.#isPresent = context.mask('container-image', 'present');
    this.#root = world.random.fork('kube-scheduler');
    this.#register();
  }

  #register(): void {
    const { world, engine, event } = this.#k;
    const latency = world.timing('pod.scheduling_latency');
    const attempt = world.scheduler.handler((entity, token) => {
      if (!engine.isRequested(entity, token)) return;
      const pod = this.#k.pods[entity]!;
      const node = this.#select(pod);
      if (node) {
        this.#bind(pod, node, token);
        engine.complete(entity, token, event.done);
      } else {
        pod.cluster.unschedulable.add(pod);
        engine.complete(entity, token, event.fault);
        pod.cluster.autoscaler?.podsPending(engine.lastRow[entity]);
      }
    });
    world.onVerb('pod', 'schedule', (entity, token) => {
      world.scheduler.after(world.draw(entity, latency), attempt, entity, token);
    });
  }

  /** Whether a pod passes the filters of a node. */
  fits(pod: PodRecord, node: NodeRecord): boolean {
    if (pod.pinned) return pod.pinned === node && this.#hasRoom(pod, node);
    return this.#isReady[this.#k.engine.state[node.entity]] === 1 && this.#hasRoom(pod, node);
  }

  /** Frees what a pod holds on its node. */
  release(pod: PodRecord): void {
    const { node } = pod;
    if (!node?.pods.delete(pod)) return;
    if (!pod.finished) this.#count(pod, node, -1);
  }

  /** A pod that has ended holds nothing on its node any more, though it still is on it. */
  finish(pod: PodRecord): void {
    if (pod.finished) return;
    pod.finished = true;
    if (pod.node) this.#count(pod, pod.node, -1);
  }

  /** Something changed on a node: pods that wait and would fit now are tried again. */
  retry(cluster: ClusterRecord, node: NodeRecord, cause: number): void {
    if (cluster.unschedulable.size === 0) return;
    let cpu_m = node.cpu_m - node.cpuUsed_m;
    for (const pod of cluster.unschedulable) {
      if (!this.fits(pod, node) || pod.template.cpu_m > cpu_m) continue;
      cpu_m -= pod.template.cpu_m;
      cluster.unschedulable.delete(pod);
      this.#k.engine.send(pod.entity, this.#k.event.requeued, cause);
    }
    cluster.autoscaler?.pendingChanged(cause);
  }

  #hasRoom(pod: PodRecord, node: NodeRecord): boolean {
    const { cpu_m, memory_bytes } = pod.template;
    return (
      node.podsUsed < node.cluster.spec.max_pods_per_node &&
      node.cpuUsed_m + cpu_m <= node.cpu_m &&
      node.memoryUsed_bytes + memory_bytes <= node.memory_bytes
    );
  }

  #bind(pod: PodRecord, node: NodeRecord, cause: number): void {
    pod.node = node;
    node.pods.add(pod);
    this.#count(pod, node, 1);
    this.#k.engine.link(node.entity, pod.entity, cause);
  }

  #count(pod: PodRecord, node: NodeRecord, sign: 1 | -1): void {
    node.cpuUsed_m += sign * pod.template.cpu_m;
    node.memoryUsed_bytes += sign * pod.template.memory_bytes;
    node.podsUsed += sign;
    this.#k.world.account.use('pods', sign);
    node.cluster.autoscaler?.utilisationChanged(node);
  }

  #select(pod: PodRecord): NodeRecord | undefined {
    if (pod.pinned) return this.fits(pod, pod.pinned) ? pod.pinned : undefined;
    const feasible = this.#feasible(pod);
    if (feasible.length < 2) return feasible[0];
    return this.#best(pod, feasible);
  }

  /** Nodes are looked at in turn, beginning where the last round ended. */
  #feasible(pod: PodRecord): NodeRecord[] {
    const { nodes } = pod.cluster;
    const wanted = feasibleNodesToFind(nodes.length);
    const found: NodeRecord[] = [];
    let looked = 0;
    for (; looked < nodes.length && found.length < wanted; looked++) {
      const node = nodes[(pod.cluster.nextNode + looked) % nodes.length];
      if (this.fits(pod, node)) found.push(node);
    }
    if (nodes.length > 0) pod.cluster.nextNode = (pod.cluster.nextNode + looked) % nodes.length;
    return found;
  }

  /** The highest score; among equals one is drawn. */
  #best(pod: PodRecord, feasible: readonly NodeRecord[]): NodeRecord {
    const spreading = spreadingScores(feasible.map((node) => countOf(pod, node)));
    const withImage = this.#nodesWithImage(pod, feasible);
    const share = withImage.reduce((sum, has) => sum + has, 0) / feasible.length;
    const imageScore = this.#imageScore(pod.template.image, share);
    this.#scratch.aim(this.#root, this.#k.engine.key[pod.entity], pod.attempts, 0);
    let best = feasible[0];
    let bestScore = -1;
    let ties = 0;
    feasible.forEach((node, i) => {
      const score =
        this.#resourceScore(pod, node) +
        WEIGHT.spreading * spreading[i] +
        WEIGHT.imageLocality * withImage[i] * imageScore;
      if (score > bestScore) {
        best = node;
        bestScore = score;
        ties = 1;
      } else if (score === bestScore && this.#scratch.below(++ties) === 0) {
        best = node;
      }
    });
    return best;
  }

  #resourceScore(pod: PodRecord, node: NodeRecord): number {
    const { cpu_m, memory_bytes } = pod.template;
    const requested = [node.cpuUsed_m + cpu_m, node.memoryUsed_bytes + memory_bytes] as const;
    const capacity = [node.cpu_m, node.memory_bytes] as const;
    return (
      WEIGHT.leastAllocated * leastAllocatedScore(requested, capacity) +
      WEIGHT.balancedAllocation * balancedAllocationScore(requested, capacity)
    );
  }

  #nodesWithImage(pod: PodRecord, nodes: readonly NodeRecord[]): number[] {
    const { engine, world } = this.#k;
    return nodes.map((node) => {
      const image = world.services.containers!.findImage(node.runtime, pod.template.image);
      return image >= 0 && this.#isPresent[engine.state[image]] ? 1 : 0;
    });
  }

  #imageScore(image: string, share: number): number {
    const size_bytes = this.#k.world.services.containers!.imageSize_bytes(image) * share;
    const within = Math.min(IMAGE_MAX_bytes, Math.max(IMAGE_MIN_bytes, size_bytes));
    return Math.trunc(
      (MAX_NODE_SCORE * (within - IMAGE_MIN_bytes)) / (IMAGE_MAX_bytes - IMAGE_MIN_bytes),
    );
  }
}

function countOf(pod: PodRecord, node: NodeRecord): number {
  let count = 0;
  for (const other of node.pods) if (other.owner === pod.owner && !other.terminating) count++;
  return count;
}
