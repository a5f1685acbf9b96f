/**
 * The future event list: what is due soon is in an indexed 4-ary heap keyed by (time, sequence),
 * what is due later in the buckets of a wheel, and what happens "now" in a ring. All of it lives in
 * typed arrays; scheduling, firing and cancelling allocate nothing except when a capacity doubles.
 *
 * Order: earlier time first; at the same time, first scheduled first, wherever an event is kept.
 *
 * The wheel exists because a heap of a hundred thousand far events costs a cache miss per level for
 * every near one. A bucket is unsorted; its events move to the heap when their turn comes. An event
 * belongs to the heap when its bucket number, which never decreases with time, has been reached.
 */
import { EventHeap } from './event-heap.ts';
import { grown } from './grow.ts';

/** Receives the three integers it was scheduled with. */
export type Handler = (a: number, b: number, c: number) => void;

/** No event; what `cancel` ignores. */
export const NO_HANDLE = -1;

const BUCKETS = 4096;
/** The list of events beyond the wheel. */
const OVERFLOW = BUCKETS;
const BUCKET_EVENTS = 16;
/** With fewer events the heap alone is fastest. */
const WHEEL_ON = 512;
const WHEEL_OFF = 64;
const SAMPLE = 512;

// An event's record: one cache line, so that a far event costs one miss and not one for each field.
const EVENT_BITS = 4;
const TIME = 0; // a double: words 0 and 1
const SEQUENCE = 1; // a double: words 2 and 3
const LIST = 4; // the list it is in, or IN_HEAP
const NEXT = 5; // in its list, or of the free ones
const PREVIOUS = 6;
const HANDLER = 7;
const A = 8;
const B = 9;
const C = 10;

const IN_HEAP = -1;
/** The handler of an event that was cancelled while in the heap. */
const DEAD = -1;

export class Scheduler {
  /** Seconds since the start of the run. */
  now = 0;
  /** Number of events fired. */
  fired = 0;

  #handlers: Handler[] = [];
  #sequence = 0;

  /** Events due soon. A cancelled one stays until it is at the head, which is never dead. */
  readonly #heap: EventHeap;
  #dead = 0;

  // The records of scheduled events, and the same memory as doubles.
  #words: Int32Array;
  #doubles: Float64Array;
  #free = NO_HANDLE;
  #slots = 0;

  // The wheel: bucket i holds times from start + i * width on.
  readonly #first = new Int32Array(BUCKETS + 1).fill(NO_HANDLE);
  #wheelStart = 0;
  #perWidth = 1;
  #bucket = -1;
  #far = 0;
  #overflow = 0;
  #wheelOn = false;

  // The ring of events that fire at the current instant: sequence, then handler, a, b, c.
  #ring = new Int32Array(1024 * 4);
  #ringSequence = new Float64Array(1024);
  #ringHead = 0;
  #ringTail = 0;
  #ringMask = 1023;

  constructor(capacity = 1024) {
    this.#heap = new EventHeap(capacity);
    this.#words = new Int32Array(capacity << EVENT_BITS);
    this.#doubles = new Float64Array(this.#words.buffer);
  }

  /** Registers a handler and returns its number for `after` and `soon`. */
  handler(fire: Handler): number {
    this.#handlers.push(fire);
    return this.#handlers.length - 1;
  }

  /** Events waiting. */
  get pending(): number {
    return this.#heap.size - this.#dead + this.#far + (this.#ringTail - this.#ringHead);
  }

  /** Whether everything due at the current instant has happened. */
  get isSettled(): boolean {
    if (this.#ringHead !== this.#ringTail) return false;
    return this.#heap.size === 0 || this.#heap.times[0] > this.now;
  }

  /** Time of the next event in seconds, or Infinity. */
  get nextTime(): number {
    if (this.#ringHead !== this.#ringTail) return this.now;
    if (this.#heap.size === 0 && this.#far > 0) this.#turn();
    return this.#heap.size > 0 ? this.#heap.times[0] : Number.POSITIVE_INFINITY;
  }

  /** Fires a handler `delay_s` seconds from now (finite, >= 0); returns a handle for `cancel`. */
  after(delay_s: number, handler: number, a = 0, b = 0, c = 0): number {
    if (!(delay_s >= 0 && delay_s < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a delay must be finite and >= 0 seconds, got ${delay_s}`);
    }
    let slot = this.#free;
    if (slot === NO_HANDLE) {
      slot = this.#slots++;
      if (slot === this.#heap.slots.length) this.#grow();
    } else {
      this.#free = this.#words[(slot << EVENT_BITS) + NEXT];
    }
    const time = this.now + delay_s;
    const sequence = this.#sequence++;
    const words = this.#words;
    const at = slot << EVENT_BITS;
    this.#doubles[(at >> 1) + TIME] = time;
    this.#doubles[(at >> 1) + SEQUENCE] = sequence;
    words[at + HANDLER] = handler;
    words[at + A] = a;
    words[at + B] = b;
    words[at + C] = c;
    if (this.#wheelOn) {
      this.#place(time, sequence, slot);
    } else {
      this.#push(time, sequence, slot);
      if (this.#heap.size >= WHEEL_ON) this.#startWheel();
    }
    return slot;
  }

  /** Fires a handler at the current instant, after everything scheduled for it so far. */
  soon(handler: number, a = 0, b = 0, c = 0): void {
    if (this.#ringTail - this.#ringHead > this.#ringMask) this.#growRing();
    const at = this.#ringTail++ & this.#ringMask;
    this.#ringSequence[at] = this.#sequence++;
    const ring = this.#ring;
    const base = at << 2;
    ring[base] = handler;
    ring[base + 1] = a;
    ring[base + 2] = b;
    ring[base + 3] = c;
  }

  /** Removes an event that has not fired. The caller forgets a handle when its event fires. */
  cancel(handle: number): void {
    if (handle === NO_HANDLE) return;
    const at = handle << EVENT_BITS;
    const list = this.#words[at + LIST];
    if (list !== IN_HEAP) {
      this.#unlist(handle, list);
      this.#release(handle);
      return;
    }
    this.#words[at + HANDLER] = DEAD;
    this.#dead++;
    this.#dropDead();
  }

  /** Fires everything up to and including `until_s`, then sets the clock to it (if finite). */
  run(until_s: number): void {
    while (this.step(until_s)) {
      // step does the work
    }
    if (until_s !== Number.POSITIVE_INFINITY && until_s > this.now) this.now = until_s;
  }

  /** Fires events that are due by `until_s`, at most `count`; returns how many there were. */
  fire(until_s: number, count: number): number {
    for (let i = 0; i < count; i++) if (!this.step(until_s)) return i;
    return count;
  }

  /** Fires the next event if it is due by `until_s`; false when none is. */
  step(until_s: number): boolean {
    if (this.#ringHead !== this.#ringTail) {
      if (this.#heap.size > 0 && this.#heap.times[0] <= this.now && this.#heapIsOlder())
        this.#fireHeap();
      else this.#fireRing();
      return true;
    }
    if (this.#heap.size === 0) {
      if (this.#far === 0) return false;
      this.#turn();
    }
    if (this.#heap.times[0] > until_s) return false;
    this.now = this.#heap.times[0];
    this.#fireHeap();
    return true;
  }

  #heapIsOlder(): boolean {
    const head = this.#ringHead & this.#ringMask;
    return this.#heap.sequences[0] < this.#ringSequence[head];
  }

  #fireRing(): void {
    const base = (this.#ringHead++ & this.#ringMask) << 2;
    const ring = this.#ring;
    this.fired++;
    this.#handlers[ring[base]](ring[base + 1], ring[base + 2], ring[base + 3]);
  }

  #fireHeap(): void {
    const slot = this.#heap.slots[0];
    this.#heap.pop();
    if (this.#dead > 0) this.#dropDead();
    this.#release(slot);
    this.fired++;
    const words = this.#words;
    const at = slot << EVENT_BITS;
    this.#handlers[words[at + HANDLER]](words[at + A], words[at + B], words[at + C]);
  }

  #dropDead(): void {
    while (this.#heap.size > 0) {
      const slot = this.#heap.slots[0];
      if (this.#words[(slot << EVENT_BITS) + HANDLER] !== DEAD) return;
      this.#dead--;
      this.#heap.pop();
      this.#release(slot);
    }
  }

  #release(slot: number): void {
    this.#words[(slot << EVENT_BITS) + NEXT] = this.#free;
    this.#free = slot;
  }

  #timeOf(slot: number): number {
    return this.#doubles[(slot << (EVENT_BITS - 1)) + TIME];
  }

  #sequenceOf(slot: number): number {
    return this.#doubles[(slot << (EVENT_BITS - 1)) + SEQUENCE];
  }

  // ---------------------------------------------------------------- the wheel

  /** Puts an event where its time belongs: heap, bucket or overflow. */
  #place(time: number, sequence: number, slot: number): void {
    const bucket = (time - this.#wheelStart) * this.#perWidth;
    if (bucket < this.#bucket + 1) {
      this.#push(time, sequence, slot);
      return;
    }
    this.#far++;
    if (bucket < BUCKETS) {
      this.#list(slot, Math.floor(bucket));
    } else {
      this.#overflow++;
      this.#list(slot, OVERFLOW);
    }
  }

  #push(time: number, sequence: number, slot: number): void {
    this.#heap.push(time, sequence, slot);
    this.#words[(slot << EVENT_BITS) + LIST] = IN_HEAP;
  }

  #list(slot: number, list: number): void {
    const words = this.#words;
    const head = this.#first[list];
    const at = slot << EVENT_BITS;
    words[at + NEXT] = head;
    words[at + PREVIOUS] = NO_HANDLE;
    words[at + LIST] = list;
    if (head !== NO_HANDLE) words[(head << EVENT_BITS) + PREVIOUS] = slot;
    this.#first[list] = slot;
  }

  #unlist(slot: number, list: number): void {
    const words = this.#words;
    const at = slot << EVENT_BITS;
    const next = words[at + NEXT];
    const previous = words[at + PREVIOUS];
    if (next !== NO_HANDLE) words[(next << EVENT_BITS) + PREVIOUS] = previous;
    if (previous !== NO_HANDLE) words[(previous << EVENT_BITS) + NEXT] = next;
    else this.#first[list] = next;
    this.#far--;
    if (list === OVERFLOW) this.#overflow--;
  }

  /** Moves the next bucket that is not empty to the heap. Only when the heap is empty. */
  #turn(): void {
    while (this.#heap.size === 0) {
      if (this.#far === this.#overflow) {
        this.#spread(this.#takeList(OVERFLOW));
        continue;
      }
      this.#bucket++;
      for (let slot = this.#first[this.#bucket]; slot !== NO_HANDLE; ) {
        const next = this.#words[(slot << EVENT_BITS) + NEXT];
        this.#far--;
        this.#push(this.#timeOf(slot), this.#sequenceOf(slot), slot);
        slot = next;
      }
      this.#first[this.#bucket] = NO_HANDLE;
    }
    if (this.#far === 0 && this.#heap.size < WHEEL_OFF) this.#wheelOn = false;
  }

  #startWheel(): void {
    const slots = this.#heap.slots
      .slice(0, this.#heap.size)
      .filter((slot) => this.#keepLiving(slot));
    this.#heap.size = 0;
    this.#dead = 0;
    this.#wheelOn = true;
    this.#spread(slots);
  }

  #keepLiving(slot: number): boolean {
    if (this.#words[(slot << EVENT_BITS) + HANDLER] !== DEAD) return true;
    this.#release(slot);
    return false;
  }

  #takeList(list: number): Int32Array {
    const slots = new Int32Array(this.#overflow);
    let n = 0;
    for (let slot = this.#first[list]; slot !== NO_HANDLE; ) {
      slots[n++] = slot;
      slot = this.#words[(slot << EVENT_BITS) + NEXT];
    }
    this.#first[list] = NO_HANDLE;
    this.#far -= n;
    this.#overflow = 0;
    return slots;
  }

  /** Lays the wheel anew so that its buckets hold a few events each, and places these events. */
  #spread(slots: Int32Array): void {
    const stride = Math.max(1, Math.floor(slots.length / SAMPLE));
    const sample: number[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < slots.length; i++) {
      const time = this.#timeOf(slots[i]);
      if (time < earliest) earliest = time;
      if (i % stride === 0) sample.push(time);
    }
    sample.sort((x, y) => x - y);
    const span = sample[sample.length >> 1] - earliest;
    const buckets = Math.min(BUCKETS, Math.max(1, slots.length / 2 / BUCKET_EVENTS));
    this.#wheelStart = earliest;
    const perWidth = buckets / span;
    // No span (all at one time), or one too small to divide by: one bucket per second will do.
    this.#perWidth = perWidth < Number.MAX_VALUE ? perWidth : 1;
    this.#bucket = 0;
    for (let i = 0; i < slots.length; i++) {
      this.#place(this.#timeOf(slots[i]), this.#sequenceOf(slots[i]), slots[i]);
    }
  }

  // ---------------------------------------------------------------- growth

  #grow(): void {
    const capacity = this.#heap.slots.length * 2;
    this.#heap.grow(capacity);
    this.#words = grown(this.#words, capacity << EVENT_BITS);
    this.#doubles = new Float64Array(this.#words.buffer);
  }

  #growRing(): void {
    const old = this.#ringMask + 1;
    const ring = new Int32Array(old * 8);
    const sequence = new Float64Array(old * 2);
    for (let i = this.#ringHead; i !== this.#ringTail; i++) {
      const from = i & this.#ringMask;
      const to = i & (old * 2 - 1);
      ring.set(this.#ring.subarray(from * 4, from * 4 + 4), to * 4);
      sequence[to] = this.#ringSequence[from];
    }
    this.#ring = ring;
    this.#ringSequence = sequence;
    this.#ringMask = old * 2 - 1;
  }
}
