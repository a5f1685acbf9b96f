/** Measures a scenario's objectives while it runs. */
import { quantileSorted } from 'simple-statistics';
import type { ClusterUtilisation, Objective, SiteUtilisation } from '../model/scenario.ts';
import type { ClusterResource, Line, Mark, SiteResource, Usage } from './account.ts';
import { nameMatcher } from './faults/driver.ts';
import type { SimWorld } from './world.ts';

export interface ObjectiveResult {
  readonly name: string;
  readonly measure: Objective['measure'];
  readonly ok: boolean;
  /** What was measured; NaN when nothing was there to measure, which is not met. */
  readonly value: number;
  readonly limit: number;
  /** `ratio`, `s` or `transitions`. */
  readonly unit: string;
  /** What the value is of, in words. */
  readonly of: string;
  /** When a utilisation was first above its limit; absent when it never was. */
  readonly exceeded_s?: number;
}

interface Meter {
  result(): ObjectiveResult;
}

/** Starts measuring; `results` may be asked at any time. */
export class ObjectiveMonitor {
  readonly #meters: readonly Meter[];

  constructor(world: SimWorld) {
    this.#meters = world.scenario.objectives.map((objective) => meterOf(world, objective));
  }

  results(): ObjectiveResult[] {
    return this.#meters.map((meter) => meter.result());
  }
}

function meterOf(world: SimWorld, objective: Objective): Meter {
  switch (objective.measure) {
    case 'availability':
      return new AvailabilityMeter(world, objective);
    case 'latency':
      return new LatencyMeter(world, objective);
    case 'utilisation':
      return new UtilisationMeter(world, objective);
    case 'count':
      return new CountMeter(world, objective);
  }
}

/** `kind/pattern` as a kind and a test of names. */
function selector(of: string): { kind: string; matches: (name: string) => boolean } {
  const slash = of.indexOf('/');
  return slash < 0
    ? { kind: of, matches: () => true }
    : { kind: of.slice(0, slash), matches: nameMatcher(of.slice(slash + 1)) };
}

/** Share of the time, from the first moment all serve, in which all of them serve. */
class AvailabilityMeter implements Meter {
  readonly #world: SimWorld;
  readonly #objective: Extract<Objective, { measure: 'availability' }>;
  readonly #serving = new Map<number, boolean>();
  #down = 0;
  #since_s = 0;
  #first_s = Number.NaN;
  #served_s = 0;

  constructor(world: SimWorld, objective: Extract<Objective, { measure: 'availability' }>) {
    this.#world = world;
    this.#objective = objective;
    const { kind, matches } = selector(objective.of);
    const { engine } = world;
    engine.onEveryEntry(kind, (entity) => {
      if (matches(engine.names[entity])) this.#note(engine.uidOf(entity), engine.isServing(entity));
    });
    engine.onRemoved(kind, (entity) => this.#forget(engine.uidOf(entity)));
  }

  #note(uid: number, serving: boolean): void {
    const known = this.#serving.get(uid);
    // Counted from its first service on: until then it is being created, not down.
    if (known === undefined && !serving) return;
    if (known === serving) return;
    this.#advance();
    this.#serving.set(uid, serving);
    if (serving && known === false) this.#down--;
    if (!serving) this.#down++;
    if (Number.isNaN(this.#first_s)) this.#first_s = this.#world.engine.now;
  }

  #forget(uid: number): void {
    this.#advance();
    if (this.#serving.get(uid) === false) this.#down--;
    this.#serving.delete(uid);
  }

  #advance(): void {
    const { now } = this.#world.engine;
    if (this.#down === 0 && !Number.isNaN(this.#first_s)) this.#served_s += now - this.#since_s;
    this.#since_s = now;
  }

  result(): ObjectiveResult {
    this.#advance();
    const { name, measure, of, at_least_ratio: limit } = this.#objective;
    const value = this.#served_s / (this.#world.engine.now - this.#first_s);
    const ok = value >= limit;
    return { name, measure, ok, value, limit, unit: 'ratio', of };
  }
}

class LatencyMeter implements Meter {
  readonly #objective: Extract<Objective, { measure: 'latency' }>;
  readonly #began = new Map<number, number>();
  readonly #durations_s: number[] = [];

  constructor(world: SimWorld, objective: Extract<Objective, { measure: 'latency' }>) {
    this.#objective = objective;
    const { kind, matches } = selector(objective.of);
    const { engine } = world;
    const begin = (entity: number) => {
      const uid = engine.uidOf(entity);
      if (!this.#began.has(uid) && matches(engine.names[entity])) this.#began.set(uid, engine.now);
    };
    engine.onEnter(kind, objective.from, begin);
    const { initialState } = engine.model.kinds[engine.model.kindId(kind)];
    if (engine.statesMatching(kind, objective.from)[initialState]) engine.onCreated(kind, begin);
    engine.onEnter(kind, objective.to, (entity) => {
      const began_s = this.#began.get(engine.uidOf(entity));
      if (began_s === undefined) return;
      this.#began.delete(engine.uidOf(entity));
      this.#durations_s.push(engine.now - began_s);
    });
  }

  result(): ObjectiveResult {
    const { name, measure, from, to, quantile, at_most_s: limit } = this.#objective;
    const sorted = Float64Array.from(this.#durations_s).sort();
    const value = sorted.length ? quantileSorted(Array.from(sorted), quantile) : Number.NaN;
    const of = `${this.#objective.of}, ${from} to ${to}, quantile ${quantile}`;
    return { name, measure, ok: value <= limit, value, limit, unit: 's', of };
  }
}

const SITE_RESOURCE = {
  vcpus: 'vcpus',
  memory: 'memory_bytes',
  local_disk: 'disk_bytes',
  storage: 'storage_bytes',
  power: 'power_w',
} as const satisfies Record<SiteUtilisation, SiteResource>;

const CLUSTER_RESOURCE = {
  cpu_requests: 'cpu_requests',
  memory_requests: 'memory_requests_bytes',
  pods: 'pods',
} as const satisfies Record<ClusterUtilisation, ClusterResource>;

class UtilisationMeter implements Meter {
  readonly #world: SimWorld;
  readonly #objective: Extract<Objective, { measure: 'utilisation' }>;
  readonly #marks: readonly Mark[];

  constructor(world: SimWorld, objective: Extract<Objective, { measure: 'utilisation' }>) {
    this.#world = world;
    this.#objective = objective;
    this.#marks = this.#lines().map((line) => line.mark(objective.at_most_ratio));
  }

  result(): ObjectiveResult {
    const { name, measure, of, cluster, at_most_ratio: limit } = this.#objective;
    const ratios = this.#usages().map((u) => (u.capacity > 0 ? u.peakRatio : Number.NaN));
    // One that was never there makes the highest unknown.
    const value = ratios.length > 0 ? Math.max(...ratios) : Number.NaN;
    const what = cluster === undefined ? `peak ${of}` : `peak ${of} of ${cluster}`;
    const common = { name, measure, value, limit, unit: 'ratio', of: what } as const;
    if (value <= limit) return { ...common, ok: true };
    const firsts = this.#marks.map(({ first_s }) => first_s).filter((s) => !Number.isNaN(s));
    if (firsts.length === 0) return { ...common, ok: false };
    return { ...common, ok: false, exceeded_s: Math.min(...firsts) };
  }

  #lines(): Line[] {
    const { of, cluster } = this.#objective;
    const { account } = this.#world;
    if (isOfSite(of)) return [account.line(SITE_RESOURCE[of])];
    return [...account.clusters]
      .filter(([name]) => cluster === undefined || name === cluster)
      .map(([, lines]) => lines[CLUSTER_RESOURCE[of]]);
  }

  #usages(): Usage[] {
    const { of, cluster } = this.#objective;
    const { account } = this.#world;
    if (isOfSite(of)) return [account.usage(SITE_RESOURCE[of])];
    const usages = account.clusterUsages(CLUSTER_RESOURCE[of]);
    return usages.filter((usage) => cluster === undefined || usage.cluster === cluster);
  }
}

const isOfSite = (of: SiteUtilisation | ClusterUtilisation): of is SiteUtilisation =>
  of in SITE_RESOURCE;

class CountMeter implements Meter {
  readonly #objective: Extract<Objective, { measure: 'count' }>;
  #count = 0;

  constructor(world: SimWorld, objective: Extract<Objective, { measure: 'count' }>) {
    this.#objective = objective;
    const { kind, matches } = selector(objective.of);
    world.engine.onEnter(kind, objective.state, (entity) => {
      if (matches(world.engine.names[entity])) this.#count++;
    });
  }

  result(): ObjectiveResult {
    const { name, measure, of, state, at_most: limit } = this.#objective;
    const value = this.#count;
    return {
      name,
      measure,
      ok: value <= limit,
      value,
      limit,
      unit: 'transitions',
      of: `${of} into ${state}`,
    };
  }
}
