import { Dictionary, Field, Float64, Int32, Schema, Uint16, Uint32, Utf8 } from 'apache-arrow';
import { FORMAT_VERSION, type RecordingMetadata } from './format.ts';

const STATES_ID = 0;
const EVENTS_ID = 1;

/** COLUMNS in Arrow's terms. `from` and `to` share one dictionary, so names are written once. */
function recordingFields(): Field[] {
  const states = new Dictionary(new Utf8(), new Uint16(), STATES_ID);
  const events = new Dictionary(new Utf8(), new Uint16(), EVENTS_ID);
  return [
    new Field('time_s', new Float64(), false),
    new Field('entity', new Uint32(), false),
    new Field('from', states, false),
    new Field('event', events, false),
    new Field('to', states, false),
    new Field('cause', new Int32(), false),
    new Field('value', new Float64(), false),
    new Field('detail', new Utf8(), false),
  ];
}

/** The Arrow schema of a recording; its metadata says what was run. */
export function recordingSchema(metadata: RecordingMetadata): Schema {
  return new Schema(recordingFields(), toEntries(metadata));
}

function toEntries(metadata: RecordingMetadata): Map<string, string> {
  const entries = new Map([
    ['strata.version', FORMAT_VERSION],
    ['strata.scenario', metadata.scenario],
    ['strata.seed', metadata.seed],
    ['strata.mode', metadata.mode],
    ['strata.profile', metadata.profile],
    ['strata.parameters', JSON.stringify(metadata.parameters)],
    ['strata.model', JSON.stringify(metadata.model)],
  ]);
  if (metadata.started !== undefined) entries.set('strata.started', metadata.started);
  return entries;
}
