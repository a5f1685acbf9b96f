/** The pods of a cluster that found no node, in the order in which they failed to. */
import type { Account, Line } from '../account.ts';

/** How much of a cluster's demand found no place: what waits, beside what is used. */
export interface Saturation {
  readonly cluster: string;
  /** Share of the time in which at least one pod was unschedulable. */
  readonly ratio: number;
  /** Unschedulable pods: on average over the time, most at once, and now. */
  readonly meanPods: number;
  readonly peakPods: number;
  readonly pods: number;
}

export class UnschedulablePods<Pod> {
  readonly #pods = new Set<Pod>();
  readonly #account: Account;
  readonly #count: Line;
  /** 1 while there is any. */
  readonly #any: Line;

  constructor(account: Account) {
    this.#account = account;
    this.#count = account.newLine();
    this.#any = account.newLine();
  }

  get size(): number {
    return this.#pods.size;
  }

  add(pod: Pod): void {
    if (this.#pods.has(pod)) return;
    if (this.#pods.size === 0) this.#any.use(1);
    this.#pods.add(pod);
    this.#count.use(1);
  }

  delete(pod: Pod): void {
    if (!this.#pods.delete(pod)) return;
    this.#count.use(-1);
    if (this.#pods.size === 0) this.#any.use(-1);
  }

  [Symbol.iterator](): IterableIterator<Pod> {
    return this.#pods[Symbol.iterator]();
  }

  saturationOf(cluster: string): Saturation {
    const meanPods = this.#account.meanOf(this.#count);
    return {
      cluster,
      ratio: this.#account.meanOf(this.#any),
      meanPods,
      peakPods: this.#count.peakUsed,
      pods: this.#pods.size,
    };
  }
}
