/**
 * Columns of numbers out of a Parquet file, decoded straight into typed arrays.
 *
 * hyparquet parses the file's metadata and page headers and decompresses; pages of required,
 * dictionary-encoded or plain columns (what Arrow writes for such tables) are decoded here, because
 * its general path makes arrays of boxed values: 6 times slower for the traces we read. Whatever
 * else a file holds (nulls, other encodings, text) goes through hyparquet's general path.
 * Format: https://parquet.apache.org/docs/file-format/
 */

import type {
  ColumnMetaData,
  CompressionCodec,
  Compressors,
  FileMetaData,
  PageHeader,
} from 'hyparquet';
import { parquetHeader, readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js';
import { getMaxDefinitionLevel, getTreePath, isFlatColumn } from 'hyparquet/src/schema.js';
import { TraceError } from './errors.ts';
import { decompressedSize } from './page-size.ts';
import { checkPages } from './parquet-pages.ts';
import { snappy } from './snappy.ts';
import { varint } from './varint.ts';

export interface ParquetTable {
  /** How the table is called in error messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly metadata: FileMetaData;
  readonly rows: number;
  readonly compressors: Compressors;
}

type NumberArray = Int32Array | Float64Array;

/** Where decoded values go. */
interface Target {
  readonly values: NumberArray;
  /** What values are divided by, such as 1000 from milliseconds to seconds. */
  readonly divisor: number;
  /** Next value to be written. */
  at: number;
}

const NUMBER_TYPES: ReadonlySet<string> = new Set(['INT32', 'INT64', 'FLOAT', 'DOUBLE']);
/** A column of so many is 1 GiB; a trace of as many does not fit in memory. */
const ROWS_MAX = 2 ** 27;
const INT64_HIGH = 0x100000000;
/** Above this width the bit buffer of 32 bits would overflow (7 bits can be left over). */
const MOST_INDEX_BITS = 24;

function unreadable(table: string, cause: unknown): TraceError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TraceError(
    'TRACE_UNREADABLE',
    `${table} cannot be read as Parquet (${why}); expected a file in the OpenDC trace format`,
  );
}

/**
 * Opens a Parquet file that is in memory.
 *
 * @throws {TraceError} TRACE_UNREADABLE
 */
export function openParquet(
  name: string,
  bytes: Uint8Array,
  compressors: Compressors = {},
): ParquetTable {
  try {
    const metadata = parquetMetadata(bytes, { geoparquet: false });
    const all = { SNAPPY: snappy, ...compressors };
    return { name, bytes, metadata, rows: Number(metadata.num_rows), compressors: all };
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** The first values of a page of numbers, stored little-endian one after the other. */
function plainValues(type: string, page: Uint8Array, count: number): NumberArray {
  const width = type === 'INT32' || type === 'FLOAT' ? 4 : 8;
  // A copy, because typed arrays need an aligned start.
  const { buffer } = new Uint8Array(page.subarray(0, count * width));
  if (buffer.byteLength < count * width) throw new Error('page ends within its values');
  if (type === 'INT32') return new Int32Array(buffer);
  if (type === 'FLOAT') return Float64Array.from(new Float32Array(buffer));
  if (type === 'DOUBLE') return new Float64Array(buffer);
  const low = new Uint32Array(buffer);
  const high = new Int32Array(buffer);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = high[2 * i + 1] * INT64_HIGH + low[2 * i];
  return values;
}

/** Writes `count` values whose dictionary indices are packed at `width` bits each. */
function unpack(
  page: Uint8Array,
  start: number,
  width: number,
  count: number,
  dictionary: Float64Array,
  target: Target,
): void {
  const { values } = target;
  if (start + Math.ceil((count * width) / 8) > page.length) {
    throw new Error('page ends within its packed values');
  }
  const mask = (1 << width) - 1;
  const end = target.at + count;
  let at = start;
  let buffer = 0;
  let bits = 0;
  for (let i = target.at; i < end; i++) {
    while (bits < width) {
      buffer |= page[at++] << bits;
      bits += 8;
    }
    values[i] = dictionary[buffer & mask];
    buffer >>>= width;
    bits -= width;
  }
  target.at = end;
}

/** Decodes `count` dictionary indices: runs of one index, or groups of eight packed ones. */
function decodeIndices(
  page: Uint8Array,
  start: number,
  width: number,
  count: number,
  dictionary: Float64Array,
  target: Target,
): void {
  const end = target.at + count;
  let at = start;
  while (target.at < end) {
    const { value: header, end: body } = varint(page, at);
    at = body;
    if (header & 1) {
      const groups = header >>> 1;
      unpack(page, at, width, Math.min(groups * 8, end - target.at), dictionary, target);
      at += groups * width;
    } else {
      let index = 0;
      for (let shift = 0; shift < width; shift += 8) index |= page[at++] << shift;
      const runEnd = Math.min(target.at + (header >>> 1), end);
      target.values.fill(dictionary[index], target.at, runEnd);
      target.at = runEnd;
    }
  }
}

function append(values: NumberArray, target: Target): void {
  for (let i = 0; i < values.length; i++) target.values[target.at + i] = values[i] / target.divisor;
  target.at += values.length;
}

/** What a page holds, decompressed. Required columns have no levels in front of their values. */
function contentOf(
  table: ParquetTable,
  codec: CompressionCodec,
  header: PageHeader,
  body: Uint8Array,
): Uint8Array {
  if (header.data_page_header_v2?.is_compressed === false) return body;
  return decompressPage(body, decompressedSize(header), codec, table.compressors);
}

/** Decodes the data pages of a chunk; false, with nothing written, if one of them needs more. */
function decodeChunk(table: ParquetTable, chunk: ColumnMetaData, target: Target): boolean {
  const reader = chunkReader(table, chunk);
  const start = target.at;
  const end = start + Number(chunk.num_values);
  let dictionary: Float64Array | undefined;
  while (target.at < end) {
    const header = parquetHeader(reader);
    const { buffer, byteOffset } = reader.view;
    const body = new Uint8Array(buffer, byteOffset + reader.offset, header.compressed_page_size);
    reader.offset += header.compressed_page_size;
    const page = contentOf(table, chunk.codec, header, body);
    if (header.dictionary_page_header !== undefined) {
      const values = plainValues(chunk.type, page, header.dictionary_page_header.num_values);
      dictionary = Float64Array.from(values, (value) => value / target.divisor);
    } else if (!decodePage(header, chunk.type, page, dictionary, target)) {
      target.at = start;
      return false;
    }
  }
  return true;
}

function decodePage(
  header: PageHeader,
  type: string,
  page: Uint8Array,
  dictionary: Float64Array | undefined,
  target: Target,
): boolean {
  const data = header.data_page_header ?? header.data_page_header_v2;
  if (data === undefined) return false;
  const { encoding, num_values } = data;
  if (encoding === 'PLAIN') {
    append(plainValues(type, page, num_values), target);
    return true;
  }
  const isIndex = encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY';
  const width = page[0];
  if (!isIndex || dictionary === undefined || width > MOST_INDEX_BITS) return false;
  decodeIndices(page, 1, width, num_values, dictionary, target);
  return true;
}

function chunkReader(
  table: ParquetTable,
  chunk: ColumnMetaData,
): { view: DataView; offset: number } {
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const { buffer, byteOffset } = table.bytes;
  const view = new DataView(buffer, byteOffset + start, Number(chunk.total_compressed_size));
  return { view, offset: 0 };
}

/** hyparquet's way: any encoding, and values of any kind, which must be numbers in the end. */
function decodeGenerally(
  table: ParquetTable,
  name: string,
  chunk: ColumnMetaData,
  rows: number,
  target: Target,
): void {
  const schemaPath = getTreePath(parquetSchema(table.metadata), chunk.path_in_schema);
  if (!isFlatColumn(schemaPath)) throw new Error('a column of lists');
  const isNullable = getMaxDefinitionLevel(schemaPath) > 0;
  const { compressors } = table;
  checkPages(chunkReader(table, chunk), { chunk, isNullable, rows, compressors });
  const selection = { groupStart: 0, groupRows: rows, selectStart: 0, selectEnd: rows };
  const { data } = readColumn(chunkReader(table, chunk), selection, {
    pathInSchema: chunk.path_in_schema,
    element: schemaPath[schemaPath.length - 1].element,
    schemaPath,
    parsers: DEFAULT_PARSERS,
    type: chunk.type,
    codec: chunk.codec,
    compressors,
  } as unknown as Parameters<typeof readColumn>[2]);
  for (const values of data) {
    for (const value of values) {
      const number = value === null || value === undefined ? Number.NaN : Number(value);
      if (Number.isNaN(number)) {
        throw new TraceError(
          'TRACE_BAD_VALUE',
          `${table.name}, row ${target.at + 1}, column ${name}: ${value}; expected a number`,
        );
      }
      target.values[target.at++] = number / target.divisor;
    }
  }
}

/** Whether the values are what their physical type says: no dates, text, decimals, unsigned. */
function isBareNumber(table: ParquetTable, chunk: ColumnMetaData): boolean {
  const path = getTreePath(parquetSchema(table.metadata), chunk.path_in_schema);
  const { converted_type, logical_type, repetition_type } = path[path.length - 1].element;
  const isPlain = repetition_type === 'REQUIRED' && !converted_type && !logical_type;
  return isPlain && NUMBER_TYPES.has(chunk.type);
}

function readInto(table: ParquetTable, name: string, target: Target): void {
  for (const group of table.metadata.row_groups) {
    const rows = Number(group.num_rows);
    if (!(rows >= 0 && target.at + rows <= table.rows)) throw new Error(`a group of ${rows} rows`);
    const chunk = group.columns.find((column) => column.meta_data?.path_in_schema[0] === name);
    if (chunk?.meta_data === undefined) {
      const names = table.metadata.schema.slice(1).map((element) => element.name);
      throw new TraceError(
        'TRACE_MISSING_COLUMN',
        `${table.name} has no column ${name}; it has: ${names.join(', ')}`,
      );
    }
    const { meta_data } = chunk;
    if (Number(meta_data.num_values) !== rows) throw new Error(`${meta_data.num_values} values`);
    if (isBareNumber(table, meta_data) && decodeChunk(table, meta_data, target)) continue;
    decodeGenerally(table, name, meta_data, rows, target);
  }
}

/**
 * Reads a column of numbers as doubles (64-bit integers are exact up to 2^53).
 *
 * @param divisor what every value is divided by
 * @throws {TraceError} TRACE_MISSING_COLUMN, TRACE_BAD_VALUE (null or text), TRACE_UNREADABLE
 */
export function readFloatColumn(table: ParquetTable, name: string, divisor = 1): Float64Array {
  return read(table, name, Float64Array, divisor);
}

/**
 * Reads a column of 32-bit integers.
 *
 * @throws {TraceError} TRACE_MISSING_COLUMN, TRACE_BAD_VALUE (null or text), TRACE_UNREADABLE
 */
export function readIntColumn(table: ParquetTable, name: string): Int32Array {
  return read(table, name, Int32Array, 1);
}

function read<T extends NumberArray>(
  table: ParquetTable,
  name: string,
  Values: new (length: number) => T,
  divisor: number,
): T {
  try {
    if (!(table.rows >= 0 && table.rows <= ROWS_MAX)) throw new Error(`${table.rows} rows`);
    const values = new Values(table.rows);
    const target = { values, divisor, at: 0 };
    readInto(table, name, target);
    if (target.at !== table.rows) {
      throw new Error(`${target.at} values for ${table.rows} rows`);
    }
    return values;
  } catch (error) {
    throw error instanceof TraceError ? error : unreadable(`${table.name}, column ${name}`, error);
  }
}
