/** What placement groups ask for in their states: peering, recovery, backfill, a new beginning. */
import type { DiskGroup } from '../../model/scenario.ts';
import type { DrawKey, SimWorld } from '../world.ts';
import { BEHIND, COMPLETE, NONE, PARTIAL } from './copies.ts';
import type { Groups } from './groups.ts';
import { Inventory } from './inventory.ts';
import { type PeeringOutcome, peer } from './peering.ts';
import type { PlannedOsd } from './plan.ts';
import { Recovery, type Reservation } from './recovery.ts';
import { BACKFILLFULL } from './usage.ts';

const GIB = 2 ** 30;

/** Bases of the priorities of recovery and backfill, as in Ceph's osd_types.h. */
const PRIORITY = { inactive: 220, recovery: 180, degradedBackfill: 140, backfill: 100 } as const;

/** Flags of the states in which a placement group has slots or asks for them. */
const COPYING = ['recovery_wait', 'recovering', 'backfill_wait', 'backfilling'] as const;

const OUTCOMES: readonly PeeringOutcome[] = [
  'activate',
  'activate_degraded',
  'activate_undersized',
  'activate_remapped',
  'activate_degraded_remapped',
  'activate_undersized_remapped',
  'below_min_size',
  'below_min_size_remapped',
  'down',
  'incomplete',
  'unplaced',
  'peer_lost',
];

export class PgVerbs {
  readonly #world: SimWorld;
  readonly #groups: Groups;
  readonly #plan: readonly PlannedOsd[];
  readonly #recovery: Recovery;
  readonly #event: Readonly<Record<PeeringOutcome, number>>;
  readonly #done: number;
  readonly #tooFull: number;
  readonly #retry: number;
  readonly #backfill: number;
  /** Seconds to copy a GiB to a disk of a class. */
  readonly #perGib: Readonly<Record<DiskGroup['class'], DrawKey>>;
  /** Placement groups that found a target without room. */
  readonly #refused = new Set<number>();
  /** Placement groups that have lost their data and were not made anew yet. */
  readonly #lost = new Set<number>();
  /** Called when an OSD has given a slot for recovery or backfill back. */
  onReleased: (osd: number) => void = () => {};
  /** How often a placement group lost all of its complete copies. */
  losses = 0;

  constructor(world: SimWorld, groups: Groups, plan: readonly PlannedOsd[]) {
    const { model } = world.engine;
    this.#world = world;
    this.#groups = groups;
    this.#plan = plan;
    const preempted = model.eventId('preempted');
    this.#recovery = new Recovery(world, plan.length, {
      refuse: (reservation) => this.#refuse(reservation),
      preempt: (holder, by) => world.engine.send(holder.entity, preempted, by.token),
      released: (osd) => this.onReleased(osd),
    });
    this.#backfill = world.verbId('pg', 'reserve_backfill');
    this.#event = Object.fromEntries(OUTCOMES.map((o) => [o, model.eventId(o)])) as never;
    this.#done = model.eventId('done');
    this.#tooFull = model.eventId('toofull');
    this.#retry = model.eventId('retry');
    this.#perGib = {
      hdd: world.timing('pg.backfill'),
      ssd: world.timing('pg.backfill_ssd'),
      nvme: world.timing('pg.backfill_nvme'),
    };
    groups.usage.onLevelChanged(() => this.#retryRefused());
    world.engine.onEnter('osd', 'in', () => this.#retryRefused());
    this.#installPeering();
    this.#installReservations();
    this.#installCopying();
    this.#installForceCreate();
    this.#installNeedRecovery(model.eventId('need_recovery'));
  }

  /** Placement groups that were refused for want of room try again: there may be some now. */
  #retryRefused(): void {
    const { engine } = this.#world;
    for (const pg of this.#refused) engine.send(this.#groups.entities[pg], this.#retry);
    this.#refused.clear();
  }

  /** Placement groups without their data now. */
  get lost(): number {
    return this.#lost.size;
  }

  #noteLoss(pg: number): void {
    if (this.#lost.has(pg)) return;
    this.#lost.add(pg);
    this.losses++;
  }

  #installPeering(): void {
    const duration = this.#world.timing('pg.peer');
    const logSpan = this.#world.timing('pg.log_span');
    const inventory = new Inventory(this.#groups.sizeMax);
    this.#world.onVerb('pg', 'peer', (entity, token) => {
      const pg = this.#groups.indexOf(entity);
      const logSpan_s = this.#world.draw(entity, logSpan);
      const outcome = peer(this.#groups, inventory, pg, logSpan_s, token);
      if (outcome === 'incomplete') this.#noteLoss(pg);
      if (outcome === 'activate') this.#groups.dropStrays(pg);
      const duration_s = this.#world.draw(entity, duration);
      this.#world.answerIn(duration_s, entity, token, this.#event[outcome]);
    });
  }

  // ---------------------------------------------------------------- recovery and backfill

  #installReservations(): void {
    this.#installRelease();
    for (const verb of ['reserve_recovery', 'reserve_backfill'] as const) {
      const verbId = this.#world.verbId('pg', verb);
      const wanted = verb === 'reserve_recovery' ? [BEHIND] : [NONE, PARTIAL];
      this.#world.onVerb('pg', verb, (entity, token) => {
        const pg = this.#groups.indexOf(entity);
        const targets = this.#targets(pg, wanted);
        const primary = this.#groups.primaryOf(pg);
        const priority = this.#priorityOf(pg, verb);
        this.#recovery.reserve({ pg, entity, token, verb: verbId, primary, targets, priority });
      });
    }
  }

  /**
   * Slots are given back by whoever is neither copying nor about to. It is the state that counts: a
   * slot may become free for a placement group to which an event is on its way that sends it off.
   */
  #installRelease(): void {
    const { engine } = this.#world;
    const isStale = engine.statesMatching('pg', 'stale');
    const masks = COPYING.map((flag) => engine.statesMatching('pg', flag));
    const keeps = isStale.map((stale, s) => (!stale && masks.some((mask) => mask[s]) ? 1 : 0));
    engine.onCrossing('pg', keeps, (entity) => {
      if (!keeps[engine.state[entity]]) this.#recovery.release(this.#groups.indexOf(entity));
    });
  }

  /** Whether an OSD takes part in a recovery or a backfill. */
  isRecovering(osd: number): boolean {
    return this.#recovery.isBusy(osd);
  }

  /** Entities of the placement groups that hold slots for recovery or backfill. */
  holders(): number[] {
    return this.#recovery.holders();
  }

  /** How urgent a placement group is: the fewer copies it has, the more. */
  #priorityOf(pg: number, verb: 'reserve_recovery' | 'reserve_backfill'): number {
    const { acting, sizeMax, osds } = this.#groups;
    const { size, min_size } = this.#groups.poolOfGroup(pg).spec;
    let copies = 0;
    for (let i = pg * sizeMax; i < (pg + 1) * sizeMax; i++) {
      if (acting[i] >= 0 && osds.isUp(acting[i])) copies++;
    }
    if (copies < min_size) return PRIORITY.inactive + min_size - copies;
    if (verb === 'reserve_recovery') return PRIORITY.recovery;
    return copies < size ? PRIORITY.degradedBackfill + size - copies : PRIORITY.backfill;
  }

  /** Members of the up set whose copies are in one of some states. */
  #targets(pg: number, states: readonly number[]): number[] {
    const targets: number[] = [];
    this.#groups.forEachMember(pg, (osd, _position, state) => {
      if (states.includes(state)) targets.push(osd);
    });
    return targets;
  }

  /** Says toofull to a backfill that would make a target backfillfull. */
  #refuse({ pg, entity, token, verb, targets }: Reservation): boolean {
    if (verb !== this.#backfill) return false;
    const { usage, poolOf } = this.#groups;
    const haveRoom = targets.every(
      (osd) => usage.levelOf(osd) < BACKFILLFULL && usage.hasRoomFor(poolOf[pg], osd),
    );
    if (haveRoom) return false;
    this.#refused.add(pg);
    this.#world.answerIn(0, entity, token, this.#tooFull);
    return true;
  }

  #installCopying(): void {
    const { engine, scheduler } = this.#world;
    const stillUndersized = engine.model.eventId('still_undersized');
    const recover = this.#world.timing('pg.recover');
    const recovered = scheduler.handler((entity, token) => {
      if (!engine.isRequested(entity, token)) return;
      this.#finishRecovery(this.#groups.indexOf(entity));
      engine.complete(entity, token, this.#done);
    });
    this.#world.onVerb('pg', 'recover', (entity, token) => {
      scheduler.after(this.#world.draw(entity, recover), recovered, entity, token);
    });
    const filled = scheduler.handler((entity, token) => {
      if (!engine.isRequested(entity, token)) return;
      const isWhole = this.#finishBackfill(this.#groups.indexOf(entity), token);
      engine.complete(entity, token, isWhole ? this.#done : stillUndersized);
    });
    this.#world.onVerb('pg', 'backfill', (entity, token) => {
      const pg = this.#groups.indexOf(entity);
      const duration_s = this.#beginBackfill(pg, entity);
      scheduler.after(duration_s, filled, entity, token);
    });
  }

  /** Marks the targets as half filled and says how long filling them takes: all at once. */
  #beginBackfill(pg: number, entity: number): number {
    const groups = this.#groups;
    let slowest_s = 0;
    groups.forEachMember(pg, (osd, position, state) => {
      if (state !== NONE && state !== PARTIAL) return;
      groups.copies.set(pg, osd, position, PARTIAL, this.#world.engine.now);
      const key = this.#perGib[this.#plan[osd].deviceClass];
      slowest_s = Math.max(slowest_s, this.#world.draw(entity, key));
    });
    return (slowest_s * groups.usage.shard_bytes(groups.poolOf[pg])) / GIB;
  }

  /** Members that were behind have the latest writes now. */
  #finishRecovery(pg: number): void {
    this.#raise(pg, BEHIND);
    if (this.#groups.isWhole(pg)) this.#groups.dropStrays(pg);
  }

  /** The new members have everything. True when nobody is missing: then they act from now on. */
  #finishBackfill(pg: number, row: number): boolean {
    const groups = this.#groups;
    this.#raise(pg, PARTIAL);
    if (!groups.isWhole(pg)) return false;
    const first = pg * groups.sizeMax;
    const size = groups.poolOfGroup(pg).spec.size;
    groups.setActing(pg, Array.from(groups.up.subarray(first, first + size)), row);
    groups.dropStrays(pg);
    return true;
  }

  /** Members whose copies are in a state have complete ones now. */
  #raise(pg: number, from: number): void {
    const { copies } = this.#groups;
    this.#groups.forEachMember(pg, (osd, position, state) => {
      if (state === from) copies.set(pg, osd, position, COMPLETE, this.#world.engine.now);
    });
  }

  /** A placement group that works with too few copies may have some that only lack the latest. */
  #installNeedRecovery(needRecovery: number): void {
    const { engine } = this.#world;
    const states = [
      'active+undersized+degraded',
      'active+undersized+degraded+remapped+backfill_wait',
    ];
    for (const state of states) {
      const id = engine.model.stateId(`pg/${state}`);
      engine.onEnter('pg', state, (entity, row) => {
        if (engine.state[entity] !== id) return;
        const pg = this.#groups.indexOf(entity);
        if (this.#targets(pg, [BEHIND]).length > 0) engine.send(entity, needRecovery, row);
      });
    }
  }

  // ---------------------------------------------------------------- lost data

  /** An operator gives the data up (it comes from a backup) and makes the placement group anew. */
  #installForceCreate(): void {
    const { engine, scheduler } = this.#world;
    const duration = this.#world.timing('pg.force_create');
    const forced = scheduler.handler((entity, token) => {
      if (!engine.isRequested(entity, token)) return;
      const { copies, isMade } = this.#groups;
      const pg = this.#groups.indexOf(entity);
      for (let i = pg * copies.width; i < (pg + 1) * copies.width; i++) copies.drop(pg, i);
      isMade[pg] = 0;
      this.#lost.delete(pg);
      engine.complete(entity, token, this.#done);
    });
    this.#world.onVerb('pg', 'force_create', (entity, token) => {
      scheduler.after(this.#world.draw(entity, duration), forced, entity, token);
    });
  }
}
