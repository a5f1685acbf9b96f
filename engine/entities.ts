/**
 * The entities of a run: numbers ("slots") that index one record of words each, two cache lines
 * long. In separate arrays every field that a transition touches would be a cache miss of its own.
 *
 * This file alone knows the layout; everything else uses the accessors, which are inlined.
 */
import { grown } from './grow.ts';
import { TIMERS_MAX } from './tables.ts';

/** The state of a slot that holds no entity. */
export const NO_STATE = 0xffff;

const RECORD_BITS = 5;
const RECORD = 1 << RECORD_BITS;

// What a transition touches.
const REQUEST = 0; // token of the request in flight, or -1
const ANSWER = 1; // handle of its scheduled answer, or -1
const LAST_ROW = 2;
const UID = 3;
const SINCE_s = 2; // a double: words 4 and 5
const UNSATISFIED = 6;
const KEY = 7;
const SLOTS = 8; // 4 words
// What timers, edges and draws touch.
const ORDINAL = 12;
const FIRST_OUT = 13;
const FIRST_IN = 14;
const TIMERS = 16; // 3 words
const PROVIDERS = 20; // 6 words: members of each group of providers
const LACKING = 26; // 6 words: those of them that do not serve

export class Entities {
  /** Global state number, or NO_STATE. */
  state: Uint16Array;
  readonly names: string[] = [];
  /** One more than the highest slot in use. */
  slotCount = 0;

  #words: Int32Array;
  #doubles: Float64Array;
  #uidCount = 0;
  /** Slots of removed entities, with the time of removal: reused only at a later instant. */
  #retired: number[] = [];
  #retiredAt: number[] = [];
  #retiredHead = 0;

  /** `capacity`: how many there is room for at once before the arrays grow. */
  constructor(capacity: number) {
    this.state = new Uint16Array(capacity).fill(NO_STATE);
    this.#words = new Int32Array(capacity * RECORD);
    this.#doubles = new Float64Array(this.#words.buffer);
  }

  /** Entities alive, over all kinds. */
  get alive(): number {
    return this.slotCount - (this.#retired.length - this.#retiredHead);
  }

  /** Takes a slot for a new entity, with an empty record and the next number of the recording. */
  take(now: number, state: number, name: string): number {
    const entity = this.#takeSlot(now);
    this.state[entity] = state;
    this.names[entity] = name;
    const base = entity << RECORD_BITS;
    const words = this.#words;
    for (let i = base; i < base + RECORD; i++) words[i] = 0;
    words[base + REQUEST] = -1;
    words[base + ANSWER] = -1;
    words[base + LAST_ROW] = -1;
    words[base + UID] = this.#uidCount++;
    for (let i = 0; i < TIMERS_MAX; i++) words[base + TIMERS + i] = -1;
    this.#doubles[(entity << (RECORD_BITS - 1)) + SINCE_s] = now;
    return entity;
  }

  /** Gives a slot back. */
  retire(entity: number, now: number): void {
    this.state[entity] = NO_STATE;
    this.#retired.push(entity);
    this.#retiredAt.push(now);
  }

  uid(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + UID];
  }

  request(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + REQUEST];
  }

  setRequest(entity: number, token: number): void {
    this.#words[(entity << RECORD_BITS) + REQUEST] = token;
  }

  answer(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + ANSWER];
  }

  setAnswer(entity: number, handle: number): void {
    this.#words[(entity << RECORD_BITS) + ANSWER] = handle;
  }

  lastRow(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + LAST_ROW];
  }

  setLastRow(entity: number, row: number): void {
    this.#words[(entity << RECORD_BITS) + LAST_ROW] = row;
  }

  since_s(entity: number): number {
    return this.#doubles[(entity << (RECORD_BITS - 1)) + SINCE_s];
  }

  setSince_s(entity: number, time_s: number): void {
    this.#doubles[(entity << (RECORD_BITS - 1)) + SINCE_s] = time_s;
  }

  key(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + KEY];
  }

  setKey(entity: number, key: number): void {
    this.#words[(entity << RECORD_BITS) + KEY] = key;
  }

  ordinal(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + ORDINAL];
  }

  setOrdinal(entity: number, ordinal: number): void {
    this.#words[(entity << RECORD_BITS) + ORDINAL] = ordinal;
  }

  slot(entity: number, slot: number): number {
    return this.#words[(entity << RECORD_BITS) + SLOTS + slot];
  }

  setSlot(entity: number, slot: number, value: number): void {
    this.#words[(entity << RECORD_BITS) + SLOTS + slot] = value;
  }

  timer(entity: number, timer: number): number {
    return this.#words[(entity << RECORD_BITS) + TIMERS + timer];
  }

  setTimer(entity: number, timer: number, handle: number): void {
    this.#words[(entity << RECORD_BITS) + TIMERS + timer] = handle;
  }

  /** Number of groups that fail. */
  unsatisfied(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + UNSATISFIED];
  }

  /** Adds to the number of groups that fail, and returns it. */
  addUnsatisfied(entity: number, step: number): number {
    const at = (entity << RECORD_BITS) + UNSATISFIED;
    this.#words[at] += step;
    return this.#words[at];
  }

  /** Number of providers in a group. */
  providers(entity: number, group: number): number {
    return this.#words[(entity << RECORD_BITS) + PROVIDERS + group];
  }

  addProviders(entity: number, group: number, step: number): void {
    this.#words[(entity << RECORD_BITS) + PROVIDERS + group] += step;
  }

  /** Number of providers in a group that do not serve. */
  lacking(entity: number, group: number): number {
    return this.#words[(entity << RECORD_BITS) + LACKING + group];
  }

  addLacking(entity: number, group: number, step: number): void {
    this.#words[(entity << RECORD_BITS) + LACKING + group] += step;
  }

  /** First edge to a dependent, or 0. */
  firstOut(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + FIRST_OUT];
  }

  setFirstOut(entity: number, edge: number): void {
    this.#words[(entity << RECORD_BITS) + FIRST_OUT] = edge;
  }

  /** First edge from a provider, or 0. */
  firstIn(entity: number): number {
    return this.#words[(entity << RECORD_BITS) + FIRST_IN];
  }

  setFirstIn(entity: number, edge: number): void {
    this.#words[(entity << RECORD_BITS) + FIRST_IN] = edge;
  }

  #takeSlot(now: number): number {
    const head = this.#retiredHead;
    if (head < this.#retired.length && this.#retiredAt[head] < now) {
      const entity = this.#retired[head];
      this.#retiredHead++;
      if (this.#retiredHead > 65_536) this.#compactRetired();
      return entity;
    }
    const entity = this.slotCount++;
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
    this.#words = grown(this.#words, capacity * RECORD);
    this.#doubles = new Float64Array(this.#words.buffer);
  }
}
