/**
 * The placement groups: where CRUSH wants each of them now, on which OSDs it acts, and which ones a
 * change of an OSD concerns. Only those cost work.
 */
import { type Engine, NO_ROW } from '../../engine/engine.ts';
import type { CephPool } from '../../model/scenario.ts';
import type { SimWorld } from '../world.ts';
import { COMPLETE, Copies, NONE } from './copies.ts';
import { CRUSH_ITEM_NONE } from './crush/map.ts';
import { createPgMapping, mapPgToOsds, type Pool } from './crush/osdmap.ts';
import type { FailureDomain, OsdObserver, Osds } from './osds.ts';
import type { PlannedCrush } from './plan.ts';
import type { Usage } from './usage.ts';

/** A pool with its placement groups, which are numbered over all pools. */
export interface PoolGroups {
  readonly index: number;
  readonly spec: CephPool;
  readonly crush: Pool;
  readonly entity: number;
  readonly first: number;
  /** Copies that must be there for the data to be: 1, or k of an erasure-coded pool. */
  readonly needed: number;
  /** What CRUSH keeps the copies apart by. */
  readonly failureDomain: FailureDomain;
}

export interface GroupEvents {
  readonly newInterval: number;
  readonly newIntervalRemapped: number;
  readonly stale: number;
  readonly create: number;
}

export class Groups implements OsdObserver {
  readonly world: SimWorld;
  readonly usage: Usage;
  readonly copies: Copies;
  readonly pools: (PoolGroups | undefined)[];
  readonly sizeMax: number;
  readonly poolOf: Uint16Array;
  /** By placement group; -1 before its pool exists. */
  readonly entities: Int32Array;
  /** Where CRUSH wants it, without OSDs that are down; -1 for a hole: [pg * sizeMax ...]. */
  readonly up: Int32Array;
  /** The OSDs that serve it: [pg * sizeMax ...]. */
  readonly acting: Int32Array;
  /** Whether it has been made, so that it has a history. */
  readonly isMade: Uint8Array;
  osds!: Osds;

  readonly #raw: Int32Array;
  /** The acting set that `setActing` replaces. */
  readonly #before: number[];
  readonly #mapping;
  readonly #event: GroupEvents;
  readonly #crush: PlannedCrush;
  /** OSDs that changed since the last epoch, and the row of the change. */
  readonly #dirty = new Map<number, number>();
  /** Placement groups that were placed while an OSD was out, by OSD: it may get them back. */
  readonly #placedWithout = new Map<number, Set<number>>();
  /** OSDs that have been in, and those that were in at the last epoch. */
  readonly #seen = new Set<number>();
  readonly #wasIn: Uint8Array;
  readonly #epoch: number;
  readonly #inactive: Uint8Array;
  readonly #reported: Uint8Array;

  constructor(world: SimWorld, usage: Usage, crush: PlannedCrush, osdCount: number) {
    const { engine, scheduler, scenario } = world;
    const specs = scenario.stack.ceph!.pools;
    const total = specs.reduce((sum, pool) => sum + pool.pg_num, 0);
    this.world = world;
    this.usage = usage;
    this.pools = new Array(specs.length).fill(undefined);
    this.sizeMax = specs.reduce((most, pool) => Math.max(most, pool.size), 1);
    this.poolOf = new Uint16Array(total);
    let first = 0;
    specs.forEach((pool, index) => {
      this.poolOf.fill(index, first, first + pool.pg_num);
      first += pool.pg_num;
    });
    this.entities = new Int32Array(total).fill(-1);
    this.up = new Int32Array(total * this.sizeMax).fill(-1);
    this.acting = new Int32Array(total * this.sizeMax).fill(-1);
    this.#raw = new Int32Array(total * this.sizeMax).fill(-1);
    this.#before = new Array(this.sizeMax).fill(-1);
    this.isMade = new Uint8Array(total);
    this.copies = new Copies(this.poolOf, this.sizeMax, osdCount, usage);
    this.#mapping = createPgMapping(this.sizeMax);
    this.#crush = crush;
    this.#wasIn = new Uint8Array(osdCount);
    this.#event = {
      newInterval: engine.model.eventId('new_interval'),
      newIntervalRemapped: engine.model.eventId('new_interval_remapped'),
      stale: engine.model.eventId('stale'),
      create: engine.model.eventId('create'),
    };
    this.#epoch = scheduler.handler(() => this.#nextEpoch());
    this.#inactive = inactiveStates(engine);
    const young = ['unknown', 'creating', 'stale'].map((f) => engine.statesMatching('pg', f));
    this.#reported = young[0].map((_, s) => (young.some((mask) => mask[s]) ? 0 : 1));
  }

  /** The number of a placement group's entity among all placement groups. */
  indexOf(entity: number): number {
    return this.world.engine.ordinalOf(entity);
  }

  poolOfGroup(pg: number): PoolGroups {
    return this.pools[this.poolOf[pg]]!;
  }

  /** The position that a copy at place `i` of the set has: its own only with erasure coding. */
  positionOf(pool: PoolGroups, i: number): number {
    return pool.spec.erasure ? i : 0;
  }

  /** The failure domain of an OSD by the rule of a pool, as a number. */
  domainOf(pool: PoolGroups, osd: number): number {
    return this.osds.domainOf(osd, pool.failureDomain);
  }

  // ---------------------------------------------------------------- pools

  /** Makes the placement groups of a pool; all of them are placed at once. */
  addPool(index: number, entity: number, cause: number): PoolGroups {
    const { engine, scenario } = this.world;
    const spec = scenario.stack.ceph!.pools[index];
    const crush: Pool = {
      id: index + 1,
      type: spec.erasure ? 'erasure' : 'replicated',
      size: spec.size,
      pg_num: spec.pg_num,
      pgp_num: spec.pg_num,
      rule: this.#crush.ruleOf(spec),
      hashpspool: true,
    };
    this.osds.map.pools.set(crush.id, crush);
    const first = this.poolOf.indexOf(index);
    const rule = scenario.stack.ceph!.rules.find(({ name }) => name === spec.rule);
    const failureDomain = rule?.failure_domain ?? 'osd';
    const needed = spec.erasure?.k ?? 1;
    const pool = { index, spec, crush, entity, first, needed, failureDomain };
    this.pools[index] = pool;
    for (let n = 0; n < spec.pg_num; n++) {
      const name = `${crush.id}.${n.toString(16)}`;
      this.entities[first + n] = this.world.create('pg', name, [entity], cause);
      this.#place(first + n);
      engine.send(this.entities[first + n], this.#event.create, cause);
    }
    return pool;
  }

  // ---------------------------------------------------------------- changes of OSDs

  changed(osd: number, row: number): void {
    if (this.#dirty.size === 0) this.world.scheduler.soon(this.#epoch);
    this.#dirty.set(osd, row);
  }

  wiped(osd: number, _row: number): void {
    this.copies.wipe(osd, () => {});
  }

  /** A new OSDMap: the placement groups of all OSDs that changed are placed again. */
  #nextEpoch(): void {
    const changed = [...this.#dirty];
    this.#dirty.clear();
    const concerned = new Map<number, number>();
    const remapped = new Set<number>();
    for (const [osd, row] of changed) {
      const isIn = this.osds.isIn(osd) ? 1 : 0;
      const weighsOther = this.#wasIn[osd] !== isIn;
      this.#wasIn[osd] = isIn;
      for (const pg of this.#concernedBy(osd)) {
        concerned.set(pg, row);
        if (weighsOther) remapped.add(pg);
      }
    }
    for (const [pg, row] of concerned) this.#reconsider(pg, remapped.has(pg), row);
  }

  /**
   * The placement groups whose place may change with an OSD: those it is in, and, when it comes in,
   * those that were placed while it was out (CRUSH asked it in vain then).
   */
  #concernedBy(osd: number): Iterable<number> {
    const here = this.copies.groupsOf(osd);
    if (!this.osds.isIn(osd)) {
      if (!this.#placedWithout.has(osd)) this.#placedWithout.set(osd, new Set());
      return here;
    }
    const without = this.#placedWithout.get(osd);
    this.#placedWithout.delete(osd);
    if (without) return new Set([...here, ...without]);
    // In for the first time: any placement group of a pool whose rule reaches it may move there.
    return this.#seen.has(osd) ? here : this.#firstSeen(osd);
  }

  #firstSeen(osd: number): number[] {
    this.#seen.add(osd);
    const all: number[] = [];
    if (this.pools.every((pool) => pool === undefined)) return all;
    for (let pg = 0; pg < this.entities.length; pg++) if (this.entities[pg] >= 0) all.push(pg);
    return all;
  }

  #reconsider(pg: number, isRemapped: boolean, row: number): void {
    const moved = isRemapped ? this.#place(pg) : this.#settleUp(pg);
    const entity = this.entities[pg];
    const state = this.world.engine.state[entity];
    if (!moved && !this.#isHurt(pg) && !this.#inactive[state]) return;
    this.startInterval(pg, row);
  }

  /** Peers again, or turns stale when nobody is left to peer. */
  startInterval(pg: number, row: number): void {
    const { engine } = this.world;
    const entity = this.entities[pg];
    const primary = this.primaryOf(pg);
    const isOrphaned = primary >= 0 && !this.osds.isUp(primary);
    const hasNobody = !this.#hasMember(pg);
    if ((isOrphaned || hasNobody) && this.#reported[engine.state[entity]]) {
      engine.send(entity, this.#event.stale, row);
    }
    if (hasNobody) return;
    const event = this.#hasNewMember(pg) ? 'newIntervalRemapped' : 'newInterval';
    engine.send(entity, this.#event[event], row);
  }

  /** First of the acting set, or -1. */
  primaryOf(pg: number): number {
    for (let i = pg * this.sizeMax; i < (pg + 1) * this.sizeMax; i++) {
      if (this.acting[i] >= 0) return this.acting[i];
    }
    return -1;
  }

  #isHurt(pg: number): boolean {
    for (let i = pg * this.sizeMax; i < (pg + 1) * this.sizeMax; i++) {
      if (this.acting[i] >= 0 && !this.osds.isUp(this.acting[i])) return true;
    }
    return false;
  }

  #hasMember(pg: number): boolean {
    for (let i = pg * this.sizeMax; i < (pg + 1) * this.sizeMax; i++) {
      if (this.up[i] >= 0) return true;
    }
    return false;
  }

  #hasNewMember(pg: number): boolean {
    if (!this.isMade[pg]) return false;
    const pool = this.poolOfGroup(pg);
    for (let i = 0; i < pool.spec.size; i++) {
      const osd = this.up[pg * this.sizeMax + i];
      if (osd < 0) continue;
      const state = this.copies.stateOf(pg, osd, this.positionOf(pool, i));
      if (state === NONE) return true;
    }
    return false;
  }

  // ---------------------------------------------------------------- placement

  /** Asks CRUSH where a placement group belongs; true when its up set changed. */
  #place(pg: number): boolean {
    const pool = this.poolOfGroup(pg);
    for (const without of this.#placedWithout.values()) without.add(pg);
    if (pool.crush.rule < 0) return false;
    const mapping = this.#mapping;
    mapPgToOsds(this.osds.map, pool.crush.id, pg - pool.first, mapping);
    const base = pg * this.sizeMax;
    for (let i = 0; i < this.sizeMax; i++) {
      const osd = i < mapping.rawCount ? mapping.raw[i] : CRUSH_ITEM_NONE;
      const raw = osd === CRUSH_ITEM_NONE ? -1 : osd;
      const before = this.#raw[base + i];
      if (raw === before) continue;
      if (before >= 0) this.copies.refer(pg, before, -1);
      if (raw >= 0) this.copies.refer(pg, raw, 1);
      this.#raw[base + i] = raw;
    }
    return this.#settleUp(pg);
  }

  /**
   * Leaves the OSDs that are down out of where CRUSH wants a placement group (or makes them holes,
   * with erasure coding): all that the pipeline of the OSDMap does beside CRUSH here, where nobody
   * sets upmap entries or primary affinities. True when the up set changed.
   */
  #settleUp(pg: number): boolean {
    const keepsPlaces = this.poolOfGroup(pg).spec.erasure !== undefined;
    const base = pg * this.sizeMax;
    let place = base;
    let moved = false;
    for (let i = base; i < base + this.sizeMax; i++) {
      const osd = this.#raw[i];
      const isUp = osd >= 0 && this.osds.isUp(osd);
      if (!isUp && !keepsPlaces) continue;
      moved = this.#setUp(place++, isUp ? osd : -1) || moved;
    }
    while (place < base + this.sizeMax) moved = this.#setUp(place++, -1) || moved;
    return moved;
  }

  #setUp(at: number, osd: number): boolean {
    if (this.up[at] === osd) return false;
    this.up[at] = osd;
    return true;
  }

  /** Takes over a new acting set, with its edges. */
  setActing(pg: number, acting: readonly number[], row: number = NO_ROW): void {
    const { engine } = this.world;
    const entity = this.entities[pg];
    const base = pg * this.sizeMax;
    const before = this.#before;
    for (let i = 0; i < this.sizeMax; i++) {
      const old = this.acting[base + i];
      before[i] = old;
      if (old < 0 || acting.includes(old)) continue;
      this.copies.refer(pg, old, -1);
      engine.unlink(this.osds.entities[old], entity);
    }
    for (let i = 0; i < this.sizeMax; i++) {
      const osd = i < acting.length ? acting[i] : -1;
      this.acting[base + i] = osd;
      if (osd < 0 || before.includes(osd)) continue;
      // Whoever acts matters, even when CRUSH does not want it and its disk has lost its copy.
      this.copies.refer(pg, osd, 1);
      engine.link(this.osds.entities[osd], entity, row);
    }
  }

  /** Drops the copies that nobody needs: the placement group is clean without them. */
  dropStrays(pg: number): void {
    const { copies } = this;
    for (let i = pg * copies.width; i < (pg + 1) * copies.width; i++) {
      if (copies.osd[i] >= 0 && !this.#isUpMember(pg, i)) copies.drop(pg, i);
    }
  }

  #isUpMember(pg: number, entry: number): boolean {
    const { osd, position } = this.copies;
    const pool = this.poolOfGroup(pg);
    if (pool.spec.erasure) return this.up[pg * this.sizeMax + position[entry]] === osd[entry];
    for (let i = 0; i < pool.spec.size; i++) {
      if (this.up[pg * this.sizeMax + i] === osd[entry]) return true;
    }
    return false;
  }

  /** Members of the up set at their positions, each given to `visit` with the state of its copy. */
  forEachMember(
    pg: number,
    visit: (osd: number, position: number, state: number, place: number) => void,
  ): void {
    const pool = this.poolOfGroup(pg);
    for (let i = 0; i < pool.spec.size; i++) {
      const osd = this.up[pg * this.sizeMax + i];
      if (osd < 0) continue;
      const position = this.positionOf(pool, i);
      visit(osd, position, this.copies.stateOf(pg, osd, position), i);
    }
  }

  /** Whether every member of the up set has all data. */
  isWhole(pg: number): boolean {
    let complete = 0;
    this.forEachMember(pg, (_osd, _position, state) => {
      if (state === COMPLETE) complete++;
    });
    return complete === this.poolOfGroup(pg).spec.size;
  }
}

/** States that any change of a placement group's OSDs may end, or make the outcome of outdated. */
function inactiveStates(engine: Engine): Uint8Array {
  const flags = ['peering', 'peered', 'down', 'incomplete', 'stale', 'unknown'];
  const masks = flags.map((flag) => engine.statesMatching('pg', flag));
  return masks[0].map((_, s) => (masks.some((mask) => mask[s]) ? 1 : 0));
}
