/**
 * Incidents: rows without a cause whose descendants took at least one entity out of its serving
 * states. An outage is one entity's time out of service; it belongs to the incident at the root of
 * the row that ended its service, and lasts until the entity serves again or is removed.
 */
import type { Recording } from '../../engine/recording/recording.ts';
import { LAYERS } from '../../model/layers.ts';
import { ABSENT, isFailed, isServing, type Replay } from './replay.ts';

export interface Outage {
  readonly entity: number;
  readonly start_s: number;
  /** Infinity while the recording does not show its end. */
  end_s: number;
  /** Row without a cause that led to it. */
  readonly root: number;
  /** Whether the entity was in a failed state meanwhile. */
  failed: boolean;
}

export interface Incident {
  /** The row without a cause. */
  readonly root: number;
  readonly entity: number;
  readonly time_s: number;
  /** When the last entity it took was serving again (or gone); Infinity when that never came. */
  readonly whole_s: number;
  /** Distinct entities it took out of service, by layer. */
  readonly taken: readonly number[];
  readonly total: number;
  /** Whether what it began with failed; otherwise it was asked for: a stop, a deletion, a move. */
  readonly fault: boolean;
}

/** For every row the row without a cause that led to it. A cause always lies before its effect. */
export function rootsOf(recording: Pick<Recording, 'batches' | 'rows'>): Uint32Array {
  const root = new Uint32Array(recording.rows);
  for (const { cause, length, firstRow } of recording.batches) {
    for (let i = 0; i < length; i++) {
      root[firstRow + i] = cause[i] < 0 ? firstRow + i : root[cause[i]];
    }
  }
  return root;
}

/** Every time an entity was out of service after having served, by start. */
export function findOutages(replay: Replay): Outage[] {
  const { steps, stateClass, recording, entityCount } = replay;
  const roots = rootsOf(recording);
  const outages: Outage[] = [];
  const open = new Array<Outage | undefined>(entityCount).fill(undefined);
  for (let step = 0; step < steps.count; step++) {
    const e = steps.entity[step];
    const to = steps.to[step];
    const ended = to === ABSENT || isServing(stateClass[to]);
    const outage = open[e];
    if (outage) {
      if (ended) {
        outage.end_s = steps.time_s[step];
        open[e] = undefined;
      } else if (isFailed(stateClass[to])) outage.failed = true;
    } else if (!ended && didServe(replay, steps.before[step])) {
      open[e] = {
        entity: e,
        start_s: steps.time_s[step],
        end_s: Number.POSITIVE_INFINITY,
        root: roots[steps.row[step]],
        failed: isFailed(stateClass[to]),
      };
      outages.push(open[e]);
    }
  }
  return outages;
}

function didServe({ steps, stateClass }: Replay, step: number): boolean {
  return step >= 0 && isServing(stateClass[steps.to[step]]);
}

/** The incidents behind the outages, in order of time. */
export function findIncidents(replay: Replay, outages: readonly Outage[]): Incident[] {
  const byRoot = new Map<number, Outage[]>();
  for (const outage of outages) {
    const members = byRoot.get(outage.root);
    if (members) members.push(outage);
    else byRoot.set(outage.root, [outage]);
  }
  return [...byRoot.entries()]
    .sort(([a], [b]) => a - b)
    .map(([root, members]) => summarise(replay, root, members));
}

function summarise(replay: Replay, root: number, members: readonly Outage[]): Incident {
  const { kindOf, kinds, recording } = replay;
  const taken = LAYERS.map(() => 0);
  const distinct = new Set(members.map((outage) => outage.entity));
  for (const e of distinct) taken[kinds[kindOf[e]].layer]++;
  const { entity, time_s } = recording.row(root);
  const batch = recording.batchOf(root);
  const to = batch.to[root - batch.firstRow];
  const { states } = recording;
  return {
    root,
    entity,
    time_s,
    whole_s: members.reduce((latest, { end_s }) => Math.max(latest, end_s), time_s),
    taken,
    total: distinct.size,
    fault:
      states[to].class === 'failed' ||
      members.some((outage) => outage.entity === entity && outage.failed),
  };
}
