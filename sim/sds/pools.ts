/**
 * The pools: created when the OSDs of the plan are there, then active or inactive with their
 * placement groups, and full with their OSDs.
 */
import { NO_HANDLE } from '../../engine/scheduler.ts';
import type { SimWorld } from '../world.ts';
import { type Groups, inactiveStates } from './groups.ts';
import type { Osds } from './osds.ts';
import type { Quorum } from './quorum.ts';
import { FULLNESS } from './usage.ts';

export class Pools {
  readonly #world: SimWorld;
  readonly #groups: Groups;
  readonly #osds: Osds;
  readonly #quorum: Quorum;
  /** By pool; -1 before it is created. */
  readonly entities: number[];
  readonly #byName = new Map<string, number>();
  /** Whether a placement group counts as inactive: from when it is until it is active again. */
  readonly #isInactive: Uint8Array;
  readonly #isUnclean: Uint8Array;
  readonly #inactive: Int32Array;
  readonly #unclean: Int32Array;
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
    this.#isInactive = new Uint8Array(groups.entities.length);
    this.#isUnclean = new Uint8Array(groups.entities.length);
    this.#inactive = new Int32Array(pools.length);
    this.#unclean = new Int32Array(pools.length);
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
      this.#inactive[index] = spec.pg_num;
      this.#unclean[index] = spec.pg_num;
      const { first } = this.#groups.addPool(index, this.entities[index], row);
      this.#isInactive.fill(1, first, first + spec.pg_num);
      this.#isUnclean.fill(1, first, first + spec.pg_num);
      this.#groups.usage.addStored(index, spec.stored_bytes);
    });
  }

  // ---------------------------------------------------------------- states

  #installStates(): void {
    const { engine, scheduler } = this.#world;
    const { model } = engine;
    const isStale = engine.statesMatching('pg', 'stale');
    const isInactive = inactiveStates(engine);
    const isClean = engine.statesMatching('pg', 'clean').map((clean, s) => {
      return clean && model.serving[s] ? 1 : 0;
    });
    // Nearly always a stale placement group peers at once; without an OSD to do so it stays stale.
    const recheck = scheduler.handler((entity, _unused, row) => {
      if (isStale[engine.state[entity]]) this.#noteInactive(this.#groups.indexOf(entity), 1, row);
    });
    engine.onEveryEntry('pg', (entity, row) => {
      const state = engine.state[entity];
      const pg = this.#groups.indexOf(entity);
      this.#noteUnclean(pg, isClean[state] ? 0 : 1, row);
      if (isStale[state]) scheduler.soon(recheck, entity, 0, row);
      else if (isInactive[state]) this.#noteInactive(pg, 1, row);
      else if (model.serving[state]) this.#noteInactive(pg, 0, row);
    });
  }

  #noteInactive(pg: number, is: number, row: number): void {
    const was = this.#isInactive[pg];
    if (is === was) return;
    const pool = this.#groups.poolOf[pg];
    this.#isInactive[pg] = is;
    this.#inactive[pool] += is - was;
    const turned = is ? this.#inactive[pool] === 1 : this.#inactive[pool] === 0;
    if (!turned) return;
    const event = is ? 'pgs_inactive' : 'pgs_active';
    this.#world.send(this.entities[pool], event, row);
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
      engine.send(entity, engine.model.eventId(FULLNESS[level]), engine.lastRow[entity]);
    });
    this.#changed(engine.lastRow[this.#quorum.cluster]);
  }
}
