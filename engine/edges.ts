/**
 * The dependency graph of living entities: doubly linked lists in typed arrays, so that linking,
 * unlinking and walking allocate nothing. Index 0 is never an edge; 0 ends a list.
 */
import { grown } from './grow.ts';

export class Edges {
  provider = new Int32Array(1024);
  dependent = new Int32Array(1024);
  type = new Uint8Array(1024);
  /** Next edge of the same provider, and of the same dependent. */
  nextOut = new Int32Array(1024);
  nextIn = new Int32Array(1024);
  #previousOut = new Int32Array(1024);
  #previousIn = new Int32Array(1024);
  /** First edge out of (into) an entity. */
  firstOut = new Int32Array(1024);
  firstIn = new Int32Array(1024);
  #used = 1;
  #free = 0;
  count = 0;

  ensureEntities(capacity: number): void {
    if (capacity <= this.firstOut.length) return;
    this.firstOut = grown(this.firstOut, capacity);
    this.firstIn = grown(this.firstIn, capacity);
  }

  add(provider: number, dependent: number, type: number): number {
    const edge = this.#allocate();
    this.provider[edge] = provider;
    this.dependent[edge] = dependent;
    this.type[edge] = type;
    const out = this.firstOut[provider];
    this.nextOut[edge] = out;
    this.#previousOut[edge] = 0;
    if (out) this.#previousOut[out] = edge;
    this.firstOut[provider] = edge;
    const into = this.firstIn[dependent];
    this.nextIn[edge] = into;
    this.#previousIn[edge] = 0;
    if (into) this.#previousIn[into] = edge;
    this.firstIn[dependent] = edge;
    this.count++;
    return edge;
  }

  remove(edge: number): void {
    const nextOut = this.nextOut[edge];
    const previousOut = this.#previousOut[edge];
    if (nextOut) this.#previousOut[nextOut] = previousOut;
    if (previousOut) this.nextOut[previousOut] = nextOut;
    else this.firstOut[this.provider[edge]] = nextOut;
    const nextIn = this.nextIn[edge];
    const previousIn = this.#previousIn[edge];
    if (nextIn) this.#previousIn[nextIn] = previousIn;
    if (previousIn) this.nextIn[previousIn] = nextIn;
    else this.firstIn[this.dependent[edge]] = nextIn;
    this.nextOut[edge] = this.#free;
    this.#free = edge;
    this.count--;
  }

  /** The edge between two entities, or 0. Walks the dependent's providers, which are few. */
  find(provider: number, dependent: number): number {
    let edge = this.firstIn[dependent];
    while (edge && this.provider[edge] !== provider) edge = this.nextIn[edge];
    return edge;
  }

  #allocate(): number {
    if (this.#free) {
      const edge = this.#free;
      this.#free = this.nextOut[edge];
      return edge;
    }
    if (this.#used === this.provider.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const capacity = this.provider.length * 2;
    this.provider = grown(this.provider, capacity);
    this.dependent = grown(this.dependent, capacity);
    this.type = grown(this.type, capacity);
    this.nextOut = grown(this.nextOut, capacity);
    this.nextIn = grown(this.nextIn, capacity);
    this.#previousOut = grown(this.#previousOut, capacity);
    this.#previousIn = grown(this.#previousIn, capacity);
  }
}
