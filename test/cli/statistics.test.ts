import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanInterval, shareInterval } from '../../cli/capacity/statistics.ts';
import { sweepPoints } from '../../cli/capacity/study.ts';
import { Stream } from '../../engine/random.ts';

describe('confidence intervals', () => {
  it('of a mean cover it about 95 times of 100', () => {
    const stream = Stream.fromSeed(17);
    let covered = 0;
    const trials = 2000;
    for (let i = 0; i < trials; i++) {
      const values = Array.from(
        { length: 12 },
        () => stream.next() + stream.next() + stream.next(),
      );
      const { low, high } = meanInterval(values);
      if (low <= 1.5 && 1.5 <= high) covered++;
    }
    // Binomial with p = 0.95: standard deviation 0.5 %.
    expect(covered / trials).toBeGreaterThan(0.93);
    expect(covered / trials).toBeLessThan(0.97);
  });

  it('of a share lie within 0 and 1 and hold the share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (trials, n) => {
        const successes = Math.min(n, trials);
        const { mean, low, high } = shareInterval(successes, trials);
        expect(mean).toBe(successes / trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(mean + 1e-12);
        expect(high).toBeGreaterThanOrEqual(mean - 1e-12);
      }),
    );
  });

  it("of 8 successes in 10 are Wilson's", () => {
    // Wilson (1927): 0.4902 to 0.9433 for z = 1.96.
    const { low, high } = shareInterval(8, 10);
    expect(low).toBeCloseTo(0.4902, 3);
    expect(high).toBeCloseTo(0.9433, 3);
  });
});

describe('sweeps', () => {
  it('are the product of their dimensions', () => {
    expect(sweepPoints(['a=1,2', 'b=x,y'])).toEqual([
      { a: '1', b: 'x' },
      { a: '1', b: 'y' },
      { a: '2', b: 'x' },
      { a: '2', b: 'y' },
    ]);
    expect(sweepPoints([])).toEqual([{}]);
  });

  it('are refused when they are no sweeps or too large', () => {
    for (const bad of ['a', '=1', 'a=', 'a=1,,2']) {
      expect(() => sweepPoints([bad])).toThrow(expect.objectContaining({ code: 'USAGE_SWEEP' }));
    }
    const many = `x=${Array.from({ length: 40 }, (_, i) => i).join(',')}`;
    expect(() => sweepPoints([many, many.replace('x', 'y')])).toThrow(/more than 1000/);
  });
});
