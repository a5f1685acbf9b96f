/** The recording format, from the constants that writer and reader share. */
import {
  BATCH_ROWS,
  COLUMNS,
  FORMAT_VERSION,
  MAX_NAMES,
  MAX_ROWS,
  METRIC_PREFIX,
  SPECIAL_EVENTS,
} from '../../engine/recording/format.ts';
import { code, page, table } from './markdown.ts';

type Column = (typeof COLUMNS)[number][0];

const COLUMN_MEANINGS: Readonly<Record<Column, string>> = {
  time_s: 'seconds since the start of the run; never decreases',
  entity: 'number of the entity, given from 0 upward, never used again within a recording',
  from: 'state left, as `kind/state` (`osd/up+in`, `server/building.spawning`)',
  event: 'name of the event that caused it',
  to: 'state entered; same dictionary as `from`',
  cause: 'index of the row that led to this one, counted from 0 over the whole file; -1 for none',
  value: 'sample of a metric, or number of the provider of a link; NaN otherwise',
  detail: 'name of a created entity, message of a divergence; empty otherwise',
};

const EVENT_MEANINGS: Readonly<Record<(typeof SPECIAL_EVENTS)[number], string>> = {
  created:
    'first row of an entity: `from` = `to` = its initial state, `detail` = its name, unique within its kind',
  removed: 'last row of an entity: `from` = `to` = its state',
  linked: 'the entity depends on entity `value` from here on; `from` = `to` = its state',
  unlinked: 'the entity no longer depends on entity `value`',
  keyframe: 'state of one living entity: `to` = its state, `cause` = row of its last transition',
  diverged:
    'the world reported the state `to`, which no transition allows; `detail` = what it said',
  adopted: 'the entity was in the state `to` when a live run began; `detail` = what was reported',
};

const ACT_MEANINGS: readonly (readonly [string, string])[] = [
  ['asked:VERB', 'a verb of a driver was asked for beside the machine; `from` = `to` = its state'],
  [
    'acted:VERB',
    'it was carried out; `cause` = row that asked for it, `detail` = what is known of it',
  ],
  ['failed:VERB', 'it ended in a fault; `detail` = code and message'],
];

const METADATA: readonly (readonly [string, string])[] = [
  ['strata.version', `${code(FORMAT_VERSION)}: version of this format`],
  ['strata.scenario', 'name of the scenario'],
  ['strata.seed', 'seed, as text'],
  ['strata.mode', '`simulated` or `live`'],
  ['strata.profile', 'name of the timing profile'],
  ['strata.parameters', 'JSON object: parameters of the scenario and their values'],
  [
    'strata.model',
    'JSON object: `kinds` (kind and layer), `states` (class and serving of each `kind/state`), `events` (event, then state left, then the reason in one line)',
  ],
  ['strata.started', 'ISO time of the start; live runs only'],
];

const INTRODUCTION = `A recording is an [Apache Arrow](https://arrow.apache.org) IPC file: one row for each thing that
happened, in the order of time. pandas, polars, DuckDB and every Arrow library read it; see
[how to](../how-to/read-a-recording.md). Version ${FORMAT_VERSION}.`;

const LAYOUT = `Rows come in record batches of at most ${BATCH_ROWS.toLocaleString('en')} rows. Keyframe rows have
batches of their own: a batch whose first row is \`keyframe\` holds nothing else, and consecutive ones
of the same time make up one snapshot of every living entity. A reader that wants the state at some
time starts at the last snapshot before it.

A recording holds at most ${MAX_ROWS.toLocaleString('en')} rows, ${MAX_NAMES.toLocaleString('en')} state names and
${MAX_NAMES.toLocaleString('en')} event names. Batches are not compressed.

A live run writes the same bytes as it goes and the footer at its end. A file without a footer (the
process died) is an Arrow stream from byte 8 on; all commands read it and say that it is cut off.

The hash that \`strata run\` prints is the SHA-256 of the whole file. The same scenario, parameters and
seed give the same bytes with the same version of Strata.`;

export function recordingPage(): string {
  return page(
    'Recording format',
    INTRODUCTION,
    '## Columns',
    'No column is nullable.',
    table(
      ['column', 'type', 'meaning'],
      COLUMNS.map(([name, type]) => [code(name), code(type), COLUMN_MEANINGS[name]]),
    ),
    '## Events',
    'Every event that is not listed here is an event of a machine: the entity went from `from` to `to`.',
    table(
      ['event', 'meaning'],
      [
        ...SPECIAL_EVENTS.map((name) => [code(name), EVENT_MEANINGS[name]]),
        ...ACT_MEANINGS.map(([name, means]) => [code(name), means]),
        [code(`${METRIC_PREFIX}NAME`), 'a sample: `value`; `from` = `to` = state of the entity'],
      ],
    ),
    '## Metadata of the schema',
    table(
      ['key', 'value'],
      METADATA.map(([key, meaning]) => [code(key), meaning]),
    ),
    '## Layout',
    LAYOUT,
  );
}
