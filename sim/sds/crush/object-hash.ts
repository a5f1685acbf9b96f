/**
 * From an object's name to its placement group: the name's hash (`ceph_str_hash_rjenkins`, which is
 * Robert Jenkins' lookup2 over bytes), then Ceph's stable modulo.
 */

const GOLDEN_RATIO = 0x9e3779b9 | 0;
/** Separates a namespace from the object name in what is hashed (ASCII unit separator). */
const NAMESPACE_SEPARATOR = '\u001f';

const encoder = new TextEncoder();

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** The bytes at `at`..`end` as a little-endian word; bytes past the end count as zero. */
function tailWord(bytes: Uint8Array, at: number): number {
  let value = 0;
  const end = Math.min(at + 4, bytes.length);
  for (let i = at; i < end; i++) value |= bytes[i] << ((i - at) * 8);
  return value;
}

/** 32-bit unsigned hash of a byte string. */
export function hashBytes(bytes: Uint8Array): number {
  let a = GOLDEN_RATIO;
  let b = GOLDEN_RATIO;
  let c = 0;
  let at = 0;
  for (;;) {
    const last = bytes.length - at < 12;
    if (last) {
      // The lowest byte of the third word is kept for the length.
      a = (a + tailWord(bytes, at)) | 0;
      b = (b + tailWord(bytes, at + 4)) | 0;
      c = (c + bytes.length + (tailWord(bytes, at + 8) << 8)) | 0;
    } else {
      a = (a + word(bytes, at)) | 0;
      b = (b + word(bytes, at + 4)) | 0;
      c = (c + word(bytes, at + 8)) | 0;
    }
    a = (((a - b) | 0) - c) ^ (c >>> 13);
    b = (((b - c) | 0) - a) ^ (a << 8);
    c = (((c - a) | 0) - b) ^ (b >>> 13);
    a = (((a - b) | 0) - c) ^ (c >>> 12);
    b = (((b - c) | 0) - a) ^ (a << 16);
    c = (((c - a) | 0) - b) ^ (b >>> 5);
    a = (((a - b) | 0) - c) ^ (c >>> 3);
    b = (((b - c) | 0) - a) ^ (a << 10);
    c = (((c - a) | 0) - b) ^ (b >>> 15);
    if (last) return c >>> 0;
    at += 12;
  }
}

/**
 * 32-bit unsigned hash of an object: the placement seed of its raw PG.
 *
 * @param name the object's name, or its locator key where it has one
 * @param namespace the RADOS namespace, empty for the default one
 */
export function hashObject(name: string, namespace = ''): number {
  const key = namespace === '' ? name : namespace + NAMESPACE_SEPARATOR + name;
  return hashBytes(encoder.encode(key));
}

/** The mask of the smallest power of two that is at least `count`; `count` >= 1. */
export function placementMask(count: number): number {
  return count <= 1 ? 0 : 2 ** (32 - Math.clz32(count - 1)) - 1;
}

/**
 * `seed` modulo `count` such that growing `count` by one moves only the seeds that split: values
 * that do not fit fall back to the mask of the next smaller power of two.
 */
export function stableMod(seed: number, count: number, mask: number): number {
  const wide = (seed & mask) >>> 0;
  return wide < count ? wide : (seed & (mask >>> 1)) >>> 0;
}
