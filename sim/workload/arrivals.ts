/** Arrival processes: Poisson, diurnal and in bursts, all of them growing over the years. */
import { sample } from '../../engine/distribution.ts';
import type { Stream } from '../../engine/random.ts';
import type { ArrivalProcess } from '../../model/scenario.ts';

const YEAR_s = 365 * 86_400;
/** Thinning bounds the rate over windows of this length; the bound is exact, not an estimate. */
const WINDOW_s = 86_400;

/** The rate at a time, in arrivals (or bursts) per second. */
export function rateAt(process: ArrivalProcess, time_s: number): number {
  const grown = process.rate_per_s * (1 + process.growth_per_year) ** (time_s / YEAR_s);
  if (process.type !== 'diurnal') return grown;
  const phase = (2 * Math.PI * (time_s - process.peak_s)) / process.period_s;
  return grown * Math.max(0, 1 + process.amplitude * Math.cos(phase));
}

/**
 * Seconds from `now_s` to the next arrival, by thinning (Lewis and Shedler, 1979): exact for any
 * rate that stays below its bound in each window. Infinity when the rate is zero for ever.
 */
export function nextArrivalIn(process: ArrivalProcess, now_s: number, stream: Stream): number {
  if (!(process.rate_per_s > 0)) return Number.POSITIVE_INFINITY;
  let time_s = now_s;
  for (;;) {
    const windowEnd_s = time_s + WINDOW_s;
    const bound = rateBound(process, time_s, windowEnd_s);
    time_s += stream.exponential(1 / bound);
    if (time_s > windowEnd_s) {
      time_s = windowEnd_s;
      continue;
    }
    if (stream.next() * bound < rateAt(process, time_s)) return time_s - now_s;
  }
}

/** How many arrive together. */
export function batchSize(process: ArrivalProcess, stream: Stream): number {
  return process.type === 'bursts' ? Math.max(1, Math.round(sample(process.size, stream))) : 1;
}

function rateBound(process: ArrivalProcess, from_s: number, to_s: number): number {
  const at_s = process.growth_per_year >= 0 ? to_s : from_s;
  const grown = process.rate_per_s * (1 + process.growth_per_year) ** (at_s / YEAR_s);
  return process.type === 'diurnal' ? grown * (1 + Math.abs(process.amplitude)) : grown;
}
