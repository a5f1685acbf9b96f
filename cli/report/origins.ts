/**
 * Origins: the rows that nothing in the recording led to, and for every row the origin it goes back
 * to along its causes. What people do about something broken has no cause of its own: such a row
 * (a repair, an operator's restart) belongs to the origin of the trouble that it ends.
 */
import { grown } from '../../engine/grow.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { FAULT_TARGETS } from '../../sim/faults/targets.ts';

/** What an origin is. */
export const ORIGIN = {
  /** The beginning of the run: the site and its stack come up. */
  start: 0,
  /** Something was asked for: a server, a reboot, an end. */
  work: 1,
  /** Something broke. */
  fault: 2,
} as const;

export type OriginType = (typeof ORIGIN)[keyof typeof ORIGIN];

/** No origin: the row is a sample or a snapshot. */
export const NO_ORIGIN = -1;

export class OriginTable {
  count = 0;
  row = new Int32Array(64);
  type = new Uint8Array(64);
  /** What its row says: the event, and the state entered. */
  event = new Uint16Array(64);
  to = new Uint16Array(64);

  add(row: number, type: OriginType, event: number, to: number): number {
    const origin = this.count++;
    if (origin === this.row.length) this.grow(2 * origin);
    this.row[origin] = row;
    this.type[origin] = type;
    this.event[origin] = event;
    this.to[origin] = to;
    return origin;
  }

  private grow(capacity: number): void {
    this.row = grown(this.row, capacity);
    this.type = grown(this.type, capacity);
    this.event = grown(this.event, capacity);
    this.to = grown(this.to, capacity);
  }
}

/** Tells faults from other transitions without a cause. */
export class FaultTest {
  private readonly failed: Uint8Array;
  /** By event: a mask of the states of the kinds that it makes fail. */
  private readonly failStates: readonly (Uint8Array | undefined)[];

  constructor({ states, events }: Recording) {
    this.failed = Uint8Array.from(states, (state) => (state.class === 'failed' ? 1 : 0));
    const targets = Object.values(FAULT_TARGETS);
    this.failStates = events.map((event) => {
      const kinds = targets.filter(({ fail }) => fail === event).map(({ kind }) => kind);
      if (kinds.length === 0) return undefined;
      return Uint8Array.from(states, ({ kind }) => (kinds.includes(kind) ? 1 : 0));
    });
  }

  /** An event that faults are injected with, or any other way into a failed state. */
  isFault(from: number, event: number, to: number): boolean {
    if (this.failStates[event]?.[to] === 1) return true;
    return this.failed[to] === 1 && this.failed[from] === 0;
  }
}
