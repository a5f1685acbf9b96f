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
  it('end in a trace error or in values, never otherwise', () => {
    const data = Array.from({ length: 400 }, (_, i) => (i >> 4) % 7);
    const intact = parquetWriteBuffer({
      columnData: [{ name: 'a', data, type: 'INT32', nullable: false }],
    });
    const byte = fc.tuple(fc.nat(intact.byteLength - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 4 }), fc.nat(100), (edits, cut) => {
        const bytes = new Uint8Array(intact.slice(0, intact.byteLength - (cut > 80 ? cut : 0)));
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        const code = codeOf(() => readIntColumn(openParquet('table', bytes), 'a'));
        expect(code).toMatch(/^(no error|TRACE_[A-Z_]+)$/);
      }),
      { numRuns: 1000 },
    );
  });

  it('say that they are no Parquet', () => {
    expect(codeOf(() => openParquet('table', new Uint8Array(100)))).toBe('TRACE_UNREADABLE');
  });
});
