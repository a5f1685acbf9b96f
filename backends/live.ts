/**
 * The live world: the same engine and machines as in a simulation, with the wall clock, and
 * backends that act on real systems. What machines request becomes actions with idempotency keys,
 * deadlines and retries; what backends report becomes events of the machines.
 */

import type { Action, Backend, Fault, Observation } from '../engine/contract.ts';
import { type Engine, NO_ROW, NO_STATE, type World } from '../engine/engine.ts';
import { StrataError } from '../engine/errors.ts';
import type { ActEnd } from '../engine/operator.ts';
import { isOnlyNoted, requestsVerb } from '../engine/requests.ts';
import { IGNORED, STATE_CLASSES } from '../engine/tables.ts';
import { LAYERS, type Layer } from '../model/layers.ts';
import { type LiveClock, wallClock } from './clock.ts';
import { isFault } from './fault.ts';
import { ActionsInFlight, type Request } from './in-flight.ts';

export interface LiveOptions {
  readonly engine: Engine;
  readonly backends: readonly Backend[];
  /** Names this run, so that its idempotency keys are nobody else's. */
  readonly run: string;
  /** Kinds that are there and not driven: whatever their machines request counts as done. */
  readonly given: ReadonlySet<string>;
  /** What a verb of an entity is given, such as the size of a domain. */
  params(entity: number, verb: string): Readonly<Record<string, unknown>>;
  /** Seconds after which a verb is given up, by `kind.verb`. */
  deadline_s(verb: string): number;
  /**
   * Length of a named timeout, by `kind.delay`. By default there are none: what a simulation ends
   * by a timeout, such as QEMU's exit, ends in reality when a backend reports it.
   */
  delay_s?(delay: string): number;
  /** An action ended in a fault, after whatever retries. */
  onFault(entity: number, action: Action, fault: Fault): void;
  /**
   * After such a fault the entity rests where it is, as far as anybody knows: nothing that was asked
   * for is under way any more. Where the act may have happened it was looked at first.
   */
  onFailed?(entity: number, fault: Fault): void;
  /** A backend reports something that is not of this run. */
  onStranger?(observation: Observation): void;
  /** Everything due was done; a live recording is flushed here. */
  onQuiet?(): void;
  /** The engine refused something: a mistake in a model. The run cannot go on. */
  onError(cause: unknown): void;
  readonly clock?: LiveClock;
  readonly random?: () => number;
}

export class LiveWorld implements World {
  readonly #options: LiveOptions;
  readonly #engine: Engine;
  readonly #clock: LiveClock;
  readonly #inFlight: ActionsInFlight;
  /** Entities by `kind/name`; one that was removed stays until its name comes again. */
  readonly #entities = new Map<string, number>();
  /** The state that was last reported of an entity. */
  readonly #lastSeen = new Map<number, number>();
  /** The event of the operation that an entity's machine follows, until it rests. */
  readonly #followed = new Map<number, string>();
  readonly #states: ReadonlyMap<string, number>;
  readonly #events: ReadonlyMap<string, number>;
  readonly #done: number;
  readonly #fault: number;
  #unwatch: (() => void)[] = [];
  #sleep: () => void = () => {};
  #isRunning = false;
  /** A machine goes where its entity was seen. */
  #isFollowing = false;
  /** Counts down, so that no token of the engine is met. */
  #operations = 0;
  #isStopped = false;

  constructor(options: LiveOptions) {
    const { engine } = options;
    this.#options = options;
    this.#engine = engine;
    this.#clock = options.clock ?? wallClock();
    this.#inFlight = new ActionsInFlight({
      clock: this.#clock,
      random: options.random ?? Math.random,
      act: (work) => this.act(work),
      onFault: options.onFault,
      observed: (seen) => this.#observed(seen),
      isSeen: (entity) =>
        (this.#lastSeen.get(entity) ?? engine.state[entity]) === engine.state[entity],
    });
    this.#states = new Map(engine.model.stateNames.map((name, id) => [name, id]));
    this.#events = new Map(engine.model.eventNames.map((name, id) => [name, id]));
    this.#done = engine.model.eventId('done');
    this.#fault = engine.model.eventId('fault');
    engine.world = this;
  }

  /** Begins: listens to every backend and takes over what is there already. Throws its fault. */
  async start(): Promise<void> {
    const { backends } = this.#options;
    /** Changes reported before it is known what there was. */
    let early: Observation[] | undefined = [];
    const report = (seen: Observation) => {
      if (early) early.push(seen);
      else this.act(() => this.#observed(seen));
    };
    for (const backend of backends) this.#unwatch.push(backend.watch(report));
    const lists = await Promise.all(backends.map(listed));
    const waiting = early;
    early = undefined;
    this.act(() => {
      for (const each of lists.flat()) this.#found(each);
      for (const each of waiting) this.#observed(each);
    });
    this.act(() => {});
  }

  /** Does something to the engine now: what was due before happens first, what follows after. */
  act(work: () => void): void {
    if (this.#isStopped) return;
    if (this.#isRunning) {
      work();
      return;
    }
    this.#isRunning = true;
    try {
      const now_s = this.#clock.now_s();
      this.#engine.run(now_s);
      work();
      this.#engine.run(now_s);
      this.#options.onQuiet?.();
      this.#sleepUntilNext();
    } catch (cause) {
      this.#options.onError(cause);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Ends: nothing is asked or heard any more, and every backend is closed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#sleep();
    for (const unwatch of this.#unwatch) unwatch();
    this.#unwatch = [];
    this.#inFlight.stop();
    await Promise.all(
      this.#options.backends.map((backend) => new Promise<void>((closed) => backend.close(closed))),
    );
  }

  // ---------------------------------------------------------------- for the engine

  created(entity: number): void {
    this.#entities.set(this.#nameOf(entity), entity);
    this.#lastSeen.delete(entity);
    this.#followed.delete(entity);
  }

  request(entity: number, verbId: number, token: number): void {
    const { kind, layer } = this.#engine.kindOf(entity);
    const [, verb] = this.#engine.model.verbNames[verbId].split('.');
    const backend = this.#backendFor(LAYERS[layer], kind, verb);
    if (this.#options.given.has(kind)) {
      this.#grant(entity, token);
      return;
    }
    if (!backend) throw this.#noBackend(entity, verb);
    // The system is at it already, and is seen when it has ended: asking for it would begin it anew.
    if (this.#isFollowing) return;
    // A machine that rests while it asks, such as that of a node that is monitored, only watches.
    let isAwaited = true;
    this.#begin(entity, verb, token, backend, {
      ended: (ok) => {
        isAwaited = !this.#rests(entity);
        this.#engine.complete(entity, token, ok ? this.#done : this.#fault);
        if (this.#rests(entity)) this.#followed.delete(entity);
      },
      concluded: (fault) => {
        if (isAwaited) this.#concluded(entity, fault);
      },
    });
  }

  /**
   * Gives a machine the event of an operation. What the machine would only note, such as a cordon,
   * a backend with a verb of that name is asked for first; the machine notes it once it is done.
   */
  operate(entity: number, event: number): void {
    const { kind, layer } = this.#engine.kindOf(entity);
    const verb = this.#engine.model.eventNames[event];
    const backend = this.#backendFor(LAYERS[layer], kind, verb);
    const before = this.#engine.state[entity];
    const isAsked = !this.#options.given.has(kind) && backend?.verbs(kind).includes(verb);
    if (!backend || !isAsked || !isOnlyNoted(this.#engine.model, before, event)) {
      this.#followed.set(entity, verb);
      this.#engine.send(entity, event, NO_ROW);
      return;
    }
    this.#begin(entity, verb, --this.#operations, backend, {
      ended: (ok) => {
        // What the backend showed meanwhile may have led there already.
        if (ok && this.#engine.state[entity] === before) this.#engine.send(entity, event, NO_ROW);
      },
      concluded: (fault) => this.#concluded(entity, fault),
    });
  }

  /**
   * Asks for a verb that no machine has an event for, such as `attach_disk`. Its entity stays in its
   * state, unless a backend reports another one. `settled` is called once. Throws LIVE_NO_BACKEND.
   */
  perform(entity: number, verb: string, settled: (how: ActEnd) => void): void {
    const { kind, layer } = this.#engine.kindOf(entity);
    const backend = this.#backendFor(LAYERS[layer], kind, verb);
    if (!backend?.verbs(kind).includes(verb)) throw this.#noBackend(entity, verb);
    this.#begin(entity, verb, --this.#operations, backend, {
      ended: (ok, seen) => {
        if (ok) settled({ attributes: seen?.attributes });
      },
      concluded: (fault) => settled({ fault }),
    });
  }

  /** Whether an entity was seen, or something became of it: one that a run only names may not be there. */
  isThere(entity: number): boolean {
    const { model, state } = this.#engine;
    const { kind } = this.#engine.kindOf(entity);
    const first = model.kinds[model.kindId(kind)].initialState;
    return this.#lastSeen.has(entity) || state[entity] !== first;
  }

  /**
   * Whether nothing would come of an operation: nothing is there of a kind that is never absent, or the
   * entity rests in a state in which its machine ignores the event, and no backend is asked beside it.
   */
  isInVain(entity: number, event: number): boolean {
    const { model, state } = this.#engine;
    if (this.#isNamedOnly(entity)) return true;
    const s = state[entity];
    const isThere = s !== NO_STATE && this.#rests(entity);
    return isThere && model.table[s * model.eventNames.length + event] === IGNORED;
  }

  /** Whether nothing is known of an entity whose machine would begin by making it. */
  #isNamedOnly(entity: number): boolean {
    const { model } = this.#engine;
    const { initialOps } = model.kinds[model.kindId(this.#engine.kindOf(entity).kind)];
    const isMade = initialOps > 0 && requestsVerb(model.ops, initialOps);
    return isMade && !this.isThere(entity) && !this.#inFlight.isAwaited(entity);
  }

  #begin(
    entity: number,
    verb: string,
    token: number,
    backend: Backend,
    then: Pick<Request, 'ended' | 'concluded'>,
  ): void {
    const { kind, layer } = this.#engine.kindOf(entity);
    const name = this.#engine.names[entity];
    const action: Action = {
      key: `${this.#options.run}/${kind}/${name}/${verb}/${token}`,
      layer: LAYERS[layer],
      kind,
      entity: name,
      verb,
      event: token < 0 ? undefined : this.#followed.get(entity),
      params: this.#options.params(entity, verb),
      deadline_s: this.#options.deadline_s(`${kind}.${verb}`),
    };
    this.#inFlight.begin({ entity, token, action, backend, ...then });
  }

  cancel(entity: number, token: number): void {
    this.#inFlight.cancel(entity, token);
  }

  delay_s(_entity: number, delay: number): number {
    const name = this.#engine.model.delayNames[delay];
    return this.#options.delay_s?.(name) ?? Number.POSITIVE_INFINITY;
  }

  /** Several systems may drive a layer, such as OVN and Open vSwitch: the first that can counts. */
  #backendFor(layer: Layer, kind: string, verb: string): Backend | undefined {
    const ofLayer = this.#options.backends.filter((backend) => backend.layer === layer);
    return ofLayer.find((backend) => backend.verbs(kind).includes(verb)) ?? ofLayer[0];
  }

  // ---------------------------------------------------------------- actions

  /** Answers a request of a kind that is given, once the engine has finished asking. */
  #grant(entity: number, token: number): void {
    this.#clock.wake(0, () => {
      this.act(() => this.#engine.complete(entity, token, this.#done));
    });
  }

  #concluded(entity: number, fault: Fault): void {
    const isOver = this.#rests(entity) && !this.#inFlight.has(entity);
    if (isOver) this.#options.onFailed?.(entity, fault);
  }

  #noBackend(entity: number, verb: string): StrataError {
    const { kind, layer } = this.#engine.kindOf(entity);
    return new StrataError(
      'LIVE_NO_BACKEND',
      `${this.#nameOf(entity)} requests '${verb}', and nothing of ${LAYERS[layer]} that is driven has it`,
      `give the run a backend of that layer that has it, or declare the kind '${kind}' as given`,
    );
  }

  #rests(entity: number): boolean {
    const { model, state } = this.#engine;
    const s = state[entity];
    return s === NO_STATE || STATE_CLASSES[model.stateClass[s]] !== 'transient';
  }

  // ---------------------------------------------------------------- observations

  /** What was there when the run began is taken over, unless it was reported on since. */
  #found(seen: Observation): void {
    const entity = this.#entities.get(`${seen.kind}/${seen.entity}`);
    const state = this.#states.get(`${seen.kind}/${seen.state}`);
    if (entity === undefined || state === undefined || this.#lastSeen.has(entity)) {
      this.#observed(seen);
      return;
    }
    this.#lastSeen.set(entity, state);
    this.#engine.adopt(entity, state, seen.reason ?? seen.state);
  }

  /**
   * A machine learns what its entity does now. When that is what it has asked for, its request is
   * answered. A backend that knows the machine's own event for it
   * says so in the attribute `event`: the machine may then answer it, or let it pass. Whatever no
   * transition allows becomes a divergence, in the engine.
   */
  #observed(seen: Observation): void {
    const entity = this.#entities.get(`${seen.kind}/${seen.entity}`);
    const state = this.#states.get(`${seen.kind}/${seen.state}`);
    if (entity !== undefined && state === undefined && this.#isGone(entity, seen)) return;
    if (entity === undefined || state === undefined || !this.#isCurrent(entity, seen)) {
      this.#options.onStranger?.(seen);
      return;
    }
    const { model } = this.#engine;
    const isNews = this.#lastSeen.get(entity) !== state;
    if (this.#isNamedOnly(entity)) {
      this.#lastSeen.set(entity, state);
      this.#engine.adopt(entity, state, seen.reason ?? seen.state);
      return;
    }
    this.#lastSeen.set(entity, state);
    const now = this.#engine.state[entity];
    const isUnderWay = this.#inFlight.has(entity);
    // What was so before the request is still so: that says nothing about how the request ends.
    if (now === state || (isUnderWay && !isNews)) return;
    if (this.#inFlight.isAwaited(entity) && this.#isAnswer(now, state)) {
      this.#inFlight.answer(entity); // the backend's own answer says the same, a moment later
      return;
    }
    // In a transient state the change follows from what led there; otherwise nobody asked for it.
    const isExpected = STATE_CLASSES[model.stateClass[now]] === 'transient';
    const cause = isExpected ? this.#engine.lastRowOf(entity) : NO_ROW;
    const event = this.#eventOf(seen);
    const entry = event === undefined ? 0 : model.table[now * model.eventNames.length + event];
    if (entry === IGNORED) return;
    this.#isFollowing = true;
    if (event !== undefined && entry > 0) this.#engine.send(entity, event, cause);
    else this.#engine.observe(entity, state, seen.reason ?? seen.state, cause);
    this.#isFollowing = false;
  }

  /** What the machine calls a change, where the backend says so. */
  #eventOf({ attributes }: Observation): number | undefined {
    const named = attributes?.['event'];
    return typeof named === 'string' ? this.#events.get(named) : undefined;
  }

  /**
   * Whether an observation says that an entity is gone whose machine has no state `absent`, such as
   * a volume that ends in `deleted`: then the backend's name for the change leads there. While a
   * request is under way, its answer tells.
   */
  #isGone(entity: number, seen: Observation): boolean {
    const event = this.#eventOf(seen);
    if (seen.state !== 'absent' || event === undefined || !this.#isCurrent(entity, seen)) {
      return false;
    }
    if (!this.#inFlight.has(entity)) this.#engine.send(entity, event, NO_ROW);
    return true;
  }

  /** Whether a state is the one that the request of state `now` leads to when it ends well. */
  #isAnswer(now: number, state: number): boolean {
    const { table, candidates, eventNames } = this.#engine.model;
    const candidate = table[now * eventNames.length + this.#done];
    return (
      candidate > 0 && candidates[candidate * 4] === 0 && candidates[candidate * 4 + 1] === state
    );
  }

  #isCurrent(entity: number, seen: Observation): boolean {
    const { names, state } = this.#engine;
    return state[entity] !== NO_STATE && names[entity] === seen.entity;
  }

  #nameOf(entity: number): string {
    return `${this.#engine.kindOf(entity).kind}/${this.#engine.names[entity]}`;
  }

  // ---------------------------------------------------------------- time

  #sleepUntilNext(): void {
    this.#sleep();
    this.#sleep = () => {};
    const next_s = this.#engine.scheduler.nextTime;
    if (next_s === Number.POSITIVE_INFINITY) return;
    const wait_s = Math.max(0, next_s - this.#clock.now_s());
    this.#sleep = this.#clock.wake(wait_s, () => this.act(() => {}));
  }
}

function listed(backend: Backend): Promise<readonly Observation[]> {
  return new Promise((resolve, reject) => {
    backend.list((answer) => {
      if (isFault(answer)) reject(new StrataError(answer.code, answer.message, answer.advice));
      else resolve(answer);
    });
  });
}
