import { grown } from '../../engine/grow.ts';

/** A number for each of some entities, in a typed array: for what hooks look up often. */
export class EntityMap {
  #values = new Int32Array(1024).fill(-1);

  /** -1 when nothing was set. */
  get(entity: number): number {
    return entity < this.#values.length ? this.#values[entity] : -1;
  }

  set(entity: number, value: number): void {
    if (entity >= this.#values.length) this.#values = grown(this.#values, entity * 2, -1);
    this.#values[entity] = value;
  }
}
