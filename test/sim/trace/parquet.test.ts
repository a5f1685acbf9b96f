/** Reading columns of Parquet files, by the fast path and by the general one. */
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { TraceError } from '../../../sim/trace/errors.ts';
import { openParquet, readFloatColumn, readIntColumn } from '../../../sim/trace/parquet.ts';

type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];
type Options = Omit<Parameters<typeof parquetWriteBuffer>[0], 'columnData'>;

function table(columnData: Columns, options: Options = {}) {
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
  return openParquet('table', bytes);
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof TraceError ? error.code : `${error}`;
  }
  return 'no error';
}

const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const long = fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n });
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Long runs and few values, so that dictionaries and run lengths are used, or any values. */
const shape = fc.record({
  nullable: fc.boolean(),
  rowGroupSize: fc.constantFrom(7, 100, 100_000),
  pageSize: fc.constantFrom(64, 1 << 20),
  codec: fc.constantFrom('SNAPPY' as const, 'UNCOMPRESSED' as const),
});

function repeated<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  const few = fc
    .tuple(
      fc.array(value, { minLength: 1, maxLength: 40 }),
      fc.array(fc.tuple(fc.nat(39), fc.integer({ min: 1, max: 40 })), { minLength: 1 }),
    )
    .map(([values, runs]) =>
      runs.flatMap(([pick, length]) => Array<T>(length).fill(values[pick % values.length])),
    );
  return fc.oneof(few, fc.array(value, { minLength: 1, maxLength: 300 }));
}

describe('any column', () => {
  it('of 32-bit integers reads as it was written', () => {
    fc.assert(
      fc.property(repeated(int), shape, (data, { nullable, ...options }) => {
        const read = table([{ name: 'a', data, type: 'INT32', nullable }], options);
        expect([...readIntColumn(read, 'a')]).toEqual(data);
      }),
    );
  });

  it('of 64-bit integers reads as doubles, divided if asked', () => {
    fc.assert(
      fc.property(repeated(long), shape, (data, { nullable, ...options }) => {
        const read = table([{ name: 'a', data, type: 'INT64', nullable }], options);
        expect([...readFloatColumn(read, 'a')]).toEqual(data.map(Number));
        expect([...readFloatColumn(read, 'a', 1000)]).toEqual(data.map((v) => Number(v) / 1000));
      }),
    );
  });

  it('of doubles reads as it was written', () => {
    fc.assert(
      fc.property(repeated(double), shape, (data, { nullable, ...options }) => {
        const read = table([{ name: 'a', data, type: 'DOUBLE', nullable }], options);
        const normal = data.map((value) => value + 0);
        expect([...readFloatColumn(read, 'a')].map((value) => value + 0)).toEqual(normal);
      }),
    );
  });

  it('reads from other encodings too', () => {
    for (const encoding of ['PLAIN', 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'] as const) {
      const data = Array.from({ length: 500 }, (_, i) => i * 3 - 700);
      const read = table([{ name: 'a', data, type: 'INT32', nullable: false, encoding }]);
      expect([...readIntColumn(read, 'a')], encoding).toEqual(data);
    }
  });
});

describe('columns of other kinds', () => {
  it('times read as milliseconds since 1970', () => {
    const data = [1_665_093_600_000, 1_665_093_630_000].map((ms) => new Date(ms));
    const read = table([{ name: 'a', data, type: 'TIMESTAMP' }]);
    expect([...readFloatColumn(read, 'a')]).toEqual(data.map(Number));
  });

  it('numbers written as text read as numbers, other text is refused', () => {
    const read = table([{ name: 'a', data: ['12', '7'], type: 'STRING' }]);
    expect([...readIntColumn(read, 'a')]).toEqual([12, 7]);
    const other = table([{ name: 'a', data: ['12', 'x'], type: 'STRING' }]);
    expect(() => readIntColumn(other, 'a')).toThrow('table, row 2, column a: x; expected a number');
  });

  it('nulls are refused', () => {
    const read = table([{ name: 'a', data: [1, null, 3], type: 'INT32' }]);
    expect(codeOf(() => readIntColumn(read, 'a'))).toBe('TRACE_BAD_VALUE');
  });

  it('a missing column is named, with those there are', () => {
    const read = table([{ name: 'a', data: [1], type: 'INT32' }]);
    expect(() => readIntColumn(read, 'b')).toThrow('table has no column b; it has: a');
  });
});

describe('damaged files', () => {
  const numbers = Array.from({ length: 400 }, (_, i) => (i >> 4) % 7);
  const longs = numbers.map((value, i) => BigInt(value * i));
  const words = numbers.map((value, i) => `${value * i}`);
  const column = (more: object) =>
    ['SNAPPY' as const, 'UNCOMPRESSED' as const].map((codec) => {
      const columnData = [{ name: 'a', data: numbers, ...more }] as Columns;
      return parquetWriteBuffer({ columnData, codec, pageSize: 512, rowGroupSize: 250 });
    });
  const intact = [
    ...column({ type: 'INT32', nullable: false }),
    ...column({ type: 'INT32', nullable: true }),
    ...column({ type: 'DOUBLE', data: numbers.map((value) => value || null) }),
    ...column({ type: 'DOUBLE', nullable: false, encoding: 'BYTE_STREAM_SPLIT' }),
    ...column({ type: 'INT32', nullable: false, encoding: 'DELTA_BINARY_PACKED' }),
    ...column({ type: 'INT64', data: longs, encoding: 'DELTA_BINARY_PACKED' }),
    ...column({ type: 'STRING', data: words }),
    ...column({ type: 'STRING', data: words, encoding: 'DELTA_LENGTH_BYTE_ARRAY' }),
    ...column({ type: 'STRING', data: words, encoding: 'DELTA_BYTE_ARRAY' }),
    ...column({ type: 'TIMESTAMP', data: numbers.map((value, i) => new Date(value * i)) }),
  ];

  function readDamaged(whole: ArrayBuffer, edits: readonly (readonly [number, number])[], cut = 0) {
    const bytes = new Uint8Array(whole.slice(0, whole.byteLength - cut));
    for (const [at, value] of edits) bytes[at % bytes.length] = value;
    return codeOf(() => readFloatColumn(openParquet('table', bytes), 'a'));
  }

  it('end in a trace error or in values, never otherwise', () => {
    const extreme = fc.constantFrom(0, 1, 2, 127, 128, 254, 255);
    const byte = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), extreme));
    const edits = fc.array(byte, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...intact), edits, fc.nat(100), (whole, changed, cut) => {
        const code = readDamaged(whole, changed, cut > 80 ? cut : 0);
        expect(code).toMatch(/^(no error|TRACE_[A-Z_]+)$/);
      }),
      { numRuns: 3_000 },
    );
  });

  it('end, whatever counts and lengths they claim', () => {
    const columnData: Columns = [{ name: 'a', data: numbers, type: 'INT32', nullable: false }];
    const runs = parquetWriteBuffer({ columnData });
    const repeated = [
      [106, 114],
      [138, 110],
      [59, 97],
      [45, 55],
    ] as const; // a run of 2^30 values
    expect(readDamaged(runs, repeated)).toBe('TRACE_UNREADABLE');
  });

  it('say that they are no Parquet', () => {
    expect(codeOf(() => openParquet('table', new Uint8Array(100)))).toBe('TRACE_UNREADABLE');
  });
});
