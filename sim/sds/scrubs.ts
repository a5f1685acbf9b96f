/**
 * Scrubs that start by themselves, as the OSDs schedule them: some time after the last one, when the
 * placement group is clean and every OSD of its acting set has a free slot. Who finds none waits in
 * line for it.
 *
 * Source: docs.ceph.com, OSD config reference, "Scrubbing"; the times are data of the profile.
 */
import { hashString } from '../../engine/random.ts';
import type { DrawKey, SimWorld } from '../world.ts';
import type { Groups } from './groups.ts';

/** `osd_max_scrubs`: how many an OSD takes part in, Ceph's default up to Quincy. */
const MAX_SCRUBS = 1;
/** `osd_deep_scrub_randomize_ratio`: the share of scrubs that are deep before their time. */
const DEEP_RATIO = 0.15;

const OSD_RECORD = 4;
const BUSY = 0;
const FIRST = 1;
const LAST = 2;
const END = -1;
const NOT_WAITING = -2;

const EVEN = { type: 'uniform', min: 0, max: 1 } as const;

export interface ScrubLimits {
  /** Whether an OSD recovers or backfills: it scrubs nothing then (`osd_scrub_during_recovery`). */
  isRecovering(osd: number): boolean;
}

export class Scrubs {
  readonly #world: SimWorld;
  readonly #groups: Groups;
  readonly #limits: ScrubLimits;
  readonly #interval: DrawKey;
  readonly #deepInterval: DrawKey;
  readonly #lot = hashString('pg.deep_scrub_randomize');
  /** By placement group: when the next scrub is due, and when the last deep one ended, in seconds. */
  readonly #due_s: Float64Array;
  readonly #deep_s: Float64Array;
  /** Scrubs so far, which the lots are keyed by. */
  readonly #count: Int32Array;
  /** The OSDs whose slots a placement group holds: [pg * sizeMax ...], -1 for none. */
  readonly #held: Int32Array;
  /** What waits behind a placement group in the line of an OSD: END, or NOT_WAITING. */
  readonly #next: Int32Array;
  /** Records of OSDs: slots in use, and the first and the last that wait for one. */
  readonly #osds: Int32Array;
  readonly #clean: number;
  readonly #isDeep: Uint8Array;
  readonly #scrub: number;
  readonly #deepScrub: number;
  readonly #done: number;
  readonly #look: number;

  constructor(world: SimWorld, groups: Groups, osdCount: number, limits: ScrubLimits) {
    const { engine, scheduler } = world;
    const { model } = engine;
    const total = groups.entities.length;
    this.#world = world;
    this.#groups = groups;
    this.#limits = limits;
    this.#interval = world.timing('pg.scrub_interval');
    this.#deepInterval = world.timing('pg.deep_scrub_interval');
    this.#due_s = new Float64Array(total).fill(-1);
    this.#deep_s = new Float64Array(total);
    this.#count = new Int32Array(total);
    this.#held = new Int32Array(total * groups.sizeMax).fill(-1);
    this.#next = new Int32Array(total).fill(NOT_WAITING);
    this.#osds = new Int32Array(osdCount * OSD_RECORD);
    for (let osd = 0; osd < osdCount; osd++) this.#osds[osd * OSD_RECORD + FIRST] = END;
    this.#clean = model.stateId('pg/active+clean');
    const scrubbing = engine.statesMatching('pg', 'scrubbing');
    this.#isDeep = engine.statesMatching('pg', 'deep');
    this.#scrub = model.eventId('scrub');
    this.#deepScrub = model.eventId('deep_scrub');
    this.#done = model.eventId('done');
    this.#look = scheduler.handler((pg) => this.#start(pg));
    engine.onCrossing('pg', scrubbing, (entity, _row, event, from) => {
      if (scrubbing[from]) this.#onEnd(entity, event, from);
    });
    engine.onEnter('pg', 'active+clean', (entity) => this.#onClean(entity));
  }

  #onEnd(entity: number, event: number, from: number): void {
    const pg = this.#groups.indexOf(entity);
    if (event === this.#done) this.#note(pg, entity, this.#isDeep[from] === 1);
    this.#release(pg);
  }

  /** A placement group that is due is scrubbed as soon as it is clean. */
  #onClean(entity: number): void {
    const pg = this.#groups.indexOf(entity);
    // A new placement group counts as scrubbed when it was made.
    if (this.#due_s[pg] < 0) this.#note(pg, entity, true);
    else if (this.#due_s[pg] <= this.#world.engine.now) this.#world.scheduler.soon(this.#look, pg);
  }

  /** Notes a scrub that has ended, and schedules the next one. */
  #note(pg: number, entity: number, wasDeep: boolean): void {
    const { engine, scheduler } = this.#world;
    const delay_s = this.#world.draw(entity, this.#interval);
    this.#due_s[pg] = engine.now + delay_s;
    if (wasDeep) this.#deep_s[pg] = engine.now;
    scheduler.after(delay_s, this.#look, pg);
  }

  /** Starts the scrub of a placement group that is due and clean, or lets it wait for a slot. */
  #start(pg: number): void {
    const { engine } = this.#world;
    const entity = this.#groups.entities[pg];
    const isDue = this.#due_s[pg] <= engine.now && engine.state[entity] === this.#clean;
    if (!isDue || this.#next[pg] !== NOT_WAITING || this.#holds(pg)) return;
    const full = this.#fullOsd(pg);
    if (full >= 0) {
      this.#wait(full, pg);
      return;
    }
    this.#reserve(pg);
    const event = this.#isTimeForDeep(pg, entity) ? this.#deepScrub : this.#scrub;
    engine.send(entity, event, engine.lastRowOf(entity));
  }

  #isTimeForDeep(pg: number, entity: number): boolean {
    const { engine } = this.#world;
    const interval_s = this.#world.draw(entity, this.#deepInterval);
    if (engine.now - this.#deep_s[pg] >= interval_s) return true;
    const count = this.#count[pg]++;
    return this.#world.drawKeyed(EVEN, this.#lot, engine.keyOf(entity), count) < DEEP_RATIO;
  }

  // ---------------------------------------------------------------- slots

  #holds(pg: number): boolean {
    return this.#held[pg * this.#groups.sizeMax] >= 0;
  }

  /** An OSD of the acting set that cannot take part now, or -1. */
  #fullOsd(pg: number): number {
    const { acting, sizeMax } = this.#groups;
    for (let i = pg * sizeMax; i < (pg + 1) * sizeMax; i++) {
      const osd = acting[i];
      if (osd < 0) continue;
      if (this.#osds[osd * OSD_RECORD + BUSY] >= MAX_SCRUBS || this.#limits.isRecovering(osd))
        return osd;
    }
    return -1;
  }

  #reserve(pg: number): void {
    const { acting, sizeMax } = this.#groups;
    let place = pg * sizeMax;
    for (let i = pg * sizeMax; i < (pg + 1) * sizeMax; i++) {
      if (acting[i] < 0) continue;
      this.#held[place++] = acting[i];
      this.#osds[acting[i] * OSD_RECORD + BUSY]++;
    }
  }

  /** Gives the slots of a placement group back, and lets those who waited for them try. */
  #release(pg: number): void {
    const { sizeMax } = this.#groups;
    for (let i = pg * sizeMax; i < (pg + 1) * sizeMax && this.#held[i] >= 0; i++) {
      const osd = this.#held[i];
      this.#held[i] = -1;
      this.#osds[osd * OSD_RECORD + BUSY]--;
      this.slotsFree(osd);
    }
  }

  #wait(osd: number, pg: number): void {
    const osds = this.#osds;
    const row = osd * OSD_RECORD;
    this.#next[pg] = END;
    if (osds[row + FIRST] === END) osds[row + FIRST] = pg;
    else this.#next[osds[row + LAST]] = pg;
    osds[row + LAST] = pg;
  }

  /** An OSD may have a slot again: those who wait for it try, at the end of this instant. */
  slotsFree(osd: number): void {
    const row = osd * OSD_RECORD;
    for (let pg = this.#osds[row + FIRST]; pg !== END; ) {
      const next = this.#next[pg];
      this.#next[pg] = NOT_WAITING;
      this.#world.scheduler.soon(this.#look, pg);
      pg = next;
    }
    this.#osds[row + FIRST] = END;
  }
}
