import fc from 'fast-check';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { describe, expect, it } from 'vitest';
import { snappy } from '../../../sim/trace/snappy.ts';

/** Any bytes, and such as repeat themselves near and far. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.integer({ min: 1, max: 99 })),
    )
    .map((parts) =>
      Uint8Array.from(
        parts.flatMap(([part, times]) =>
          Array(times)
            .fill([...part])
            .flat(),
        ),
      ),
    ),
);

describe('a block of Snappy', () => {
  it('becomes what was compressed', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(snappy(snappyCompress(data), data.length)).toEqual(data);
      }),
    );
  });

  it.each([
    ['copies of one, two and four bytes', [13, 0, 97, 5, 1, 10, 1, 0, 15, 1, 0, 0, 0], 13],
    ['a literal with its length behind it', [3, 0xf0, 2, 97, 97, 97], 3],
    ['a literal with a length of four bytes', [3, 0xfc, 2, 0, 0, 0, 97, 97, 97], 3],
  ])('may have %s', (_, block, size) => {
    expect(snappy(Uint8Array.from(block), size)).toEqual(new Uint8Array(size).fill(97));
  });

  it.each([
    ['is of another size than is said', [2, 0, 97], 1],
    ['is shorter than it says', [2, 0, 97], 2],
    ['is longer than it says', [1, 4, 97, 97], 1],
    ['has a literal longer than itself', [9, 32, 97], 9],
    ['has a literal of 4 GiB', [9, 0xfc, 0xff, 0xff, 0xff, 0xff, 97], 9],
    ['ends within a length', [9, 0xfc, 0xff], 9],
    ['copies from before its beginning', [9, 0, 97, 5, 2], 9],
    ['copies from where it stands', [9, 0, 97, 5, 0], 9],
    ['copies beyond its end', [3, 0, 97, 5, 1], 3],
    ['is empty', [], 0],
  ])('that %s is refused', (_, block, size) => {
    expect(() => snappy(Uint8Array.from(block), size)).toThrow();
  });

  it('of any bytes ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(100), (block, size) => {
        try {
          expect(snappy(block, size)).toHaveLength(size);
        } catch (cause) {
          expect(cause).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
