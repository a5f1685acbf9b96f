/** Made-up recordings: a small model, and arbitrary histories of it for property tests. */
import fc from 'fast-check';
import { openRecording } from '../../engine/recording/decode.ts';
import {
  kindOfState,
  type RecordingHead,
  type RecordingMetadata,
  SPECIAL_EVENTS,
} from '../../engine/recording/format.ts';
import { Recorder } from '../../engine/recording/recorder.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { anyText } from '../support/any-text.ts';

export const KINDS = [
  { kind: 'disk', layer: 'bare-metal' },
  { kind: 'host-os', layer: 'operating-system' },
  { kind: 'osd', layer: 'sds' },
  { kind: 'server', layer: 'iaas' },
];

export const STATES = [
  'disk/ok',
  'disk/failed',
  'host-os/off',
  'host-os/booting',
  'host-os/running',
  'osd/up.in',
  'osd/down.in',
  'osd/down.out',
  'server/building',
  'server/active',
  'server/error',
];

const MACHINE_EVENTS = ['fail', 'lost', 'restored', 'boot', 'booted', 'mark_out', 'spawned'];
export const METRIC = 'metric:power_w';
export const EVENTS = [...SPECIAL_EVENTS, METRIC, ...MACHINE_EVENTS];

export const stateId = (name: string): number => STATES.indexOf(name);
export const eventId = (name: string): number => EVENTS.indexOf(name);

export const METADATA: RecordingMetadata = {
  scenario: 'made-up',
  seed: '7',
  mode: 'simulated',
  profile: 'lab',
  parameters: { racks: 2 },
  model: {
    kinds: KINDS,
    states: Object.fromEntries(
      STATES.map((name) => {
        const failed = /failed|error|down|off/.test(name);
        const transient = /booting|building/.test(name);
        const stateClass = failed ? 'failed' : transient ? 'transient' : 'stable';
        return [name, { class: stateClass, serving: stateClass === 'stable' } as const];
      }),
    ),
    events: {
      fail: { disk: 'the disk reports an unrecoverable error' },
      lost: { osd: 'the OSD lost its disk', 'osd/up': 'the OSD no longer answers' },
      mark_out: { 'osd/down.in': 'down for longer than mon_osd_down_out_interval' },
    },
  },
};

export const HEAD: RecordingHead = { metadata: METADATA, states: STATES, events: EVENTS };

/** Runs `record` against a recorder in memory and returns the file's bytes. */
export function recordBytes(record: (r: Recorder) => void, head = HEAD): Uint8Array {
  const sink = new MemorySink();
  const recorder = new Recorder(head, sink);
  record(recorder);
  recorder.close();
  return sink.bytes();
}

export const recordAndOpen = (record: (r: Recorder) => void, head = HEAD): Recording =>
  openRecording(recordBytes(record, head));

/** A recorder that speaks in names and remembers states, for examples written by hand. */
export class Scribe {
  readonly recorder: Recorder;
  private readonly states: number[] = [];
  private readonly rows: number[] = [];

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  create(time_s: number, name: string, state: string, cause = -1): number {
    const entity = this.states.length;
    const id = stateId(state);
    const row = this.recorder.appendWithDetail(time_s, entity, id, 0, id, cause, name);
    this.states.push(id);
    this.rows.push(row);
    return entity;
  }

  /** Returns the row, to be given as the cause of what follows. */
  move(time_s: number, entity: number, event: string, to: string, cause = -1): number {
    const id = stateId(to);
    const from = this.states[entity];
    const row = this.recorder.append(time_s, entity, from, eventId(event), id, cause);
    this.states[entity] = id;
    this.rows[entity] = row;
    return row;
  }

  /** A row that changes no state: a link (`value` = provider) or a metric. */
  note(time_s: number, entity: number, event: string, value: number): number {
    const state = this.states[entity];
    return this.recorder.appendWithValue(time_s, entity, state, eventId(event), state, -1, value);
  }

  remove(time_s: number, entity: number, cause = -1): number {
    const state = this.states[entity];
    return this.recorder.append(time_s, entity, state, eventId('removed'), state, cause);
  }
}

/** One step of an arbitrary history; numbers choose among whatever exists then. */
export type Step =
  | { readonly do: 'create'; readonly state: number; readonly name: string; readonly dt_s: number }
  | {
      readonly do: 'move' | 'diverge';
      readonly who: number;
      readonly to: number;
      readonly dt_s: number;
      readonly because: number;
    }
  | { readonly do: 'remove'; readonly who: number; readonly dt_s: number }
  | { readonly do: 'metric'; readonly who: number; readonly value: number; readonly dt_s: number }
  | { readonly do: 'link' | 'unlink'; readonly who: number; readonly to: number }
  | { readonly do: 'keyframe' }
  | { readonly do: 'flush' };

const pick = fc.nat({ max: 1_000_000 });
const dt_s = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }));
const text = fc.oneof(anyText({ maxLength: 12 }), fc.constantFrom('\ufeff', '\ufeffa'));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('create'), state: pick, name: text, dt_s }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('move', 'diverge'),
      who: pick,
      to: pick,
      dt_s,
      because: pick,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove'), who: pick, dt_s }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('metric'), who: pick, value: fc.double(), dt_s }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('link', 'unlink'), who: pick, to: pick }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('keyframe') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush') }) },
) as fc.Arbitrary<Step>;

export const history: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 60, size: 'max' });

/** A row as it was recorded, with ids. */
export interface Written {
  readonly time_s: number;
  readonly entity: number;
  readonly from: number;
  readonly event: number;
  readonly to: number;
  readonly cause: number;
  readonly value: number;
  readonly detail: string;
}

interface Living {
  readonly entity: number;
  state: number;
  row: number;
}

/** Plays a history into a recorder and returns every row that it must then hold. */
export function play(steps: readonly Step[], recorder: Recorder): Written[] {
  const rows: Written[] = [];
  const living: Living[] = [];
  let created = 0;
  let now_s = 0;
  const put = (who: Living, event: string, to: number, cause = -1, value = NaN, detail = '') => {
    const { entity, state: from } = who;
    const id = eventId(event);
    rows.push({ time_s: now_s, entity, from, event: id, to, cause, value, detail });
    if (detail !== '') return recorder.appendWithDetail(now_s, entity, from, id, to, cause, detail);
    if (Number.isNaN(value)) return recorder.append(now_s, entity, from, id, to, cause);
    return recorder.appendWithValue(now_s, entity, from, id, to, cause, value);
  };
  for (const s of steps) {
    if ('dt_s' in s) now_s += s.dt_s;
    if (s.do === 'flush') recorder.flush();
    else if (s.do === 'keyframe') {
      recorder.keyframe(now_s, (add) => {
        for (const { entity, state, row } of living) {
          const event = eventId('keyframe');
          const same = { time_s: now_s, entity, from: state, event, to: state };
          rows.push({ ...same, cause: row, value: NaN, detail: '' });
          add(entity, state, row);
        }
      });
    } else if (s.do === 'create') {
      const who = { entity: created++, state: s.state % STATES.length, row: -1 };
      who.row = put(who, 'created', who.state, -1, NaN, s.name);
      living.push(who);
    } else if (living.length > 0) act(s, living, put, rows);
  }
  return rows;
}

function act(
  s: Exclude<Step, { do: 'flush' | 'keyframe' | 'create' }>,
  living: Living[],
  put: (
    who: Living,
    event: string,
    to: number,
    cause?: number,
    value?: number,
    detail?: string,
  ) => number,
  rows: readonly Written[],
): void {
  const at = s.who % living.length;
  const who = living[at];
  if (s.do === 'remove') {
    put(who, 'removed', who.state);
    living.splice(at, 1);
  } else if (s.do === 'metric') {
    put(who, METRIC, who.state, -1, s.value);
  } else if (s.do === 'link' || s.do === 'unlink') {
    const provider = living[s.to % living.length].entity;
    put(who, s.do === 'link' ? 'linked' : 'unlinked', who.state, -1, provider);
  } else if (s.do === 'move' || s.do === 'diverge') {
    const kind = kindOfState(STATES[who.state]);
    const siblings = STATES.filter((name) => kindOfState(name) === kind);
    const to = stateId(siblings[s.to % siblings.length]);
    const event = s.do === 'move' ? MACHINE_EVENTS[s.to % MACHINE_EVENTS.length] : 'diverged';
    const detail = s.do === 'diverge' ? `reported ${STATES[to]}` : '';
    who.row = put(who, event, to, (s.because % (rows.length + 1)) - 1, NaN, detail);
    who.state = to;
  }
}
