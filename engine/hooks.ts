/** What the world hears of: entries into states, creations and removals. */
import { StrataError } from './errors.ts';
import type { CompiledModel } from './tables.ts';

/** Called after a transition: the entity, its row, the event, and the state left. */
export type Hook = (entity: number, row: number, event: number, from: number) => void;
export type EntityHook = (entity: number) => void;

interface EnterHook {
  readonly call: Hook;
  /** A set of states: the hook is not called for a move from one side of it to the same side. */
  readonly border: Uint8Array | undefined;
  /** Whether the state that the hook waits in is in the set. */
  readonly side: number;
}

export class Hooks {
  readonly #model: CompiledModel;
  readonly #enter: (EnterHook[] | undefined)[];
  readonly #created: (EntityHook[] | undefined)[];
  readonly #removed: (EntityHook[] | undefined)[];
  readonly #masks = new Map<string, Uint8Array>();

  constructor(model: CompiledModel) {
    this.#model = model;
    this.#enter = new Array(model.stateNames.length).fill(undefined);
    this.#created = new Array(model.kinds.length).fill(undefined);
    this.#removed = new Array(model.kinds.length).fill(undefined);
  }

  /** Calls `hook` when an entity comes into the states that a pattern means from outside of them. */
  onEnter(kind: string, pattern: string, call: Hook): void {
    const matches = this.statesMatching(kind, pattern);
    const states = this.#statesOf(kind).filter((s) => matches[s] === 1);
    const border = states.length > 1 ? matches : undefined;
    for (const s of states) this.#add(s, { call, border, side: 1 });
  }

  /** Calls `hook` when an entity of a kind comes into a set of states or leaves it. */
  onCrossing(kind: string, states: Uint8Array, call: Hook): void {
    for (const s of this.#statesOf(kind)) this.#add(s, { call, border: states, side: states[s] });
  }

  /** Calls `hook` whenever an entity of a kind changes its state. */
  onEveryEntry(kind: string, call: Hook): void {
    for (const s of this.#statesOf(kind)) this.#add(s, { call, border: undefined, side: 0 });
  }

  onCreated(kind: string, hook: EntityHook): void {
    const id = this.#model.kindId(kind);
    this.#created[id] = [...(this.#created[id] ?? []), hook];
  }

  onRemoved(kind: string, hook: EntityHook): void {
    const id = this.#model.kindId(kind);
    this.#removed[id] = [...(this.#removed[id] ?? []), hook];
  }

  /** Tells of a change from one state to another. */
  entered(entity: number, from: number, to: number, row: number, event: number): void {
    const hooks = this.#enter[to];
    if (hooks === undefined) return;
    for (let i = 0; i < hooks.length; i++) {
      const { border, side, call } = hooks[i];
      if (border === undefined || border[from] !== side) call(entity, row, event, from);
    }
  }

  created(kindId: number, entity: number): void {
    const hooks = this.#created[kindId];
    if (hooks !== undefined) for (let i = 0; i < hooks.length; i++) hooks[i](entity);
  }

  removed(kindId: number, entity: number): void {
    const hooks = this.#removed[kindId];
    if (hooks !== undefined) for (let i = 0; i < hooks.length; i++) hooks[i](entity);
  }

  /** A mask over state numbers: 1 for the states of a kind that a pattern of `onEnter` means. */
  statesMatching(kind: string, pattern: string): Uint8Array {
    const key = `${kind}/${pattern}`;
    const known = this.#masks.get(key);
    if (known) return known;
    const matches = this.#maskOf(kind, pattern);
    this.#masks.set(key, matches);
    return matches;
  }

  #maskOf(kind: string, pattern: string): Uint8Array {
    const { stateNames } = this.#model;
    const matches = new Uint8Array(stateNames.length);
    for (const s of this.#statesOf(kind)) {
      const state = stateNames[s].slice(kind.length + 1);
      const parts = [state, ...state.split('+')];
      if (parts.some((p) => p === pattern || p.startsWith(`${pattern}.`))) matches[s] = 1;
    }
    if (!matches.includes(1)) {
      throw new StrataError('MODEL_UNKNOWN_NAME', `'${kind}' has no state '${pattern}'`);
    }
    return matches;
  }

  #add(state: number, hook: EnterHook): void {
    const hooks = this.#enter[state];
    if (hooks) hooks.push(hook);
    else this.#enter[state] = [hook];
  }

  #statesOf(kind: string): number[] {
    const { firstState, stateCount } = this.#model.kinds[this.#model.kindId(kind)];
    return Array.from({ length: stateCount }, (_, i) => firstState + i);
  }
}
