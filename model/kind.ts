/**
 * How a kind of entity is described: an XState v5 machine restricted to data, plus what XState does
 * not know (layer, source, which events may be ignored). The types below allow nothing but data, so
 * that a machine can be compiled to flat tables, drawn, and held against XState's own `transition()`.
 */
import { type AnyStateMachine, assign, createMachine } from 'xstate';
import type { Layer } from './layers.ts';

/**
 * Class tags: every leaf state carries exactly one. `serving`: dependents may rely on the entity;
 * leaving the serving states sends them `lost`, coming back `restored`.
 */
export type Tag = 'stable' | 'transient' | 'failed' | 'serving';

/** Guards read one counter ("slot") of the entity. */
export type GuardRef =
  | { readonly type: 'below'; readonly params: { readonly slot: string; readonly limit: number } }
  | {
      readonly type: 'atLeast';
      readonly params: { readonly slot: string; readonly limit: number };
    };

/** Actions change one counter, or ask the layer's backend to carry out a verb. */
export type ActionRef =
  | { readonly type: 'request'; readonly params: { readonly verb: string } }
  | { readonly type: 'set'; readonly params: { readonly slot: string; readonly value: number } }
  | { readonly type: 'add'; readonly params: { readonly slot: string; readonly amount: number } };

export interface TransitionConfig {
  /** A sibling state's key, `#kind.path.to.state`, or several of them in different regions. */
  readonly target?: string | readonly string[];
  readonly guard?: GuardRef;
  readonly actions?: ActionRef | readonly ActionRef[];
  /** Leaves and enters the source state even when the target lies within it. */
  readonly reenter?: true;
  /** Why the real system does this: one line, shown in recordings, diagrams and the reference. */
  readonly description: string;
}

export type Transitions = TransitionConfig | readonly TransitionConfig[];

export interface StateConfig {
  /** What the state means in the real system's own terms. */
  readonly description?: string;
  readonly type?: 'parallel';
  readonly initial?: string;
  readonly tags?: readonly Tag[];
  readonly entry?: ActionRef | readonly ActionRef[];
  readonly on?: Readonly<Record<string, Transitions>>;
  /** Timeouts by name; their lengths are profile data under `kind.name`. */
  readonly after?: Readonly<Record<string, Transitions>>;
  readonly states?: Readonly<Record<string, StateConfig>>;
  /** Events that need no answer in this state. */
  readonly meta?: { readonly ignores?: readonly string[] };
}

export interface KindSpec {
  /** Unique over all layers, in the field's own word: `machine`, `osd`, `server`. */
  readonly kind: string;
  readonly layer: Layer;
  /** One sentence: what real thing an entity of this kind stands for. */
  readonly describes: string;
  /** Where the states and transitions come from (documentation, upstream file, lab notes). */
  readonly source: string;
  /** Counters with their initial values; integers. At most four. */
  readonly slots?: Readonly<Record<string, number>>;
  /** Events that need no answer in any state that does not handle them. */
  readonly ignores?: readonly string[];
  readonly machine: StateConfig;
}

export interface KindDefinition extends KindSpec {
  readonly xstate: AnyStateMachine;
}

/** An entry or transition action that asks the backend for a verb. */
export const request = (verb: string): ActionRef => ({ type: 'request', params: { verb } });
export const set = (slot: string, value: number): ActionRef => ({
  type: 'set',
  params: { slot, value },
});
export const add = (slot: string, amount: number): ActionRef => ({
  type: 'add',
  params: { slot, amount },
});
export const below = (slot: string, limit: number): GuardRef => ({
  type: 'below',
  params: { slot, limit },
});
export const atLeast = (slot: string, limit: number): GuardRef => ({
  type: 'atLeast',
  params: { slot, limit },
});

type Slots = Record<string, number>;
type SlotArgs = { readonly context: Slots };

/** What the named guards and actions mean to XState; `engine/compile.ts` gives the tables' side. */
const implementations = {
  guards: {
    below: ({ context }: SlotArgs, p: { slot: string; limit: number }) => context[p.slot] < p.limit,
    atLeast: ({ context }: SlotArgs, p: { slot: string; limit: number }) =>
      context[p.slot] >= p.limit,
  },
  actions: {
    request: () => {},
    set: assign(({ context }: SlotArgs, p: { slot: string; value: number }) => ({
      ...context,
      [p.slot]: p.value,
    })),
    add: assign(({ context }: SlotArgs, p: { slot: string; amount: number }) => ({
      ...context,
      [p.slot]: context[p.slot] + p.amount,
    })),
  },
};

/**
 * Turns a description into a kind with its XState machine. The machine is complete: XState can run
 * it, and Stately's tools and `@xstate/graph` can read it. Delays are named; XState needs some
 * length for each and gets one millisecond, since real lengths belong to timing profiles.
 */
export function defineKind(spec: KindSpec): KindDefinition {
  let machine: AnyStateMachine | undefined;
  return {
    ...spec,
    // Made when first asked for: most programs use the compiled tables and never ask.
    get xstate() {
      machine ??= machineOf(spec);
      return machine;
    },
  };
}

function machineOf(spec: KindSpec): AnyStateMachine {
  const delays: Record<string, number> = {};
  collectDelays(spec.machine, delays);
  const config = { id: spec.kind, context: { ...spec.slots }, ...spec.machine };
  // XState's own types describe machines with inline functions; ours are narrower (StateConfig).
  return createMachine(config as never, { ...implementations, delays } as never);
}

function collectDelays(state: StateConfig, delays: Record<string, number>): void {
  for (const name of Object.keys(state.after ?? {})) delays[name] = 1;
  for (const child of Object.values(state.states ?? {})) collectDelays(child, delays);
}
