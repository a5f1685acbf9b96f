/** An unsigned LEB128 number of 32 bits and the offset behind it. */
export function varint(page: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  let shift = 0;
  let end = at;
  for (;;) {
    const byte = page[end++];
    if (byte === undefined) throw new Error('page ends within a number');
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, end };
    shift += 7;
  }
}
