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

  add(row: number, type: OriginType): number {
    const origin = this.count++;
    if (origin === this.row.length) {
      this.row = grown(this.row, 2 * origin);
      this.type = grown(this.type, 2 * origin);
    }
    this.row[origin] = row;
    this.type[origin] = type;
    return origin;
  }
}

/** Tells faults from other transitions without a cause. */
export class FaultTest {
  private readonly failed: Uint8Array;
  private readonly kindOf: readonly string[];
  private readonly failEvents: readonly ReadonlySet<string>[];

  constructor({ states, events }: Recording) {
    this.failed = Uint8Array.from(states, (state) => (state.class === 'failed' ? 1 : 0));
    this.kindOf = states.map(({ kind }) => kind);
    const targets = Object.values(FAULT_TARGETS);
    this.failEvents = events.map(
      (event) => new Set(targets.filter(({ fail }) => fail === event).map(({ kind }) => kind)),
    );
  }

  /** An event that faults are injected with, or any other way into a failed state. */
  isFault(from: number, event: number, to: number): boolean {
    if (this.failEvents[event].has(this.kindOf[to])) return true;
    return this.failed[to] === 1 && this.failed[from] === 0;
  }
}
