/** Timing profiles: named distributions for every verb and timeout, with where each comes from. */
import { StrataError } from '../engine/errors.ts';
import type { Distribution, ProfileOverlay } from '../model/scenario.ts';

export interface Timing {
  readonly distribution: Distribution;
  /** Measured where, or published where. */
  readonly source: string;
  /** Probability that the verb ends in a fault. */
  readonly fault_ratio?: number;
}

/** By `kind.verb`, `kind.timeout` or another key that a simulated control plane asks for. */
export type ProfileTimings = Readonly<Record<string, Timing>>;

export class Profile {
  readonly name: string;
  readonly #timings: ReadonlyMap<string, Timing>;

  constructor(name: string, timings: ReadonlyMap<string, Timing>) {
    this.name = name;
    this.#timings = timings;
  }

  /** Throws PROFILE_MISSING_TIMING when the profile does not know the key. */
  get(key: string): Timing {
    const timing = this.#timings.get(key);
    if (timing === undefined) {
      throw new StrataError(
        'PROFILE_MISSING_TIMING',
        `the timing profile '${this.name}' has no entry '${key}'`,
        'add it to the profile, or to `profiles` in the scenario',
      );
    }
    return timing;
  }

  has(key: string): boolean {
    return this.#timings.has(key);
  }

  keys(): readonly string[] {
    return [...this.#timings.keys()];
  }
}

/**
 * The profile a scenario names: a built-in one, or one of its own that overlays another.
 * Throws PROFILE_UNKNOWN and PROFILE_CYCLE.
 */
export function resolveProfile(
  name: string,
  overlays: Readonly<Record<string, ProfileOverlay>>,
  builtIn: Readonly<Record<string, ProfileTimings>>,
  seen: readonly string[] = [],
): Profile {
  if (seen.includes(name)) {
    throw new StrataError(
      'PROFILE_CYCLE',
      `profiles extend each other: ${[...seen, name].join(' -> ')}`,
    );
  }
  if (Object.hasOwn(overlays, name)) {
    const overlay = overlays[name];
    const base = resolveProfile(overlay.extends, overlays, builtIn, [...seen, name]);
    return overlaid(name, base, overlay);
  }
  if (!Object.hasOwn(builtIn, name)) {
    const known = [...Object.keys(builtIn), ...Object.keys(overlays)].join(', ');
    throw new StrataError('PROFILE_UNKNOWN', `no timing profile '${name}'; there are: ${known}`);
  }
  return new Profile(name, new Map(Object.entries(builtIn[name])));
}

function overlaid(name: string, base: Profile, overlay: ProfileOverlay): Profile {
  const timings = new Map(base.keys().map((key) => [key, base.get(key)]));
  const source = `scenario profile '${name}'`;
  for (const [key, distribution] of Object.entries(overlay.timings)) {
    timings.set(key, { ...timings.get(key), distribution, source });
  }
  for (const [key, fault_ratio] of Object.entries(overlay.fault_ratio)) {
    const known = timings.get(key);
    if (known) timings.set(key, { ...known, fault_ratio, source });
  }
  return new Profile(name, timings);
}
