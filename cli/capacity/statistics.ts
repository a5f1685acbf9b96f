/** Confidence intervals of capacity studies. */
import jstat from 'jstat';
import { mean, sampleStandardDeviation } from 'simple-statistics';

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export const CONFIDENCE = 0.95;

/** Mean with Student's t interval; with one value the interval is all of the line. */
export function meanInterval(values: readonly number[], confidence = CONFIDENCE): Interval {
  const m = mean([...values]);
  if (values.length < 2)
    return { mean: m, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const t = jstat.studentt.inv(1 - (1 - confidence) / 2, values.length - 1);
  const half = (t * sampleStandardDeviation([...values])) / Math.sqrt(values.length);
  return { mean: m, low: m - half, high: m + half };
}

/** Share of successes with Wilson's score interval (1927), which holds for few trials too. */
export function shareInterval(
  successes: number,
  trials: number,
  confidence = CONFIDENCE,
): Interval {
  const z = jstat.normal.inv(1 - (1 - confidence) / 2, 0, 1);
  const p = successes / trials;
  const denominator = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / denominator;
  const half =
    (z / denominator) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return { mean: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
