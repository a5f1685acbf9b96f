/** Drains: every pod of a node is evicted as its budget allows; then the node is `drained`. */
import type { KubeContext } from './context.ts';
import type { NodeRecord, PodRecord } from './records.ts';

export class Drains {
  readonly #k: KubeContext;
  readonly #draining = new Map<number, NodeRecord>();

  /** `drained` is called when no pod but those of daemon sets is left. */
  constructor(context: KubeContext, drained: (node: NodeRecord, row: number) => void) {
    this.#k = context;
    const { engine, nodes } = context;
    engine.onEnter('node', 'draining', (entity, row) => {
      const node = nodes[entity];
      if (node) this.#start(node, row);
    });
    for (const state of ['schedulable', 'cordoned', 'deleted']) {
      engine.onEnter('node', state, (entity) => this.#cancel(entity));
    }
    engine.onEnter('node', 'drained', (entity, row) => {
      const node = nodes[entity];
      if (!node) return;
      this.#draining.delete(entity);
      drained(node, row);
    });
  }

  /** A pod of the node is gone. */
  podGone(node: NodeRecord, row: number): void {
    if (this.#draining.get(node.entity) === node) this.#check(node, row);
  }

  #start(node: NodeRecord, row: number): void {
    this.#draining.set(node.entity, node);
    for (const pod of node.pods) {
      if (!isToGo(pod)) continue;
      if (pod.owner.budget) pod.owner.budget.evict(pod, row);
      else this.#k.deletePod(pod, row);
    }
    this.#check(node, row);
  }

  #cancel(entity: number): void {
    const node = this.#draining.get(entity);
    if (!node) return;
    this.#draining.delete(entity);
    for (const pod of node.pods) pod.owner.budget?.cancel(pod);
  }

  #check(node: NodeRecord, row: number): void {
    for (const pod of node.pods) if (isToGo(pod)) return;
    this.#k.engine.send(node.entity, this.#k.event.drained, row);
  }
}

function isToGo(pod: PodRecord): boolean {
  return !pod.owner.isDaemon && !pod.finished;
}
