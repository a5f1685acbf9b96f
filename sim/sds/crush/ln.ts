/**
 * CRUSH's fixed-point logarithm, in exact double arithmetic instead of 64-bit integers.
 */
import { LL, RH_LH } from './ln-tables.ts';

const TWO_24 = 0x1000000;
const TWO_44 = 0x100000000000;
const TWO_48 = 0x1000000000000;

/**
 * 2^44 * log2(u + 1) for a 16-bit `u`, exactly as Ceph rounds it; an integer of at most 2^48.
 *
 * The argument is normalised to 1.x * 2^e, its upper bits select a reciprocal and its logarithm
 * from one table, and what the product leaves over one selects a correction from the other.
 */
export function crushLn(u: number): number {
  let x = u + 1;
  let exponent = 15;
  if ((x & 0x18000) === 0) {
    const shift = Math.clz32(x) - 16;
    x <<= shift;
    exponent = 15 - shift;
  }
  const index = ((x >>> 8) << 1) - 256;
  const reciprocal = RH_LH[index];
  // x * reciprocal can exceed 2^53, so the top bits are taken from two exact partial products.
  const high = Math.floor(reciprocal / TWO_24);
  const low = reciprocal - high * TWO_24;
  const product = Math.floor((x * high + Math.floor((x * low) / TWO_24)) / TWO_24);
  const log = RH_LH[index + 1] + LL[product & 0xff];
  return exponent * TWO_44 + Math.floor(log / 16);
}

function negatedLogarithms(): Float64Array {
  const table = new Float64Array(0x10000);
  for (let u = 0; u < table.length; u++) table[u] = TWO_48 - crushLn(u);
  return table;
}

/** 2^48 - crushLn(u) for every 16-bit `u`: the length of an unweighted straw; shorter wins. */
export const NEGATED_LN: Float64Array = negatedLogarithms();
