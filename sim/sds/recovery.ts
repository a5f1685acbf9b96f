/**
 * Reservations for recovery and backfill: an OSD leads at most `osd_max_backfills` of them, and is
 * the target of at most as many. Who finds no free slot takes those of others with lower priority, or
 * waits in line for one, by priority and then by order of arrival.
 */
import type { SimWorld } from '../world.ts';

/** `osd_max_backfills`, Ceph's default up to Quincy (docs.ceph.com, OSD config reference). */
const MAX_BACKFILLS = 1;

export interface Reservation {
  readonly pg: number;
  readonly entity: number;
  readonly token: number;
  readonly verb: number;
  readonly primary: number;
  readonly targets: readonly number[];
  readonly priority: number;
}

export interface RecoveryEvents {
  /** Answers a reservation whose targets have no room when its turn comes, or returns false. */
  refuse(reservation: Reservation): boolean;
  /** Sends the holder of slots back into the line: another one needs them more. */
  preempt(holder: Reservation, by: Reservation): void;
  /** An OSD has given a slot back. */
  released(osd: number): void;
}

export class Recovery {
  readonly #world: SimWorld;
  /** Slots in use: as the primary, and as a target. */
  readonly #leading: Uint8Array;
  readonly #receiving: Uint8Array;
  readonly #held = new Map<number, Reservation>();
  /** Those who wait for an OSD, the most urgent first. */
  readonly #lines: Reservation[][];
  readonly #events: RecoveryEvents;

  constructor(world: SimWorld, osdCount: number, events: RecoveryEvents) {
    this.#world = world;
    this.#events = events;
    this.#leading = new Uint8Array(osdCount);
    this.#receiving = new Uint8Array(osdCount);
    this.#lines = Array.from({ length: osdCount }, () => []);
  }

  /** Answers the request `token` when a slot is free on the primary and on every target. */
  reserve(reservation: Reservation): void {
    // It may hold slots for a purpose that it has given up (recovery goes before backfill).
    this.release(reservation.pg);
    if (this.#isFree(reservation)) {
      this.#grant(reservation);
      return;
    }
    for (const osd of involved(reservation)) enqueue(this.#lines[osd], reservation);
    const blockers = this.#blockersOf(reservation);
    if (blockers.some((holder) => holder.priority >= reservation.priority)) return;
    for (const holder of blockers) this.#events.preempt(holder, reservation);
  }

  /** Those who hold the slots that a reservation needs. */
  #blockersOf({ primary, targets }: Reservation): Reservation[] {
    return [...this.#held.values()].filter(
      (held) => held.primary === primary || held.targets.some((osd) => targets.includes(osd)),
    );
  }

  /** Whether an OSD takes part in a recovery or a backfill. */
  isBusy(osd: number): boolean {
    return this.#leading[osd] > 0 || this.#receiving[osd] > 0;
  }

  /** Entities of the placement groups that hold slots. */
  holders(): number[] {
    return [...this.#held.values()].map(({ entity }) => entity);
  }

  /** Gives a placement group's slots back, and lets the next ones in. */
  release(pg: number): void {
    const held = this.#held.get(pg);
    if (!held) return;
    this.#held.delete(pg);
    this.#leading[held.primary]--;
    for (const target of held.targets) this.#receiving[target]--;
    for (const osd of involved(held)) {
      this.#admit(osd);
      this.#events.released(osd);
    }
  }

  #admit(osd: number): void {
    const { engine } = this.#world;
    const line = this.#lines[osd];
    let kept = 0;
    for (let i = 0; i < line.length; i++) {
      const next = line[i];
      if (this.#held.get(next.pg) === next) continue;
      if (!engine.isRequested(next.entity, next.token)) continue;
      if (this.#isFree(next)) this.#grant(next);
      else line[kept++] = next;
    }
    line.length = kept;
  }

  #isFree({ primary, targets }: Reservation): boolean {
    if (this.#leading[primary] >= MAX_BACKFILLS) return false;
    return targets.every((target) => this.#receiving[target] < MAX_BACKFILLS);
  }

  #grant(reservation: Reservation): void {
    if (this.#events.refuse(reservation)) return;
    const { pg, entity, token, verb, primary, targets } = reservation;
    this.#held.set(pg, reservation);
    this.#leading[primary]++;
    for (const target of targets) this.#receiving[target]++;
    this.#world.answerLater(entity, token, verb);
  }
}

function involved({ primary, targets }: Reservation): readonly number[] {
  return [primary, ...targets];
}

/** Puts a reservation behind those that are as urgent or more. */
function enqueue(line: Reservation[], reservation: Reservation): void {
  let at = line.length;
  while (at > 0 && line[at - 1].priority < reservation.priority) at--;
  line.splice(at, 0, reservation);
}
