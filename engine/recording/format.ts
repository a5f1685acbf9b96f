/**
 * What a recording is made of: an Arrow IPC file with one schema, one row for each thing that
 * happened, in order. See docs/recording.md for the columns and special events.
 */

export const FORMAT_VERSION = '1';

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
