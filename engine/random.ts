/**
 * Seeded randomness. Every stream is forked by label, so an extra draw in one place shifts nothing
 * elsewhere. A stream is a counter hashed with its key: it has no hidden state, forks are cheap, and
 * the hot path can aim one object at any (entity, purpose, visit) without allocating.
 */

/** A 32-bit avalanche hash (constants of the `lowbias32` search by C. Wellons, public domain). */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** Combines two 32-bit values into one; not commutative. */
export function combine32(a: number, b: number): number {
  return mix32((mix32(a) ^ Math.imul(b, 0x9e3779b1)) + 0x85ebca6b);
}

/** A 32-bit hash of a string (FNV-1a, then mixed). */
export function hashString(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h);
}

const TWO_POW_MINUS_32 = 2 ** -32;
const TWO_POW_MINUS_53 = 2 ** -53;

export class Stream {
  // Signed, so that they are small integers to V8 and storing one allocates nothing.
  #key0: number;
  #key1: number;
  #count = 0;
  #spare = 0;

  constructor(key0: number, key1: number) {
    this.#key0 = key0 | 0;
    this.#key1 = key1 | 0;
  }

  /** The root stream of a seed (any safe integer). */
  static fromSeed(seed: number): Stream {
    return new Stream(mix32(seed), mix32(Math.floor(seed / 2 ** 32) ^ 0x5bd1e995));
  }

  /** An independent stream for a purpose; the same label always gives the same stream. */
  fork(label: string): Stream {
    const h = hashString(label);
    return new Stream(combine32(this.#key0, h), combine32(this.#key1, h ^ 0x27d4eb2f));
  }

  /**
   * Points this stream at the draws of (a, b, c) under the keys of `root`. Allocates nothing. Two
   * different mixtures of the three make up the 64 bits of the key.
   */
  aim(root: Stream, a: number, b: number, c: number): void {
    const ab = mix32((root.#key0 ^ a) + Math.imul(b, 0x9e3779b1));
    this.#key0 = ab ^ Math.imul(c + 1, 0x85ebca6b);
    this.#key1 = mix32((root.#key1 ^ Math.imul(a, 0xc2b2ae35)) + b + Math.imul(c, 0x27d4eb2f)) | 0;
    this.#count = 0;
  }

  /** A uniform 32-bit unsigned integer. */
  next32(): number {
    this.#count = (this.#count + 1) | 0;
    return mix32(mix32(Math.imul(this.#count, 0x9e3779b1) + this.#key0) ^ this.#key1);
  }

  /** Uniform in [0, 1) with 53 random bits. */
  next(): number {
    const high = this.next32();
    const low = this.next32();
    this.#spare = ((high & 0b11111) << 2) | (low & 0b11);
    return ((high >>> 5) * 67108864 + (low >>> 6)) * TWO_POW_MINUS_53;
  }

  /** Seven random bits that the last `next` had left over. */
  spare7(): number {
    return this.#spare;
  }

  /** Uniform integer in [0, bound), bound <= 2^32. The bias is below bound / 2^32. */
  below(bound: number): number {
    return Math.floor(this.next32() * TWO_POW_MINUS_32 * bound);
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }
}
