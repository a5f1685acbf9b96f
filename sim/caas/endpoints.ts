/** The endpoints of a service: its ready pods, linked to it, and how many of them really answer. */
import type { KubeContext } from './context.ts';
import type { EndpointsOfPods, PodRecord } from './records.ts';

export class Endpoints implements EndpointsOfPods {
  readonly entity: number;
  readonly #k: KubeContext;
  /** Endpoints listed, and those of them that answer. */
  #listed = 0;
  #answering = 0;
  readonly #answers = new Set<PodRecord>();

  constructor(context: KubeContext, name: string, cause: number) {
    this.#k = context;
    this.entity = context.engine.create(context.kind.service, name, cause);
  }

  podChanged(pod: PodRecord, wasListed: number, isListed: number, row: number): void {
    const { engine } = this.#k;
    if (isListed && !wasListed) {
      engine.link(pod.entity, this.entity, row);
      this.#listed++;
    } else if (wasListed && !isListed) {
      engine.unlink(pod.entity, this.entity);
      this.#listed--;
    }
    if (engine.isServing(pod.entity)) this.#answers.add(pod);
    else this.#answers.delete(pod);
    this.#answering = this.#answers.size;
    this.#settle(row);
  }

  #settle(row: number): void {
    const { engine, event } = this.#k;
    let report = event.endpoints_some;
    if (this.#listed === 0) report = event.endpoints_none;
    else if (this.#answering === 0) report = event.endpoints_stale;
    else if (this.#answering === this.#listed) report = event.endpoints_all;
    engine.send(this.entity, report, row);
  }
}
