/**
 * A simulated backend: the same contract as the drivers of real systems, for any layer, built from
 * the layer's machines and a timing profile, in virtual time. What a verb does is read from the
 * compiled tables: it may be asked for in states from which a transition requests it, and it ends
 * where `done` leads from there.
 */

import type { Action, Backend, Fault, Observation, Outcome } from '../engine/contract.ts';
import { sample } from '../engine/distribution.ts';
import { COMMON_FAULTS, type CommonFaultCode } from '../engine/faults.ts';
import { Stream } from '../engine/random.ts';
import { requestsVerb } from '../engine/requests.ts';
import { NO_HANDLE, type Scheduler } from '../engine/scheduler.ts';
import type { CompiledModel } from '../engine/tables.ts';
import { LAYERS, type Layer } from '../model/layers.ts';
import type { Profile } from './profile.ts';

export interface SimBackendOptions {
  readonly model: CompiledModel;
  readonly layer: Layer;
  readonly profile: Profile;
  readonly seed: number;
  /** The virtual time in which it answers; whoever runs it makes time pass. */
  readonly scheduler: Scheduler;
}

type Reply = (outcome: Outcome) => void;

/** What is there, whether or not anybody asked for it. */
interface Thing {
  readonly kind: string;
  readonly name: string;
  /** Global number of its state. */
  state: number;
  /** The act under way on it, and the state its machine is in meanwhile. */
  act: Act | undefined;
}

interface Act {
  readonly thing: Thing;
  readonly transient: number;
  readonly fails: boolean;
  stop: () => void;
}

interface Pending {
  readonly action: Action;
  readonly replies: Reply[];
  act: Act | undefined;
  stopDeadline: () => void;
}

/** The faults of a simulated backend beside the common ones, with what to do. Codes are stable. */
export const SIM_FAULTS = {
  SIM_WRONG_STATE: 'Look at the state of the entity.',
  SIM_VERB_FAILED: 'The timing profile gives this verb a probability of failing; ask again.',
  SIM_OVERTAKEN: 'Look at the entity: a later act ended this one.',
  SIM_CONNECTION_LOST: 'Look at the entity once the connection is back.',
} as const;

type Code = keyof typeof SIM_FAULTS | CommonFaultCode;

/** How many outcomes are remembered for keys that come again. */
const KEYS_MAX = 10_000;
/** How long a busy entity keeps others waiting before they should ask again. */
const BUSY_RETRY_AFTER_S = 1;

export class SimBackend implements Backend {
  readonly name = 'simulated';
  readonly layer: Layer;
  readonly #model: CompiledModel;
  readonly #profile: Profile;
  readonly #scheduler: Scheduler;
  readonly #random: Stream;
  readonly #things = new Map<string, Thing>();
  readonly #pending = new Map<string, Pending>();
  readonly #settled = new Map<string, { readonly action: Action; readonly outcome: Outcome }>();
  readonly #listeners = new Set<(observation: Observation) => void>();
  readonly #work: (() => void)[] = [];
  readonly #free: number[] = [];
  readonly #handler: number;
  #acts = 0;
  #isConnected = true;
  #isClosed = false;

  constructor(options: SimBackendOptions) {
    this.layer = options.layer;
    this.#model = options.model;
    this.#profile = options.profile;
    this.#scheduler = options.scheduler;
    this.#random = Stream.fromSeed(options.seed).fork('backend');
    this.#handler = this.#scheduler.handler((index) => {
      const work = this.#work[index];
      this.#free.push(index);
      work();
    });
  }

  verbs(kind: string): readonly string[] {
    const known = this.#model.kinds.find((each) => each.kind === kind);
    if (!known || LAYERS[known.layer] !== this.layer) return [];
    const prefix = `${kind}.`;
    return this.#model.verbNames
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  }

  request(action: Action, reply: Reply): void {
    const refused = this.#refusal(action);
    const settled = this.#settled.get(action.key);
    const pending = this.#pending.get(action.key);
    if (refused) this.#soon(() => reply({ type: 'fault', fault: refused }));
    else if (settled) this.#soon(() => reply(settled.outcome));
    else if (pending) pending.replies.push(reply);
    else this.#start(action, reply);
  }

  cancel(key: string): void {
    const pending = this.#pending.get(key);
    if (!pending) return;
    const effect = pending.act ? 'unknown' : 'none';
    this.#settle(pending, faulty('CANCELLED', `${describe(pending.action)} was cancelled`, effect));
  }

  observe(kind: string, entity: string, reply: (seen: Observation | Fault) => void): void {
    this.#soon(() => reply(this.#outage() ?? this.#seen(kind, entity)));
  }

  list(reply: (seen: readonly Observation[] | Fault) => void): void {
    this.#soon(() => {
      const things = [...this.#things.values()];
      const seen = things.map(({ kind, name }) => this.#seen(kind, name));
      reply(this.#outage() ?? seen.filter(({ state }) => state !== 'absent'));
    });
  }

  watch(listener: (observation: Observation) => void): () => void {
    if (this.#isClosed) return () => {};
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(closed: () => void): void {
    this.#isClosed = true;
    for (const pending of [...this.#pending.values()]) {
      const message = `${describe(pending.action)} was given up: the backend was closed`;
      this.#settle(pending, faulty('BACKEND_CLOSED', message, pending.act ? 'unknown' : 'none'));
    }
    for (const thing of this.#things.values()) {
      thing.act?.stop();
      thing.act = undefined;
    }
    this.#listeners.clear();
    this.#soon(closed);
  }

  // ---------------------------------------------------------------- what a world may do to it

  /** Changes an entity behind the back of whoever uses the backend; watchers are told. */
  change(kind: string, entity: string, state: string): void {
    const thing = this.#thing(kind, entity);
    this.#things.set(`${kind}/${entity}`, thing);
    this.#become(thing, this.#model.stateId(`${kind}/${state}`));
  }

  /** Breaks the connection: what was asked for goes on, but nobody hears of it. */
  disconnect(): void {
    this.#isConnected = false;
    for (const pending of [...this.#pending.values()]) {
      const message = `the connection was lost during ${describe(pending.action)}`;
      const effect = pending.act ? 'unknown' : 'none';
      this.#settle(pending, faulty('SIM_CONNECTION_LOST', message, effect));
    }
  }

  /** Mends the connection; watchers are told what there is, since they may have missed it. */
  reconnect(): void {
    this.#isConnected = true;
    for (const thing of this.#things.values()) this.#report(thing);
  }

  // ---------------------------------------------------------------- actions

  #refusal(action: Action): Fault | undefined {
    const known = this.#pending.get(action.key)?.action ?? this.#settled.get(action.key)?.action;
    if (known && describe(known) !== describe(action)) {
      const message = `key ${action.key} stands for ${describe(known)}, not ${describe(action)}`;
      return fault('KEY_REUSED', message, 'none');
    }
    if (
      !this.#isClosed &&
      (action.layer !== this.layer || !this.verbs(action.kind).includes(action.verb))
    ) {
      return fault('UNSUPPORTED_VERB', `${describe(action)} is not to be had here`, 'none');
    }
    return this.#outage();
  }

  #outage(): Fault | undefined {
    if (this.#isClosed) return fault('BACKEND_CLOSED', `${this.name} is closed`, 'none');
    if (this.#isConnected) return undefined;
    return fault('SIM_CONNECTION_LOST', 'there is no connection', 'none', true);
  }

  #start(action: Action, reply: Reply): void {
    const pending: Pending = { action, replies: [reply], act: undefined, stopDeadline: () => {} };
    this.#pending.set(action.key, pending);
    pending.stopDeadline = this.#after(action.deadline_s, () => {
      const message = `${describe(action)} did not end within ${action.deadline_s} s`;
      this.#settle(pending, faulty('DEADLINE_EXCEEDED', message, pending.act ? 'unknown' : 'none'));
    });
    this.#soon(() => {
      if (this.#pending.get(action.key) === pending) this.#begin(pending);
    });
  }

  #begin(pending: Pending): void {
    const { kind, entity, verb } = pending.action;
    const thing = this.#thing(kind, entity);
    const verbId = this.#model.verbId(`${kind}.${verb}`);
    const under = thing.act;
    const transient = this.#asking(under?.transient ?? thing.state, verbId);
    if (transient < 0 && under) {
      this.#settle(pending, { type: 'busy', retry_after_s: BUSY_RETRY_AFTER_S });
      return;
    }
    if (transient < 0) {
      const message = `${describe(pending.action)}: it is ${this.#stateName(thing.state)}`;
      this.#settle(pending, faulty('SIM_WRONG_STATE', message, 'none'));
      return;
    }
    if (under) this.#overtake(under, pending.action);
    const stream = this.#random.fork(`${kind}/${entity}/${verb}/${this.#acts++}`);
    const { distribution, fault_ratio = 0 } = this.#profile.get(`${kind}.${verb}`);
    const duration_s = sample(distribution, stream);
    const fails = stream.next() < fault_ratio;
    const act: Act = { thing, transient, fails, stop: () => {} };
    act.stop = this.#after(duration_s, () => this.#end(act));
    pending.act = act;
    thing.act = act;
    this.#things.set(`${kind}/${entity}`, thing);
  }

  #overtake(act: Act, by: Action): void {
    act.stop();
    for (const pending of [...this.#pending.values()]) {
      if (pending.act !== act) continue;
      const message = `${describe(pending.action)} was ended by ${describe(by)}`;
      this.#settle(pending, faulty('SIM_OVERTAKEN', message, 'unknown'));
    }
  }

  #end(act: Act): void {
    const { thing } = act;
    thing.act = undefined;
    const event = this.#model.eventId(act.fails ? 'fault' : 'done');
    const waiting = [...this.#pending.values()].filter((pending) => pending.act === act);
    this.#become(thing, this.#target(act.transient, event, thing.state));
    for (const pending of waiting) {
      const outcome: Outcome = act.fails
        ? faulty('SIM_VERB_FAILED', `${describe(pending.action)} failed`, 'none')
        : { type: 'done', observation: this.#seen(thing.kind, thing.name) };
      this.#settle(pending, outcome);
    }
  }

  /** The first outcome counts. */
  #settle(pending: Pending, outcome: Outcome): void {
    const { action } = pending;
    if (this.#pending.get(action.key) !== pending) return;
    this.#pending.delete(action.key);
    pending.stopDeadline();
    if (outcome.type !== 'busy') this.#remember(action, outcome);
    for (const reply of pending.replies) this.#soon(() => reply(outcome));
  }

  #remember(action: Action, outcome: Outcome): void {
    this.#settled.set(action.key, { action, outcome });
    if (this.#settled.size <= KEYS_MAX) return;
    const [oldest] = this.#settled.keys();
    this.#settled.delete(oldest);
  }

  // ---------------------------------------------------------------- states

  /** What there is, or what would be if it came into being. */
  #thing(kind: string, name: string): Thing {
    const state = this.#model.kinds[this.#model.kindId(kind)].initialState;
    return this.#things.get(`${kind}/${name}`) ?? { kind, name, state, act: undefined };
  }

  #seen(kind: string, entity: string): Observation {
    const thing = this.#things.get(`${kind}/${entity}`);
    return { kind, entity, state: thing ? this.#stateName(thing.state) : 'absent' };
  }

  #stateName(state: number): string {
    const name = this.#model.stateNames[state];
    return name.slice(name.indexOf('/') + 1);
  }

  #become(thing: Thing, state: number): void {
    if (thing.state === state) return;
    thing.state = state;
    if (this.#isConnected) this.#report(thing);
  }

  #report(thing: Thing): void {
    const seen = this.#seen(thing.kind, thing.name);
    for (const listener of [...this.#listeners]) this.#soon(() => this.#tell(listener, seen));
  }

  /** A listener that left meanwhile is not told. */
  #tell(listener: (observation: Observation) => void, seen: Observation): void {
    if (this.#listeners.has(listener)) listener(seen);
  }

  /** The state that requests a verb and can be entered from `state` by some event, or -1. */
  #asking(state: number, verbId: number): number {
    const { table, candidates, eventNames, ops } = this.#model;
    for (let event = 0; event < eventNames.length; event++) {
      let candidate = table[state * eventNames.length + event];
      for (; candidate > 0; candidate = candidates[candidate * 4 + 3]) {
        if (requestsVerb(ops, candidates[candidate * 4 + 2], verbId)) {
          return candidates[candidate * 4 + 1];
        }
      }
    }
    return -1;
  }

  /**
   * Where an event leads. Guards read counters of the machine, which a world does not have: a
   * guarded transition counts when it leads back to the state that the entity is really in.
   */
  #target(from: number, event: number, current: number): number {
    const { table, candidates, eventNames } = this.#model;
    let candidate = table[from * eventNames.length + event];
    for (; candidate > 0; candidate = candidates[candidate * 4 + 3]) {
      const [guards, target] = candidates.subarray(candidate * 4);
      if (guards === 0 || target === current) return target;
    }
    return current;
  }

  // ---------------------------------------------------------------- virtual time

  #soon(work: () => void): void {
    this.#scheduler.soon(this.#handler, this.#keep(work));
  }

  /** Returns what takes the work back; it may be called after the work was done, too. */
  #after(delay_s: number, work: () => void): () => void {
    let handle = NO_HANDLE;
    const index = this.#keep(() => {
      handle = NO_HANDLE;
      work();
    });
    handle = this.#scheduler.after(delay_s, this.#handler, index);
    return () => {
      if (handle === NO_HANDLE) return;
      this.#scheduler.cancel(handle);
      this.#free.push(index);
      handle = NO_HANDLE;
    };
  }

  #keep(work: () => void): number {
    const index = this.#free.pop() ?? this.#work.length;
    this.#work[index] = work;
    return index;
  }
}

function describe(action: Action): string {
  return `${action.verb} of ${action.layer} ${action.kind}/${action.entity}`;
}

function fault(code: Code, message: string, effect: Fault['effect'], retryable = false): Fault {
  const advice = { ...COMMON_FAULTS, ...SIM_FAULTS }[code];
  return { code, message, advice, effect, retryable };
}

function faulty(code: Code, message: string, effect: Fault['effect']): Outcome {
  return { type: 'fault', fault: fault(code, message, effect) };
}
