import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mean, sample } from '../../engine/distribution.ts';
import { standardNormal } from '../../engine/normal.ts';
import { Stream } from '../../engine/random.ts';
import type { Distribution } from '../../model/scenario.ts';
import { anyText } from '../support/any-text.ts';

const draws = (stream: Stream, n: number) => Array.from({ length: n }, () => stream.next());

describe('streams', () => {
  it('repeat for the same seed and label, and differ otherwise', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), anyText(), anyText(), (seed, a, b) => {
        const first = draws(Stream.fromSeed(seed).fork(a), 4);
        expect(draws(Stream.fromSeed(seed).fork(a), 4)).toEqual(first);
        if (a !== b) expect(draws(Stream.fromSeed(seed).fork(b), 4)).not.toEqual(first);
      }),
    );
  });

  it('are not shifted by draws from other streams', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(50), (seed, extra) => {
        const expected = draws(Stream.fromSeed(seed).fork('b'), 3);
        const root = Stream.fromSeed(seed);
        draws(root.fork('a'), extra);
        draws(root, extra);
        expect(draws(root.fork('b'), 3)).toEqual(expected);
      }),
    );
  });

  it('are uniform: 64 bins of 640,000 draws (chi-square, 99.99 % quantile for 63 df is 112)', () => {
    const bins = new Float64Array(64);
    const stream = Stream.fromSeed(20240229).fork('uniform');
    const n = 640_000;
    for (let i = 0; i < n; i++) bins[Math.floor(stream.next() * 64)]++;
    const expected = n / 64;
    const chi2 = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi2).toBeLessThan(112);
  });

  it('aimed at neighbouring entities are uncorrelated', () => {
    const root = Stream.fromSeed(7);
    const aimed = new Stream(0, 0);
    const n = 100_000;
    let sum = 0;
    let previous = 0.5;
    for (let i = 0; i < n; i++) {
      aimed.aim(root, i, 12345, 0);
      const u = aimed.next();
      sum += (u - 0.5) * (previous - 0.5);
      previous = u;
    }
    // Variance of a uniform is 1/12; the correlation's standard error is 1/sqrt(n).
    expect(Math.abs((sum / n) * 12)).toBeLessThan(4 / Math.sqrt(n));
  });
});

describe('standard normal variates', () => {
  /** Abramowitz and Stegun, 7.1.26; the error is below 1.5e-7. */
  const cumulative = (x: number) => {
    const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
    const poly =
      t *
      (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    const half = 0.5 * poly * Math.exp((-x * x) / 2);
    return x >= 0 ? 1 - half : half;
  };

  it('fill 80 bins and both tails as the normal distribution does (chi-square, 99.99 %)', () => {
    const stream = Stream.fromSeed(99).fork('normal');
    const n = 2_000_000;
    const counts = new Float64Array(82);
    for (let i = 0; i < n; i++) {
      const bin = Math.floor((standardNormal(stream) + 4) * 10);
      counts[1 + Math.max(-1, Math.min(80, bin))]++;
    }
    let chi2 = 0;
    for (let bin = 0; bin < 82; bin++) {
      const low = bin === 0 ? 0 : cumulative(-4 + (bin - 1) / 10);
      const high = bin === 81 ? 1 : cumulative(-4 + bin / 10);
      const expected = n * (high - low);
      chi2 += (counts[bin] - expected) ** 2 / expected;
    }
    // The quantile for 81 degrees of freedom.
    expect(chi2).toBeLessThan(135);
  });

  it('aimed by their count are uncorrelated', () => {
    const root = Stream.fromSeed(3);
    const aimed = new Stream(0, 0);
    const n = 100_000;
    for (const vary of [0, 1, 2]) {
      let sum = 0;
      let previous = 0;
      for (let i = 0; i < n; i++) {
        const key = [17, 4711, 5].map((k, at) => (at === vary ? i : k));
        aimed.aim(root, key[0], key[1], key[2]);
        const z = standardNormal(aimed);
        sum += z * previous;
        previous = z;
      }
      expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n));
    }
  });
});

const DISTRIBUTIONS: readonly Distribution[] = [
  { type: 'constant', value: 3 },
  { type: 'uniform', min: 1, max: 5 },
  { type: 'exponential', mean: 2 },
  { type: 'lognormal', median: 4, sigma: 0.5 },
  { type: 'weibull', scale: 3, shape: 1.7 },
  { type: 'weibull', scale: 3, shape: 0.8 },
  { type: 'gamma', shape: 2.5, scale: 1.5 },
  { type: 'gamma', shape: 0.6, scale: 2 },
  { type: 'empirical', values: [1, 2, 4, 8, 16] },
];

describe('distributions', () => {
  it.each(DISTRIBUTIONS)('$type has its mean in closed form and is never negative', (d) => {
    const stream = Stream.fromSeed(11).fork(JSON.stringify(d));
    const n = 200_000;
    let sum = 0;
    let squares = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      const x = sample(d, stream);
      least = Math.min(least, x);
      sum += x;
      squares += x * x;
    }
    expect(least).toBeGreaterThanOrEqual(0);
    const average = sum / n;
    const error = Math.sqrt(Math.max(squares / n - average * average, 0) / n);
    expect(Math.abs(average - mean(d))).toBeLessThanOrEqual(5 * error + 1e-9);
  });
});
