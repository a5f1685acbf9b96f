/**
 * The demand a service has to serve: a daily wave around a mean that differs from day to day, known
 * in closed form, so that the next time at which it crosses a level is computed, not polled.
 */

const DAY_s = 86_400;

export interface LoadShape {
  /** Mean demand, in CPUs. */
  readonly mean: number;
  /** Height of the wave over its mean, 0..1. */
  readonly amplitude: number;
  /** Time of day of the highest demand, in seconds. */
  readonly peak_s: number;
  /** Factor of each day; drawn from the seed. */
  readonly dayFactor: (day: number) => number;
}

export class Load {
  readonly #shape: LoadShape;

  constructor(shape: LoadShape) {
    this.#shape = shape;
  }

  /** Demand at a time, in CPUs. */
  at(time_s: number): number {
    const { mean, amplitude, peak_s, dayFactor } = this.#shape;
    const phase = (2 * Math.PI * (time_s - peak_s)) / DAY_s;
    return mean * dayFactor(Math.floor(time_s / DAY_s)) * (1 + amplitude * Math.cos(phase));
  }

  /**
   * The first time after `from_s` at which demand is not between two levels any more. At latest the
   * next midnight, when the day's factor changes, even if it still is between them.
   */
  leaves(low: number, high: number, from_s: number): number {
    const day = Math.floor(from_s / DAY_s);
    let first_s = (day + 1) * DAY_s;
    for (const level of [low, high]) {
      for (const at_s of this.#crossings(level, day)) {
        if (at_s > from_s && at_s < first_s) first_s = at_s;
      }
    }
    return first_s;
  }

  /** The times of a day at which demand has a level: none, one or two. */
  #crossings(level: number, day: number): number[] {
    const { mean, amplitude, peak_s, dayFactor } = this.#shape;
    const cosine = (level / (mean * dayFactor(day)) - 1) / amplitude;
    if (!(Math.abs(cosine) <= 1)) return [];
    const half_s = (Math.acos(cosine) / (2 * Math.PI)) * DAY_s;
    return [peak_s - half_s, peak_s + half_s].map((t) => day * DAY_s + wrap(t));
  }
}

function wrap(time_s: number): number {
  return ((time_s % DAY_s) + DAY_s) % DAY_s;
}
