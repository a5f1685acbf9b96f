/**
 * The deterministic loop between machines and a world, the same for simulated and live runs.
 *
 * Entities are numbers ("slots", reused after removal); what is known of them is kept in typed
 * arrays. A transition looks one table entry up, appends one row to the recording, runs the few
 * operations of the transition, tells dependents when the entity stops or starts serving, and calls
 * the hooks of the world. It allocates nothing.
 */

import { Edges } from './edges.ts';
import { StrataError } from './errors.ts';
import { grown } from './grow.ts';
import { combine32, hashString } from './random.ts';
import { NO_HANDLE, Scheduler } from './scheduler.ts';
import {
  type CompiledKind,
  type CompiledModel,
  ENGINE_EVENTS,
  GROUPS_MAX,
  GuardOp,
  Op,
  TIMERS_MAX,
  UNHANDLED,
} from './tables.ts';

/** Where rows go; `engine/recording/recorder.ts` writes them as Arrow. */
export interface RowSink {
  readonly rows: number;
  append(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
  ): number;
  appendWithValue(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    value: number,
  ): number;
  appendWithDetail(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    detail: string,
  ): number;
}

/** What carries out verbs. Answers with `engine.complete`, never before `request` returns. */
export interface World {
  /** An entity exists now; called before its machine asks for anything. */
  created(entity: number): void;
  /** `token` identifies the request; it is also the row that caused it. */
  request(entity: number, verb: number, token: number): void;
  cancel(entity: number, token: number): void;
  /** The length in seconds of a named timeout of this entity. */
  delay_s(entity: number, delay: number): number;
}

/** Called after a transition: the entity, its row, the event, and the state left. */
export type Hook = (entity: number, row: number, event: number, from: number) => void;

/** Rows that the engine itself records, after the model's events in the dictionary. */
export type EngineEvent = (typeof ENGINE_EVENTS)[number];

/** The state of a slot that holds no entity. */
export const NO_STATE = 0xffff;
/** No cause; no row. */
export const NO_ROW = -1;

// Words of an entity's record; the time is the double that words 10 and 11 make up.
const RECORD = 16;
const REQUEST = 0;
const TIMERS = 1;
const SLOTS = 4;
const UNSATISFIED = 8;
const UID = 9;
const LAST_ROW = 12;
const KEY = 13;
const ORDINAL = 14;
const RECORD_TIMES = RECORD / 2;
const SINCE_s = 5;

interface EnterHook {
  readonly matches: Uint8Array;
  readonly call: Hook;
}

export interface EngineOptions {
  readonly model: CompiledModel;
  readonly recorder: RowSink;
  /** Names of metrics that will be recorded, such as `power_w`. */
  readonly metrics?: readonly string[];
}

export class Engine {
  readonly model: CompiledModel;
  readonly scheduler = new Scheduler(4096);
  readonly edges = new Edges();
  readonly recorder: RowSink;
  /** All event names of a recording: the model's, the engine's, the metrics'. */
  readonly eventNames: readonly string[];
  world: World | undefined;

  /** Global state number, or NO_STATE. */
  state = new Uint16Array(1024).fill(NO_STATE);
  names: string[] = [];
  /** Transitions so far, in all and by kind. Bookkeeping rows are not transitions. */
  transitions = 0;
  readonly transitionsOfKind: Float64Array;
  readonly createdOfKind: Float64Array;
  readonly aliveOfKind: Float64Array;
  divergences = 0;

  readonly #eventCount: number;
  readonly #engineEvent: Record<EngineEvent, number>;
  readonly #metricEvent = new Map<string, number>();
  readonly #lost: number;
  readonly #restored: number;
  readonly #kindOfState: Uint8Array;
  /** Group of an edge type within its dependent, or -1 when nothing is lost along it. */
  readonly #groupOfType: Int8Array;
  readonly #needsAny: Uint8Array;
  /** [provider kind * kinds + dependent kind] -> edge type, or -1. */
  readonly #typeByKinds: Int16Array;
  readonly #enterHooks: (EnterHook[] | undefined)[];
  readonly #freeOrdinals: number[][];
  readonly #masks = new Map<string, Uint8Array>();
  readonly #createdHooks: (((entity: number) => void)[] | undefined)[] = [];
  readonly #removedHooks: (((entity: number) => void)[] | undefined)[] = [];

  /**
   * One record of RECORD words for each entity, a cache line: what a transition touches beside the
   * state. In separate arrays every field would be a cache miss of its own.
   */
  #records = new Int32Array(1024 * RECORD).fill(-1);
  #recordTimes = new Float64Array(this.#records.buffer);
  #groupTotal = new Uint16Array(1024 * GROUPS_MAX);
  #groupServing = new Uint16Array(1024 * GROUPS_MAX);
  #slotCount = 0;
  #uidCount = 0;
  /** Slots of removed entities, with the time of removal: reused only at a later instant. */
  #retired: number[] = [];
  #retiredAt: number[] = [];
  #retiredHead = 0;
  #dispatching = false;
  readonly #sendHandler: number;
  readonly #timerHandler: number;
  #onTransition: ((entity: number, row: number) => void) | undefined;

  constructor(options: EngineOptions) {
    const { model } = options;
    this.model = model;
    this.recorder = options.recorder;
    this.#eventCount = model.eventNames.length;
    const metrics = options.metrics ?? [];
    this.eventNames = [...model.eventNames, ...ENGINE_EVENTS, ...metrics.map((m) => `metric:${m}`)];
    const at = (i: number) => this.#eventCount + i;
    this.#engineEvent = Object.fromEntries(ENGINE_EVENTS.map((e, i) => [e, at(i)])) as never;
    metrics.forEach((m, i) => {
      this.#metricEvent.set(m, at(ENGINE_EVENTS.length + i));
    });
    this.#lost = model.eventNames.indexOf('lost');
    this.#restored = model.eventNames.indexOf('restored');
    this.#kindOfState = model.stateKind;
    this.#enterHooks = new Array(model.stateNames.length).fill(undefined);
    this.transitionsOfKind = new Float64Array(model.kinds.length);
    this.createdOfKind = new Float64Array(model.kinds.length);
    this.aliveOfKind = new Float64Array(model.kinds.length);
    this.#freeOrdinals = model.kinds.map(() => []);
    this.#groupOfType = new Int8Array(model.edges.length).fill(-1);
    this.#needsAny = Uint8Array.from(model.edges, (e) => (e.needs === 'any' ? 1 : 0));
    this.#typeByKinds = new Int16Array(model.kinds.length ** 2).fill(-1);
    this.#indexEdgeTypes();
    this.#sendHandler = this.scheduler.handler((entity, event, cause) => {
      this.#dispatch(entity, event, cause);
    });
    this.#timerHandler = this.scheduler.handler((entity, packed, cause) => {
      this.#records[entity * RECORD + TIMERS + (packed >>> 16)] = NO_HANDLE;
      this.#dispatch(entity, packed & 0xffff, cause);
    });
  }

  #indexEdgeTypes(): void {
    const { edges, kinds } = this.model;
    for (const kind of kinds) {
      kind.groups.forEach((type, group) => {
        this.#groupOfType[type] = group;
      });
    }
    const ids = new Map(kinds.map((k) => [k.kind, k.id]));
    edges.forEach((edge, type) => {
      const provider = ids.get(edge.provider);
      const dependent = ids.get(edge.dependent);
      if (provider === undefined || dependent === undefined) return;
      this.#typeByKinds[provider * kinds.length + dependent] = type;
    });
  }

  // ---------------------------------------------------------------- entities

  /** Seconds since the start of the run. */
  get now(): number {
    return this.scheduler.now;
  }

  /** Entities alive, over all kinds. */
  get alive(): number {
    return this.#slotCount - (this.#retired.length - this.#retiredHead);
  }

  /** One more than the highest slot in use: for loops over all slots. */
  get slotCount(): number {
    return this.#slotCount;
  }

  /**
   * Creates an entity in its machine's initial state. `name` is unique within its kind: it is what
   * recordings and users call it, and what its random draws are keyed by.
   */
  create(kindId: number, name: string, cause: number = NO_ROW): number {
    const kind = this.model.kinds[kindId];
    const entity = this.#takeSlot();
    this.state[entity] = kind.initialState;
    this.#records[entity * RECORD + UID] = this.#uidCount++;
    this.#records[entity * RECORD + KEY] = combine32(hashString(name), kindId);
    this.#records[entity * RECORD + ORDINAL] =
      this.#freeOrdinals[kindId].pop() ?? this.aliveOfKind[kindId];
    this.names[entity] = name;
    this.#records[entity * RECORD + UNSATISFIED] = 0;
    for (let at = entity * GROUPS_MAX; at < (entity + 1) * GROUPS_MAX; at++) {
      this.#groupTotal[at] = 0;
      this.#groupServing[at] = 0;
    }
    for (let i = 0; i < kind.slotInitial.length; i++) {
      this.#records[entity * RECORD + SLOTS + i] = kind.slotInitial[i];
    }
    this.createdOfKind[kindId]++;
    this.aliveOfKind[kindId]++;
    const s = kind.initialState;
    const { recorder } = this;
    const event = this.#engineEvent.created;
    const row = recorder.appendWithDetail(this.now, this.uidOf(entity), s, event, s, cause, name);
    this.#records[entity * RECORD + LAST_ROW] = row;
    this.#recordTimes[entity * RECORD_TIMES + SINCE_s] = this.now;
    this.world?.created(entity);
    if (kind.initialOps) this.#run(entity, kind.initialOps, row);
    const hooks = this.#createdHooks[kindId];
    if (hooks) for (let i = 0; i < hooks.length; i++) hooks[i](entity);
    return entity;
  }

  /** Removes an entity: its timers and request are given up, its edges cut. */
  remove(entity: number, cause: number = this.lastRowOf(entity)): void {
    const s = this.state[entity];
    if (s === NO_STATE) return;
    const hooks = this.#removedHooks[this.#kindOfState[s]];
    if (hooks) for (let i = 0; i < hooks.length; i++) hooks[i](entity);
    const { edges } = this;
    for (let e = edges.firstIn[entity]; e; e = edges.firstIn[entity]) this.#cut(e);
    for (let e = edges.firstOut[entity]; e; e = edges.firstOut[entity]) this.#cut(e);
    this.#cancelRequest(entity);
    for (let i = 0; i < TIMERS_MAX; i++) this.#cancelTimer(entity * RECORD + TIMERS + i);
    this.recorder.append(this.now, this.uidOf(entity), s, this.#engineEvent.removed, s, cause);
    const kindId = this.#kindOfState[s];
    this.aliveOfKind[kindId]--;
    this.#freeOrdinals[kindId].push(this.ordinalOf(entity));
    this.state[entity] = NO_STATE;
    this.#retired.push(entity);
    this.#retiredAt.push(this.now);
  }

  /** Whether a remembered (entity, uid) is still the same living entity. */
  isAlive(entity: number, uid: number): boolean {
    return this.state[entity] !== NO_STATE && this.uidOf(entity) === uid;
  }

  kindOf(entity: number): CompiledKind {
    return this.model.kinds[this.#kindOfState[this.state[entity]]];
  }

  kindIdOf(entity: number): number {
    return this.#kindOfState[this.state[entity]];
  }

  isServing(entity: number): boolean {
    return this.model.serving[this.state[entity]] === 1;
  }

  /** Number in the recording, never reused. */
  uidOf(entity: number): number {
    return this.#records[entity * RECORD + UID];
  }

  /** Row of the latest transition. */
  lastRowOf(entity: number): number {
    return this.#records[entity * RECORD + LAST_ROW];
  }

  /** Key of the entity's random draws: a hash of kind and name, as a signed integer. */
  keyOf(entity: number): number {
    return this.#records[entity * RECORD + KEY];
  }

  /** Dense number within the kind, reused after removal. */
  ordinalOf(entity: number): number {
    return this.#records[entity * RECORD + ORDINAL];
  }

  /** When the entity entered its state, in seconds. */
  since_s(entity: number): number {
    return this.#recordTimes[entity * RECORD_TIMES + SINCE_s];
  }

  /** A counter of the entity's machine, by its number in `slotNames` of its kind. */
  slot(entity: number, slot: number): number {
    return this.#records[entity * RECORD + SLOTS + slot];
  }

  setSlot(entity: number, slot: number, value: number): void {
    this.#records[entity * RECORD + SLOTS + slot] = value;
  }

  /** Whether everything the entity needs is serving. */
  isSatisfied(entity: number): boolean {
    return this.#records[entity * RECORD + UNSATISFIED] === 0;
  }

  /** Number of edge types along which the entity lacks what it needs. */
  unsatisfiedGroups(entity: number): number {
    return this.#records[entity * RECORD + UNSATISFIED];
  }

  /** Calls `visit` for every living entity of a kind, in slot order. */
  forEach(kindId: number, visit: (entity: number) => void): void {
    for (let entity = 0; entity < this.#slotCount; entity++) {
      const s = this.state[entity];
      if (s !== NO_STATE && this.#kindOfState[s] === kindId) visit(entity);
    }
  }

  // ---------------------------------------------------------------- edges

  /** Makes `dependent` depend on `provider`, along the edge type of their kinds in the stack. */
  link(provider: number, dependent: number, cause: number = this.lastRowOf(dependent)): void {
    const kindCount = this.model.kinds.length;
    const type = this.#typeByKinds[this.kindIdOf(provider) * kindCount + this.kindIdOf(dependent)];
    if (type < 0) {
      const pair = `${this.kindOf(provider).kind} -> ${this.kindOf(dependent).kind}`;
      throw new StrataError('MODEL_NO_EDGE', `the stack has no edge ${pair}`);
    }
    this.edges.add(provider, dependent, type);
    this.#recordEdge(provider, dependent, this.#engineEvent.linked, cause);
    const group = this.#groupOfType[type];
    if (group < 0) return;
    const at = dependent * GROUPS_MAX + group;
    const was = this.#groupFails(at, type);
    this.#groupTotal[at]++;
    if (this.isServing(provider)) this.#groupServing[at]++;
    this.#settle(dependent, was, this.#groupFails(at, type), cause);
  }

  /** Cuts the edge between two entities, if there is one. */
  unlink(provider: number, dependent: number): void {
    const edge = this.edges.find(provider, dependent);
    if (edge) this.#cut(edge);
  }

  /** The first provider of a kind that `dependent` is linked to, or -1. */
  providerOf(dependent: number, kindId: number): number {
    const { edges } = this;
    for (let e = edges.firstIn[dependent]; e; e = edges.nextIn[e]) {
      if (this.kindIdOf(edges.provider[e]) === kindId) return edges.provider[e];
    }
    return -1;
  }

  /** The first dependent of a kind that is linked to `provider`, or -1. */
  dependentOf(provider: number, kindId: number): number {
    const { edges } = this;
    for (let e = edges.firstOut[provider]; e; e = edges.nextOut[e]) {
      if (this.kindIdOf(edges.dependent[e]) === kindId) return edges.dependent[e];
    }
    return -1;
  }

  /** Calls `visit` for every dependent of a kind; links may not change meanwhile. */
  forEachDependent(provider: number, kindId: number, visit: (dependent: number) => void): void {
    const { edges } = this;
    for (let e = edges.firstOut[provider]; e; e = edges.nextOut[e]) {
      if (this.kindIdOf(edges.dependent[e]) === kindId) visit(edges.dependent[e]);
    }
  }

  #cut(edge: number): void {
    const provider = this.edges.provider[edge];
    const dependent = this.edges.dependent[edge];
    const type = this.edges.type[edge];
    this.edges.remove(edge);
    this.#recordEdge(provider, dependent, this.#engineEvent.unlinked, this.lastRowOf(dependent));
    const group = this.#groupOfType[type];
    if (group < 0) return;
    const at = dependent * GROUPS_MAX + group;
    const was = this.#groupFails(at, type);
    this.#groupTotal[at]--;
    if (this.isServing(provider)) this.#groupServing[at]--;
    this.#settle(dependent, was, this.#groupFails(at, type), this.lastRowOf(dependent));
  }

  #recordEdge(provider: number, dependent: number, event: number, cause: number): void {
    const s = this.state[dependent];
    const { recorder } = this;
    recorder.appendWithValue(
      this.now,
      this.uidOf(dependent),
      s,
      event,
      s,
      cause,
      this.uidOf(provider),
    );
  }

  /** A group needs all of its providers, or any of them; an empty group needs nothing. */
  #groupFails(at: number, type: number): boolean {
    const total = this.#groupTotal[at];
    const serving = this.#groupServing[at];
    return this.#needsAny[type] ? total > 0 && serving === 0 : serving < total;
  }

  #settle(dependent: number, was: boolean, is: boolean, cause: number): void {
    if (was === is) return;
    const at = dependent * RECORD + UNSATISFIED;
    if (is) {
      if (this.#records[at]++ === 0) this.send(dependent, this.#lost, cause);
    } else if (--this.#records[at] === 0) {
      this.send(dependent, this.#restored, cause);
    }
  }

  #tellDependents(provider: number, serving: boolean, cause: number): void {
    const { edges } = this;
    const step = serving ? 1 : -1;
    for (let e = edges.firstOut[provider]; e; e = edges.nextOut[e]) {
      const type = edges.type[e];
      const group = this.#groupOfType[type];
      if (group < 0) continue;
      const at = edges.dependent[e] * GROUPS_MAX + group;
      const was = this.#groupFails(at, type);
      this.#groupServing[at] += step;
      this.#settle(edges.dependent[e], was, this.#groupFails(at, type), cause);
    }
  }

  // ---------------------------------------------------------------- events

  /** Sends an event now, after everything already sent. */
  send(entity: number, event: number, cause: number = NO_ROW): void {
    this.scheduler.soon(this.#sendHandler, entity, event, cause);
  }

  /** Ends the request `token` of an entity with an event of its machine (`done`, `fault`, ...). */
  complete(entity: number, token: number, event: number): void {
    const at = entity * RECORD + REQUEST;
    if (this.#records[at] !== token) return;
    this.#records[at] = NO_ROW;
    if (this.#dispatching) this.send(entity, event, token);
    else this.#dispatch(entity, event, token);
  }

  /** Whether a request is still wanted. */
  isRequested(entity: number, token: number): boolean {
    return this.#records[entity * RECORD + REQUEST] === token;
  }

  /**
   * Takes what a world says: follows the transition that leads to the state observed; if there is
   * none, records a divergence and adopts the state, since reality wins.
   */
  observe(entity: number, observed: number, detail = '', cause: number = NO_ROW): void {
    const s = this.state[entity];
    if (s === observed || s === NO_STATE) return;
    const event = this.#eventTo(entity, observed);
    if (event >= 0) {
      this.#dispatch(entity, event, cause);
      if (this.state[entity] === observed) return;
    }
    this.#cancelRequest(entity);
    for (let i = 0; i < TIMERS_MAX; i++) this.#cancelTimer(entity * RECORD + TIMERS + i);
    const from = this.state[entity];
    const { recorder } = this;
    const diverged = this.#engineEvent.diverged;
    const row = recorder.appendWithDetail(
      this.now,
      this.uidOf(entity),
      from,
      diverged,
      observed,
      cause,
      detail,
    );
    this.divergences++;
    this.#settleIn(entity, from, observed, row, diverged);
  }

  /**
   * Takes over the state that an entity had before the run began: no transition led there within
   * it, and none was missing.
   */
  adopt(entity: number, found: number, detail = ''): void {
    const from = this.state[entity];
    if (from === found || from === NO_STATE) return;
    const uid = this.uidOf(entity);
    const { adopted } = this.#engineEvent;
    const row = this.recorder.appendWithDetail(this.now, uid, from, adopted, found, NO_ROW, detail);
    this.#settleIn(entity, from, found, row, adopted);
  }

  /** Records a sample of a metric that was named at construction. */
  metric(entity: number, name: string, value: number): void {
    const event = this.#metricEvent.get(name);
    if (event === undefined) throw new StrataError('METRIC_UNKNOWN', `no metric '${name}'`);
    const s = this.state[entity];
    const { recorder } = this;
    recorder.appendWithValue(this.now, this.uidOf(entity), s, event, s, NO_ROW, value);
  }

  /**
   * Calls `hook` when an entity of a kind enters a state. `pattern` is a leaf such as `active.idle`,
   * a parent such as `building`, or one region's part of a parallel machine's state.
   */
  onEnter(kind: string, pattern: string, hook: Hook): void {
    const matches = this.statesMatching(kind, pattern);
    matches.forEach((match, s) => {
      if (match) this.#enterHooks[s] = [...(this.#enterHooks[s] ?? []), { matches, call: hook }];
    });
  }

  /** Calls `hook` whenever an entity of a kind changes its state. */
  onEveryEntry(kind: string, hook: Hook): void {
    const { firstState, stateCount } = this.model.kinds[this.model.kindId(kind)];
    const matches = new Uint8Array(this.model.stateNames.length);
    for (let s = firstState; s < firstState + stateCount; s++) {
      this.#enterHooks[s] = [...(this.#enterHooks[s] ?? []), { matches, call: hook }];
    }
  }

  /** Calls `hook` when an entity of a kind was created; it has no edges yet. */
  onCreated(kind: string, hook: (entity: number) => void): void {
    const id = this.model.kindId(kind);
    this.#createdHooks[id] = [...(this.#createdHooks[id] ?? []), hook];
  }

  /** Calls `hook` just before an entity of a kind is removed. */
  onRemoved(kind: string, hook: (entity: number) => void): void {
    const id = this.model.kindId(kind);
    this.#removedHooks[id] = [...(this.#removedHooks[id] ?? []), hook];
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
    const { kinds, stateNames } = this.model;
    const { firstState, stateCount } = kinds[this.model.kindId(kind)];
    const matches = new Uint8Array(stateNames.length);
    for (let s = firstState; s < firstState + stateCount; s++) {
      const state = stateNames[s].slice(kind.length + 1);
      const parts = [state, ...state.split('+')];
      if (parts.some((p) => p === pattern || p.startsWith(`${pattern}.`))) matches[s] = 1;
    }
    if (!matches.includes(1)) {
      throw new StrataError('MODEL_UNKNOWN_NAME', `'${kind}' has no state '${pattern}'`);
    }
    return matches;
  }

  /** Calls `observer` after every transition: for invariants. At most one. */
  onTransition(observer: (entity: number, row: number) => void): void {
    this.#onTransition = observer;
  }

  #dispatch(entity: number, event: number, cause: number): void {
    const s = this.state[entity];
    if (s === NO_STATE) return;
    const { model } = this;
    const first = model.table[s * this.#eventCount + event];
    if (first === UNHANDLED) this.#unhandled(entity, event);
    const candidate = this.#choose(entity, first);
    if (candidate <= 0) return;
    const { candidates } = model;
    const to = candidates[candidate * 4 + 1];
    const ops = candidates[candidate * 4 + 2];
    const row = this.recorder.append(this.scheduler.now, this.uidOf(entity), s, event, to, cause);
    this.transitions++;
    this.transitionsOfKind[this.#kindOfState[s]]++;
    this.#dispatching = true;
    this.state[entity] = to;
    this.#records[entity * RECORD + LAST_ROW] = row;
    if (ops) this.#run(entity, ops, row);
    if (s !== to) this.#entered(entity, s, to, row, event);
    if (this.#onTransition) this.#onTransition(entity, row);
    this.#dispatching = false;
  }

  #settleIn(entity: number, from: number, to: number, row: number, event: number): void {
    this.state[entity] = to;
    this.#records[entity * RECORD + LAST_ROW] = row;
    if (from !== to) this.#entered(entity, from, to, row, event);
    if (this.#onTransition) this.#onTransition(entity, row);
  }

  #entered(entity: number, from: number, to: number, row: number, event: number): void {
    this.#recordTimes[entity * RECORD_TIMES + SINCE_s] = this.scheduler.now;
    const { serving } = this.model;
    if (serving[from] !== serving[to]) this.#tellDependents(entity, serving[to] === 1, row);
    const hooks = this.#enterHooks[to];
    if (!hooks) return;
    for (let i = 0; i < hooks.length; i++) {
      if (hooks[i].matches[from] === 0) hooks[i].call(entity, row, event, from);
    }
  }

  /** The first candidate of a list whose guards hold; 0 or less when there is none. */
  #choose(entity: number, first: number): number {
    const { candidates } = this.model;
    let candidate = first;
    while (candidate > 0 && !this.#holds(entity, candidates[candidate * 4])) {
      candidate = candidates[candidate * 4 + 3];
    }
    return candidate;
  }

  #holds(entity: number, guard: number): boolean {
    if (guard === 0) return true;
    const { guards } = this.model;
    const base = entity * RECORD + SLOTS;
    for (let g = guard; guards[g] !== GuardOp.END; g += 3) {
      const below = this.#records[base + guards[g + 1]] < guards[g + 2];
      if (below !== (guards[g] === GuardOp.BELOW)) return false;
    }
    return true;
  }

  #run(entity: number, ops: number, row: number): void {
    const code = this.model.ops;
    let i = ops;
    for (;;) {
      switch (code[i]) {
        case Op.END:
          return;
        case Op.SET:
          this.#records[entity * RECORD + SLOTS + code[i + 1]] = code[i + 2];
          i += 3;
          break;
        case Op.ADD:
          this.#records[entity * RECORD + SLOTS + code[i + 1]] += code[i + 2];
          i += 3;
          break;
        case Op.REQUEST:
          this.#cancelRequest(entity);
          this.#records[entity * RECORD + REQUEST] = row;
          this.world?.request(entity, code[i + 1], row);
          i += 2;
          break;
        case Op.CANCEL_REQUEST:
          this.#cancelRequest(entity);
          i += 1;
          break;
        case Op.START_TIMER:
          this.#startTimer(entity, code[i + 1], code[i + 2], code[i + 3], row);
          i += 4;
          break;
        case Op.CANCEL_TIMER:
          this.#cancelTimer(entity * RECORD + TIMERS + code[i + 1]);
          i += 2;
          break;
      }
    }
  }

  #startTimer(entity: number, timer: number, delay: number, event: number, row: number): void {
    const length_s = this.world ? this.world.delay_s(entity, delay) : Number.POSITIVE_INFINITY;
    if (length_s === Number.POSITIVE_INFINITY) return;
    const packed = event | (timer << 16);
    const handle = this.scheduler.after(length_s, this.#timerHandler, entity, packed, row);
    this.#records[entity * RECORD + TIMERS + timer] = handle;
  }

  #cancelTimer(at: number): void {
    const handle = this.#records[at];
    if (handle === NO_HANDLE) return;
    this.scheduler.cancel(handle);
    this.#records[at] = NO_HANDLE;
  }

  #cancelRequest(entity: number): void {
    const at = entity * RECORD + REQUEST;
    const token = this.#records[at];
    if (token === NO_ROW) return;
    this.#records[at] = NO_ROW;
    this.world?.cancel(entity, token);
  }

  /** The first event that would take an entity straight to a state, or -1. */
  #eventTo(entity: number, to: number): number {
    const { table, candidates } = this.model;
    const row = this.state[entity] * this.#eventCount;
    for (let event = 0; event < this.#eventCount; event++) {
      const candidate = this.#choose(entity, table[row + event]);
      if (candidate > 0 && candidates[candidate * 4 + 1] === to) return event;
    }
    return -1;
  }

  #unhandled(entity: number, event: number): never {
    const state = this.model.stateNames[this.state[entity]];
    throw new StrataError(
      'EVENT_UNHANDLED',
      `'${this.names[entity]}' in ${state} neither handles nor ignores '${this.eventNames[event]}'`,
      'add a transition for it, or list it under ignores with the machine in model/',
    );
  }

  // ---------------------------------------------------------------- running

  /** Runs everything due up to `until_s` seconds. */
  run(until_s: number): void {
    this.scheduler.run(until_s);
  }

  #takeSlot(): number {
    const head = this.#retiredHead;
    if (head < this.#retired.length && this.#retiredAt[head] < this.now) {
      const entity = this.#retired[head];
      this.#retiredHead++;
      if (this.#retiredHead > 65_536) this.#compactRetired();
      return entity;
    }
    const entity = this.#slotCount++;
    if (entity === this.state.length) this.#grow(entity * 2);
    return entity;
  }

  #compactRetired(): void {
    this.#retired = this.#retired.slice(this.#retiredHead);
    this.#retiredAt = this.#retiredAt.slice(this.#retiredHead);
    this.#retiredHead = 0;
  }

  #grow(capacity: number): void {
    this.state = grown(this.state, capacity, NO_STATE);
    this.#records = grown(this.#records, capacity * RECORD, -1);
    this.#recordTimes = new Float64Array(this.#records.buffer);
    this.#groupTotal = grown(this.#groupTotal, capacity * GROUPS_MAX);
    this.#groupServing = grown(this.#groupServing, capacity * GROUPS_MAX);
    this.edges.ensureEntities(capacity);
  }
}
