/** Growing typed arrays: columns double when an index beyond their end is needed. */
type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** A copy of `from` with room for `capacity` elements, the new ones set to `fill`. */
export function grown<T extends Column>(from: T, capacity: number, fill = 0): T {
  const to = new (from.constructor as new (length: number) => T)(capacity);
  if (fill !== 0) to.fill(fill, from.length);
  to.set(from as never);
  return to;
}

/** Numbers kept for entities of one kind, by the entity's ordinal within its kind. */
export class NumberColumn {
  data: Float64Array;
  readonly #initial: number;

  constructor(initial = 0, capacity = 256) {
    this.#initial = initial;
    this.data = new Float64Array(capacity).fill(initial);
  }

  get(ordinal: number): number {
    return ordinal < this.data.length ? this.data[ordinal] : this.#initial;
  }

  set(ordinal: number, value: number): void {
    if (ordinal >= this.data.length) {
      const capacity = Math.max(this.data.length * 2, ordinal + 1);
      this.data = grown(this.data, capacity, this.#initial);
    }
    this.data[ordinal] = value;
  }

  add(ordinal: number, amount: number): number {
    const value = this.get(ordinal) + amount;
    this.set(ordinal, value);
    return value;
  }
}
