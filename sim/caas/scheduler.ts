/**
 * kube-scheduler: filters the nodes a pod may go to and takes the one with the best score. Plugins
 * and weights are those of the default profile; what the scenario does not have (affinities,
 * topology constraints of one's own, preemption) is left out.
 */
import { Stream } from '../../engine/random.ts';
import type { KubeContext } from './context.ts';
import { FailedSchedulings } from './failed-scheduling.ts';
import type { ClusterRecord, NodeRecord, PodRecord } from './records.ts';
import {
  balancedAllocationScore,
  imageLocalityScore,
  leastAllocatedScore,
  spreadingScores,
} from './scores.ts';

/** Weights of the default profile. NodeResourcesFit scores by LeastAllocated. */
const WEIGHT = {
  leastAllocated: 1,
  balancedAllocation: 1,
  imageLocality: 1,
  spreading: 2,
} as const;
/** With fewer nodes than this, all of them are looked at (minFeasibleNodesToFind). */
const MIN_FEASIBLE_NODES = 100;
const MIN_FEASIBLE_PERCENT = 5;

/** Nodes that are looked at before the best of them is taken (percentageOfNodesToScore = 0). */
export function feasibleNodesToFind(nodes: number): number {
  if (nodes < MIN_FEASIBLE_NODES) return nodes;
  const percent = Math.max(MIN_FEASIBLE_PERCENT, Math.trunc(50 - nodes / 125));
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((nodes * percent) / 100));
}

export class Scheduler {
  readonly #k: KubeContext;
  /** Attempts that found no node, and why. */
  readonly failed: FailedSchedulings;
  /** Ready and not cordoned. */
  readonly #isOpen: Uint8Array;
  readonly #scratch = new Stream(0, 0);
  // Reused from pod to pod, by place among the feasible nodes.
  readonly #scores: number[] = [];
  readonly #root: Stream;

  constructor(context: KubeContext) {
    const { world, engine } = context;
    this.#k = context;
    const ready = context.mask('node', 'Ready');
    const schedulable = context.mask('node', 'schedulable');
    this.#isOpen = ready.map((match, s) => match & schedulable[s]);
    this.failed = new FailedSchedulings({
      isReady: (node) => ready[engine.state[node.entity]] === 1,
      isSchedulable: (node) => schedulable[engine.state[node.entity]] === 1,
    });
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
        this.failed.note(pod, engine.names[entity], engine.now);
        engine.complete(entity, token, event.fault);
        pod.cluster.autoscaler?.podsPending(engine.lastRowOf(entity));
      }
    });
    world.onVerb('pod', 'schedule', (entity, token) => {
      world.scheduler.after(world.draw(entity, latency), attempt, entity, token);
    });
  }

  /** Whether a pod passes the filters of a node. */
  fits(pod: PodRecord, node: NodeRecord): boolean {
    if (pod.pinned) return pod.pinned === node && this.#hasRoom(pod, node);
    return this.#isOpen[this.#k.engine.state[node.entity]] === 1 && this.#hasRoom(pod, node);
  }

  /** Frees what a pod holds on its node. */
  release(pod: PodRecord): void {
    const { node } = pod;
    if (!node?.pods.delete(pod)) return;
    this.leave(pod);
    if (!pod.finished) this.#count(pod, node, -1);
  }

  /** A pod that is being deleted no longer counts for spreading. */
  leave(pod: PodRecord): void {
    if (!pod.isSpread || !pod.node) return;
    pod.isSpread = false;
    const { podsOf } = pod.node;
    const left = (podsOf.get(pod.owner) ?? 1) - 1;
    if (left > 0) podsOf.set(pod.owner, left);
    else podsOf.delete(pod.owner);
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
    node.podsOf.set(pod.owner, (node.podsOf.get(pod.owner) ?? 0) + 1);
    pod.isSpread = true;
    this.#count(pod, node, 1);
    this.#k.engine.link(node.entity, pod.entity, cause);
  }

  #count(pod: PodRecord, node: NodeRecord, sign: 1 | -1): void {
    const { cpu_m, memory_bytes } = pod.template;
    const { lines } = node.cluster;
    node.cpuUsed_m += sign * cpu_m;
    node.memoryUsed_bytes += sign * memory_bytes;
    node.podsUsed += sign;
    lines.cpu_requests.use(sign * cpu_m);
    lines.memory_requests_bytes.use(sign * memory_bytes);
    lines.pods.use(sign);
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
    const { image } = pod.template;
    const scores = this.#scores;
    scores.length = feasible.length;
    for (let i = 0; i < feasible.length; i++) scores[i] = feasible[i].podsOf.get(pod.owner) ?? 0;
    spreadingScores(scores);
    const imageScore = WEIGHT.imageLocality * this.#imageScore(pod.cluster, image);
    this.#scratch.aim(this.#root, this.#k.engine.keyOf(pod.entity), pod.attempts, 0);
    let best = feasible[0];
    let bestScore = -1;
    let ties = 0;
    for (let i = 0; i < feasible.length; i++) {
      const localScore = feasible[i].images.has(image) ? imageScore : 0;
      const score = resourceScore(pod, feasible[i]) + WEIGHT.spreading * scores[i] + localScore;
      if (score > bestScore) {
        best = feasible[i];
        bestScore = score;
        ties = 1;
      } else if (score === bestScore && this.#scratch.below(++ties) === 0) {
        best = feasible[i];
      }
    }
    return best;
  }

  /** The score of a node that has the image. */
  #imageScore({ nodes, nodesWithImage }: ClusterRecord, image: string): number {
    const size_bytes = this.#k.world.services.containers!.imageSize_bytes(image);
    return imageLocalityScore(size_bytes, nodesWithImage.get(image) ?? 0, nodes.length);
  }
}

function resourceScore(pod: PodRecord, node: NodeRecord): number {
  const { cpuUsed_m, memoryUsed_bytes } = node;
  const { cpu_m, memory_bytes } = pod.template;
  return (
    WEIGHT.leastAllocated *
      leastAllocatedScore(
        cpuUsed_m + cpu_m,
        node.cpu_m,
        memoryUsed_bytes + memory_bytes,
        node.memory_bytes,
      ) +
    WEIGHT.balancedAllocation * balancedAllocationScore({ cpu_m, memory_bytes }, node)
  );
}
