import { ROLE } from './format.ts';
import type { RecordedRows } from './rows.ts';

/** The state of everything at an instant, by entity number. */
export interface Snapshot {
  time_s: number;
  /** Rows that this snapshot takes into account: all before this index. */
  rows: number;
  /** Entities that exist. */
  live: number;
  /** State id, or -1 for an entity that does not exist (yet, or any more). */
  readonly state: Int32Array;
  /** Row of the entity's last transition (or creation), or -1 likewise. */
  readonly since: Int32Array;
}

/** A run of keyframe batches with the same time: the state of every live entity. */
export interface Keyframe {
  readonly time_s: number;
  readonly firstRow: number;
  /** One after the last keyframe row. */
  readonly endRow: number;
}

/**
 * Finds the keyframes by the first row of each batch. The last one of a truncated file does not
 * count if the file ends with it, for the rest of it may be lost.
 */
export function findKeyframes(recording: RecordedRows): Keyframe[] {
  const found: { time_s: number; firstRow: number; endRow: number }[] = [];
  for (const { event, time_s, firstRow, length } of recording.batches) {
    if (recording.roles[event[0]] !== ROLE.keyframe) continue;
    const last = found.at(-1);
    if (last?.endRow === firstRow && last.time_s === time_s[0]) last.endRow += length;
    else found.push({ time_s: time_s[0], firstRow, endRow: firstRow + length });
  }
  if (recording.truncated && found.at(-1)?.endRow === recording.rows) found.pop();
  return found;
}

/**
 * The snapshot after all rows up to and including `time_s`. Starts at the keyframe before it, or
 * continues `reuse`, which is changed and returned, if that is nearer: playing forward costs only
 * the rows in between.
 */
export function snapshotAt(
  recording: RecordedRows,
  keyframes: readonly Keyframe[],
  time_s: number,
  reuse?: Snapshot,
): Snapshot {
  const rows = recording.rowsUntil(time_s);
  const keyframe = lastBefore(keyframes, rows);
  const start = keyframe?.firstRow ?? 0;
  const snapshot = reuse ?? blank(recording.entityCount);
  if (reuse === undefined || reuse.rows > rows || reuse.rows < start) {
    clear(snapshot, start);
    if (keyframe !== undefined) load(recording, keyframe, snapshot);
  }
  replay(recording, snapshot, rows);
  snapshot.time_s = time_s;
  return snapshot;
}

function lastBefore(keyframes: readonly Keyframe[], rows: number): Keyframe | undefined {
  let low = 0;
  let high = keyframes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyframes[middle].endRow <= rows) low = middle + 1;
    else high = middle;
  }
  return keyframes[low - 1];
}

function blank(entities: number): Snapshot {
  const state = new Int32Array(entities).fill(-1);
  const since = new Int32Array(entities).fill(-1);
  return { time_s: Number.NEGATIVE_INFINITY, rows: 0, live: 0, state, since };
}

function clear(snapshot: Snapshot, rows: number): void {
  snapshot.state.fill(-1);
  snapshot.since.fill(-1);
  snapshot.live = 0;
  snapshot.rows = rows;
}

function load(recording: RecordedRows, keyframe: Keyframe, snapshot: Snapshot): void {
  const { state, since } = snapshot;
  recording.eachBatch(keyframe.firstRow, keyframe.endRow, ({ entity, to, cause }, begin, end) => {
    for (let i = begin; i < end; i++) {
      if (state[entity[i]] < 0) snapshot.live++;
      state[entity[i]] = to[i];
      since[entity[i]] = cause[i];
    }
  });
  snapshot.rows = keyframe.endRow;
}

function replay(recording: RecordedRows, snapshot: Snapshot, rows: number): void {
  const { state, since } = snapshot;
  const { roles } = recording;
  let live = snapshot.live;
  recording.eachBatch(snapshot.rows, rows, ({ entity, event, to, firstRow }, begin, end) => {
    for (let i = begin; i < end; i++) {
      const role = roles[event[i]];
      const e = entity[i];
      if (role === ROLE.transition || role === ROLE.created) {
        if (state[e] < 0) live++;
        state[e] = to[i];
        since[e] = firstRow + i;
      } else if (role === ROLE.removed) {
        if (state[e] >= 0) live--;
        state[e] = -1;
        since[e] = -1;
      }
    }
  });
  snapshot.live = live;
  snapshot.rows = rows;
}
