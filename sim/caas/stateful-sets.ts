/**
 * Stateful sets: pods by ordinal, made in order, replaced from the highest down, each with a claim
 * of its own. An ordinal is never made anew while its old pod may still run somewhere.
 */
import type { K8sWorkload } from '../../model/scenario.ts';
import type { Claims } from './claims.ts';
import type { KubeContext } from './context.ts';
import type { ClusterRecord, PodRecord } from './records.ts';
import { Workload, type WorkQueue } from './workload.ts';

export class StatefulSet extends Workload {
  readonly entity: number;
  readonly #claims: Claims;
  readonly #claim_bytes: number;
  readonly #replicasSlot: number;
  readonly #revisionSlot: number;
  readonly #isDeleting: Uint8Array;
  readonly #byOrdinal = new Map<number, PodRecord>();

  constructor(
    k: KubeContext,
    queue: WorkQueue,
    claims: Claims,
    cluster: ClusterRecord,
    spec: K8sWorkload,
    cause: number,
  ) {
    super(k, queue, cluster, spec);
    this.#claims = claims;
    this.#claim_bytes = spec.claim_bytes ?? 0;
    this.#replicasSlot = k.slot('stateful-set', 'replicas');
    this.#revisionSlot = k.slot('stateful-set', 'revision');
    this.#isDeleting = k.mask('stateful-set', 'deleting');
    this.entity = k.engine.create(k.kind['stateful-set'], this.name, cause);
    k.setCounter(this.entity, this.#replicasSlot, spec.replicas);
    this.createCompanions(spec, cause);
  }

  get replicas(): number {
    return this.k.counter(this.entity, this.#replicasSlot);
  }

  override podGone(pod: PodRecord, row: number): void {
    if (this.#byOrdinal.get(pod.index) === pod) this.#byOrdinal.delete(pod.index);
    super.podGone(pod, row);
  }

  protected reconcile(row: number): void {
    if (this.#isDeleting[this.k.engine.state[this.entity]]) {
      this.deleteAll(row);
      return;
    }
    if (this.#makeInOrder(row) && this.#removeSurplus(row)) this.#replaceOld(row);
    this.#report(row);
  }

  /** One ordinal after the other; true when all of them are ready. */
  #makeInOrder(row: number): boolean {
    for (let ordinal = 0; ordinal < this.replicas; ordinal++) {
      const pod = this.#byOrdinal.get(ordinal);
      if (!pod) {
        this.#create(ordinal, row);
        return false;
      }
      if (pod.finished) this.k.deletePod(pod, row);
      if (!pod.isListed) return false;
    }
    return true;
  }

  /** The highest ordinals first, one at a time; true when there is none too many. */
  #removeSurplus(row: number): boolean {
    const highest = Math.max(-1, ...this.#byOrdinal.keys());
    if (highest < this.replicas) return true;
    this.k.deletePod(this.#byOrdinal.get(highest)!, row);
    return false;
  }

  #replaceOld(row: number): void {
    const revision = this.k.counter(this.entity, this.#revisionSlot);
    for (let ordinal = this.replicas - 1; ordinal >= 0; ordinal--) {
      const pod = this.#byOrdinal.get(ordinal)!;
      if (pod.revision === revision) continue;
      this.k.deletePod(pod, row);
      return;
    }
  }

  #create(ordinal: number, row: number): void {
    const name = `${this.name}-${ordinal}`;
    const claim =
      this.#claim_bytes > 0
        ? this.#claims.claim(`${name}-data`, this.#claim_bytes, this.entity, row)
        : -1;
    const pod = this.k.createPod(
      {
        cluster: this.cluster,
        owner: this,
        name,
        template: this.template,
        index: ordinal,
        revision: this.k.counter(this.entity, this.#revisionSlot),
        claim,
      },
      row,
    );
    this.#byOrdinal.set(ordinal, pod);
    this.pods.add(pod);
  }

  #report(row: number): void {
    const { engine, event } = this.k;
    const revision = this.k.counter(this.entity, this.#revisionSlot);
    let isReady = this.pods.size === this.replicas;
    for (const pod of this.pods) if (!pod.isListed || pod.revision !== revision) isReady = false;
    if (!isReady) engine.send(this.entity, event.degraded, row);
    else if (!this.answer(event.done)) engine.send(this.entity, event.ready, row);
  }
}
