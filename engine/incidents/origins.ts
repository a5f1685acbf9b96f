/**
 * Origins: the rows that nothing in the recording led to, and for every row the origin it goes back
 * to along its causes. A repair has no cause of its own: it belongs to the origin of the trouble
 * that it ends, and so does any other row without a cause that makes an entity serve again.
 */

import { FAULT_TARGETS, type TargetSpec } from '../../model/fault-targets.ts';
import { grown } from '../grow.ts';
import type { Recording } from '../recording/recording.ts';

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

/** Tells faults and repairs from other transitions without a cause. */
export class FaultTest {
  private readonly failed: Uint8Array;
  private readonly failing: EventMasks;
  private readonly repairing: EventMasks;

  constructor(recording: Recording) {
    const { states } = recording;
    this.failed = Uint8Array.from(states, (state) => (state.class === 'failed' ? 1 : 0));
    this.failing = eventMasks(recording, ({ fail }) => fail);
    this.repairing = eventMasks(recording, ({ repair }) => repair);
  }

  /** An event that faults are injected with, or any other way into a failed state. */
  isFault(from: number, event: number, to: number): boolean {
    if (this.failing[event]?.[to] === 1) return true;
    return this.failed[to] === 1 && this.failed[from] === 0;
  }

  /** An event with which the repair of a fault begins. */
  isRepair(event: number, to: number): boolean {
    return this.repairing[event]?.[to] === 1;
  }
}

/** By event: a mask of the states of the kinds for which it has a meaning. */
type EventMasks = readonly (Uint8Array | undefined)[];

function eventMasks(
  { states, events }: Recording,
  eventOf: (spec: TargetSpec) => string,
): EventMasks {
  const specs = Object.values(FAULT_TARGETS);
  return events.map((event) => {
    const kinds = specs.filter((spec) => eventOf(spec) === event).map(({ kind }) => kind);
    if (kinds.length === 0) return undefined;
    return Uint8Array.from(states, ({ kind }) => (kinds.includes(kind) ? 1 : 0));
  });
}
