/** The flat form of a model: what compiling machines gives, and what the engine runs. */
import type { EdgeType } from '../model/stack.ts';
import { StrataError } from './errors.ts';

/** An entry of `table`: no candidate, and the event is not listed as ignored either. */
export const UNHANDLED = 0;
/** An entry of `table`: the event needs no answer here. */
export const IGNORED = -1;

/** Most counters and simultaneous timeouts of an entity. */
export const SLOTS_MAX = 4;
export const TIMERS_MAX = 3;

/** Operations of a transition, as runs of integers in `ops`. */
export const Op = {
  END: 0,
  /** slot, value */
  SET: 1,
  /** slot, amount */
  ADD: 2,
  /** verb */
  REQUEST: 3,
  /** gives up the request in flight */
  CANCEL_REQUEST: 4,
  /** timer, delay, event */
  START_TIMER: 5,
  /** timer */
  CANCEL_TIMER: 6,
} as const;

export const GuardOp = { END: 0, BELOW: 1, AT_LEAST: 2 } as const;

export const STATE_CLASSES = ['stable', 'transient', 'failed'] as const;
export type StateClass = (typeof STATE_CLASSES)[number];

export interface CompiledKind {
  readonly id: number;
  readonly kind: string;
  readonly layer: number;
  readonly firstState: number;
  readonly stateCount: number;
  readonly initialState: number;
  /** Index into `ops` of what entering the initial state does. */
  readonly initialOps: number;
  readonly slotNames: readonly string[];
  readonly slotInitial: readonly number[];
  /** Events its machine knows, by global number. */
  readonly events: ReadonlySet<number>;
  /** Edge types in which this kind is the dependent, by global number; at most GROUPS_MAX count. */
  readonly groups: readonly number[];
}

/** The flat form of a model. All numbers are global over the model. */
export interface CompiledModel {
  readonly kinds: readonly CompiledKind[];
  /** `kind/state`, such as `server/building.spawning` or `osd/up+in`. */
  readonly stateNames: readonly string[];
  readonly stateKind: Uint8Array;
  /** Index into STATE_CLASSES. */
  readonly stateClass: Uint8Array;
  readonly serving: Uint8Array;
  readonly eventNames: readonly string[];
  /** `kind.verb` and `kind.delay`: the keys of timing profiles. */
  readonly verbNames: readonly string[];
  readonly delayNames: readonly string[];
  /** [state * events + event] -> first candidate (> 0), UNHANDLED or IGNORED. */
  readonly table: Int32Array;
  /** Candidate i at 4i: guards, target state, ops, next candidate (0: none). */
  readonly candidates: Int32Array;
  readonly guards: Int32Array;
  readonly ops: Int32Array;
  readonly reasons: readonly string[];
  readonly edges: readonly EdgeType[];
  kindId(kind: string): number;
  stateId(name: string): number;
  eventId(name: string): number;
  verbId(name: string): number;
}

/** A compiled model without its look-ups, which follow from the names. */
export type ModelTables = Omit<CompiledModel, 'kindId' | 'stateId' | 'eventId' | 'verbId'>;

/** Adds the look-ups by name. They throw MODEL_UNKNOWN_NAME. */
export function withLookups(tables: ModelTables): CompiledModel {
  const lookup = (what: string, names: readonly string[]) => {
    const ids = new Map(names.map((name, id) => [name, id]));
    return (name: string) => {
      const id = ids.get(name);
      if (id !== undefined) return id;
      throw new StrataError('MODEL_UNKNOWN_NAME', `the model has no ${what} '${name}'`);
    };
  };
  return {
    ...tables,
    kindId: lookup(
      'kind',
      tables.kinds.map((k) => k.kind),
    ),
    stateId: lookup('state', tables.stateNames),
    eventId: lookup('event', tables.eventNames),
    verbId: lookup('verb', tables.verbNames),
  };
}

/** Most edge types of one dependent that can lose it. */
export const GROUPS_MAX = 6;

/** Names of rows that are no events of machines; a machine may not use them. */
export const ENGINE_EVENTS = [
  'created',
  'removed',
  'linked',
  'unlinked',
  'keyframe',
  'diverged',
  'adopted',
] as const;
