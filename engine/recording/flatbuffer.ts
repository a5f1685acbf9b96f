/**
 * Reads flatbuffers, in which Arrow's messages are written, so that no bytes whatever can make it
 * read outside them, loop or ask for memory: every offset is checked against the view. (Arrow's own
 * reader trusts its input; one changed byte can make it allocate gigabytes.)
 */

import { TEXT } from './text.ts';

/** Thrown on a field that does not lie within the bytes, besides DataView's RangeError. */
export class DamagedError extends Error {}

export class Table {
  private readonly view: DataView;
  private readonly at: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.at = at;
  }

  /** The table at the root of a buffer. */
  static root(view: DataView): Table {
    return new Table(view, view.getUint32(0, true));
  }

  uint8(field: number, absent = 0): number {
    const at = this.place(field);
    return at === 0 ? absent : this.view.getUint8(at);
  }

  int16(field: number, absent = 0): number {
    const at = this.place(field);
    return at === 0 ? absent : this.view.getInt16(at, true);
  }

  int32(field: number, absent = 0): number {
    const at = this.place(field);
    return at === 0 ? absent : this.view.getInt32(at, true);
  }

  int64(field: number, absent = 0): number {
    const at = this.place(field);
    return at === 0 ? absent : toNumber(this.view.getBigInt64(at, true));
  }

  table(field: number): Table | undefined {
    const at = this.place(field);
    return at === 0 ? undefined : new Table(this.view, this.follow(at));
  }

  text(field: number): string {
    const at = this.place(field);
    if (at === 0) return '';
    const [start, length] = this.vector(at, 1);
    const { buffer, byteOffset } = this.view;
    return TEXT.decode(new Uint8Array(buffer, byteOffset + start, length));
  }

  tables(field: number): Table[] {
    const at = this.place(field);
    if (at === 0) return [];
    const [start, length] = this.vector(at, 4);
    return Array.from({ length }, (_, i) => new Table(this.view, this.follow(start + 4 * i)));
  }

  /** A vector of structs of two 64-bit numbers, flattened. */
  int64Pairs(field: number): number[] {
    const at = this.place(field);
    if (at === 0) return [];
    const [start, length] = this.vector(at, 16);
    return Array.from({ length: 2 * length }, (_, i) =>
      toNumber(this.view.getBigInt64(start + 8 * i, true)),
    );
  }

  /** Position of a field's value, or 0 where it is absent. */
  private place(field: number): number {
    const vtable = this.at - this.view.getInt32(this.at, true);
    const size = this.view.getUint16(vtable, true);
    const entry = 4 + 2 * field;
    if (entry + 2 > size) return 0;
    const offset = this.view.getUint16(vtable + entry, true);
    return offset === 0 ? 0 : this.at + offset;
  }

  private follow(at: number): number {
    return at + this.view.getUint32(at, true);
  }

  private vector(at: number, element_bytes: number): [start: number, length: number] {
    const place = this.follow(at);
    const length = this.view.getUint32(place, true);
    const start = place + 4;
    if (start + length * element_bytes > this.view.byteLength) {
      throw new DamagedError(`a vector of ${length} elements does not fit`);
    }
    return [start, length];
  }
}

function toNumber(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new DamagedError(`${value} is not a length or position`);
  }
  return Number(value);
}
