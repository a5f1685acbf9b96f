/**
 * Compares two recordings entity by entity, by name: what happened to each, in which order, and how
 * long it stayed in each state. A simulated and a live run of one scenario have equal sequences and
 * different durations.
 */
import { ROLE } from '../../engine/recording/format.ts';
import type { Recording } from '../../engine/recording/recording.ts';

/** What happened to an entity, once. States are `kind/state`. */
export interface DiffStep {
  readonly row: number;
  readonly time_s: number;
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

/** The first place where an entity's sequences differ; a side that has ended lacks its step. */
export interface Divergence {
  readonly kind: string;
  readonly name: string;
  /** Steps before it, which are equal. */
  readonly equalSteps: number;
  readonly a?: DiffStep;
  readonly b?: DiffStep;
}

/** How long entities of a kind stayed in `from` before they went to `to`. */
export interface TimingDifference {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly a?: Timing;
  readonly b?: Timing;
  /** Median of B over median of A, where both are there and A's is not 0. */
  readonly ratio?: number;
}

export interface Timing {
  readonly count: number;
  readonly median_s: number;
}

export interface RecordingDiff {
  /** Both have the same entities and the same sequence for each. */
  readonly equal: boolean;
  /** Names as `kind/name`, sorted. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  readonly inBoth: number;
  /** Sorted by the time at which they happened. */
  readonly divergences: readonly Divergence[];
  /** Sorted by kind, then by states. */
  readonly timings: readonly TimingDifference[];
}

/**
 * Metrics, links and keyframes are not compared. Where one entity after another bore a name, their
 * sequences are joined. With `common` only entities that both have are compared: a live run drives
 * a part of what a simulated run of the same scenario has.
 */
export function diffRecordings(a: Recording, b: Recording, common = false): RecordingDiff {
  const allA = byFullName(a);
  const allB = byFullName(b);
  const inA = common ? restrictedTo(allA, allB) : allA;
  const inB = common ? restrictedTo(allB, allA) : allB;
  const onlyInA = [...inA.keys()].filter((name) => !inB.has(name)).sort();
  const onlyInB = [...inB.keys()].filter((name) => !inA.has(name)).sort();
  const divergences: Divergence[] = [];
  for (const [full, numbersA] of inA) {
    const numbersB = inB.get(full);
    if (numbersB === undefined) continue;
    const found = firstDivergence(sequence(a, numbersA), sequence(b, numbersB));
    if (found !== undefined) {
      const kind = a.entities.kind(numbersA[0]);
      divergences.push({ kind, name: full.slice(kind.length + 1), ...found });
    }
  }
  divergences.sort((x, y) => startOf(x) - startOf(y));
  return {
    equal: divergences.length === 0 && onlyInA.length === 0 && onlyInB.length === 0,
    onlyInA,
    onlyInB,
    inBoth: inA.size - onlyInA.length,
    divergences,
    timings: compareTimings(dwellTimes(a, inA), dwellTimes(b, inB)),
  };
}

function restrictedTo<V>(map: Map<string, V>, other: ReadonlyMap<string, V>): Map<string, V> {
  return new Map([...map].filter(([name]) => other.has(name)));
}

function byFullName(recording: Recording): Map<string, number[]> {
  const { entities } = recording;
  const found = new Map<string, number[]>();
  for (const entity of entities.numbers()) {
    const full = `${entities.kind(entity)}/${entities.name(entity)}`;
    const same = found.get(full);
    if (same === undefined) found.set(full, [entity]);
    else same.push(entity);
  }
  return found;
}

function* sequence(recording: Recording, numbers: readonly number[]): Generator<DiffStep> {
  for (const entity of numbers) {
    for (const row of recording.history(entity)) {
      const batch = recording.batchOf(row);
      const i = row - batch.firstRow;
      yield {
        row,
        time_s: batch.time_s[i],
        event: recording.events[batch.event[i]],
        from: recording.states[batch.from[i]].name,
        to: recording.states[batch.to[i]].name,
      };
    }
  }
}

function firstDivergence(
  stepsA: Iterator<DiffStep>,
  stepsB: Iterator<DiffStep>,
): Pick<Divergence, 'equalSteps' | 'a' | 'b'> | undefined {
  for (let equalSteps = 0; ; equalSteps++) {
    const nextA = stepsA.next();
    const nextB = stepsB.next();
    if (nextA.done && nextB.done) return undefined;
    const a = nextA.done ? undefined : nextA.value;
    const b = nextB.done ? undefined : nextB.value;
    const same = a !== undefined && b !== undefined && sameStep(a, b);
    if (!same) return { equalSteps, a, b };
  }
}

function sameStep(a: DiffStep, b: DiffStep): boolean {
  return a.event === b.event && a.from === b.from && a.to === b.to;
}

function startOf({ a, b }: Divergence): number {
  return Math.min(a?.time_s ?? Number.POSITIVE_INFINITY, b?.time_s ?? Number.POSITIVE_INFINITY);
}

/** Seconds spent in a state before each transition out of it, by `from` and `to`. */
function dwellTimes(
  recording: Recording,
  compared: ReadonlyMap<string, readonly number[]>,
): Map<string, Float64Array> {
  const { states, roles, batches } = recording;
  const isCompared = new Uint8Array(recording.entityCount);
  for (const numbers of compared.values()) for (const entity of numbers) isCompared[entity] = 1;
  const since_s = new Float64Array(recording.entityCount).fill(Number.NaN);
  const samples = new Map<number, number[]>();
  for (const { time_s, entity, from, to, event, length } of batches) {
    for (let i = 0; i < length; i++) {
      const role = roles[event[i]];
      if (role > ROLE.removed) continue;
      const e = entity[i];
      if (!isCompared[e]) continue;
      const dwell_s = time_s[i] - since_s[e];
      since_s[e] = time_s[i];
      if (role !== ROLE.transition || Number.isNaN(dwell_s)) continue;
      const key = from[i] * states.length + to[i];
      const same = samples.get(key);
      if (same === undefined) samples.set(key, [dwell_s]);
      else same.push(dwell_s);
    }
  }
  const named = [...samples].map(([key, all]) => {
    const [from, to] = [states[Math.floor(key / states.length)], states[key % states.length]];
    return [`${from.name}\n${to.name}`, Float64Array.from(all).sort()] as const;
  });
  return new Map(named);
}

function compareTimings(
  inA: Map<string, Float64Array>,
  inB: Map<string, Float64Array>,
): TimingDifference[] {
  const keys = [...new Set([...inA.keys(), ...inB.keys()])].sort();
  return keys.map((key) => {
    const [from, to] = key.split('\n');
    const [a, b] = [timing(inA.get(key)), timing(inB.get(key))];
    const ratio = a !== undefined && b !== undefined && a.median_s > 0;
    const kind = from.slice(0, from.indexOf('/'));
    return { kind, from, to, a, b, ratio: ratio ? b.median_s / a.median_s : undefined };
  });
}

function timing(sorted: Float64Array | undefined): Timing | undefined {
  if (sorted === undefined) return undefined;
  const middle = sorted.length >> 1;
  const median_s =
    sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { count: sorted.length, median_s };
}
