import type { Action, Backend, Fault, Observation, Outcome } from '../engine/contract.ts';
import { commonFault } from '../engine/faults.ts';
import type { Layer } from '../model/layers.ts';
import type { Driver } from './driver.ts';
import { BusyError, faultOf } from './fault.ts';
import { type Turn, Turns } from './turns.ts';

type Reply = (outcome: Outcome) => void;

interface Pending {
  readonly action: Action;
  readonly replies: Reply[];
  readonly abort: AbortController;
  readonly deadline: NodeJS.Timeout;
  turn: Turn | undefined;
  effect: Fault['effect'];
}

interface Settled {
  readonly action: Action;
  readonly outcome: Outcome;
}

/** How many outcomes are remembered for keys that come again; the oldest are forgotten first. */
const KEYS_MAX = 10_000;
/** How many actions are under way at a time, unless the driver says otherwise. */
const ACTIONS_MAX = 8;
/** The longest wait a timer can hold (2^31 - 1 ms). */
const TIMER_MS_MAX = 2_147_483_647;

/**
 * A `Backend` made of a promise-shaped `Driver`.
 *
 * Idempotency: a key whose action is under way joins it; a key whose action ended gets the same
 * outcome again. The exceptions are `busy` and retryable faults without effect: nothing was done,
 * so the same key acts when it comes again. Keys are remembered in memory for `KEYS_MAX` actions.
 *
 * Order: acts on one entity follow one another, unless the driver's `order` says otherwise. Waiting
 * counts against the deadline.
 */
export class DriverBackend<D extends Driver = Driver> implements Backend {
  readonly driver: D;
  readonly #pending = new Map<string, Pending>();
  readonly #settled = new Map<string, Settled>();
  readonly #unwatch = new Set<() => void>();
  readonly #turns: Turns;
  #closing: Promise<void> | undefined;

  constructor(driver: D) {
    this.driver = driver;
    const orderOf = (kind: string) => driver.order?.(kind) ?? {};
    this.#turns = new Turns(driver.actions_max ?? ACTIONS_MAX, orderOf);
  }

  get name(): string {
    return this.driver.name;
  }

  get layer(): Layer {
    return this.driver.layer;
  }

  verbs(kind: string): readonly string[] {
    return this.driver.verbs(kind);
  }

  request(action: Action, reply: Reply): void {
    const refused = this.#refusal(action);
    const settled = this.#settled.get(action.key);
    const pending = this.#pending.get(action.key);
    if (refused) later(() => reply({ type: 'fault', fault: refused }));
    else if (settled) later(() => reply(settled.outcome));
    else if (pending) pending.replies.push(reply);
    else this.#start(action, reply);
  }

  cancel(key: string): void {
    const pending = this.#pending.get(key);
    if (!pending) return;
    const message = `${describe(pending.action)} was cancelled`;
    this.#giveUp(pending, commonFault('CANCELLED', message, pending.effect));
  }

  observe(kind: string, entity: string, reply: (seen: Observation | Fault) => void): void {
    this.#ask(() => this.driver.observe(kind, entity), reply);
  }

  list(reply: (seen: readonly Observation[] | Fault) => void): void {
    this.#ask(() => this.driver.list(), reply);
  }

  watch(listener: (observation: Observation) => void): () => void {
    if (this.#closing) return () => {};
    const stop = this.driver.watch(listener);
    const unwatch = () => {
      if (this.#unwatch.delete(unwatch)) stop();
    };
    this.#unwatch.add(unwatch);
    return unwatch;
  }

  close(closed: () => void): void {
    this.#closing ??= this.#end();
    this.#closing.then(closed);
  }

  async #end(): Promise<void> {
    for (const unwatch of [...this.#unwatch]) unwatch();
    // The last first, so that none begins because the one before it is given up.
    for (const pending of [...this.#pending.values()].reverse()) {
      const message = `${describe(pending.action)} was given up: the backend was closed`;
      this.#giveUp(pending, commonFault('BACKEND_CLOSED', message, pending.effect));
    }
    await this.driver.close();
  }

  #refusal(action: Action): Fault | undefined {
    if (this.#closing) return commonFault('BACKEND_CLOSED', `${this.name} is closed`);
    const known = this.#pending.get(action.key)?.action ?? this.#settled.get(action.key)?.action;
    if (known && !isSameAct(known, action)) {
      const message = `key ${action.key} stands for ${describe(known)}, not ${describe(action)}`;
      return commonFault('KEY_REUSED', message);
    }
    const verbs = action.layer === this.layer ? this.verbs(action.kind) : [];
    if (verbs.includes(action.verb)) return undefined;
    return commonFault(
      'UNSUPPORTED_VERB',
      `${this.name} cannot ${action.verb} a ${action.layer} ${action.kind}; it can: ${verbs.join(', ') || 'nothing'}`,
    );
  }

  #start(action: Action, reply: Reply): void {
    const abort = new AbortController();
    const pending: Pending = {
      action,
      replies: [reply],
      abort,
      turn: undefined,
      effect: 'none',
      deadline: setTimeout(
        () => this.#giveUp(pending, tooLate(pending)),
        Math.min(action.deadline_s * 1000, TIMER_MS_MAX),
      ),
    };
    this.#pending.set(action.key, pending);
    pending.turn = this.#turns.enter(action, (acted) => this.#perform(pending, acted));
  }

  async #perform(pending: Pending, acted: () => void): Promise<void> {
    const { abort, action } = pending;
    const attempt = {
      signal: abort.signal,
      effect: (known: Fault['effect']) => {
        pending.effect = known;
        if (known !== 'none') acted();
      },
    };
    try {
      const observation = await this.driver.perform(action, attempt);
      this.#settle(pending, { type: 'done', observation });
    } catch (thrown) {
      this.#settle(pending, failure(thrown, pending.effect));
    }
  }

  #giveUp(pending: Pending, fault: Fault): void {
    this.#settle(pending, { type: 'fault', fault });
    pending.turn?.leave();
    pending.abort.abort(fault);
  }

  /** The first outcome counts; what a driver says after it was told to stop does not. */
  #settle(pending: Pending, outcome: Outcome): void {
    const { action } = pending;
    if (this.#pending.get(action.key) !== pending) return;
    this.#pending.delete(action.key);
    clearTimeout(pending.deadline);
    if (isFinal(outcome)) this.#remember(action, outcome);
    for (const reply of pending.replies) later(() => reply(outcome));
  }

  #remember(action: Action, outcome: Outcome): void {
    this.#settled.set(action.key, { action, outcome });
    if (this.#settled.size <= KEYS_MAX) return;
    for (const oldest of this.#settled.keys()) {
      this.#settled.delete(oldest);
      break;
    }
  }

  #ask<T>(question: () => Promise<T>, reply: (answer: T | Fault) => void): void {
    if (this.#closing) {
      const fault = commonFault('BACKEND_CLOSED', `${this.name} is closed`);
      later(() => reply(fault));
      return;
    }
    Promise.resolve()
      .then(question)
      .then(reply, (thrown) => reply(faultOf(thrown, 'none')));
  }
}

function failure(thrown: unknown, effect: Fault['effect']): Outcome {
  if (thrown instanceof BusyError) return { type: 'busy', retry_after_s: thrown.retry_after_s };
  return { type: 'fault', fault: faultOf(thrown, effect) };
}

function tooLate({ action, effect, turn }: Pending): Fault {
  if (turn?.behind) {
    const waited = `${describe(action)} waited ${action.deadline_s} s`;
    const message = `${waited} for ${describe(turn.behind)}, which has not ended`;
    return commonFault('EARLIER_ACT_UNDER_WAY', message);
  }
  const message = `${describe(action)} did not end within ${action.deadline_s} s`;
  return commonFault('DEADLINE_EXCEEDED', message, effect);
}

function isFinal(outcome: Outcome): boolean {
  if (outcome.type === 'busy') return false;
  return outcome.type === 'done' || !outcome.fault.retryable || outcome.fault.effect !== 'none';
}

function isSameAct(a: Action, b: Action): boolean {
  return a.kind === b.kind && a.entity === b.entity && a.verb === b.verb && a.layer === b.layer;
}

function describe(action: Action): string {
  return `${action.verb} of ${action.kind}/${action.entity}`;
}

/** Replies never come before the call that asks for them returned. */
function later(work: () => void): void {
  setImmediate(work);
}
