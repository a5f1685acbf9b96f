/**
 * The future event list: an indexed 4-ary heap keyed by (time, sequence), beside a ring for what
 * happens "now". Both live in typed arrays; scheduling, firing and cancelling allocate nothing
 * except when a capacity doubles.
 *
 * Order: earlier time first; at the same time, first scheduled first, whichever of the two holds it.
 */

/** Receives the three integers it was scheduled with. */
export type Handler = (a: number, b: number, c: number) => void;

/** No event; what `cancel` ignores. */
export const NO_HANDLE = -1;

const ARITY = 4;

export class Scheduler {
  /** Seconds since the start of the run. */
  now = 0;
  /** Number of events fired. */
  fired = 0;

  #handlers: Handler[] = [];
  #sequence = 0;

  // The heap. `heapTime` is kept beside `heapSlot` so that sifting reads consecutive memory.
  #heapTime: Float64Array;
  #heapSlot: Int32Array;
  #size = 0;

  // One slot per scheduled event; `position` is its place in the heap, or the next free slot.
  #sequenceOf: Float64Array;
  #position: Int32Array;
  #handlerOf: Uint16Array;
  #a: Int32Array;
  #b: Int32Array;
  #c: Int32Array;
  #free = NO_HANDLE;
  #slots = 0;

  // The ring of events that fire at the current instant: sequence, then handler, a, b, c.
  #ring: Int32Array;
  #ringSequence: Float64Array;
  #ringHead = 0;
  #ringTail = 0;
  #ringMask: number;

  constructor(capacity = 1024) {
    this.#heapTime = new Float64Array(capacity);
    this.#heapSlot = new Int32Array(capacity);
    this.#sequenceOf = new Float64Array(capacity);
    this.#position = new Int32Array(capacity);
    this.#handlerOf = new Uint16Array(capacity);
    this.#a = new Int32Array(capacity);
    this.#b = new Int32Array(capacity);
    this.#c = new Int32Array(capacity);
    this.#ring = new Int32Array(1024 * 4);
    this.#ringSequence = new Float64Array(1024);
    this.#ringMask = 1023;
  }

  /** Registers a handler and returns its number for `after` and `soon`. */
  handler(fire: Handler): number {
    this.#handlers.push(fire);
    return this.#handlers.length - 1;
  }

  /** Events waiting, in the heap and in the ring. */
  get pending(): number {
    return this.#size + (this.#ringTail - this.#ringHead);
  }

  /** Time of the next event in seconds, or Infinity. */
  get nextTime(): number {
    if (this.#ringHead !== this.#ringTail) return this.now;
    return this.#size > 0 ? this.#heapTime[0] : Number.POSITIVE_INFINITY;
  }

  /** Fires a handler `delay_s` seconds from now (>= 0); returns a handle for `cancel`. */
  after(delay_s: number, handler: number, a = 0, b = 0, c = 0): number {
    if (!(delay_s >= 0)) throw new RangeError(`a delay must be >= 0 seconds, got ${delay_s}`);
    let slot = this.#free;
    if (slot === NO_HANDLE) {
      slot = this.#slots++;
      if (slot === this.#position.length) this.#grow();
    } else {
      this.#free = this.#position[slot];
    }
    this.#sequenceOf[slot] = this.#sequence++;
    this.#handlerOf[slot] = handler;
    this.#a[slot] = a;
    this.#b[slot] = b;
    this.#c[slot] = c;
    this.#siftUp(this.#size++, this.now + delay_s, slot);
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
    const position = this.#position[handle];
    this.#release(handle);
    const last = --this.#size;
    if (position === last) return;
    const time = this.#heapTime[last];
    const slot = this.#heapSlot[last];
    if (time < this.#heapTime[position]) this.#siftUp(position, time, slot);
    else this.#siftDown(position, time, slot);
  }

  /** Fires everything up to and including `until_s`, then sets the clock to it (if finite). */
  run(until_s: number): void {
    while (this.step(until_s)) {
      // step does the work
    }
    if (until_s !== Number.POSITIVE_INFINITY && until_s > this.now) this.now = until_s;
  }

  /** Fires the next event if it is due by `until_s`; false when none is. */
  step(until_s: number): boolean {
    const size = this.#size;
    if (this.#ringHead !== this.#ringTail) {
      if (size > 0 && this.#heapTime[0] <= this.now && this.#heapIsOlder()) this.#fireHeap();
      else this.#fireRing();
      return true;
    }
    if (size === 0 || this.#heapTime[0] > until_s) return false;
    this.now = this.#heapTime[0];
    this.#fireHeap();
    return true;
  }

  #heapIsOlder(): boolean {
    const head = this.#ringHead & this.#ringMask;
    return this.#sequenceOf[this.#heapSlot[0]] < this.#ringSequence[head];
  }

  #fireRing(): void {
    const base = (this.#ringHead++ & this.#ringMask) << 2;
    const ring = this.#ring;
    this.fired++;
    this.#handlers[ring[base]](ring[base + 1], ring[base + 2], ring[base + 3]);
  }

  #fireHeap(): void {
    const slot = this.#heapSlot[0];
    const last = --this.#size;
    if (last > 0) this.#siftDown(0, this.#heapTime[last], this.#heapSlot[last]);
    const handler = this.#handlerOf[slot];
    const a = this.#a[slot];
    const b = this.#b[slot];
    const c = this.#c[slot];
    this.#release(slot);
    this.fired++;
    this.#handlers[handler](a, b, c);
  }

  #release(slot: number): void {
    this.#position[slot] = this.#free;
    this.#free = slot;
  }

  #siftUp(start: number, time: number, slot: number): void {
    const times = this.#heapTime;
    const slots = this.#heapSlot;
    const position = this.#position;
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      const parentTime = times[parent];
      if (time > parentTime) break;
      const parentSlot = slots[parent];
      if (time === parentTime && this.#sequenceOf[slot] > this.#sequenceOf[parentSlot]) break;
      times[i] = parentTime;
      slots[i] = parentSlot;
      position[parentSlot] = i;
      i = parent;
    }
    times[i] = time;
    slots[i] = slot;
    position[slot] = i;
  }

  #siftDown(start: number, time: number, slot: number): void {
    const times = this.#heapTime;
    const slots = this.#heapSlot;
    const position = this.#position;
    const sequence = this.#sequenceOf;
    const size = this.#size;
    let i = start;
    for (;;) {
      const first = i * ARITY + 1;
      if (first >= size) break;
      const end = Math.min(first + ARITY, size);
      let best = first;
      let bestTime = times[first];
      for (let child = first + 1; child < end; child++) {
        const t = times[child];
        if (t < bestTime || (t === bestTime && sequence[slots[child]] < sequence[slots[best]])) {
          best = child;
          bestTime = t;
        }
      }
      const bestSlot = slots[best];
      if (bestTime > time || (bestTime === time && sequence[bestSlot] > sequence[slot])) break;
      times[i] = bestTime;
      slots[i] = bestSlot;
      position[bestSlot] = i;
      i = best;
    }
    times[i] = time;
    slots[i] = slot;
    position[slot] = i;
  }

  #grow(): void {
    const capacity = this.#position.length * 2;
    this.#heapTime = grown(this.#heapTime, new Float64Array(capacity));
    this.#heapSlot = grown(this.#heapSlot, new Int32Array(capacity));
    this.#sequenceOf = grown(this.#sequenceOf, new Float64Array(capacity));
    this.#position = grown(this.#position, new Int32Array(capacity));
    this.#handlerOf = grown(this.#handlerOf, new Uint16Array(capacity));
    this.#a = grown(this.#a, new Int32Array(capacity));
    this.#b = grown(this.#b, new Int32Array(capacity));
    this.#c = grown(this.#c, new Int32Array(capacity));
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

function grown<T extends Float64Array | Int32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
