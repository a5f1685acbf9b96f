/**
 * Decompresses a block of Snappy. hyparquet can too, but a length of 2 GiB or more is negative to it:
 * then it goes backwards in what it reads, and some blocks never end.
 * Format: https://github.com/google/snappy/blob/main/format_description.txt
 */

import { varint } from './varint.ts';

/** Above this, the length of a literal stands in the bytes that follow its tag. */
const SHORT_LITERAL_BYTES_MAX = 60;

/** Throws an `Error` where the block is damaged, or is not of `size` bytes when it is decompressed. */
export function snappy(input: Uint8Array, size: number): Uint8Array {
  const { value: announced, end: start } = varint(input, 0);
  if (announced !== size) throw new Error(`a block of ${announced} bytes, ${size} expected`);
  const output = new Uint8Array(size);
  let at = start;
  let written = 0;
  while (at < input.length) {
    const tag = input[at++];
    if ((tag & 3) === 0) {
      const short = (tag >>> 2) + 1;
      const more = Math.max(0, short - SHORT_LITERAL_BYTES_MAX);
      const length = more === 0 ? short : littleEndian(input, at, more) + 1;
      at += more;
      if (length > input.length - at || length > size - written) throw new Error('a long literal');
      output.set(input.subarray(at, at + length), written);
      at += length;
      written += length;
    } else {
      const isShort = (tag & 3) === 1;
      const more = isShort ? 1 : (tag & 3) === 2 ? 2 : 4;
      const length = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
      const offset = littleEndian(input, at, more) + (isShort ? (tag >>> 5) << 8 : 0);
      at += more;
      if (offset === 0 || offset > written || length > size - written) {
        throw new Error(`a copy of ${length} bytes from ${offset} bytes before`);
      }
      repeat(output, written, offset, length);
      written += length;
    }
  }
  if (written !== size) throw new Error(`${written} bytes, ${size} expected`);
  return output;
}

/** Copies what stands `offset` bytes before; where that is less than `length`, it repeats itself. */
function repeat(output: Uint8Array, at: number, offset: number, length: number): void {
  if (offset >= length) output.copyWithin(at, at - offset, at - offset + length);
  else for (let i = at; i < at + length; i++) output[i] = output[i - offset];
}

function littleEndian(input: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > input.length) throw new Error('block ends within a length');
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + input[at + i];
  return value;
}
