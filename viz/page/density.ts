/** What the timeline draws: how much happened in each bin, and how many entities were out. */
import { lowerBound, upperBound } from './replay.ts';

/**
 * Events per bin. Bin i covers [start + i * width, start + (i + 1) * width) with width =
 * (end - start) / bins; the last one includes `end_s`. `times_s` is sorted.
 */
export function eventDensity(
  times_s: Float64Array,
  start_s: number,
  end_s: number,
  bins: number,
): Float64Array {
  const density = new Float64Array(bins);
  const width = (end_s - start_s) / bins;
  let from = lowerBound(times_s, start_s);
  for (let i = 0; i < bins; i++) {
    const to =
      i === bins - 1
        ? upperBound(times_s, end_s)
        : lowerBound(times_s, start_s + (i + 1) * width, from);
    density[i] = to - from;
    from = to;
  }
  return density;
}

/** How many entities were out over time: a step function. */
export interface Lane {
  readonly time_s: Float64Array;
  /** Entities out from `time_s[i]` until `time_s[i + 1]`. */
  readonly level: Int32Array;
  readonly peak: number;
}

/** The number of intervals that cover each instant. */
export function laneOf(intervals: readonly { start_s: number; end_s: number }[]): Lane {
  const changes = intervals
    .flatMap(({ start_s, end_s }) => [
      { at_s: start_s, by: 1 },
      { at_s: end_s, by: -1 },
    ])
    .filter(({ at_s }) => at_s < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.at_s - b.at_s);
  const time_s: number[] = [];
  const level: number[] = [];
  let now = 0;
  let peak = 0;
  for (const [i, { at_s, by }] of changes.entries()) {
    now += by;
    if (changes[i + 1]?.at_s === at_s) continue;
    time_s.push(at_s);
    level.push(now);
    peak = Math.max(peak, now);
  }
  return { time_s: Float64Array.from(time_s), level: Int32Array.from(level), peak };
}

/** The most entities out at any moment of each bin; the bins are those of `eventDensity`. */
export function lanePeaks(lane: Lane, start_s: number, end_s: number, bins: number): Int32Array {
  const peaks = new Int32Array(bins);
  const width = (end_s - start_s) / bins;
  for (let bin = 0; bin < bins; bin++) {
    const edge = bin === bins - 1 ? end_s : start_s + (bin + 1) * width;
    const from = upperBound(lane.time_s, start_s + bin * width);
    peaks[bin] = from > 0 ? lane.level[from - 1] : 0;
    for (let i = from; i < lane.time_s.length && lane.time_s[i] < edge; i++) {
      peaks[bin] = Math.max(peaks[bin], lane.level[i]);
    }
  }
  return peaks;
}

/** A value's share of the most, 0..1, logarithmic: one is visible beside a million. */
export function logShare(value: number, most: number): number {
  return value <= 0 || most <= 0 ? 0 : Math.log1p(value) / Math.log1p(most);
}
