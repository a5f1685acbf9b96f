/**
 * The OSDs of the plan: made when their host first runs, then up or down, in or out as the mons see
 * them. Keeps the OSDMap that placement reads.
 */
import type { CrushRule } from '../../model/scenario.ts';
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';
import { createOsdMap, FULL_AFFINITY, OSD_EXISTS, OSD_UP, type OsdMap } from './crush/osdmap.ts';
import type { PlannedCrush, PlannedOsd } from './plan.ts';
import type { Quorum } from './quorum.ts';

/** The mons mark no OSD out when fewer than this share would stay in (`mon_osd_min_in_ratio`). */
const IN_RATIO_min = 0.75;

/** What an OSD's change means to others. `row` is the transition that made it. */
export interface OsdObserver {
  /** The OSDMap changed: up, down, in or out. */
  changed(osd: number, row: number): void;
  /** What the OSD held is lost for good. */
  wiped(osd: number, row: number): void;
}

export type FailureDomain = CrushRule['failure_domain'];

interface Waiting {
  readonly entity: number;
  readonly token: number;
}

export class Osds {
  readonly plan: readonly PlannedOsd[];
  readonly map: OsdMap;
  /** By OSD id; -1 before the OSD is deployed. */
  readonly entities: Int32Array;
  readonly #world: SimWorld;
  readonly #quorum: Quorum;
  readonly #observer: OsdObserver;
  readonly #diskKind: number;
  readonly #idOf: EntityMap;
  readonly #idOfDisk = new Map<string, number>();
  /** By OSD: the number of its host in the plan. */
  readonly #hostOf: readonly number[];
  /** Whether the disk of an OSD holds no object store. */
  readonly #isBlank: Uint8Array;
  /** Down OSDs whose interval is over, but which the mons do not mark out yet. */
  readonly #held: Waiting[] = [];
  readonly #done: number;
  /** OSDs that have been up at least once; how many of them are up, and in. */
  known = 0;
  up = 0;
  in = 0;

  constructor(
    world: SimWorld,
    plan: readonly PlannedOsd[],
    crush: PlannedCrush,
    quorum: Quorum,
    observer: OsdObserver,
  ) {
    this.#world = world;
    this.#idOf = new EntityMap(world.engine);
    this.plan = plan;
    this.#quorum = quorum;
    this.#observer = observer;
    this.#diskKind = world.engine.model.kindId('disk');
    this.map = createOsdMap(crush.map, [], plan.length);
    this.map.state.fill(0);
    this.map.weight.fill(0);
    this.entities = new Int32Array(plan.length).fill(-1);
    this.#isBlank = new Uint8Array(plan.length).fill(1);
    this.#done = world.engine.model.eventId('done');
    const hosts = [...new Set(plan.map((osd) => osd.machine))];
    this.#hostOf = plan.map((osd) => hosts.indexOf(osd.machine));
    for (const osd of plan) this.#idOfDisk.set(osd.disk, osd.id);
    this.#installVerbs();
    this.#installHooks();
  }

  idOf(entity: number): number {
    return this.#idOf.get(entity);
  }

  isUp(osd: number): boolean {
    return (this.map.state[osd] & OSD_UP) !== 0;
  }

  isIn(osd: number): boolean {
    return this.map.weight[osd] !== 0;
  }

  isBlank(osd: number): boolean {
    return this.#isBlank[osd] === 1;
  }

  /** The rack, the host or the OSD itself that an OSD shares with others, as a number. */
  domainOf(osd: number, domain: FailureDomain): number {
    if (domain === 'osd') return osd;
    return domain === 'rack' ? this.plan[osd].rack : this.#hostOf[osd];
  }

  /** Makes the OSDs of a host's data disks, once. */
  deploy(host: number, cause: number): void {
    const { engine, services } = this.#world;
    const machine = services.bareMetal!.machineOf(host);
    const ids: [id: number, disk: number][] = [];
    engine.forEachDependent(machine, this.#diskKind, (disk) => {
      const id = this.#idOfDisk.get(engine.names[disk]);
      if (id !== undefined && this.entities[id] < 0) ids.push([id, disk]);
    });
    for (const [id, disk] of ids.sort((a, b) => a[0] - b[0])) {
      const entity = this.#world.create('osd', `osd.${id}`, [host, disk], cause);
      this.entities[id] = entity;
      this.#idOf.set(entity, id);
    }
  }

  // ---------------------------------------------------------------- what the mons decide

  #installVerbs(): void {
    const { engine, scheduler } = this.#world;
    const { model } = engine;
    for (const verb of ['miss_heartbeats', 'refuse_connections'] as const) {
      const grace = this.#world.timing(`osd.${verb}`);
      const reported = scheduler.handler((osd, token) => {
        if (engine.isRequested(osd, token)) this.#quorum.commit(osd, token, this.#done);
      });
      this.#world.onVerb('osd', verb, (osd, token) => {
        scheduler.after(this.#world.draw(osd, grace), reported, osd, token);
      });
    }
    const { down_out_interval_s } = this.#world.scenario.stack.ceph!;
    const over = scheduler.handler((osd, token) => {
      if (!engine.isRequested(osd, token)) return;
      if (this.#mayGoOut(osd)) this.#quorum.commit(osd, token, this.#done);
      else this.#held.push({ entity: osd, token });
    });
    this.#world.onVerb('osd', 'wait_down_out', (osd, token) => {
      scheduler.after(down_out_interval_s, over, osd, token);
    });
    this.#installBoot(model.eventId('blank'), model.eventId('fault'));
  }

  #installBoot(blank: number, fault: number): void {
    const { engine, scheduler } = this.#world;
    const boot = this.#world.timing('osd.boot');
    const booted = scheduler.handler((osd, token) => {
      if (engine.isRequested(osd, token)) this.#quorum.commit(osd, token, this.#done);
    });
    const start = scheduler.handler((osd, token) => {
      if (!engine.isRequested(osd, token)) return;
      if (!engine.isSatisfied(osd)) engine.complete(osd, token, fault);
      else if (this.#isBlank[this.idOf(osd)]) engine.complete(osd, token, blank);
      else scheduler.after(this.#world.draw(osd, boot), booted, osd, token);
    });
    // It starts when all else of the instant has happened: its disk may just have been prepared.
    this.#world.onVerb('osd', 'boot', (osd, token) => scheduler.soon(start, osd, token));
  }

  /**
   * Not when its whole rack is down (`mon_osd_down_out_subtree_limit = rack`: somebody will bring it
   * back), nor when too few OSDs would stay in.
   */
  #mayGoOut(entity: number): boolean {
    if ((this.in - 1) / this.known < IN_RATIO_min) return false;
    const { rack } = this.plan[this.idOf(entity)];
    return this.plan.some((osd) => osd.rack === rack && this.isUp(osd.id));
  }

  /** Looks again at the OSDs that were held in, since one came up or in. */
  #reconsider(): void {
    const { engine } = this.#world;
    for (const waiting of this.#held.splice(0)) {
      const { entity, token } = waiting;
      if (!engine.isRequested(entity, token)) continue;
      if (this.#mayGoOut(entity)) this.#quorum.commit(entity, token, this.#done);
      else this.#held.push(waiting);
    }
  }

  // ---------------------------------------------------------------- what happens to them

  #installHooks(): void {
    const { engine } = this.#world;
    const { model } = engine;
    const mapped = ['up', 'laggy', 'crashed'].map((s) => engine.statesMatching('osd', s));
    const isUp = mapped[0].map((_, s) => (mapped.some((mask) => mask[s]) ? 1 : 0));
    const isIn = engine.statesMatching('osd', 'in');
    engine.onEveryEntry('osd', (entity, row) => {
      const state = engine.state[entity];
      this.#follow(this.idOf(entity), isUp[state] === 1, isIn[state] === 1, row);
    });
    const isPreparing = engine.statesMatching('osd', 'preparing');
    engine.onEnter('osd', 'booting', (entity, _row, _event, from) => {
      if (isPreparing[from]) this.#isBlank[this.idOf(entity)] = 0;
    });
    const destroy = model.eventId('destroy');
    engine.onEnter('osd', 'down+out', (entity, row) => {
      if (this.#isBlank[this.idOf(entity)]) engine.send(entity, destroy, row);
    });
    this.#watchDisks(model.eventId('crash'));
    this.#watchHosts(model.eventId('stop'));
  }

  /** A dead disk takes its objects with it; the daemon aborts on the first I/O error. */
  #watchDisks(crash: number): void {
    const { engine } = this.#world;
    const kind = engine.model.kindId('osd');
    engine.onEnter('disk', 'failed', (disk, row) => {
      const entity = engine.dependentOf(disk, kind);
      if (entity < 0) return;
      const osd = this.idOf(entity);
      this.#isBlank[osd] = 1;
      this.#observer.wiped(osd, row);
      engine.send(entity, crash, row);
    });
  }

  /** A host that goes down in order stops its OSDs, which tell the mons. */
  #watchHosts(stop: number): void {
    const { engine } = this.#world;
    const kind = engine.model.kindId('osd');
    for (const state of ['rebooting', 'stopping']) {
      engine.onEnter('host-os', state, (host, row) => {
        engine.forEachDependent(host, kind, (osd) => engine.send(osd, stop, row));
      });
    }
  }

  /** Takes a change of an OSD's state over into the OSDMap. */
  #follow(osd: number, isUp: boolean, isIn: boolean, row: number): void {
    const { state, weight } = this.map;
    const wasUp = this.isUp(osd);
    const wasIn = this.isIn(osd);
    const isKnown = (state[osd] & OSD_EXISTS) !== 0;
    // An OSD enters the map when it is up for the first time.
    if (!isKnown && !isUp) return;
    if (!isKnown) this.#enter(osd);
    if (wasUp === isUp && wasIn === isIn) return;
    state[osd] = OSD_EXISTS | (isUp ? OSD_UP : 0);
    weight[osd] = isIn ? FULL_AFFINITY : 0;
    this.up += Number(isUp) - Number(wasUp);
    this.in += Number(isIn) - Number(wasIn);
    this.#observer.changed(osd, row);
    if ((isUp && !wasUp) || (isIn && !wasIn)) this.#reconsider();
  }

  #enter(osd: number): void {
    this.known++;
    this.#world.account.addCapacity('storage_bytes', this.plan[osd].bytes);
  }
}
