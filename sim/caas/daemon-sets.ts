/** Daemon sets: one pod on every node, whatever happens to it; replaced node by node. */
import type { K8sWorkload } from '../../model/scenario.ts';
import type { KubeContext } from './context.ts';
import type { ClusterRecord, NodeRecord, PodRecord } from './records.ts';
import { Workload, type WorkQueue } from './workload.ts';

export class DaemonSet extends Workload {
  readonly entity: number;
  override readonly isDaemon = true;
  readonly #revisionSlot: number;
  readonly #isDeleting: Uint8Array;
  readonly #byNode = new Map<NodeRecord, PodRecord>();
  #madePods = 0;

  constructor(
    k: KubeContext,
    queue: WorkQueue,
    cluster: ClusterRecord,
    spec: K8sWorkload,
    cause: number,
  ) {
    super(k, queue, cluster, spec);
    this.#revisionSlot = k.slot('daemon-set', 'revision');
    this.#isDeleting = k.mask('daemon-set', 'deleting');
    this.entity = k.engine.create(k.kind['daemon-set'], this.name, cause);
    this.createCompanions(spec, cause);
  }

  get replicas(): number {
    return this.cluster.nodes.length;
  }

  /** A node joined or left. */
  nodesChanged(row: number): void {
    this.k.engine.send(this.entity, this.k.event.nodes_changed, row);
  }

  override podGone(pod: PodRecord, row: number): void {
    if (pod.pinned && this.#byNode.get(pod.pinned) === pod) this.#byNode.delete(pod.pinned);
    super.podGone(pod, row);
  }

  protected reconcile(row: number): void {
    if (this.#isDeleting[this.k.engine.state[this.entity]]) {
      this.deleteAll(row);
      return;
    }
    const revision = this.k.counter(this.entity, this.#revisionSlot);
    let outdated: PodRecord | undefined;
    for (const node of this.cluster.nodes) {
      const pod = this.#byNode.get(node);
      if (!pod) this.#create(node, revision, row);
      else if (pod.finished) this.k.deletePod(pod, row);
      else if (pod.revision !== revision) outdated ??= pod;
    }
    const isReady = this.ready === this.replicas && this.pods.size === this.replicas;
    const { engine, event } = this.k;
    // maxUnavailable is 1: the next one is replaced when all are ready.
    if (!isReady) engine.send(this.entity, event.degraded, row);
    else if (outdated) this.k.deletePod(outdated, row);
    else if (!this.answer(event.done)) engine.send(this.entity, event.ready, row);
  }

  #create(node: NodeRecord, revision: number, row: number): void {
    const pod = this.k.createPod(
      {
        cluster: this.cluster,
        owner: this,
        name: `${this.name}-${++this.#madePods}`,
        template: this.template,
        revision,
        pinned: node,
      },
      row,
    );
    this.#byNode.set(node, pod);
    this.pods.add(pod);
  }
}
