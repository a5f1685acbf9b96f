/** Replica sets: as many pods as their deployment wants of one template. */
import type { KubeContext } from './context.ts';
import type { Deployment } from './deployments.ts';
import type { PodRecord } from './records.ts';

export class ReplicaSet {
  readonly entity: number;
  readonly name: string;
  readonly revision: number;
  readonly pods = new Set<PodRecord>();
  wanted = 0;
  readonly #k: KubeContext;
  readonly #deployment: Deployment;

  constructor(k: KubeContext, deployment: Deployment, revision: number, cause: number) {
    this.#k = k;
    this.#deployment = deployment;
    this.revision = revision;
    this.name = `${deployment.name}-r${revision + 1}`;
    this.entity = k.engine.create(k.kind['replica-set'], this.name, cause);
    k.engine.link(deployment.entity, this.entity, cause);
  }

  /** Pods that the API lists as ready. */
  get available(): number {
    let count = 0;
    for (const pod of this.pods) if (pod.isListed) count++;
    return count;
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
    const present = [...this.pods].filter((pod) => !pod.terminating && !pod.finished);
    for (const pod of this.pods) {
      if (pod.finished) this.#k.deletePod(pod, row);
    }
    for (let n = present.length; n < this.wanted; n++) this.#createPod(row);
    const surplus = present.length - this.wanted;
    if (surplus > 0) {
      present.sort(firstToGo);
      for (const pod of present.slice(0, surplus)) this.#k.deletePod(pod, row);
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
    this.pods.add(pod);
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
  let count = 0;
  for (const other of pod.node?.pods ?? []) if (other.owner === pod.owner) count++;
  return count;
}
