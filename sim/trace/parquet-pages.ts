/**
 * Checks the pages of a column before hyparquet decodes them. It trusts what they say of themselves:
 * one changed byte can make it repeat a value two thousand million times, or read the same block
 * for ever. Here every count is held against the rows that there are and the bytes that follow.
 * Format: https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */

import type { ColumnMetaData, Compressors, DataReader, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { decompressedSize } from './page-size.ts';
import { varint } from './varint.ts';

interface Column {
  readonly chunk: ColumnMetaData;
  readonly isNullable: boolean;
  readonly rows: number;
  readonly compressors: Compressors;
}

/** Where the values of a page begin, and how many there are. */
interface Values {
  readonly page: Uint8Array;
  readonly at: number;
  readonly count: number;
  readonly encoding: string;
}

const DICTIONARY_ENCODINGS: ReadonlySet<string> = new Set(['PLAIN_DICTIONARY', 'RLE_DICTIONARY']);
/** Sequences of deltas that an encoding begins with. */
const DELTA_SEQUENCES: Readonly<Record<string, number>> = {
  DELTA_BINARY_PACKED: 1,
  DELTA_LENGTH_BYTE_ARRAY: 1,
  DELTA_BYTE_ARRAY: 2,
};

/** Throws an `Error` that says what does not fit. `reader` stands at the first page, and is not kept. */
export function checkPages(reader: DataReader, column: Column): void {
  let seen = 0;
  while (seen < column.rows && reader.offset < reader.view.byteLength - 1) {
    const header = parquetHeader(reader);
    const { buffer, byteOffset } = reader.view;
    const body = new Uint8Array(buffer, byteOffset + reader.offset, header.compressed_page_size);
    reader.offset += header.compressed_page_size;
    if (header.type === 'DICTIONARY_PAGE') {
      decompressedSize(header);
      within('values in a dictionary', header.dictionary_page_header?.num_values, column.rows);
      continue;
    }
    const isV2 = header.type === 'DATA_PAGE_V2';
    const count = (isV2 ? header.data_page_header_v2 : header.data_page_header)?.num_values;
    seen += within('values in a page', count, column.rows - seen);
    checkValues(isV2 ? valuesOfV2(header, body, column) : valuesOfV1(header, body, column));
  }
}

function within(what: string, count: number | undefined, most: number): number {
  if (count !== undefined && count >= 0 && count <= most) return count;
  throw new Error(`${count} ${what}, at most ${most} expected`);
}

/** Nulls stand as levels before the values, in the first version within what is compressed. */
function valuesOfV1(header: PageHeader, body: Uint8Array, column: Column): Values {
  const data = header.data_page_header;
  if (!data) throw new Error('a page without its header');
  const { codec } = column.chunk;
  const page = decompressPage(body, decompressedSize(header), codec, column.compressors);
  const { num_values, encoding } = data;
  if (!column.isNullable) return { page, at: 0, count: num_values, encoding };
  const length = uint32(page, 0);
  const count = onesOfRuns(page, 4, 1, num_values);
  return { page, at: 4 + length, count, encoding };
}

function valuesOfV2(header: PageHeader, body: Uint8Array, column: Column): Values {
  const data = header.data_page_header_v2;
  if (!data) throw new Error('a page without its header');
  const { num_values, num_rows, encoding, definition_levels_byte_length: levels } = data;
  if (data.repetition_levels_byte_length !== 0 || num_rows !== num_values) {
    throw new Error('a page of lists');
  }
  within('bytes of levels', levels, body.length);
  const count = column.isNullable ? onesOfRuns(body, 0, 1, num_values) : num_values;
  if (data.num_nulls !== num_values - count) throw new Error(`${data.num_nulls} nulls in a page`);
  const rest = body.subarray(column.isNullable ? levels : 0);
  const size = decompressedSize(header) - levels;
  const isPlain = data.is_compressed === false;
  const page = isPlain ? rest : decompressPage(rest, size, column.chunk.codec, column.compressors);
  return { page, at: 0, count, encoding };
}

function checkValues({ page, at, count, encoding }: Values): void {
  if (DICTIONARY_ENCODINGS.has(encoding)) {
    const width = page[at];
    if (!(width <= 32)) throw new Error(`indices of ${width} bits`);
    if (width > 0) onesOfRuns(page, at + 1, width, count);
    return;
  }
  if (encoding === 'RLE') throw new Error('truth values where numbers are expected');
  let start = at;
  for (let i = 0; i < (DELTA_SEQUENCES[encoding] ?? 0); i++)
    start = endOfDeltas(page, start, count);
}

function uint32(page: Uint8Array, at: number): number {
  return new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(at, true);
}

/**
 * Walks runs of one value and groups of eight packed ones until there are `count` of them. Returns
 * how many are 1: of levels of one bit, those of values that are no nulls.
 */
function onesOfRuns(page: Uint8Array, start: number, width: number, count: number): number {
  let at = start;
  let ones = 0;
  for (let left = count; left > 0; ) {
    const { value: header, end } = varint(page, at);
    const isPacked = (header & 1) === 1;
    const length = (header >>> 1) * (isPacked ? 8 : 1);
    within('values in a run', length, isPacked ? left + 7 : left);
    const bytes = isPacked ? (header >>> 1) * width : Math.ceil(width / 8);
    // The last packed group may be cut short.
    const needed = isPacked ? Math.ceil((Math.min(length, left) * width) / 8) : bytes;
    within('bytes of a run', needed, page.length - end);
    if (isPacked) ones += onesOfBits(page, end, Math.min(length, left));
    else if (page[end] === 1) ones += length;
    at = end + bytes;
    left -= length;
  }
  return ones;
}

function onesOfBits(page: Uint8Array, start: number, count: number): number {
  let ones = 0;
  for (let i = 0; i < count; i++) ones += (page[start + (i >> 3)] >> (i & 7)) & 1;
  return ones;
}

/** Where a sequence of `count` deltas ends: blocks of miniblocks, each with its own width. */
function endOfDeltas(page: Uint8Array, start: number, count: number): number {
  const block = varint(page, start);
  const parts = varint(page, block.end);
  const perPart = block.value / parts.value;
  if (!(perPart > 0 && perPart % 32 === 0)) {
    throw new Error(`blocks of ${block.value} values in ${parts.value} parts`);
  }
  const total = varint(page, parts.end);
  let at = varint(page, total.end).end;
  for (let left = count - 1; left > 0; ) {
    const widths = varint(page, at).end;
    at = widths + parts.value;
    within('bytes of a block', at - widths, page.length - widths);
    for (let i = 0; i < parts.value && left > 0; i++, left -= perPart) {
      within('bits of a delta', page[widths + i], 64);
      at += (perPart * page[widths + i]) / 8;
    }
    within('bytes of deltas', at, page.length);
  }
  return at;
}
