/** Everything that is worked out once from a recording, and the questions views ask of it. */

import { Cursor } from './cursor.ts';
import { laneOf } from './density.ts';
import { type ListedIncident, type Outage, readIncidents } from './incidents.ts';
import { rackOf } from './racks.ts';
import { fullName, type Replay } from './replay.ts';
import { assignSlots, type Slots } from './slots.ts';
import type { Store } from './store.ts';

export interface Scene {
  readonly replay: Replay;
  readonly cursor: Cursor;
  readonly slots: Slots;
  /** Rack of each entity, NO_RACK for none. */
  readonly rack: Int32Array;
  /** Those of faults. */
  readonly outages: readonly Outage[];
  readonly incidents: readonly ListedIncident[];
  /** Rows in which the world reported a state that no transition allows. */
  readonly divergences: readonly number[];
  readonly store: Store;
}

export function makeScene(replay: Replay, store: Store): Scene {
  const rack = rackOf(replay);
  return {
    replay,
    cursor: new Cursor(replay),
    slots: assignSlots(replay, rack),
    rack,
    ...readIncidents(replay.recording),
    divergences: findDivergences(replay),
    store,
  };
}

function findDivergences({ recording }: Replay): number[] {
  const diverged = recording.events.indexOf('diverged');
  const rows: number[] = [];
  for (const { event, length, firstRow } of recording.batches) {
    for (let i = 0; i < length; i++) if (event[i] === diverged) rows.push(firstRow + i);
  }
  return rows;
}

/** Entities that `e` depends on now. */
export function providersOf({ replay: { recording }, cursor, store }: Scene, e: number): number[] {
  const rows = recording.rowsUntil(store.state.time_s);
  return recording.links.providers(e, rows).filter((p) => cursor.isAlive(p));
}

/** Entities that depend on `e` now. */
export function dependentsOf({ replay: { recording }, cursor, store }: Scene, e: number): number[] {
  const rows = recording.rowsUntil(store.state.time_s);
  return recording.links.dependents(e, rows).filter((d) => cursor.isAlive(d));
}

/** The entity a `kind/name` means at the present instant: the live one, else the latest before. */
export function findEntity({ replay, cursor }: Scene, name: string): number {
  const candidates: number[] = [];
  for (let e = 0; e < replay.entityCount; e++) if (fullName(replay, e) === name) candidates.push(e);
  return candidates.find((e) => cursor.isAlive(e)) ?? candidates.at(-1) ?? -1;
}

/** When most entities were out of service by faults; the end of the recording if none ever was. */
export function worstMoment({ replay, outages }: Pick<Scene, 'replay' | 'outages'>): number {
  const lane = laneOf(outages);
  return lane.peak > 0 ? lane.time_s[lane.level.indexOf(lane.peak)] : replay.end_s;
}

/** Whether the filter shows a kind. */
export function isShown(replay: Replay, filter: string, kind: number, layerName: string): boolean {
  return (
    filter === '' || filter === `layer:${layerName}` || filter === `kind:${replay.kinds[kind].kind}`
  );
}
