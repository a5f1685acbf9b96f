/**
 * A number for each entity of one kind: for what hooks look up often. It is kept by the entity's
 * ordinal, so that a whole kind lies in a few pages, whatever was created between its entities.
 *
 * An ordinal is used again after its entity is removed: where a number could outlive its entity,
 * reset it, or keep the entity's uid.
 */
import type { Engine } from '../engine/engine.ts';
import { grown } from '../engine/grow.ts';

export class EntityMap {
  readonly #engine: Engine;
  #values = new Int32Array(256).fill(-1);

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** -1 when nothing was set. */
  get(entity: number): number {
    const ordinal = this.#engine.ordinalOf(entity);
    return ordinal < this.#values.length ? this.#values[ordinal] : -1;
  }

  set(entity: number, value: number): void {
    const ordinal = this.#engine.ordinalOf(entity);
    if (ordinal >= this.#values.length) this.#values = grown(this.#values, ordinal * 2, -1);
    this.#values[ordinal] = value;
  }
}
