import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDistribution } from '../../scenarios/distributions.ts';
import { DURATION, RATIO } from '../../scenarios/units.ts';

describe('distributions', () => {
  it.each([
    ['5m', { type: 'constant', value: 300 }],
    [{ constant: '5m' }, { type: 'constant', value: 300 }],
    [{ uniform: ['1s', '3s'] }, { type: 'uniform', min: 1, max: 3 }],
    [{ exponential: '5m' }, { type: 'exponential', mean: 300 }],
    [{ lognormal: { median: '4s', sigma: 0.3 } }, { type: 'lognormal', median: 4, sigma: 0.3 }],
    [{ weibull: { scale: '1h', shape: 1.5 } }, { type: 'weibull', scale: 3600, shape: 1.5 }],
    [{ gamma: { shape: 2, scale: '1m' } }, { type: 'gamma', shape: 2, scale: 60 }],
    [{ empirical: ['3s', '1s', '2s'] }, { type: 'empirical', values: [1, 2, 3] }],
  ])('reads %j', (written, value) => {
    expect(parseDistribution(written, DURATION)).toEqual({ ok: true, value });
  });

  it.each([
    [5, 'unit', []],
    [null, 'unit', []],
    [['1s'], 'unit', []],
    [{}, 'form', []],
    [{ exponential: '5m', constant: '5m' }, 'form', []],
    [{ exponentail: '5m' }, 'name', ['exponentail']],
    [{ exponential: '5' }, 'unit', ['exponential']],
    [{ uniform: ['3s', '1s'] }, 'range', ['uniform']],
    [{ uniform: ['1s'] }, 'range', ['uniform']],
    [{ uniform: '1s' }, 'form', ['uniform']],
    [{ uniform: ['1s', 'soon'] }, 'unit', ['uniform', 1]],
    [{ lognormal: '4s' }, 'form', ['lognormal']],
    [{ lognormal: { median: '4s' } }, 'missing', ['lognormal']],
    [{ lognormal: { median: '4s', sigma: -1 } }, 'range', ['lognormal', 'sigma']],
    [{ lognormal: { median: '4s', sigma: 1, sgima: 1 } }, 'unknown-key', ['lognormal', 'sgima']],
    [{ weibull: { scale: '4s', shape: 0 } }, 'range', ['weibull', 'shape']],
    [{ empirical: [] }, 'form', ['empirical']],
  ])('refuses %j: %s at %j', (written, kind, path) => {
    const parsed = parseDistribution(written, DURATION);
    if (parsed.ok) throw new Error('it was accepted');
    expect(parsed.mistakes.map((m) => [m.kind, m.path])).toEqual([[kind, path]]);
    expect(parsed.mistakes[0].expected).not.toBe('');
  });

  it('names the nearest distribution', () => {
    const parsed = parseDistribution({ exponentail: '5m' }, DURATION);
    expect(parsed).toMatchObject({ mistakes: [{ hint: 'did you mean exponential?' }] });
  });

  it('reads other quantities in the same way', () => {
    expect(parseDistribution({ uniform: ['5%', 0.4] }, RATIO)).toEqual({
      ok: true,
      value: { type: 'uniform', min: 0.05, max: 0.4 },
    });
  });

  it('never throws, and its figures are finite and not negative', () => {
    const body = fc.oneof(fc.anything(), fc.constantFrom('1s', ['1s', '2s'], { median: '1s' }));
    const name = fc.constantFrom('uniform', 'lognormal', 'gamma', 'empirical', 'weibull', 'x');
    const written = fc.oneof(fc.anything(), fc.dictionary(name, body, { maxKeys: 2 }));
    fc.assert(
      fc.property(written, (input) => {
        const parsed = parseDistribution(input, DURATION);
        if (!parsed.ok) {
          expect(parsed.mistakes.length).toBeGreaterThan(0);
          return;
        }
        for (const figure of Object.values(parsed.value).flat()) {
          if (typeof figure !== 'number') continue;
          expect(figure).toBeGreaterThanOrEqual(0);
          expect(figure).toBeLessThan(Number.POSITIVE_INFINITY);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
