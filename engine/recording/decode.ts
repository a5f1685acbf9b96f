import { type RecordingBatch, readBatches, wrongSchema } from './batches.ts';
import { recordingError } from './errors.ts';
import {
  FORMAT_VERSION,
  kindOfState,
  type RecordingMetadata,
  type RecordingModel,
  roleOf,
} from './format.ts';
import { Recording } from './recording.ts';
import type { StateInfo } from './rows.ts';

/**
 * Opens the bytes of a recording. The columns stay views of `bytes`, which must not change. A file
 * without a footer (its writer died) gives the rows up to the last complete batch, and `truncated`.
 *
 * Throws StrataError with a code of RECORDING_ERRORS, whatever the bytes are.
 */
export function openRecording(bytes: Uint8Array): Recording {
  const raw = readBatches(bytes);
  const metadata = metadataOf(raw.metadata);
  const states = describeStates(raw.states, metadata.model);
  const limits = {
    states: states.length,
    events: raw.events.length,
    entities: 0,
  };
  for (const batch of raw.batches) checkBatch(batch, limits);
  const rows = raw.batches.reduce((sum, { length }) => sum + length, 0);
  checkEntities(limits.entities, rows);
  checkOrder(raw.batches);
  return new Recording({
    metadata,
    states,
    events: raw.events,
    roles: Uint8Array.from(raw.events, roleOf),
    batches: raw.batches,
    rows,
    entityCount: limits.entities,
    truncated: raw.truncated,
  });
}

function metadataOf(entries: ReadonlyMap<string, string>): RecordingMetadata {
  const version = entries.get('strata.version');
  if (version === undefined) throw wrongSchema('the metadata lacks `strata.version`');
  if (version !== FORMAT_VERSION) {
    throw recordingError(
      'RECORDING_VERSION',
      `the recording has version ${version} of the format; this program reads ${FORMAT_VERSION}`,
      'use the version of strata that wrote it, or run the scenario again',
    );
  }
  const text = (key: string) => {
    const value = entries.get(`strata.${key}`);
    if (value === undefined) throw wrongSchema(`the metadata lacks \`strata.${key}\``);
    return value;
  };
  const mode = text('mode');
  if (mode !== 'simulated' && mode !== 'live') {
    throw wrongSchema(`\`strata.mode\` is \`${mode}\`; expected \`simulated\` or \`live\``);
  }
  return {
    scenario: text('scenario'),
    seed: text('seed'),
    mode,
    profile: text('profile'),
    parameters: object('parameters', text('parameters')),
    model: modelOf(object('model', text('model'))),
    started: entries.get('strata.started'),
  };
}

function object(key: string, json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw wrongSchema(`\`strata.${key}\` is not a JSON object`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const ENTITIES_MIN = 65_536;
const ENTITIES_PER_ROW = 16;

const CLASSES: readonly unknown[] = ['stable', 'transient', 'failed'];

function modelOf({ kinds, states, events }: Record<string, unknown>): RecordingModel {
  const knowsKinds =
    Array.isArray(kinds) &&
    kinds.every((k) => isObject(k) && typeof k.kind === 'string' && typeof k.layer === 'string');
  if (!knowsKinds) throw wrongSchema('`strata.model` lacks `kinds`, each with `kind` and `layer`');
  const knowsStates =
    isObject(states) &&
    Object.values(states).every(
      (s) => isObject(s) && CLASSES.includes(s.class) && typeof s.serving === 'boolean',
    );
  if (!knowsStates) {
    throw wrongSchema('`strata.model` lacks `states`, each with `class` and `serving`');
  }
  const knowsEvents =
    isObject(events) &&
    Object.values(events).every(
      (e) => isObject(e) && Object.values(e).every((why) => typeof why === 'string'),
    );
  if (!knowsEvents) throw wrongSchema('`strata.model` lacks `events`, each with reasons by state');
  return { kinds, states, events } as unknown as RecordingModel;
}

function describeStates(names: readonly string[], model: RecordingModel): StateInfo[] {
  const layers = new Map(model.kinds.map(({ kind, layer }) => [kind, layer]));
  return names.map((name, id) => {
    const kind = kindOfState(name);
    const layer = layers.get(kind);
    const described = Object.hasOwn(model.states, name) ? model.states[name] : undefined;
    if (layer === undefined || described === undefined) {
      throw wrongSchema(`\`strata.model\` does not describe the state \`${name}\``);
    }
    const state = name.slice(kind.length + 1);
    return { id, name, kind, state, layer, class: described.class, serving: described.serving };
  });
}

interface Limits {
  readonly states: number;
  readonly events: number;
  /** One more than the highest entity number seen. */
  entities: number;
}

/** Every id and row number is checked once, so that nothing later can run off an array. */
function checkBatch(batch: RecordingBatch, limits: Limits): void {
  const { length, firstRow, entity, cause } = batch;
  const corrupt = (what: string) => corruptRows(firstRow, length, what);
  if (highest(batch.from, length) >= limits.states || highest(batch.to, length) >= limits.states) {
    throw corrupt('a state without a name');
  }
  if (highest(batch.event, length) >= limits.events) throw corrupt('an event without a name');
  limits.entities = Math.max(limits.entities, highest(entity, length) + 1);
  for (let i = 0; i < length; i++) {
    if (cause[i] < -1 || cause[i] >= firstRow + i) throw corrupt('a cause that comes later');
  }
}

function highest(column: Uint16Array | Uint32Array, length: number): number {
  let max = 0;
  for (let i = 0; i < length; i++) if (column[i] > max) max = column[i];
  return max;
}

/**
 * Numbers are given from 0 upward and every entity has a row, so that a number far beyond the rows is
 * damage; tables by entity number would take gigabytes for it.
 */
function checkEntities(count: number, rows: number): void {
  if (count <= ENTITIES_MIN + ENTITIES_PER_ROW * rows) return;
  throw corruptRows(0, rows, `entity ${count - 1}, but there are only ${rows} rows`);
}

function checkOrder(batches: readonly RecordingBatch[]): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const { time_s, length, firstRow } of batches) {
    for (let i = 0; i < length; i++) {
      if (!(time_s[i] >= last)) throw corruptRows(firstRow + i, 1, 'a time before the row above');
      last = time_s[i];
    }
  }
}

function corruptRows(firstRow: number, length: number, what: string): Error {
  return recordingError(
    'RECORDING_CORRUPT',
    `rows ${firstRow} to ${firstRow + length - 1} hold ${what}`,
    'the file was changed after it was written; run the scenario again',
  );
}
