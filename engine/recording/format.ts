/**
 * The recording format, version 1: an Arrow IPC file, one row for each thing that happened, in the
 * order of time. Columns, none of them nullable:
 *
 * | column | type | meaning |
 * |---|---|---|
 * | time_s | Float64 | seconds since the start of the run; never decreases |
 * | entity | Uint32 | number of the entity, given from 0 upward, never used again |
 * | from | Dictionary<Uint16, Utf8> | state left, as `kind/state` |
 * | event | Dictionary<Uint16, Utf8> | name of the event |
 * | to | Dictionary<Uint16, Utf8> | state entered; the dictionary of `from` |
 * | cause | Int32 | index of the row that led to this one, -1 for none |
 * | value | Float64 | sample of a metric or provider of a link, else NaN |
 * | detail | Utf8 | name of a created entity, message of a fault or divergence, else empty |
 *
 * Events other than these are machine events: `created` (first row of an entity, `from` = `to` = its
 * initial state, `detail` = its name, unique within its kind), `removed` (its last row), `linked` and
 * `unlinked` (`value` = number of the entity that it depends on), `metric:NAME` (`value` = sample),
 * `diverged` (the world reported `to`, which no transition allows) and `keyframe`: the state of one
 * live entity, `cause` = row of its last transition. Recordings of operations that ask for verbs of
 * drivers have `asked:VERB`, `acted:VERB` and `failed:VERB` as well: see `acts.ts`. Keyframe rows have record batches of their own;
 * consecutive ones of the same time make up one snapshot of everything.
 *
 * Metadata of the schema: `strata.version`, `strata.scenario`, `strata.seed`, `strata.mode`,
 * `strata.profile`, `strata.parameters` (JSON), `strata.model` (JSON, RecordingModel) and, for live
 * runs, `strata.started`. A file whose writer died lacks the footer and is a stream from byte 8 on.
 */

export const FORMAT_VERSION = '1';

/** Name and Arrow type of each column, in order. */
export const COLUMNS = [
  ['time_s', 'Float64'],
  ['entity', 'Uint32'],
  ['from', 'Dictionary<Uint16, Utf8>'],
  ['event', 'Dictionary<Uint16, Utf8>'],
  ['to', 'Dictionary<Uint16, Utf8>'],
  ['cause', 'Int32'],
  ['value', 'Float64'],
  ['detail', 'Utf8'],
] as const;

/** Rows of a full record batch. */
export const BATCH_ROWS = 65_536;

/** `cause` and the row index are 32-bit, so a recording ends here. */
export const MAX_ROWS = 2_147_483_647;

/** State and event ids are 16-bit. */
export const MAX_NAMES = 65_536;

/** Events with a meaning of their own; every event dictionary holds all of them. */
export const SPECIAL_EVENTS = [
  'created',
  'removed',
  'linked',
  'unlinked',
  'keyframe',
  'diverged',
  'adopted',
] as const;

export const METRIC_PREFIX = 'metric:';

/** What a row does to the picture of the world, by its event. */
export const ROLE = {
  /** A machine's transition, or a divergence: the entity is in `to` from here on. */
  transition: 0,
  created: 1,
  removed: 2,
  linked: 3,
  unlinked: 4,
  keyframe: 5,
  metric: 6,
} as const;

export type Role = (typeof ROLE)[keyof typeof ROLE];

export function roleOf(event: string): Role {
  switch (event) {
    case 'created':
      return ROLE.created;
    case 'removed':
      return ROLE.removed;
    case 'linked':
      return ROLE.linked;
    case 'unlinked':
      return ROLE.unlinked;
    case 'keyframe':
      return ROLE.keyframe;
    default:
      return event.startsWith(METRIC_PREFIX) ? ROLE.metric : ROLE.transition;
  }
}

export type StateClass = 'stable' | 'transient' | 'failed';

/** The part of the model that a reader needs to understand a recording without the program. */
export interface RecordingModel {
  readonly kinds: readonly { readonly kind: string; readonly layer: string }[];
  /** By `kind/state`. */
  readonly states: Readonly<
    Record<string, { readonly class: StateClass; readonly serving: boolean }>
  >;
  /**
   * Why an event moves an entity: event name -> state left -> one line. The state may be a whole
   * `kind/state`, any parent of it (`osd/up` for `osd/up.in`) or the kind alone.
   */
  readonly events: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface RecordingMetadata {
  readonly scenario: string;
  readonly seed: string;
  readonly mode: 'simulated' | 'live';
  readonly profile: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly model: RecordingModel;
  /** ISO time at which a live run started; simulated runs have none. */
  readonly started?: string;
}

/** What a recorder is given at the start: metadata, and the names behind the numeric ids. */
export interface RecordingHead {
  readonly metadata: RecordingMetadata;
  /** State names `kind/state`; the index is the id. */
  readonly states: readonly string[];
  /** Event names; the index is the id. Holds all of SPECIAL_EVENTS. */
  readonly events: readonly string[];
}

/** The kind is the part of a state's name before the first slash. */
export function kindOfState(name: string): string {
  const slash = name.indexOf('/');
  return slash < 0 ? name : name.slice(0, slash);
}

/** The one-line reason for an event in a state, or an empty string where the model gives none. */
export function reasonOf(model: RecordingModel, event: string, from: string): string {
  const reasons = model.events[event];
  if (reasons === undefined) return '';
  const kind = kindOfState(from);
  for (let state = from; state.length > kind.length; ) {
    if (Object.hasOwn(reasons, state)) return reasons[state];
    const dot = state.lastIndexOf('.');
    state = dot > kind.length ? state.slice(0, dot) : kind;
  }
  return Object.hasOwn(reasons, kind) ? reasons[kind] : '';
}
