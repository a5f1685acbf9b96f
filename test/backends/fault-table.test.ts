import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broken, faultsOf, oneLine, refused, unavailable } from '../../backends/fault-table.ts';
import { Secret } from '../../backends/secret.ts';

const TABLE = {
  T_REFUSED: refused('it does not do this', 'Ask for something else.'),
  T_LATER: unavailable('it is not there', 'Ask later.'),
  T_LOST: broken('it was lost', 'Look first.'),
};
const fault = faultsOf(TABLE);

describe('a fault made of a table', () => {
  it('has the meaning, the advice and the class of its code', () => {
    expect(fault('T_REFUSED', 'pool volumes').fault).toEqual({
      code: 'T_REFUSED',
      message: 'it does not do this: pool volumes',
      advice: 'Ask for something else.',
      effect: 'none',
      retryable: false,
    });
    expect(fault('T_LATER', '').fault).toMatchObject({ effect: 'none', retryable: true });
    expect(fault('T_LOST', '').fault).toMatchObject({ effect: 'unknown', retryable: true });
  });

  it('may know better in one case', () => {
    const details = { effect: 'done', upstream: '409', retryable: false } as const;
    expect(fault('T_LOST', 'x', details).fault).toMatchObject(details);
  });

  it('is one line of bounded length, whatever the other side says', () => {
    const text = fc
      .array(fc.oneof(fc.nat(0x9f), fc.integer({ min: 0x2020, max: 0x2030 }), fc.nat(0x10ffff)))
      .map((points) => String.fromCodePoint(...points).repeat(99));
    fc.assert(
      fc.property(text, text, (what, upstream) => {
        const made = fault('T_LOST', what, { upstream }).fault;
        expect(made.message.length).toBeLessThanOrEqual(2_000);
        expect(made.upstream!.length).toBeLessThanOrEqual(200);
        for (const each of [made.message, made.upstream!]) {
          expect(each).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('keeps printable text as it is', () => {
    expect(oneLine('pool “volumes” größer\n\tals 3 🙂')).toBe('pool “volumes” größer als 3 🙂');
  });

  it('keeps no part of a secret that stands where the text is cut', () => {
    const value = 'correct-horse-battery-staple';
    new Secret(value);
    fc.assert(
      fc.property(fc.integer({ min: 1_900, max: 2_100 }), (before) => {
        const { message, upstream } = fault('T_LOST', `${'x'.repeat(before)}${value}`, {
          upstream: `${'y'.repeat(before % 210)}${value}`,
        }).fault;
        expect(message).not.toContain('correct');
        expect(upstream).not.toContain('correct');
      }),
    );
  });
});
