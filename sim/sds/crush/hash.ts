/**
 * Robert Jenkins' 32-bit hash as CRUSH uses it (`rjenkins1`, the only hash Ceph has).
 *
 * The mixing rounds are written out: they run once for every item of every bucket that a placement
 * looks at, and a shared function would have to return three values.
 * Source: Sage Weil et al., "CRUSH", SC 2006; Robert Jenkins, "Hash functions", Dr Dobb's 1997.
 */

const SEED = 1315423911;
const PAD_X = 231232;
const PAD_Y = 1232;

/** Hash of two 32-bit integers; an unsigned 32-bit integer. */
export function crushHash2(a: number, b: number): number {
  let h = SEED ^ a ^ b;
  let p = a | 0;
  let q = b | 0;
  let x = PAD_X;
  let y = PAD_Y;

  p = (((p - q) | 0) - h) ^ (h >>> 13);
  q = (((q - h) | 0) - p) ^ (p << 8);
  h = (((h - p) | 0) - q) ^ (q >>> 13);
  p = (((p - q) | 0) - h) ^ (h >>> 12);
  q = (((q - h) | 0) - p) ^ (p << 16);
  h = (((h - p) | 0) - q) ^ (q >>> 5);
  p = (((p - q) | 0) - h) ^ (h >>> 3);
  q = (((q - h) | 0) - p) ^ (p << 10);
  h = (((h - p) | 0) - q) ^ (q >>> 15);

  x = (((x - p) | 0) - h) ^ (h >>> 13);
  p = (((p - h) | 0) - x) ^ (x << 8);
  h = (((h - x) | 0) - p) ^ (p >>> 13);
  x = (((x - p) | 0) - h) ^ (h >>> 12);
  p = (((p - h) | 0) - x) ^ (x << 16);
  h = (((h - x) | 0) - p) ^ (p >>> 5);
  x = (((x - p) | 0) - h) ^ (h >>> 3);
  p = (((p - h) | 0) - x) ^ (x << 10);
  h = (((h - x) | 0) - p) ^ (p >>> 15);

  q = (((q - y) | 0) - h) ^ (h >>> 13);
  y = (((y - h) | 0) - q) ^ (q << 8);
  h = (((h - q) | 0) - y) ^ (y >>> 13);
  q = (((q - y) | 0) - h) ^ (h >>> 12);
  y = (((y - h) | 0) - q) ^ (q << 16);
  h = (((h - q) | 0) - y) ^ (y >>> 5);
  q = (((q - y) | 0) - h) ^ (h >>> 3);
  y = (((y - h) | 0) - q) ^ (q << 10);
  h = (((h - q) | 0) - y) ^ (y >>> 15);
  return h >>> 0;
}

/** Hash of three 32-bit integers; a signed 32-bit integer (callers take its low bits). */
export function crushHash3(a: number, b: number, c: number): number {
  let h = SEED ^ a ^ b ^ c;
  let p = a | 0;
  let q = b | 0;
  let r = c | 0;
  let x = PAD_X;
  let y = PAD_Y;

  p = (((p - q) | 0) - h) ^ (h >>> 13);
  q = (((q - h) | 0) - p) ^ (p << 8);
  h = (((h - p) | 0) - q) ^ (q >>> 13);
  p = (((p - q) | 0) - h) ^ (h >>> 12);
  q = (((q - h) | 0) - p) ^ (p << 16);
  h = (((h - p) | 0) - q) ^ (q >>> 5);
  p = (((p - q) | 0) - h) ^ (h >>> 3);
  q = (((q - h) | 0) - p) ^ (p << 10);
  h = (((h - p) | 0) - q) ^ (q >>> 15);

  r = (((r - x) | 0) - h) ^ (h >>> 13);
  x = (((x - h) | 0) - r) ^ (r << 8);
  h = (((h - r) | 0) - x) ^ (x >>> 13);
  r = (((r - x) | 0) - h) ^ (h >>> 12);
  x = (((x - h) | 0) - r) ^ (r << 16);
  h = (((h - r) | 0) - x) ^ (x >>> 5);
  r = (((r - x) | 0) - h) ^ (h >>> 3);
  x = (((x - h) | 0) - r) ^ (r << 10);
  h = (((h - r) | 0) - x) ^ (x >>> 15);

  y = (((y - p) | 0) - h) ^ (h >>> 13);
  p = (((p - h) | 0) - y) ^ (y << 8);
  h = (((h - y) | 0) - p) ^ (p >>> 13);
  y = (((y - p) | 0) - h) ^ (h >>> 12);
  p = (((p - h) | 0) - y) ^ (y << 16);
  h = (((h - y) | 0) - p) ^ (p >>> 5);
  y = (((y - p) | 0) - h) ^ (h >>> 3);
  p = (((p - h) | 0) - y) ^ (y << 10);
  h = (((h - y) | 0) - p) ^ (p >>> 15);

  q = (((q - x) | 0) - h) ^ (h >>> 13);
  x = (((x - h) | 0) - q) ^ (q << 8);
  h = (((h - q) | 0) - x) ^ (x >>> 13);
  q = (((q - x) | 0) - h) ^ (h >>> 12);
  x = (((x - h) | 0) - q) ^ (q << 16);
  h = (((h - q) | 0) - x) ^ (x >>> 5);
  q = (((q - x) | 0) - h) ^ (h >>> 3);
  x = (((x - h) | 0) - q) ^ (q << 10);
  h = (((h - q) | 0) - x) ^ (x >>> 15);

  y = (((y - r) | 0) - h) ^ (h >>> 13);
  r = (((r - h) | 0) - y) ^ (y << 8);
  h = (((h - y) | 0) - r) ^ (r >>> 13);
  y = (((y - r) | 0) - h) ^ (h >>> 12);
  r = (((r - h) | 0) - y) ^ (y << 16);
  h = (((h - y) | 0) - r) ^ (r >>> 5);
  y = (((y - r) | 0) - h) ^ (h >>> 3);
  r = (((r - h) | 0) - y) ^ (y << 10);
  h = (((h - y) | 0) - r) ^ (r >>> 15);
  return h;
}
