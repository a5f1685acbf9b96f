/** Replica sets: as many pods as their deployment wants of one template. */
import type { KubeContext } from './context.ts';
import type { ClusterRecord, PodOwner, PodRecord, PodTemplate } from './records.ts';

/** What a replica set needs of its deployment. */
export interface ReplicaSetOwner extends PodOwner {
  readonly name: string;
  readonly cluster: ClusterRecord;
  readonly template: PodTemplate;
  /** Those of all its replica sets. */
  readonly pods: Set<PodRecord>;
  nextPodName(set: ReplicaSet): string;
}

export class ReplicaSet {
  readonly entity: number;
  readonly name: string;
  readonly revision: number;
  wanted = 0;
  readonly #k: KubeContext;
  readonly #deployment: ReplicaSetOwner;
  /** Pods that neither ended nor are being deleted, and those of all that are ready. */
  readonly #active = new Set<PodRecord>();
  readonly #ready = new Set<PodRecord>();
  #pods = 0;

  constructor(k: KubeContext, deployment: ReplicaSetOwner, revision: number, cause: number) {
    this.#k = k;
    this.#deployment = deployment;
    this.revision = revision;
    this.name = `${deployment.name}-r${revision + 1}`;
    this.entity = k.engine.create(k.kind['replica-set'], this.name, cause);
    k.engine.link(deployment.entity, this.entity, cause);
  }

  /** Pods that the API lists as ready. */
  get available(): number {
    return this.#ready.size;
  }

  /** Pods that exist, those that are being deleted among them. */
  get pods(): number {
    return this.#pods;
  }

  /** A pod of it became ready or not, ended, or is being deleted. */
  podChanged(pod: PodRecord, row: number): void {
    if (pod.isListed) this.#ready.add(pod);
    else this.#ready.delete(pod);
    if (pod.terminating || pod.finished) this.#active.delete(pod);
    if (pod.finished) this.#k.deletePod(pod, row);
  }

  podGone(pod: PodRecord): void {
    this.#active.delete(pod);
    this.#ready.delete(pod);
    this.#pods--;
  }

  /** Asks for another number of pods. */
  scale(wanted: number, row: number): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    const { engine, event } = this.#k;
    engine.send(this.entity, wanted === 0 ? event.scaled_to_zero : event.scale, row);
  }

  /** Creates and deletes pods until there are as many as wanted. */
  reconcile(row: number): void {
    for (let n = this.#active.size; n < this.wanted; n++) this.#createPod(row);
    const surplus = this.#active.size - this.wanted;
    if (surplus > 0) {
      const first = [...this.#active].sort(firstToGo);
      for (let i = 0; i < surplus; i++) this.#k.deletePod(first[i], row);
    }
    this.#report(row);
  }

  remove(row: number): void {
    this.#k.engine.send(this.entity, this.#k.event.delete, row);
    this.#k.forget(this.entity, row);
  }

  #createPod(row: number): void {
    const pod = this.#k.createPod(
      {
        cluster: this.#deployment.cluster,
        owner: this.#deployment,
        name: this.#deployment.nextPodName(this),
        template: this.#deployment.template,
        revision: this.revision,
        ownerEntity: this.entity,
      },
      row,
    );
    this.#active.add(pod);
    this.#pods++;
    this.#deployment.pods.add(pod);
  }

  #report(row: number): void {
    if (this.wanted === 0) return;
    const { engine, event } = this.#k;
    engine.send(this.entity, this.available >= this.wanted ? event.ready : event.degraded, row);
  }
}

/**
 * Which pod a replica set gives up first: one without a node, then one that is not ready, then one
 * that shares its node with more of its kind, then the youngest.
 */
function firstToGo(a: PodRecord, b: PodRecord): number {
  return (
    Number(a.node !== undefined) - Number(b.node !== undefined) ||
    Number(a.isListed) - Number(b.isListed) ||
    together(b) - together(a) ||
    b.uid - a.uid
  );
}

function together(pod: PodRecord): number {
  return pod.node?.podsOf.get(pod.owner) ?? 0;
}
