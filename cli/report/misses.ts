/**
 * Why objectives were missed: when it happened, what it goes back to, and how much of it happened
 * while more had failed than the fault budget allows. Read from the recording, by the rules of
 * sim/objectives.ts. Utilisation is not told: its peak leaves no row.
 */

import { NO_ORIGIN } from '../../engine/incidents/origins.ts';
import type { Troubles } from '../../engine/incidents/troubles.ts';
import type { RecordingBatch } from '../../engine/recording/batches.ts';
import { ROLE } from '../../engine/recording/format.ts';
import type { Objective } from '../../model/scenario.ts';
import { nameMatcher } from '../../sim/faults/driver.ts';
import type { BudgetExcess } from '../../sim/faults/tracker.ts';
import { means } from './marks.ts';

export interface Miss {
  /** Seconds of unavailability, slow requests, or unwanted transitions. */
  readonly total: number;
  /** How much of it fell in a time in which the fault budget was exceeded. */
  readonly beyond: number;
  /**
   * The origins that it goes back to, the largest first, with their shares of the whole. None for
   * latencies: each request is an origin of its own.
   */
  readonly causes: readonly { readonly origin: number; readonly share: number }[];
  /** The slowest request, for latencies. */
  readonly slowest?: { readonly entity: number; readonly start_s: number; readonly end_s: number };
}

/** A stretch of time in which an objective was not kept; a moment has no length. */
interface Bad {
  readonly entity: number;
  readonly start_s: number;
  readonly end_s: number;
  readonly origin: number;
}

/** What went wrong for an objective, or undefined where the recording does not tell. */
export function explainMiss(
  troubles: Troubles,
  objective: Objective,
  excesses: readonly BudgetExcess[],
): Miss | undefined {
  if (objective.measure === 'utilisation') return undefined;
  const bad = badTimes(troubles, objective);
  if (bad.length === 0) return undefined;
  const windows = union(excesses.map(({ from_s, to_s }) => ({ start_s: from_s, end_s: to_s })));
  if (objective.measure === 'availability') {
    const down = union(bad);
    const beyond = length(intersection(down, windows));
    return { total: length(down), beyond, causes: sharesOf(bad, duration) };
  }
  const beyond = bad.filter((one) => windows.some((window) => touches(one, window))).length;
  const counts = { total: bad.length, beyond };
  if (objective.measure === 'count') return { ...counts, causes: sharesOf(bad, () => 1) };
  const slowest = bad.reduce((a, b) => (duration(b) > duration(a) ? b : a));
  return { ...counts, causes: [], slowest };
}

function badTimes(
  troubles: Troubles,
  objective: Exclude<Objective, { measure: 'utilisation' }>,
): Bad[] {
  switch (objective.measure) {
    case 'availability':
      return outagesOf(troubles, objective.of);
    case 'count':
      return entriesOf(troubles, objective.of, objective.state);
    case 'latency':
      return slowOnes(troubles, objective);
  }
}

/** Entities that `kind/pattern` means, as a test of their numbers. */
function selected({ recording }: Troubles, of: string): (entity: number) => boolean {
  const { entities } = recording;
  const slash = of.indexOf('/');
  const kind = slash < 0 ? of : of.slice(0, slash);
  const matches = slash < 0 ? () => true : nameMatcher(of.slice(slash + 1));
  const known = new Int8Array(entities.count).fill(-1);
  return (entity) => {
    if (known[entity] < 0) {
      known[entity] = entities.kind(entity) === kind && matches(entities.name(entity)) ? 1 : 0;
    }
    return known[entity] === 1;
  };
}

function outagesOf(troubles: Troubles, of: string): Bad[] {
  const { outages, recording } = troubles;
  const isMeant = selected(troubles, of);
  const bad: Bad[] = [];
  for (let spell = 0; spell < outages.count; spell++) {
    const entity = outages.entity[spell];
    if (!isMeant(entity)) continue;
    const end_s = Math.min(outages.end_s[spell], recording.end_s);
    bad.push({ entity, start_s: outages.start_s[spell], end_s, origin: outages.origin[spell] });
  }
  return bad;
}

/** A mask over states: those of the kind in `of` that a pattern means. */
function maskOf({ recording }: Troubles, of: string, pattern: string): Uint8Array {
  const kind = of.split('/')[0];
  return Uint8Array.from(recording.states, (state) =>
    state.kind === kind && means([pattern], state.state) ? 1 : 0,
  );
}

/**
 * Calls `visit` for the rows in which an entity enters states of a group from others. `group` gives
 * the group of each state, 0 for none.
 */
function eachEntry(
  { recording }: Troubles,
  group: Uint8Array,
  visit: (batch: RecordingBatch, i: number) => void,
): void {
  const { roles } = recording;
  for (const batch of recording.batches) {
    const { from, to, event, length } = batch;
    for (let i = 0; i < length; i++) {
      const role = roles[event[i]];
      if (group[to[i]] === 0 || role > ROLE.created) continue;
      if (group[from[i]] !== group[to[i]] || role === ROLE.created) visit(batch, i);
    }
  }
}

function entriesOf(troubles: Troubles, of: string, state: string): Bad[] {
  const isMeant = selected(troubles, of);
  const bad: Bad[] = [];
  eachEntry(troubles, maskOf(troubles, of, state), ({ entity, time_s, firstRow }, i) => {
    if (!isMeant(entity[i])) return;
    const origin = troubles.originOf[firstRow + i];
    bad.push({ entity: entity[i], start_s: time_s[i], end_s: time_s[i], origin });
  });
  return bad;
}

function slowOnes(
  troubles: Troubles,
  { of, from, to, at_most_s }: Extract<Objective, { measure: 'latency' }>,
): Bad[] {
  const isMeant = selected(troubles, of);
  const began_s = new Float64Array(troubles.recording.entityCount).fill(Number.NaN);
  const first = maskOf(troubles, of, from);
  const last = maskOf(troubles, of, to);
  const group = first.map((isFirst, state) => (last[state] ? 2 : isFirst));
  const bad: Bad[] = [];
  eachEntry(troubles, group, ({ entity, time_s, to: entered, firstRow }, i) => {
    const e = entity[i];
    if (!isMeant(e)) return;
    if (last[entered[i]] === 0) {
      if (Number.isNaN(began_s[e])) began_s[e] = time_s[i];
      return;
    }
    if (time_s[i] - began_s[e] > at_most_s) {
      const origin = troubles.originOf[firstRow + i];
      bad.push({ entity: e, start_s: began_s[e], end_s: time_s[i], origin });
    }
    began_s[e] = Number.NaN;
  });
  return bad;
}

const duration = ({ start_s, end_s }: Interval): number => end_s - start_s;

function sharesOf(bad: readonly Bad[], weightOf: (one: Bad) => number): Miss['causes'] {
  const weights = new Map<number, number>();
  let total = 0;
  for (const one of bad) {
    const { origin } = one;
    const weight = weightOf(one);
    weights.set(origin, (weights.get(origin) ?? 0) + weight);
    total += weight;
  }
  if (total === 0) return [];
  return [...weights]
    .filter(([origin]) => origin !== NO_ORIGIN)
    .map(([origin, weight]) => ({ origin, share: weight / total }))
    .sort((a, b) => b.share - a.share);
}

interface Interval {
  readonly start_s: number;
  readonly end_s: number;
}

/** The same time as intervals that do not touch, in order. */
export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => a.start_s - b.start_s);
  const merged: { start_s: number; end_s: number }[] = [];
  for (const { start_s, end_s } of sorted) {
    const last = merged.at(-1);
    if (last === undefined || start_s > last.end_s) merged.push({ start_s, end_s });
    else last.end_s = Math.max(last.end_s, end_s);
  }
  return merged;
}

/** The time that lies in intervals of both, each given as `union` gives it. */
export function intersection(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const common: Interval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const start_s = Math.max(a[i].start_s, b[j].start_s);
    const end_s = Math.min(a[i].end_s, b[j].end_s);
    if (end_s > start_s) common.push({ start_s, end_s });
    if (a[i].end_s < b[j].end_s) i++;
    else j++;
  }
  return common;
}

const length = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, one) => sum + duration(one), 0);

const touches = (a: Interval, b: Interval): boolean => a.start_s <= b.end_s && b.start_s <= a.end_s;
