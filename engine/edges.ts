/**
 * The dependency graph of living entities: doubly linked lists of records of eight words, half a
 * cache line, so that linking, unlinking and walking allocate nothing. Edge 0 does not exist; 0 ends
 * a list. The heads of an entity's two lists are in its own record.
 */
import type { Entities } from './entities.ts';
import { grown } from './grow.ts';

const EDGE_BITS = 3;
const EDGE = 1 << EDGE_BITS;
const PROVIDER = 0;
const DEPENDENT = 1;
const TYPE = 2;
const NEXT_OUT = 3;
const NEXT_IN = 4;
const PREVIOUS_OUT = 5;
const PREVIOUS_IN = 6;

export class Edges {
  readonly #entities: Entities;
  #words: Int32Array;
  #used = 1;
  #free = 0;
  count = 0;

  /** `capacity`: how many edges there is room for before the array grows. */
  constructor(entities: Entities, capacity: number) {
    this.#entities = entities;
    this.#words = new Int32Array(capacity * EDGE);
  }

  provider(edge: number): number {
    return this.#words[(edge << EDGE_BITS) + PROVIDER];
  }

  dependent(edge: number): number {
    return this.#words[(edge << EDGE_BITS) + DEPENDENT];
  }

  type(edge: number): number {
    return this.#words[(edge << EDGE_BITS) + TYPE];
  }

  /** First edge to a dependent of an entity, or 0. */
  firstOut(provider: number): number {
    return this.#entities.firstOut(provider);
  }

  /** Next edge of the same provider, or 0. */
  nextOut(edge: number): number {
    return this.#words[(edge << EDGE_BITS) + NEXT_OUT];
  }

  /** First edge from a provider of an entity, or 0. */
  firstIn(dependent: number): number {
    return this.#entities.firstIn(dependent);
  }

  /** Next edge of the same dependent, or 0. */
  nextIn(edge: number): number {
    return this.#words[(edge << EDGE_BITS) + NEXT_IN];
  }

  add(provider: number, dependent: number, type: number): number {
    const entities = this.#entities;
    const edge = this.#allocate();
    const words = this.#words;
    const at = edge << EDGE_BITS;
    const out = entities.firstOut(provider);
    const into = entities.firstIn(dependent);
    words[at + PROVIDER] = provider;
    words[at + DEPENDENT] = dependent;
    words[at + TYPE] = type;
    words[at + NEXT_OUT] = out;
    words[at + NEXT_IN] = into;
    words[at + PREVIOUS_OUT] = 0;
    words[at + PREVIOUS_IN] = 0;
    if (out) words[(out << EDGE_BITS) + PREVIOUS_OUT] = edge;
    if (into) words[(into << EDGE_BITS) + PREVIOUS_IN] = edge;
    entities.setFirstOut(provider, edge);
    entities.setFirstIn(dependent, edge);
    this.count++;
    return edge;
  }

  remove(edge: number): void {
    const entities = this.#entities;
    const words = this.#words;
    const at = edge << EDGE_BITS;
    const nextOut = words[at + NEXT_OUT];
    const previousOut = words[at + PREVIOUS_OUT];
    if (nextOut) words[(nextOut << EDGE_BITS) + PREVIOUS_OUT] = previousOut;
    if (previousOut) words[(previousOut << EDGE_BITS) + NEXT_OUT] = nextOut;
    else entities.setFirstOut(words[at + PROVIDER], nextOut);
    const nextIn = words[at + NEXT_IN];
    const previousIn = words[at + PREVIOUS_IN];
    if (nextIn) words[(nextIn << EDGE_BITS) + PREVIOUS_IN] = previousIn;
    if (previousIn) words[(previousIn << EDGE_BITS) + NEXT_IN] = nextIn;
    else entities.setFirstIn(words[at + DEPENDENT], nextIn);
    words[at + NEXT_OUT] = this.#free;
    this.#free = edge;
    this.count--;
  }

  /** The edge between two entities, or 0. Walks the dependent's providers, which are few. */
  find(provider: number, dependent: number): number {
    let edge = this.firstIn(dependent);
    while (edge && this.provider(edge) !== provider) edge = this.nextIn(edge);
    return edge;
  }

  #allocate(): number {
    if (this.#free) {
      const edge = this.#free;
      this.#free = this.nextOut(edge);
      return edge;
    }
    const edge = this.#used++;
    if (edge << EDGE_BITS === this.#words.length) {
      this.#words = grown(this.#words, this.#words.length * 2);
    }
    return edge;
  }
}
