/**
 * A recording as a trace in Chrome's JSON trace event format, which ui.perfetto.dev and
 * chrome://tracing open: a process per layer, a track (thread) per entity with a slice per state,
 * an arrow from a cause to each effect on another entity, a counter per metric.
 *
 * Source: the Trace Event Format document and Perfetto's importer. Slices on a track must not
 * overlap; a flow event binds to the slice that is innermost on its track when it is read, and events
 * of equal time are read in the order of the file. So flows follow right after their slices.
 */

import { METRIC_PREFIX, ROLE, type StateClass } from '../../engine/recording/format.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { LAYERS } from '../../model/layers.ts';

/** Trace viewers take a thread with the number of its process for the main thread. */
const FIRST_TRACK = 1_000;

/** Names of colours that Chrome's viewer knows; Perfetto chooses its own. */
const COLOUR: Readonly<Record<StateClass, string>> = {
  stable: 'good',
  transient: 'bad',
  failed: 'terrible',
};

const EVENTS_PER_CHUNK = 1_000;

/** Yields the JSON text in pieces, since a long run's is longer than a string can be. */
export function* perfettoTrace(recording: Recording): Generator<string> {
  const { scenario, seed, mode, profile } = recording.metadata;
  const otherData = { scenario, seed, mode, profile };
  yield `{"displayTimeUnit":"ms","otherData":${JSON.stringify(otherData)},"traceEvents":[\n`;
  let chunk: string[] = [];
  let separator = '';
  for (const event of traceEvents(recording)) {
    chunk.push(JSON.stringify(event));
    if (chunk.length === EVENTS_PER_CHUNK) {
      yield separator + chunk.join(',\n');
      separator = ',\n';
      chunk = [];
    }
  }
  if (chunk.length > 0) yield separator + chunk.join(',\n');
  yield '\n]}\n';
}

/** One event of the format; times in whole microseconds. */
export interface TraceEvent {
  readonly ph: 'M' | 'X' | 'i' | 's' | 'f' | 'C';
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly cname?: string;
  readonly id?: number;
  readonly bp?: 'e';
  readonly s?: 't';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** The trace's events: names of layers and tracks first, then everything in the order of rows. */
export function* traceEvents(recording: Recording): Generator<TraceEvent> {
  yield* trackNames(recording);
  const tracks = new Tracks(recording);
  for (const { firstRow, length, event } of recording.batches) {
    for (let i = 0; i < length; i++) {
      const role = recording.roles[event[i]];
      if (role <= ROLE.removed) yield* tracks.transition(firstRow + i);
      else if (role === ROLE.metric) yield* tracks.metric(firstRow + i);
    }
  }
}

function* trackNames({ entities }: Recording): Generator<TraceEvent> {
  const seen = new Set<string>();
  for (const entity of entities.numbers()) {
    const { layer, kind, name } = entities.get(entity);
    const pid = processOf(layer);
    if (!seen.has(layer)) {
      seen.add(layer);
      yield { ph: 'M', name: 'process_name', pid, args: { name: layer } };
      yield { ph: 'M', name: 'process_sort_index', pid, args: { sort_index: pid } };
    }
    const tid = trackOf(entity);
    yield { ph: 'M', name: 'thread_name', pid, tid, args: { name: `${kind} ${name}` } };
    yield { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } };
  }
}

/** Bare metal comes first; a layer unknown to this program comes last. */
function processOf(layer: string): number {
  const index = (LAYERS as readonly string[]).indexOf(layer);
  return index < 0 ? LAYERS.length + 1 : index + 1;
}

const trackOf = (entity: number): number => entity + FIRST_TRACK;

const microseconds = (time_s: number): number => Math.round(time_s * 1e6);

class Tracks {
  private readonly recording: Recording;
  /** How many rows of each entity's history were passed. */
  private readonly passed: Int32Array;

  constructor(recording: Recording) {
    this.recording = recording;
    this.passed = new Int32Array(recording.entityCount);
  }

  /** The slice of the state entered, then the arrows that end and that start at it. */
  *transition(row: number): Generator<TraceEvent> {
    const { recording } = this;
    const { time_s, entity, event, to, cause, detail } = recording.row(row);
    const next = recording.history(entity)[++this.passed[entity]];
    const layer = recording.entities.layer(entity);
    const place = { pid: processOf(layer), tid: trackOf(entity), ts: microseconds(time_s) };
    if (event === 'removed') {
      yield { ph: 'i', name: 'removed', s: 't', cat: layer, ...place, args: { row, cause } };
    } else {
      const end_s = next === undefined ? recording.end_s : recording.row(next).time_s;
      const dur = microseconds(end_s) - place.ts;
      const info = recording.states[this.stateId(row)];
      const name = to.slice(info.kind.length + 1);
      const args = { event, row, cause, reason: recording.reason(row), detail };
      yield { ph: 'X', name, cat: layer, ...place, dur, cname: COLOUR[info.class], args };
    }
    const flow = { name: 'cause', cat: 'cause', ...place };
    if (this.isArrow(cause, entity)) yield { ph: 'f', bp: 'e', id: row, ...flow };
    for (const effect of recording.children(row)) {
      if (this.isTransitionOfAnother(effect, entity)) yield { ph: 's', id: effect, ...flow };
    }
  }

  *metric(row: number): Generator<TraceEvent> {
    const { time_s, entity, event, value } = this.recording.row(row);
    if (!Number.isFinite(value)) return;
    const { kind, name, layer } = this.recording.entities.get(entity);
    const metric = event.slice(METRIC_PREFIX.length);
    const pid = processOf(layer);
    const args = { [metric]: value };
    yield { ph: 'C', name: `${kind} ${name}`, pid, ts: microseconds(time_s), args };
  }

  private stateId(row: number): number {
    const batch = this.recording.batchOf(row);
    return batch.to[row - batch.firstRow];
  }

  /** Whether a cause is drawn: it has a slice, on another track. */
  private isArrow(cause: number, effectEntity: number): boolean {
    return cause >= 0 && this.isTransitionOfAnother(cause, effectEntity);
  }

  private isTransitionOfAnother(row: number, entity: number): boolean {
    const batch = this.recording.batchOf(row);
    const i = row - batch.firstRow;
    return batch.entity[i] !== entity && this.recording.roles[batch.event[i]] <= ROLE.removed;
  }
}
