/**
 * A 4-ary heap of numbered events, the earliest (time, sequence) first. What it is ordered by is kept
 * beside the numbers, and events do not know their place, so that sifting reads consecutive memory
 * and never reaches for an event's record.
 */
import { grown } from './grow.ts';

const ARITY = 4;

export class EventHeap {
  times: Float64Array;
  sequences: Float64Array;
  slots: Int32Array;
  size = 0;

  constructor(capacity: number) {
    this.times = new Float64Array(capacity);
    this.sequences = new Float64Array(capacity);
    this.slots = new Int32Array(capacity);
  }

  /** Adds an event, from the end upward. */
  push(time: number, sequence: number, slot: number): void {
    const times = this.times;
    const sequences = this.sequences;
    const slots = this.slots;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      const parentTime = times[parent];
      if (time > parentTime || (time === parentTime && sequence > sequences[parent])) break;
      times[i] = parentTime;
      sequences[i] = sequences[parent];
      slots[i] = slots[parent];
      i = parent;
    }
    times[i] = time;
    sequences[i] = sequence;
    slots[i] = slot;
  }

  /** Removes the head: the last event takes its place and sinks. */
  pop(): void {
    const times = this.times;
    const sequences = this.sequences;
    const slots = this.slots;
    const size = --this.size;
    const time = times[size];
    const sequence = sequences[size];
    const slot = slots[size];
    let i = 0;
    for (;;) {
      const first = i * ARITY + 1;
      if (first >= size) break;
      const end = Math.min(first + ARITY, size);
      let best = first;
      let bestTime = times[first];
      for (let child = first + 1; child < end; child++) {
        const t = times[child];
        if (t < bestTime || (t === bestTime && sequences[child] < sequences[best])) {
          best = child;
          bestTime = t;
        }
      }
      if (bestTime > time || (bestTime === time && sequences[best] > sequence)) break;
      times[i] = bestTime;
      sequences[i] = sequences[best];
      slots[i] = slots[best];
      i = best;
    }
    times[i] = time;
    sequences[i] = sequence;
    slots[i] = slot;
  }

  grow(capacity: number): void {
    this.times = grown(this.times, capacity);
    this.sequences = grown(this.sequences, capacity);
    this.slots = grown(this.slots, capacity);
  }
}
