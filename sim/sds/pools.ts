/**
 * The pools: created when the OSDs of the plan are there, then active or inactive with their
 * placement groups, and full with their OSDs.
 */
import { NO_HANDLE } from '../../engine/scheduler.ts';
import type { DrawKey, SimWorld } from '../world.ts';
import type { Groups } from './groups.ts';
import type { Osds } from './osds.ts';
import type { Quorum } from './quorum.ts';
import { FULLNESS } from './usage.ts';

/** A time that never comes. */
const ACTIVE = Number.POSITIVE_INFINITY;

export class Pools {
  readonly #world: SimWorld;
  readonly #groups: Groups;
  readonly #osds: Osds;
  readonly #quorum: Quorum;
  /** By pool; -1 before it is created. */
  readonly entities: number[];
  readonly #byName = new Map<string, number>();
  /** When a placement group became inactive; ACTIVE while it is not. */
  readonly #inactiveSince_s: Float64Array;
  readonly #isUnclean: Uint8Array;
  /** Whether a placement group lacks copies, or nobody knows; and how many do. */
  readonly #lacks: Uint8Array;
  #lacking = 0;
  readonly #whenWhole: (() => void)[] = [];
  readonly #inactive: Int32Array;
  readonly #unclean: Int32Array;
  /** `mon_pg_stuck_threshold` of each pool, and the next time to look whether one is stuck. */
  readonly #stuckAfter_s: Float64Array;
  readonly #look: Int32Array;
  readonly #lookNow: number;
  readonly #stuckInactive: DrawKey;
  readonly #level: Uint8Array;
  #straggler = NO_HANDLE;
  #isCreated = false;
  #changed: (row: number) => void = () => {};

  constructor(world: SimWorld, quorum: Quorum, osds: Osds, groups: Groups) {
    const { pools } = world.scenario.stack.ceph!;
    this.#world = world;
    this.#quorum = quorum;
    this.#osds = osds;
    this.#groups = groups;
    this.entities = pools.map(() => -1);
    pools.forEach((pool, index) => {
      this.#byName.set(pool.name, index);
    });
    this.#inactiveSince_s = new Float64Array(groups.entities.length).fill(ACTIVE);
    this.#isUnclean = new Uint8Array(groups.entities.length);
    this.#lacks = new Uint8Array(groups.entities.length);
    this.#inactive = new Int32Array(pools.length);
    this.#unclean = new Int32Array(pools.length);
    this.#stuckAfter_s = new Float64Array(pools.length);
    this.#look = new Int32Array(pools.length).fill(NO_HANDLE);
    this.#lookNow = world.scheduler.handler((pool) => this.#lookForStuck(pool));
    this.#stuckInactive = world.timing('pool.stuck_inactive');
    this.#level = new Uint8Array(pools.length);
    this.#installCreation();
    this.#installStates();
    groups.usage.onLevelChanged(() => this.#onLevel());
  }

  /** Index of a pool by name, or -1. */
  find(name: string): number {
    return this.#byName.get(name) ?? -1;
  }

  /** Calls `changed` when something changed that the health of the cluster depends on. */
  onChanged(changed: (row: number) => void): void {
    this.#changed = changed;
  }

  get unclean(): number {
    return this.#unclean.reduce((sum, count) => sum + count, 0);
  }

  /** Whether every placement group has all of its copies, be it on the OSDs that CRUSH wants or not. */
  get isWhole(): boolean {
    return this.#lacking === 0;
  }

  /** Calls `whole` whenever that is so again. */
  onWhole(whole: () => void): void {
    this.#whenWhole.push(whole);
  }

  // ---------------------------------------------------------------- creation

  /** When every OSD of the plan has come, or no more have come for a while, pools are created. */
  #installCreation(): void {
    const { engine, scheduler } = this.#world;
    const settle = this.#world.timing('ceph-cluster.settle');
    const create = scheduler.handler((_a, _b, row) => this.#create(row));
    let known = 0;
    engine.onEnter('osd', 'up', (_osd, row) => {
      if (this.#isCreated || this.#osds.known === known) return;
      known = this.#osds.known;
      scheduler.cancel(this.#straggler);
      const isComplete = known === this.#osds.plan.length;
      const wait_s = isComplete ? 0 : this.#world.draw(this.#quorum.cluster, settle);
      this.#straggler = scheduler.after(wait_s, create, 0, 0, row);
    });
    this.#quorum.onFormed((row) => {
      if (known > 0 && this.#straggler === NO_HANDLE) this.#create(row);
    });
  }

  #create(row: number): void {
    this.#straggler = NO_HANDLE;
    if (this.#isCreated || !this.#quorum.exists) return;
    this.#isCreated = true;
    const { pools } = this.#world.scenario.stack.ceph!;
    pools.forEach((spec, index) => {
      this.entities[index] = this.#world.create('pool', spec.name, [], row);
      this.#stuckAfter_s[index] = this.#world.draw(this.entities[index], this.#stuckInactive);
      this.#inactive[index] = spec.pg_num;
      this.#unclean[index] = spec.pg_num;
      const { first } = this.#groups.addPool(index, this.entities[index], row);
      this.#inactiveSince_s.fill(this.#world.engine.now, first, first + spec.pg_num);
      this.#isUnclean.fill(1, first, first + spec.pg_num);
      this.#lacks.fill(1, first, first + spec.pg_num);
      this.#lacking += spec.pg_num;
      this.#groups.usage.addStored(index, spec.stored_bytes);
    });
  }

  // ---------------------------------------------------------------- states

  #installStates(): void {
    const { engine } = this.#world;
    const { serving } = engine.model;
    const isClean = engine.statesMatching('pg', 'clean').map((clean, s) => {
      return clean && serving[s] ? 1 : 0;
    });
    const degraded = engine.statesMatching('pg', 'degraded');
    const lacks = degraded.map((is, s) => (is || !serving[s] ? 1 : 0));
    engine.onCrossing('pg', isClean, (entity, row) => {
      this.#noteUnclean(this.#groups.indexOf(entity), isClean[engine.state[entity]] ? 0 : 1, row);
    });
    engine.onCrossing('pg', serving, (entity, row) => {
      this.#noteInactive(this.#groups.indexOf(entity), !engine.isServing(entity), row);
    });
    engine.onCrossing('pg', lacks, (entity) => {
      this.#noteLack(this.#groups.indexOf(entity), lacks[engine.state[entity]]);
    });
  }

  #noteInactive(pg: number, is: boolean, row: number): void {
    const since_s = this.#inactiveSince_s;
    if (is === since_s[pg] < ACTIVE) return;
    const pool = this.#groups.poolOf[pg];
    since_s[pg] = is ? this.#world.engine.now : ACTIVE;
    this.#inactive[pool] += is ? 1 : -1;
    if (is && this.#inactive[pool] === 1) this.#lookIn(pool, this.#stuckAfter_s[pool]);
    if (this.#inactive[pool] > 0) return;
    this.#world.scheduler.cancel(this.#look[pool]);
    this.#look[pool] = NO_HANDLE;
    this.#world.send(this.entities[pool], 'pgs_active', row);
  }

  #lookIn(pool: number, delay_s: number): void {
    this.#look[pool] = this.#world.scheduler.after(delay_s, this.#lookNow, pool);
  }

  /** A pool no longer serves when a placement group has been inactive for too long. */
  #lookForStuck(pool: number): void {
    const { engine } = this.#world;
    const since_s = this.#inactiveSince_s;
    const { first, spec } = this.#groups.pools[pool]!;
    let oldest = first;
    for (let pg = first; pg < first + spec.pg_num; pg++) {
      if (since_s[pg] < since_s[oldest]) oldest = pg;
    }
    const left_s = since_s[oldest] + this.#stuckAfter_s[pool] - engine.now;
    this.#look[pool] = NO_HANDLE;
    if (left_s > 0) {
      this.#lookIn(pool, left_s);
      return;
    }
    const row = engine.lastRowOf(this.#groups.entities[oldest]);
    this.#world.send(this.entities[pool], 'pgs_inactive', row);
  }

  /** For how long a placement group of a pool may be inactive while the pool serves, in seconds. */
  stuckAfter_s(pool: number): number {
    return this.#stuckAfter_s[pool];
  }

  #noteLack(pg: number, is: number): void {
    const was = this.#lacks[pg];
    if (is === was) return;
    this.#lacks[pg] = is;
    this.#lacking += is - was;
    if (this.#lacking === 0) for (const whole of this.#whenWhole) whole();
  }

  #noteUnclean(pg: number, is: number, row: number): void {
    const pool = this.#groups.poolOf[pg];
    const was = this.#isUnclean[pg];
    if (is === was) return;
    this.#isUnclean[pg] = is;
    this.#unclean[pool] += is - was;
    const turned = is ? this.#unclean[pool] === 1 : this.#unclean[pool] === 0;
    if (turned) this.#changed(row);
  }

  // ---------------------------------------------------------------- fullness

  #onLevel(): void {
    const { engine } = this.#world;
    this.entities.forEach((entity, pool) => {
      if (entity < 0) return;
      const level = this.#groups.usage.levelOfPool(pool);
      if (level === this.#level[pool]) return;
      this.#level[pool] = level;
      engine.send(entity, engine.model.eventId(FULLNESS[level]), engine.lastRowOf(entity));
    });
    this.#changed(engine.lastRowOf(this.#quorum.cluster));
  }
}
