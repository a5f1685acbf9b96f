/** Hand-made recordings with the states of the real model. */

import { openRecording } from '../../engine/recording/decode.ts';
import { type RecordingHead, SPECIAL_EVENTS } from '../../engine/recording/format.ts';
import { Recorder } from '../../engine/recording/recorder.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { recordingHead } from '../../engine/recording-head.ts';
import { standardModel } from '../../engine/standard-model.ts';

export const HEAD: RecordingHead = recordingHead(
  standardModel(),
  [...standardModel().eventNames, ...SPECIAL_EVENTS, 'metric:power_w'],
  {
    scenario: 'by-hand',
    seed: '1',
    mode: 'simulated',
    profile: 'datacenter',
    parameters: {},
  },
);

const stateIds = new Map(HEAD.states.map((name, id) => [name, id]));
const eventIds = new Map(HEAD.events.map((name, id) => [name, id]));

function idOf(ids: ReadonlyMap<string, number>, name: string): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`the model has no ${name}`);
  return id;
}

/** Writes rows by names; states are given without their kind. */
export class Scribe {
  readonly recorder: Recorder;
  readonly kinds: string[] = [];
  private readonly states: number[] = [];
  private readonly lastRows: number[] = [];

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /** Returns the entity. */
  create(time_s: number, kind: string, name: string, state: string, cause = -1): number {
    const entity = this.kinds.push(kind) - 1;
    const id = idOf(stateIds, `${kind}/${state}`);
    const event = idOf(eventIds, 'created');
    this.lastRows[entity] = this.recorder.appendWithDetail(
      time_s,
      entity,
      id,
      event,
      id,
      cause,
      name,
    );
    this.states[entity] = id;
    return entity;
  }

  /** Returns the row, to be given as the cause of what follows. */
  move(time_s: number, entity: number, event: string, state: string, cause = -1): number {
    const to = idOf(stateIds, `${this.kinds[entity]}/${state}`);
    const id = idOf(eventIds, event);
    const row = this.recorder.append(time_s, entity, this.states[entity], id, to, cause);
    this.states[entity] = to;
    this.lastRows[entity] = row;
    return row;
  }

  diverge(time_s: number, entity: number, state: string, detail: string): number {
    const to = idOf(stateIds, `${this.kinds[entity]}/${state}`);
    const event = idOf(eventIds, 'diverged');
    const from = this.states[entity];
    this.states[entity] = to;
    return this.recorder.appendWithDetail(time_s, entity, from, event, to, -1, detail);
  }

  remove(time_s: number, entity: number, cause = this.lastRows[entity]): number {
    const state = this.states[entity];
    return this.recorder.append(time_s, entity, state, idOf(eventIds, 'removed'), state, cause);
  }

  metric(time_s: number, entity: number, value: number): void {
    const state = this.states[entity];
    const event = idOf(eventIds, 'metric:power_w');
    this.recorder.appendWithValue(time_s, entity, state, event, state, -1, value);
  }

  keyframe(time_s: number): void {
    this.recorder.keyframe(time_s, (add) => {
      this.states.forEach((state, entity) => {
        add(entity, state, this.lastRows[entity]);
      });
    });
  }
}

export function record(write: (scribe: Scribe) => void): Recording {
  const sink = new MemorySink();
  const recorder = new Recorder(HEAD, sink);
  write(new Scribe(recorder));
  recorder.close();
  return openRecording(sink.bytes());
}
