/**
 * Which OSDs hold something of each placement group, and how complete it is; with an index from
 * each OSD to the placement groups it may matter to. A copy of an erasure-coded placement group is
 * the shard of one position; copies of a replicated one are alike and have position 0.
 */
import type { Usage } from './usage.ts';

export const NONE = 0;
/** Everything, up to the latest write. */
export const COMPLETE = 1;
/** Everything up to when the OSD left the acting set: the rest can be copied by the log. */
export const BEHIND = 2;
/** A backfill has begun to fill it. */
export const PARTIAL = 3;

export class Copies {
  /** Entries of a placement group: [pg * width ...]. */
  readonly osd: Int32Array;
  readonly state: Uint8Array;
  readonly position: Uint8Array;
  /** Since when it is BEHIND, in seconds. */
  readonly since_s: Float64Array;
  readonly width: number;
  readonly #usage: Usage;
  readonly #poolOf: Uint16Array;
  readonly #index: readonly Map<number, number>[];

  constructor(poolOf: Uint16Array, sizeMax: number, osdCount: number, usage: Usage) {
    // Beside its members a placement group remembers as many OSDs that were members before.
    this.width = 2 * sizeMax;
    this.osd = new Int32Array(poolOf.length * this.width).fill(-1);
    this.state = new Uint8Array(poolOf.length * this.width);
    this.position = new Uint8Array(poolOf.length * this.width);
    this.since_s = new Float64Array(poolOf.length * this.width);
    this.#usage = usage;
    this.#poolOf = poolOf;
    this.#index = Array.from({ length: osdCount }, () => new Map());
  }

  /** The placement groups that hold something on an OSD, or that CRUSH puts there. */
  groupsOf(osd: number): IterableIterator<number> {
    return this.#index[osd].keys();
  }

  /** Counts one more (+1) or one less (-1) reason to look at a placement group for an OSD. */
  refer(pg: number, osd: number, step: 1 | -1): void {
    const index = this.#index[osd];
    const count = (index.get(pg) ?? 0) + step;
    if (count > 0) index.set(pg, count);
    else index.delete(pg);
  }

  /** The entry of an OSD's copy for a position, or -1. */
  find(pg: number, osd: number, position: number): number {
    const end = (pg + 1) * this.width;
    for (let i = pg * this.width; i < end; i++) {
      if (this.osd[i] === osd && this.position[i] === position) return i;
    }
    return -1;
  }

  stateOf(pg: number, osd: number, position: number): number {
    const i = this.find(pg, osd, position);
    return i < 0 ? NONE : this.state[i];
  }

  set(pg: number, osd: number, position: number, state: number, now_s: number): void {
    let i = this.find(pg, osd, position);
    if (i < 0) {
      i = this.#freeEntry(pg);
      this.osd[i] = osd;
      this.position[i] = position;
      this.refer(pg, osd, 1);
      this.#usage.addShards(this.#poolOf[pg], osd, 1);
    }
    if (this.state[i] !== state) this.since_s[i] = now_s;
    this.state[i] = state;
  }

  /** Removes entry `i` of a placement group. */
  drop(pg: number, i: number): void {
    const osd = this.osd[i];
    if (osd < 0) return;
    this.osd[i] = -1;
    this.state[i] = NONE;
    this.refer(pg, osd, -1);
    this.#usage.addShards(this.#poolOf[pg], osd, -1);
  }

  /** Removes everything that an OSD holds; calls `dropped` for each placement group concerned. */
  wipe(osd: number, dropped: (pg: number) => void): void {
    for (const pg of [...this.#index[osd].keys()]) {
      let held = false;
      for (let i = pg * this.width; i < (pg + 1) * this.width; i++) {
        if (this.osd[i] !== osd) continue;
        this.drop(pg, i);
        held = true;
      }
      if (held) dropped(pg);
    }
  }

  /** A free entry; when there is none, the copy that has been behind for longest makes room. */
  #freeEntry(pg: number): number {
    let oldest = -1;
    for (let i = pg * this.width; i < (pg + 1) * this.width; i++) {
      if (this.osd[i] < 0) return i;
      if (this.state[i] === COMPLETE) continue;
      if (oldest < 0 || this.since_s[i] < this.since_s[oldest]) oldest = i;
    }
    const victim = oldest < 0 ? (pg + 1) * this.width - 1 : oldest;
    this.drop(pg, victim);
    return victim;
  }
}
