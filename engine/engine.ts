/**
 * The deterministic loop between machines and a world, the same for simulated and live runs.
 *
 * Entities are numbers ("slots", reused after removal). A transition looks one table entry up,
 * appends one row to the recording, runs the few operations of the transition, tells dependents when
 * the entity stops or starts serving, and calls the hooks of the world. It allocates nothing.
 */

import { Dependencies } from './dependencies.ts';
import type { Edges } from './edges.ts';
import { Entities, NO_STATE } from './entities.ts';
import { StrataError } from './errors.ts';
import { type EngineEvent, EventNames } from './event-names.ts';
import { type EntityHook, type Hook, Hooks } from './hooks.ts';
import { Machines } from './machines.ts';
import { combine32, hashString } from './random.ts';
import type { ActStage } from './recording/acts.ts';
import { statesBetween } from './regions.ts';
import { isOnlyNoted } from './requests.ts';
import type { RowSink } from './row-sink.ts';
import { Scheduler } from './scheduler.ts';
import { type CompiledKind, type CompiledModel, UNHANDLED } from './tables.ts';
import type { World } from './world.ts';

export { NO_STATE } from './entities.ts';
export type { Hook } from './hooks.ts';
export type { RowSink } from './row-sink.ts';
export type { World } from './world.ts';

/** No cause; no row. */
export const NO_ROW = -1;

export interface EngineOptions {
  readonly model: CompiledModel;
  readonly recorder: RowSink;
  /** Names of metrics that will be recorded, such as `power_w`. */
  readonly metrics?: readonly string[];
  /** Verbs that are asked for beside the machines: `recordAct`. */
  readonly acts?: readonly string[];
  /**
   * How many entities are expected at once. There is room for as many from the start: memory that is
   * not touched costs nothing, and arrays that grow are copied.
   */
  readonly capacity?: number;
}

const CAPACITY_min = 1024;
/** As in large clouds; arrays that turn out to be too small grow. */
const EDGES_PER_ENTITY = 2;
const EVENTS_PER_ENTITY = 0.25;

export class Engine {
  readonly model: CompiledModel;
  readonly scheduler: Scheduler;
  readonly recorder: RowSink;
  /** All events of the recording, by number. */
  readonly eventNames: readonly string[];
  readonly names: string[];
  /** Transitions so far, in all and by kind. Bookkeeping rows are not transitions. */
  transitions = 0;
  readonly transitionsOfKind: Float64Array;
  readonly createdOfKind: Float64Array;
  readonly aliveOfKind: Float64Array;
  divergences = 0;

  readonly #entities: Entities;
  readonly #dependencies: Dependencies;
  readonly #machines: Machines;
  readonly #hooks: Hooks;
  readonly #events: EventNames;
  readonly #event: Readonly<Record<EngineEvent, number>>;
  readonly #kindOfState: Uint8Array;
  readonly #serving: Uint8Array;
  readonly #freeOrdinals: number[][];
  readonly #sendHandler: number;
  #dispatching = false;
  #onTransition: ((entity: number, row: number) => void) | undefined;

  constructor(options: EngineOptions) {
    const { model } = options;
    const capacity = Math.max(CAPACITY_min, options.capacity ?? 0);
    this.model = model;
    this.scheduler = new Scheduler(Math.ceil(capacity * EVENTS_PER_ENTITY));
    this.#entities = new Entities(capacity);
    this.recorder = options.recorder;
    this.#events = new EventNames(model, options.metrics ?? [], options.acts ?? []);
    this.#event = this.#events.engine;
    this.eventNames = this.#events.all;
    this.#kindOfState = model.stateKind;
    this.#serving = model.serving;
    this.transitionsOfKind = new Float64Array(model.kinds.length);
    this.createdOfKind = new Float64Array(model.kinds.length);
    this.aliveOfKind = new Float64Array(model.kinds.length);
    this.#freeOrdinals = model.kinds.map(() => []);
    const entities = this.#entities;
    this.names = entities.names;
    const deliver = (entity: number, event: number, cause: number) => {
      this.#dispatch(entity, event, cause);
    };
    const { scheduler } = this;
    this.#sendHandler = scheduler.handler(deliver);
    this.#machines = new Machines({ model, entities, scheduler, deliver });
    const edges = capacity * EDGES_PER_ENTITY;
    this.#dependencies = new Dependencies(model, entities, edges, (entity, event, cause) => {
      this.send(entity, event, cause);
    });
    this.#hooks = new Hooks(model);
  }

  get world(): World | undefined {
    return this.#machines.world;
  }

  set world(world: World | undefined) {
    this.#machines.world = world;
  }

  /** Seconds since the start of the run. */
  get now(): number {
    return this.scheduler.now;
  }

  /** Runs everything due up to `until_s` seconds. */
  run(until_s: number): void {
    this.scheduler.run(until_s);
  }

  // ---------------------------------------------------------------- entities

  /** Global state number of every slot, or NO_STATE. */
  get state(): Uint16Array {
    return this.#entities.state;
  }

  /** Entities alive, over all kinds. */
  get alive(): number {
    return this.#entities.alive;
  }

  /** One more than the highest slot in use: for loops over all slots. */
  get slotCount(): number {
    return this.#entities.slotCount;
  }

  /**
   * Creates an entity in its machine's initial state. `name` is unique within its kind: it is what
   * recordings and users call it, and what its random draws are keyed by. Unless it `begins`, its machine
   * does nothing of its own there: what becomes of it is seen, or asked of it.
   */
  create(kindId: number, name: string, cause: number = NO_ROW, begins = true): number {
    const kind = this.model.kinds[kindId];
    const entities = this.#entities;
    const { now } = this.scheduler;
    const s = kind.initialState;
    const entity = entities.take(now, s, name);
    entities.setKey(entity, combine32(hashString(name), kindId));
    entities.setOrdinal(entity, this.#freeOrdinals[kindId].pop() ?? this.aliveOfKind[kindId]);
    const initial = kind.slotInitial;
    for (let i = 0; i < initial.length; i++) entities.setSlot(entity, i, initial[i]);
    this.createdOfKind[kindId]++;
    this.aliveOfKind[kindId]++;
    const { created } = this.#event;
    const uid = entities.uid(entity);
    const row = this.recorder.appendWithDetail(now, uid, s, created, s, cause, name);
    entities.setLastRow(entity, row);
    this.#machines.world?.created(entity);
    if (begins && kind.initialOps) this.#machines.run(entity, kind.initialOps, row);
    this.#hooks.created(kindId, entity);
    return entity;
  }

  /** Removes an entity: its timers and request are given up, its edges cut. */
  remove(entity: number, cause: number = this.lastRowOf(entity)): void {
    const entities = this.#entities;
    const s = entities.state[entity];
    if (s === NO_STATE) return;
    const kindId = this.#kindOfState[s];
    this.#hooks.removed(kindId, entity);
    const { edges } = this.#dependencies;
    for (let e = edges.firstIn(entity); e; e = edges.firstIn(entity)) this.#leave(e, entity);
    for (let e = edges.firstOut(entity); e; e = edges.firstOut(entity)) this.#cut(e);
    this.#machines.cancelRequest(entity);
    this.#machines.cancelTimers(entity);
    const { now } = this.scheduler;
    this.recorder.append(now, entities.uid(entity), s, this.#event.removed, s, cause);
    this.aliveOfKind[kindId]--;
    this.#freeOrdinals[kindId].push(entities.ordinal(entity));
    entities.retire(entity, now);
  }

  /** Whether a remembered (entity, uid) is still the same living entity. */
  isAlive(entity: number, uid: number): boolean {
    return this.#entities.state[entity] !== NO_STATE && this.#entities.uid(entity) === uid;
  }

  kindOf(entity: number): CompiledKind {
    return this.model.kinds[this.kindIdOf(entity)];
  }

  kindIdOf(entity: number): number {
    return this.#kindOfState[this.#entities.state[entity]];
  }

  isServing(entity: number): boolean {
    return this.#serving[this.#entities.state[entity]] === 1;
  }

  /** Number in the recording, never reused. */
  uidOf(entity: number): number {
    return this.#entities.uid(entity);
  }

  /** Row of the latest transition. */
  lastRowOf(entity: number): number {
    return this.#entities.lastRow(entity);
  }

  /** Key of the entity's random draws: a hash of kind and name, as a signed integer. */
  keyOf(entity: number): number {
    return this.#entities.key(entity);
  }

  /** Dense number within the kind, reused after removal. */
  ordinalOf(entity: number): number {
    return this.#entities.ordinal(entity);
  }

  /** When the entity entered its state, in seconds. */
  since_s(entity: number): number {
    return this.#entities.since_s(entity);
  }

  /** A counter of the entity's machine, by its number in `slotNames` of its kind. */
  slot(entity: number, slot: number): number {
    return this.#entities.slot(entity, slot);
  }

  setSlot(entity: number, slot: number, value: number): void {
    this.#entities.setSlot(entity, slot, value);
  }

  /** Whether everything the entity needs is serving. */
  isSatisfied(entity: number): boolean {
    return this.#entities.unsatisfied(entity) === 0;
  }

  /** Number of edge types along which the entity lacks what it needs. */
  unsatisfiedGroups(entity: number): number {
    return this.#entities.unsatisfied(entity);
  }

  /** Calls `visit` for every living entity of a kind, in slot order. */
  forEach(kindId: number, visit: (entity: number) => void): void {
    for (let entity = 0; entity < this.slotCount; entity++) {
      const s = this.state[entity];
      if (s !== NO_STATE && this.#kindOfState[s] === kindId) visit(entity);
    }
  }

  // ---------------------------------------------------------------- edges

  get edges(): Edges {
    return this.#dependencies.edges;
  }

  /** Makes `dependent` depend on `provider`, along the edge type of their kinds in the stack. */
  link(provider: number, dependent: number, cause: number = this.lastRowOf(dependent)): void {
    this.#dependencies.link(provider, dependent, cause);
    this.#recordEdge(provider, dependent, this.#event.linked, cause);
  }

  /** Cuts the edge between two entities, if there is one. */
  unlink(provider: number, dependent: number): void {
    const edge = this.edges.find(provider, dependent);
    if (edge) this.#cut(edge);
  }

  /** The first provider of a kind that `dependent` is linked to, or -1. */
  providerOf(dependent: number, kindId: number): number {
    const { edges } = this.#dependencies;
    for (let e = edges.firstIn(dependent); e; e = edges.nextIn(e)) {
      const provider = edges.provider(e);
      if (this.kindIdOf(provider) === kindId) return provider;
    }
    return -1;
  }

  /** The first dependent of a kind that is linked to `provider`, or -1. */
  dependentOf(provider: number, kindId: number): number {
    const { edges } = this.#dependencies;
    for (let e = edges.firstOut(provider); e; e = edges.nextOut(e)) {
      const dependent = edges.dependent(e);
      if (this.kindIdOf(dependent) === kindId) return dependent;
    }
    return -1;
  }

  /** Calls `visit` for every dependent of a kind; links may not change meanwhile. */
  forEachDependent(provider: number, kindId: number, visit: (dependent: number) => void): void {
    const { edges } = this.#dependencies;
    for (let e = edges.firstOut(provider); e; e = edges.nextOut(e)) {
      const dependent = edges.dependent(e);
      if (this.kindIdOf(dependent) === kindId) visit(dependent);
    }
  }

  /** The row of the edge comes before the rows that its end leads to: these are sent, not run. */
  #cut(edge: number): void {
    const { edges } = this.#dependencies;
    const dependent = edges.dependent(edge);
    const cause = this.#entities.lastRow(dependent);
    this.#recordEdge(edges.provider(edge), dependent, this.#event.unlinked, cause);
    this.#dependencies.cut(edge, cause);
  }

  /** Cuts an edge whose dependent is being removed: what it lacks matters no more. */
  #leave(edge: number, dependent: number): void {
    const { edges } = this.#dependencies;
    const cause = this.#entities.lastRow(dependent);
    this.#recordEdge(edges.provider(edge), dependent, this.#event.unlinked, cause);
    edges.remove(edge);
  }

  #recordEdge(provider: number, dependent: number, event: number, cause: number): void {
    const entities = this.#entities;
    const s = entities.state[dependent];
    const { recorder } = this;
    const { now } = this.scheduler;
    const uid = entities.uid(dependent);
    recorder.appendWithValue(now, uid, s, event, s, cause, entities.uid(provider));
  }

  // ---------------------------------------------------------------- events

  /** Sends an event now, after everything already sent. */
  send(entity: number, event: number, cause: number = NO_ROW): void {
    this.scheduler.soon(this.#sendHandler, entity, event, cause);
  }

  /** Ends the request `token` of an entity with an event of its machine (`done`, `fault`, ...). */
  complete(entity: number, token: number, event: number): void {
    if (!this.isRequested(entity, token)) return;
    this.#machines.endRequest(entity);
    if (this.#dispatching) this.send(entity, event, token);
    else this.#dispatch(entity, event, token);
  }

  /** As `complete`, in `delay_s` seconds; forgotten when the request is given up before. */
  completeIn(delay_s: number, entity: number, token: number, event: number): void {
    if (this.isRequested(entity, token)) this.#machines.answerIn(delay_s, entity, token, event);
  }

  /** Forgets what `completeIn` promised; the request stays. */
  forgetAnswer(entity: number): void {
    this.#machines.forgetAnswer(entity);
  }

  /** Whether a request is still wanted. */
  isRequested(entity: number, token: number): boolean {
    return this.#entities.request(entity) === token;
  }

  /**
   * Takes what a world says: follows the transition that leads to the state observed; if there is
   * none, records a divergence and adopts the state, since reality wins.
   */
  observe(entity: number, observed: number, detail = '', cause: number = NO_ROW): void {
    const entities = this.#entities;
    const s = entities.state[entity];
    if (s === observed || s === NO_STATE || this.#followTo(entity, observed, cause)) return;
    this.#machines.cancelRequest(entity);
    this.#machines.cancelTimers(entity);
    const from = entities.state[entity];
    const { diverged } = this.#event;
    const { now } = this.scheduler;
    const uid = entities.uid(entity);
    const row = this.recorder.appendWithDetail(now, uid, from, diverged, observed, cause, detail);
    this.divergences++;
    this.#settleIn(entity, from, observed, row, diverged);
  }

  /** Goes where an entity was seen, region by region where several have moved; whether it got there. */
  #followTo(entity: number, observed: number, cause: number): boolean {
    const machines = this.#machines;
    const { model } = this;
    const s = this.state[entity];
    const direct = machines.eventTo(entity, s, observed);
    if (direct >= 0) {
      this.#dispatch(entity, direct, cause);
      return this.state[entity] === observed;
    }
    for (const between of statesBetween(model, s, observed)) {
      const event = machines.eventTo(entity, s, between);
      const leadsOn = event >= 0 && machines.eventTo(entity, between, observed) >= 0;
      // What is on the way there is history: nothing is asked for in it.
      if (!leadsOn || !isOnlyNoted(model, s, event)) continue;
      this.#dispatch(entity, event, cause);
      return this.state[entity] === between && this.#followTo(entity, observed, cause);
    }
    return false;
  }

  /**
   * Takes over the state that an entity had before the run began: no transition led there within
   * it, and none was missing.
   */
  adopt(entity: number, found: number, detail = ''): void {
    const from = this.state[entity];
    if (from === found || from === NO_STATE) return;
    const uid = this.uidOf(entity);
    const { adopted } = this.#event;
    const row = this.recorder.appendWithDetail(this.now, uid, from, adopted, found, NO_ROW, detail);
    this.#settleIn(entity, from, found, row, adopted);
  }

  /** Records a sample of a metric that was named at construction. */
  metric(entity: number, name: string, value: number): void {
    const event = this.#events.metric(name);
    const s = this.state[entity];
    this.recorder.appendWithValue(this.now, this.uidOf(entity), s, event, s, NO_ROW, value);
  }

  /**
   * Records what is done to an entity beside its machine, which stays where it is. Returns the row.
   * The verb was named at construction.
   */
  recordAct(entity: number, stage: ActStage, verb: string, cause: number, detail: string): number {
    const event = this.#events.act(stage, verb);
    const s = this.state[entity];
    const { now, recorder } = this;
    return recorder.appendWithDetail(now, this.uidOf(entity), s, event, s, cause, detail);
  }

  #dispatch(entity: number, event: number, cause: number): void {
    const entities = this.#entities;
    const machines = this.#machines;
    const s = entities.state[entity];
    if (s === NO_STATE) return;
    const first = machines.entry(s, event);
    if (first === UNHANDLED) this.#unhandled(entity, event);
    const candidate = machines.choose(entity, first);
    if (candidate <= 0) return;
    const to = machines.target(candidate);
    const ops = machines.operations(candidate);
    const uid = entities.uid(entity);
    const row = this.recorder.append(this.scheduler.now, uid, s, event, to, cause);
    this.transitions++;
    this.transitionsOfKind[this.#kindOfState[s]]++;
    this.#dispatching = true;
    entities.state[entity] = to;
    entities.setLastRow(entity, row);
    if (ops) machines.run(entity, ops, row);
    if (s !== to) this.#entered(entity, s, to, row, event);
    if (this.#onTransition) this.#onTransition(entity, row);
    this.#dispatching = false;
  }

  #settleIn(entity: number, from: number, to: number, row: number, event: number): void {
    this.#entities.state[entity] = to;
    this.#entities.setLastRow(entity, row);
    if (from !== to) this.#entered(entity, from, to, row, event);
    if (this.#onTransition) this.#onTransition(entity, row);
  }

  #entered(entity: number, from: number, to: number, row: number, event: number): void {
    this.#entities.setSince_s(entity, this.scheduler.now);
    const serves = this.#serving[to];
    if (serves !== this.#serving[from]) this.#dependencies.tell(entity, serves === 1, row);
    this.#hooks.entered(entity, from, to, row, event);
  }

  #unhandled(entity: number, event: number): never {
    const state = this.model.stateNames[this.state[entity]];
    throw new StrataError(
      'EVENT_UNHANDLED',
      `'${this.names[entity]}' in ${state} neither handles nor ignores '${this.eventNames[event]}'`,
      'add a transition for it, or list it under ignores with the machine in model/',
    );
  }

  // ---------------------------------------------------------------- hooks

  /**
   * Calls `hook` when an entity of a kind enters a state. `pattern` is a leaf such as `active.idle`,
   * a parent such as `building`, or one region's part of a parallel machine's state.
   */
  onEnter(kind: string, pattern: string, hook: Hook): void {
    this.#hooks.onEnter(kind, pattern, hook);
  }

  /** Calls `hook` whenever an entity of a kind changes its state. */
  onEveryEntry(kind: string, hook: Hook): void {
    this.#hooks.onEveryEntry(kind, hook);
  }

  /** Calls `hook` when an entity of a kind comes into a set of states (a mask) or leaves it. */
  onCrossing(kind: string, states: Uint8Array, hook: Hook): void {
    this.#hooks.onCrossing(kind, states, hook);
  }

  /** Calls `hook` when an entity of a kind was created; it has no edges yet. */
  onCreated(kind: string, hook: EntityHook): void {
    this.#hooks.onCreated(kind, hook);
  }

  /** Calls `hook` just before an entity of a kind is removed. */
  onRemoved(kind: string, hook: EntityHook): void {
    this.#hooks.onRemoved(kind, hook);
  }

  /** A mask over state numbers: 1 for the states of a kind that a pattern of `onEnter` means. */
  statesMatching(kind: string, pattern: string): Uint8Array {
    return this.#hooks.statesMatching(kind, pattern);
  }

  /** Calls `observer` after every transition: for invariants. At most one. */
  onTransition(observer: (entity: number, row: number) => void): void {
    this.#onTransition = observer;
  }
}
