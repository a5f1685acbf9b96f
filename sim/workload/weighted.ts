/** Draws from weighted choices. */
import type { Stream } from '../../engine/random.ts';

export class WeightedChoice<T> {
  readonly #items: readonly T[];
  readonly #cumulative: readonly number[];
  readonly #total: number;

  /** Weights are relative and not negative; items of weight 0 are never drawn. */
  constructor(weights: readonly (readonly [T, number])[]) {
    const positive = weights.filter(([, weight]) => weight > 0);
    let total = 0;
    this.#items = positive.map(([item]) => item);
    this.#cumulative = positive.map(([, weight]) => {
      total += weight;
      return total;
    });
    this.#total = total;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  draw(stream: Stream): T {
    const x = stream.next() * this.#total;
    const index = this.#cumulative.findIndex((c) => x < c);
    return this.#items[index < 0 ? this.#items.length - 1 : index];
  }
}
