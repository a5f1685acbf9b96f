/** Deployments: replica sets by revision, rolled over with maxSurge and maxUnavailable. */
import type { K8sWorkload } from '../../model/scenario.ts';
import type { KubeContext } from './context.ts';
import type { ClusterRecord, PodRecord } from './records.ts';
import { ReplicaSet } from './replica-set.ts';
import { Workload, type WorkQueue } from './workload.ts';

/** Defaults of RollingUpdate: both 25 %, the surge rounded up, the other down. */
const MAX_SURGE_RATIO = 0.25;
const MAX_UNAVAILABLE_RATIO = 0.25;
/** Default of revisionHistoryLimit. */
const REVISION_HISTORY_LIMIT = 10;

export interface RollingSizes {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  /** The new replica set: pods wanted, pods available. */
  readonly updated: { readonly wanted: number; readonly available: number };
  /** The old ones, together. */
  readonly old: { readonly wanted: number; readonly available: number };
}

/** How many pods may be added to the new replica set now (`NewRSNewReplicas`). */
export function surgeRoom(s: RollingSizes): number {
  const total = s.updated.wanted + s.old.wanted;
  const room = s.replicas + s.maxSurge - total;
  return Math.max(0, Math.min(room, s.replicas - s.updated.wanted));
}

/** How many pods the old replica sets may lose now (`reconcileOldReplicaSets`). */
export function scaleDownRoom(s: RollingSizes): number {
  const total = s.updated.wanted + s.old.wanted;
  const minAvailable = s.replicas - s.maxUnavailable;
  const updatedUnavailable = s.updated.wanted - s.updated.available;
  return Math.max(0, total - minAvailable - updatedUnavailable);
}

export class Deployment extends Workload {
  readonly entity: number;
  readonly #sets: ReplicaSet[] = [];
  readonly #replicasSlot: number;
  readonly #revisionSlot: number;
  readonly #isDeleting: Uint8Array;
  readonly #isPaused: Uint8Array;
  readonly #isProgressing: Uint8Array;
  /** Called when pods became ready or not: for its autoscaler. */
  onReadyChanged: (row: number) => void = () => {};
  #lastAvailable = 0;
  #madePods = 0;

  constructor(
    k: KubeContext,
    queue: WorkQueue,
    cluster: ClusterRecord,
    spec: K8sWorkload,
    cause: number,
  ) {
    super(k, queue, cluster, spec);
    this.#replicasSlot = k.slot('deployment', 'replicas');
    this.#revisionSlot = k.slot('deployment', 'revision');
    this.#isDeleting = k.mask('deployment', 'deleting');
    this.#isPaused = k.mask('deployment', 'paused');
    this.#isProgressing = k.mask('deployment', 'scaling', 'rolling_out', 'failed');
    this.entity = k.engine.create(k.kind.deployment, this.name, cause);
    k.setCounter(this.entity, this.#replicasSlot, spec.replicas);
    this.createCompanions(spec, cause);
  }

  get replicas(): number {
    return this.k.counter(this.entity, this.#replicasSlot);
  }

  get cpu_m(): number {
    return this.template.cpu_m;
  }

  nextPodName(set: ReplicaSet): string {
    return `${set.name}-${++this.#madePods}`;
  }

  override podChanged(pod: PodRecord, row: number): void {
    this.#setOf(pod)?.podChanged(pod, row);
    super.podChanged(pod, row);
    this.onReadyChanged(row);
  }

  override podGone(pod: PodRecord, row: number): void {
    this.#setOf(pod)?.podGone(pod);
    super.podGone(pod, row);
    this.onReadyChanged(row);
  }

  protected reconcile(row: number): void {
    const state = this.k.engine.state[this.entity];
    if (this.#isDeleting[state]) {
      this.deleteAll(row);
      return;
    }
    const updated = this.#currentSet(row, this.#isPaused[state] === 1);
    const old = this.#sets.filter((set) => set !== updated);
    if (old.every((set) => set.wanted === 0)) updated.scale(this.replicas, row);
    else if (!this.#isPaused[state]) this.#roll(updated, old, row);
    for (const set of this.#sets) set.reconcile(row);
    this.#report(updated, row);
    this.#forgetOld(old, row);
  }

  #setOf(pod: PodRecord): ReplicaSet | undefined {
    return this.#sets.find((set) => set.revision === pod.revision);
  }

  /** The replica set of the present template. */
  #currentSet(row: number, isPaused: boolean): ReplicaSet {
    const newest = this.#sets.at(-1);
    const revision = this.k.counter(this.entity, this.#revisionSlot);
    if (newest && (newest.revision === revision || isPaused)) return newest;
    const set = new ReplicaSet(this.k, this, revision, row);
    this.#sets.push(set);
    return set;
  }

  #roll(updated: ReplicaSet, old: readonly ReplicaSet[], row: number): void {
    const sizes = (): RollingSizes => ({
      replicas: this.replicas,
      maxSurge: Math.ceil(this.replicas * MAX_SURGE_RATIO),
      maxUnavailable: Math.floor(this.replicas * MAX_UNAVAILABLE_RATIO),
      updated: { wanted: updated.wanted, available: updated.available },
      old: {
        wanted: old.reduce((sum, set) => sum + set.wanted, 0),
        available: old.reduce((sum, set) => sum + set.available, 0),
      },
    });
    if (updated.wanted > this.replicas) updated.scale(this.replicas, row);
    updated.scale(updated.wanted + surgeRoom(sizes()), row);
    let room = scaleDownRoom(sizes());
    // First the pods that are of no use anyway, then as many as may be unavailable.
    for (const set of old) {
      const unhealthy = Math.min(room, set.wanted - set.available);
      set.scale(set.wanted - unhealthy, row);
      room -= unhealthy;
    }
    const { replicas, maxUnavailable } = sizes();
    const available = this.#sets.reduce((sum, set) => sum + set.available, 0);
    let spare = Math.max(0, available - (replicas - maxUnavailable));
    for (const set of old) {
      const less = Math.min(spare, set.wanted);
      set.scale(set.wanted - less, row);
      spare -= less;
    }
  }

  #report(updated: ReplicaSet, row: number): void {
    const { engine, event } = this.k;
    const { replicas } = this;
    const minimum = replicas - Math.floor(replicas * MAX_UNAVAILABLE_RATIO);
    engine.send(this.entity, this.ready >= minimum ? event.available : event.unavailable, row);
    if (!this.#isProgressing[engine.state[this.entity]]) return;
    const isComplete = updated.available === replicas && this.pods.size === replicas;
    if (isComplete) {
      if (!this.answer(event.done)) engine.send(this.entity, event.complete, row);
    } else if (updated.available > this.#lastAvailable) {
      engine.send(this.entity, event.progressed, row);
    }
    this.#lastAvailable = updated.available;
  }

  /** Old replica sets beyond the history limit are deleted. */
  #forgetOld(old: readonly ReplicaSet[], row: number): void {
    const empty = old.filter((set) => set.wanted === 0 && set.pods === 0);
    for (const set of empty.slice(0, Math.max(0, empty.length - REVISION_HISTORY_LIMIT))) {
      this.#sets.splice(this.#sets.indexOf(set), 1);
      set.remove(row);
    }
  }

  protected override deleteAll(row: number): void {
    super.deleteAll(row);
    if (this.pods.size > 0) return;
    for (const set of this.#sets.splice(0)) set.remove(row);
  }
}
