/**
 * A PodDisruptionBudget: evictions take a pod only while more are healthy than are demanded;
 * refused ones wait until a pod has become healthy.
 */
import type { KubeContext } from './context.ts';
import type { DisruptionBudget, PodRecord } from './records.ts';

export class Budget implements DisruptionBudget {
  readonly entity: number;
  readonly #k: KubeContext;
  readonly #maxUnavailable: number;
  readonly #replicas: () => number;
  readonly #healthy: () => number;
  /** Pods that were evicted and still count as healthy. */
  readonly #leaving = new Set<PodRecord>();
  /** Evictions that wait, in the order in which they were asked for. */
  readonly #waiting = new Map<PodRecord, number>();
  /** Pods missing because of evictions. */
  #evicted = 0;
  #lastHealthy = 0;

  /** `replicas` and `healthy` tell how many pods the owner wants, and has ready. */
  constructor(
    context: KubeContext,
    owner: { readonly entity: number; readonly name: string; readonly maxUnavailable: number },
    replicas: () => number,
    healthy: () => number,
    cause: number,
  ) {
    const { engine } = context;
    this.#k = context;
    this.#maxUnavailable = owner.maxUnavailable;
    this.#replicas = replicas;
    this.#healthy = healthy;
    this.entity = engine.create(context.kind.pdb, owner.name, cause);
    engine.link(owner.entity, this.entity, cause);
  }

  /** Evicts a pod now, or as soon as the budget allows. */
  evict(pod: PodRecord, cause: number): void {
    if (pod.terminating || this.#leaving.has(pod)) return;
    if (this.#mayTake(pod)) this.#take(pod, cause);
    else this.#waiting.set(pod, cause);
  }

  /** Gives up an eviction that still waits. */
  cancel(pod: PodRecord): void {
    this.#waiting.delete(pod);
  }

  /** How many pods are missing because of evictions, and how many may be. */
  get voluntarilyDisrupted(): number {
    return Math.min(this.#evicted, Math.max(0, this.#replicas() - this.#healthy()));
  }

  get maxUnavailable(): number {
    return this.#maxUnavailable;
  }

  /** Pods of its owner became healthy or not. */
  settle(row: number): void {
    const { engine, event } = this.#k;
    for (const pod of this.#leaving) if (!pod.isListed) this.#leaving.delete(pod);
    const healthy = this.#healthy();
    if (healthy > this.#lastHealthy) {
      this.#evicted = Math.max(0, this.#evicted - (healthy - this.#lastHealthy));
    }
    this.#lastHealthy = healthy;
    const spare = healthy - this.#desired();
    let report = event.disruption_exhausted;
    if (spare > 0) report = event.disruption_allowed;
    else if (spare < 0) report = event.pods_insufficient;
    engine.send(this.entity, report, row);
    this.#serveWaiting(row);
  }

  #desired(): number {
    return Math.max(0, this.#replicas() - this.#maxUnavailable);
  }

  /** By unhealthyPodEvictionPolicy IfHealthyBudget; a pod that never ran may always go. */
  #mayTake(pod: PodRecord): boolean {
    const spare = this.#healthy() - this.#leaving.size - this.#desired();
    if (pod.isListed) return spare > 0;
    return pod.started_s === 0 || spare >= 0;
  }

  #take(pod: PodRecord, cause: number): void {
    this.#waiting.delete(pod);
    if (pod.isListed) {
      this.#leaving.add(pod);
      this.#evicted++;
    }
    this.#k.deletePod(pod, cause);
  }

  #serveWaiting(row: number): void {
    for (const pod of this.#waiting.keys()) {
      if (pod.terminating) this.#waiting.delete(pod);
      else if (this.#mayTake(pod)) this.#take(pod, row);
      else return;
    }
  }
}
