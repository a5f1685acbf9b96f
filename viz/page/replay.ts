/**
 * A recording as the page holds it: every change of a state ("step") in typed arrays, one table of
 * entities, and the indexes that make any instant reachable without a scan. Built once, on load.
 */
import { ROLE } from '../../engine/recording/format.ts';
import { Groups } from '../../engine/recording/groups.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { LAYERS } from '../../model/layers.ts';

/** Classes of states: class x serving. The index is the code; the order is that of the legend. */
export const CLASSES = [
  'stable-serving',
  'stable-idle',
  'transient-serving',
  'transient-idle',
  'failed-serving',
  'failed-idle',
] as const;

export const isServing = (code: number): boolean => (code & 1) === 0;
export const isFailed = (code: number): boolean => code >= 4;
export const isTransient = (code: number): boolean => code === 2 || code === 3;

/** The state of an entity that does not exist (yet, or any more). */
export const ABSENT = 0xffff;

/** Columns of one row per step, in the order of the recording. */
export interface Steps {
  readonly count: number;
  readonly row: Uint32Array;
  readonly time_s: Float64Array;
  readonly entity: Uint32Array;
  /** State entered, ABSENT when the entity was removed. */
  readonly to: Uint16Array;
  /** The step before it of the same entity, -1 for its first, which created it. */
  readonly before: Int32Array;
}

export interface Kind {
  readonly kind: string;
  /** Index into LAYERS. */
  readonly layer: number;
}

export interface Replay {
  readonly recording: Recording;
  readonly start_s: number;
  readonly end_s: number;
  /** In the order of the model. */
  readonly kinds: readonly Kind[];
  /** One more than the highest entity number. */
  readonly entityCount: number;
  /** Index into `kinds` of each entity. */
  readonly kindOf: Uint16Array;
  readonly nameOf: readonly string[];
  /** Class code of each state. */
  readonly stateClass: Uint8Array;
  readonly steps: Steps;
  /** Steps of each entity, in order. */
  readonly stepsOf: Groups;
}

export class ReplayError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'ReplayError';
    this.code = code;
  }
}

/** Builds the indexes. Throws ReplayError `REPLAY_EMPTY` or `REPLAY_UNKNOWN_LAYER`. */
export function buildReplay(recording: Recording): Replay {
  if (recording.rows === 0) {
    throw new ReplayError('REPLAY_EMPTY', 'The recording ends before its first event.');
  }
  const kinds = recording.metadata.model.kinds.map(toKind);
  const steps = listSteps(recording);
  const { entityCount, entities } = recording;
  const kindOf = new Uint16Array(entityCount);
  const nameOf = new Array<string>(entityCount).fill('');
  const indexOf = new Map(kinds.map(({ kind }, i) => [kind, i]));
  for (const e of entities.numbers()) {
    kindOf[e] = indexOf.get(entities.kind(e)) ?? 0;
    nameOf[e] = entities.name(e);
  }
  return {
    recording,
    start_s: recording.start_s,
    end_s: recording.end_s,
    kinds,
    entityCount,
    kindOf,
    nameOf,
    stateClass: Uint8Array.from(recording.states, classOf),
    steps,
    stepsOf: new Groups(entityCount, (tell) => {
      for (let step = 0; step < steps.count; step++) tell(steps.entity[step], step);
    }),
  };
}

/** `server/web-1`: how an entity is called everywhere on the page. */
export function fullName(replay: Replay, e: number): string {
  return `${kindName(replay, e)}/${replay.nameOf[e]}`;
}

export function kindName(replay: Replay, e: number): string {
  return replay.kinds[replay.kindOf[e]].kind;
}

function toKind({ kind, layer }: { kind: string; layer: string }): Kind {
  const index = (LAYERS as readonly string[]).indexOf(layer);
  if (index >= 0) return { kind, layer: index };
  throw new ReplayError(
    'REPLAY_UNKNOWN_LAYER',
    `Kind "${kind}" is on layer "${layer}"; expected one of ${LAYERS.join(', ')}.`,
  );
}

function classOf(state: { class: 'stable' | 'transient' | 'failed'; serving: boolean }): number {
  return { stable: 0, transient: 2, failed: 4 }[state.class] + (state.serving ? 0 : 1);
}

function listSteps({ batches, roles, entityCount }: Recording): Steps {
  let count = 0;
  for (const { event, length } of batches) {
    for (let i = 0; i < length; i++) if (roles[event[i]] <= ROLE.removed) count++;
  }
  const row = new Uint32Array(count);
  const time_s = new Float64Array(count);
  const entity = new Uint32Array(count);
  const to = new Uint16Array(count);
  const before = new Int32Array(count);
  const last = new Int32Array(entityCount).fill(-1);
  let step = 0;
  for (const batch of batches) {
    for (let i = 0; i < batch.length; i++) {
      const role = roles[batch.event[i]];
      if (role > ROLE.removed) continue;
      const e = batch.entity[i];
      row[step] = batch.firstRow + i;
      time_s[step] = batch.time_s[i];
      entity[step] = e;
      to[step] = role === ROLE.removed ? ABSENT : batch.to[i];
      before[step] = last[e];
      last[e] = step++;
    }
  }
  return { count, row, time_s, entity, to, before };
}

/** Index of the first element >= value in a sorted array. */
export function lowerBound(
  sorted: ArrayLike<number>,
  value: number,
  lo = 0,
  hi = sorted.length,
): number {
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (sorted[mid] < value) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** Index of the first element > value in a sorted array. */
export function upperBound(
  sorted: ArrayLike<number>,
  value: number,
  lo = 0,
  hi = sorted.length,
): number {
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (sorted[mid] <= value) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
