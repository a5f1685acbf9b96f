import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Stream } from '../../../engine/random.ts';
import type { ArrivalProcess } from '../../../model/scenario.ts';
import { batchSize, nextArrivalIn, rateAt } from '../../../sim/workload/arrivals.ts';
import { WeightedChoice } from '../../../sim/workload/weighted.ts';

const DAY_s = 86_400;

const process_: fc.Arbitrary<ArrivalProcess> = fc.oneof(
  fc.record({
    type: fc.constant('poisson' as const),
    rate_per_s: fc.double({ min: 0.001, max: 0.05, noNaN: true }),
    growth_per_year: fc.double({ min: -0.5, max: 3, noNaN: true }),
  }),
  fc.record({
    type: fc.constant('diurnal' as const),
    rate_per_s: fc.double({ min: 0.001, max: 0.05, noNaN: true }),
    amplitude: fc.double({ min: 0, max: 1, noNaN: true }),
    peak_s: fc.integer({ min: 0, max: DAY_s }),
    period_s: fc.constantFrom(DAY_s, 7 * DAY_s),
    growth_per_year: fc.double({ min: -0.5, max: 3, noNaN: true }),
  }),
);

/** Expected arrivals by the trapezoid rule, fine enough for these smooth rates. */
function expectedArrivals(process: ArrivalProcess, until_s: number): number {
  const steps = 20_000;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const at = ((i + 0.5) * until_s) / steps;
    sum += (rateAt(process, at) * until_s) / steps;
  }
  return sum;
}

describe('arrival processes', () => {
  it('bring as many as the integral of their rate (within 6 standard deviations)', () => {
    fc.assert(
      fc.property(process_, fc.nat(), (process, seed) => {
        const stream = Stream.fromSeed(seed);
        const until_s = 14 * DAY_s;
        let now_s = 0;
        let arrivals = 0;
        for (;;) {
          now_s += nextArrivalIn(process, now_s, stream);
          if (now_s > until_s) break;
          arrivals++;
        }
        const expected = expectedArrivals(process, until_s);
        expect(Math.abs(arrivals - expected)).toBeLessThan(6 * Math.sqrt(expected) + 1);
      }),
      { numRuns: 40 },
    );
  });

  it('never come at a rate of zero', () => {
    const none = { type: 'poisson', rate_per_s: 0, growth_per_year: 0 } as const;
    expect(nextArrivalIn(none, 0, Stream.fromSeed(1))).toBe(Number.POSITIVE_INFINITY);
  });

  it('come one by one, bursts by at least one', () => {
    const size = { type: 'uniform', min: 0, max: 9 } as const;
    const bursts = { type: 'bursts', rate_per_s: 1, size, growth_per_year: 0 } as const;
    const stream = Stream.fromSeed(3);
    const sizes = Array.from({ length: 500 }, () => batchSize(bursts, stream));
    expect(Math.min(...sizes)).toBe(1);
    expect(Math.max(...sizes)).toBe(9);
    expect(sizes.every(Number.isInteger)).toBe(true);
  });
});

describe('weighted choices', () => {
  it('are drawn in proportion to their weights, and never with weight 0', () => {
    const choice = new WeightedChoice([
      ['a', 1],
      ['never', 0],
      ['b', 3],
    ]);
    const stream = Stream.fromSeed(5);
    const counts: Record<string, number> = { a: 0, b: 0, never: 0 };
    for (let i = 0; i < 40_000; i++) counts[choice.draw(stream)]++;
    expect(counts.never).toBe(0);
    // Binomial with p = 1/4: standard deviation 87.
    expect(Math.abs(counts.a - 10_000)).toBeLessThan(435);
  });
});
