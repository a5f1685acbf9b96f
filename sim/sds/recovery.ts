/**
 * Reservations for recovery and backfill: an OSD leads at most `osd_max_backfills` of them, and is
 * the target of at most as many. Who finds no free slot waits in line.
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
}

export class Recovery {
  readonly #world: SimWorld;
  /** Slots in use: as the primary, and as a target. */
  readonly #leading: Uint8Array;
  readonly #receiving: Uint8Array;
  readonly #held = new Map<number, Reservation>();
  /** Those who wait for an OSD, in the order they came. */
  readonly #lines: Reservation[][];
  readonly #refuse: (reservation: Reservation) => boolean;

  /** `refuse` answers a reservation whose targets have no room when its turn comes, or is false. */
  constructor(world: SimWorld, osdCount: number, refuse: (reservation: Reservation) => boolean) {
    this.#world = world;
    this.#refuse = refuse;
    this.#leading = new Uint8Array(osdCount);
    this.#receiving = new Uint8Array(osdCount);
    this.#lines = Array.from({ length: osdCount }, () => []);
  }

  /** Answers the request `token` when a slot is free on the primary and on every target. */
  reserve(reservation: Reservation): void {
    // It may hold slots for a purpose that it has given up (recovery goes before backfill).
    this.release(reservation.pg);
    if (this.#isFree(reservation)) this.#grant(reservation);
    else for (const osd of involved(reservation)) this.#lines[osd].push(reservation);
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
    for (const osd of involved(held)) this.#admit(osd);
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
    if (this.#refuse(reservation)) return;
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
