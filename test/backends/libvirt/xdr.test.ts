import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  decode,
  double,
  encode,
  fixedText,
  hyper,
  int,
  list,
  nothing,
  opaque,
  optional,
  string,
  struct,
  tagged,
  uhyper,
  uint,
  XdrError,
  type XdrType,
} from '../../../backends/libvirt/xdr.ts';
import { anyText } from '../../support/any-text.ts';

/** Any type of the codec, nested at will, with values that fit it. */
interface Sample {
  readonly type: XdrType<unknown>;
  readonly value: unknown;
}

const TEXT_BYTES_MAX = 40;
const text = anyText({ maxLength: 6 }).filter((t) => byteLength(t) <= 40);
const byteLength = (value: string) => Buffer.byteLength(value);
const sample = (type: XdrType<never>, values: fc.Arbitrary<unknown>): fc.Arbitrary<Sample> =>
  values.map((value) => ({ type: type as XdrType<unknown>, value }));

const leaf: fc.Arbitrary<Sample> = fc.oneof(
  sample(int as XdrType<never>, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  sample(uint as XdrType<never>, fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  sample(uhyper as XdrType<never>, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  sample(hyper as XdrType<never>, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  sample(double as XdrType<never>, fc.double()),
  sample(bytes(9) as XdrType<never>, fc.uint8Array({ maxLength: 9 })),
  sample(fixedText(8) as XdrType<never>, fc.stringMatching(/^[a-z0-9_]{0,8}$/)),
  sample(
    tagged([int, uint], 1, (value) => (value < 0 ? 1 : 2)) as XdrType<never>,
    fc.integer({ min: -100, max: 100 }),
  ),
  sample(string(TEXT_BYTES_MAX) as XdrType<never>, text),
  sample(nothing as XdrType<never>, fc.constant(undefined)),
  fc
    .integer({ min: 0, max: 20 })
    .chain((length) =>
      sample(
        opaque(length) as XdrType<never>,
        fc.uint8Array({ minLength: length, maxLength: length }),
      ),
    ),
);

const anything: fc.Arbitrary<Sample> = fc.letrec<{ node: Sample }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    leaf,
    leaf.map(({ type, value }) => ({ type: list(type, 3), value: [value, value] })),
    fc.tuple(leaf, fc.boolean()).map(([{ type, value }, isThere]) => ({
      type: optional(type),
      value: isThere ? value : undefined,
    })),
    fc.array(tie('node'), { maxLength: 4 }).map((fields) => ({
      type: struct(Object.fromEntries(fields.map((each, i) => [`f${i}`, each.type]))),
      value: Object.fromEntries(fields.map((each, i) => [`f${i}`, each.value])),
    })),
  ),
})).node;

describe('XDR', () => {
  it('reads back what it wrote, in whole words', () => {
    fc.assert(
      fc.property(anything, ({ type, value }) => {
        const bytes = encode(type, value);
        expect(bytes.length % 4).toBe(0);
        expect(decode(type, bytes)).toEqual(value);
      }),
    );
  });

  it('refuses every cut-off value with an XdrError, and never reads past the end', () => {
    fc.assert(
      fc.property(anything, fc.double({ min: 0, max: 1, noNaN: true }), ({ type, value }, part) => {
        const bytes = encode(type, value);
        const cut = Math.floor(bytes.length * part);
        if (cut === bytes.length) return;
        expect(() => decode(type, bytes.subarray(0, cut))).toThrow(XdrError);
      }),
    );
  });

  it('refuses bytes that are left over', () => {
    fc.assert(
      fc.property(anything, ({ type, value }) => {
        const bytes = Buffer.concat([encode(type, value), Buffer.alloc(4)]);
        expect(() => decode(type, bytes)).toThrow(/left over/);
      }),
    );
  });

  it('answers arbitrary bytes with a value or an XdrError', () => {
    fc.assert(
      fc.property(anything, fc.uint8Array({ maxLength: 64 }), ({ type }, bytes) => {
        try {
          decode(type, bytes);
        } catch (cause) {
          expect(cause).toBeInstanceOf(XdrError);
        }
      }),
    );
  });

  it('writes as RFC 4506 shows', () => {
    const type = struct({ name: string(10), size: uhyper, tail: optional(int) });
    const bytes = encode(type, { name: 'silly', size: 0x0102_0304n, tail: -2 });
    expect(bytes.toString('hex')).toBe(
      ['00000005', '73696c6c79000000', '0000000001020304', '00000001', 'fffffffe'].join(''),
    );
  });

  it.each([
    ['a length beyond its limit', string(4), 'ffffffff'],
    ['a list longer than allowed', list(int, 2), '00000003000000010000000200000003'],
    ['a list that is not there', list(int, 1000), '000003e8'],
    ['padding that is not zero', string(4), '0000000161010101'],
    ['a presence that is neither 0 nor 1', optional(int), '00000002'],
  ])('refuses %s', (_what, type, hex) => {
    expect(() => decode(type as XdrType<unknown>, Buffer.from(hex, 'hex'))).toThrow(XdrError);
  });

  it.each([
    ['an int out of range', int, 2 ** 31],
    ['a fraction', int, 0.5],
    ['a negative unsigned int', uint, -1],
    ['a bigint out of range', uhyper, 2n ** 64n],
    ['text beyond its limit', string(3), 'Ωω'],
    ['bytes of another length', opaque(16), new Uint8Array(15)],
    ['a list beyond its limit', list(int, 1), [1, 2]],
  ])('does not write %s', (_what, type, value) => {
    expect(() => encode(type as XdrType<unknown>, value)).toThrow(XdrError);
  });
});
