/**
 * The mons: elections, and the quorum without which no map changes. The mons are ranked in the order
 * of the plan; the lowest one that is reachable leads.
 */
import { NO_STATE } from '../../engine/engine.ts';
import type { DrawKey, SimWorld } from '../world.ts';

/** A request whose outcome a map change has to carry. */
interface Commit {
  readonly entity: number;
  readonly uid: number;
  readonly token: number;
  readonly event: number;
}

export class Quorum {
  readonly #world: SimWorld;
  /** The cluster's entity; -1 until its first mon is deployed. */
  cluster = -1;
  /** By rank; -1 before the daemon is deployed. */
  readonly #mons: number[];
  readonly #voting: Uint8Array;
  readonly #quorate: Uint8Array;
  readonly #electing: Uint8Array;
  readonly #waiting: Commit[] = [];
  readonly #formed: ((row: number) => void)[] = [];
  readonly #election: DrawKey;
  readonly #lease: DrawKey;
  /** Mons that took part in the latest successful vote. */
  #members = 0;

  /** `planned` mons are expected; a majority of that number is a quorum. */
  constructor(world: SimWorld, planned: number) {
    const { engine } = world;
    this.#world = world;
    this.#mons = new Array(planned).fill(-1);
    const states = ['probing', 'electing', 'leader', 'peon'];
    const masks = states.map((state) => engine.statesMatching('mon', state));
    this.#voting = masks[0].map((_, s) => (masks.some((mask) => mask[s]) ? 1 : 0));
    this.#quorate = engine.statesMatching('ceph-cluster', 'quorum');
    this.#electing = engine.statesMatching('ceph-cluster', 'electing');
    this.#election = world.timing('ceph-cluster.elect');
    this.#lease = world.timing('mon.lease_timeout');
    this.#followMons();
    this.#runElections();
  }

  /** Whether maps can change now. */
  get exists(): boolean {
    return this.cluster >= 0 && this.#quorate[this.#world.engine.state[this.cluster]] === 1;
  }

  /** Mons that are expected and cannot vote. */
  get missing(): number {
    return this.#mons.length - this.#votes();
  }

  /** A mon was deployed; with the first one the cluster comes into being. */
  addMon(rank: number, mon: number, cause: number): void {
    if (this.cluster < 0) this.cluster = this.#world.create('ceph-cluster', 'ceph', [], cause);
    this.#mons[rank] = mon;
    this.#world.engine.link(mon, this.cluster, cause);
  }

  /** Calls `formed` whenever a quorum forms, before what waited for it is committed. */
  onFormed(formed: (row: number) => void): void {
    this.#formed.push(formed);
  }

  /** Ends a request of an entity with an event: now, or when there is a quorum to commit it. */
  commit(entity: number, token: number, event: number): void {
    const { engine } = this.#world;
    if (this.exists) engine.complete(entity, token, event);
    else this.#waiting.push({ entity, uid: engine.uidOf(entity), token, event });
  }

  #votes(): number {
    const { state } = this.#world.engine;
    let votes = 0;
    for (const mon of this.#mons) if (mon >= 0 && this.#voting[state[mon]]) votes++;
    return votes;
  }

  get #isMajority(): boolean {
    return this.#votes() * 2 > this.#mons.length;
  }

  #followMons(): void {
    const { engine, scheduler } = this.#world;
    const bootstrap = engine.model.eventId('bootstrap');
    const joined = engine.model.eventId('mon_joined');
    const lost = engine.model.eventId('mon_lost');
    engine.onEnter('mon', 'probing', (_mon, row) => {
      if (!this.#isMajority) return;
      const state = engine.state[this.cluster];
      const knows = this.#quorate[state] || this.#electing[state];
      engine.send(this.cluster, knows ? joined : bootstrap, row);
    });
    const expired = scheduler.handler((mon, uid, cause) => {
      if (engine.state[mon] === NO_STATE || engine.uidOf(mon) !== uid) return;
      if (this.#votes() < this.#members) engine.send(this.cluster, lost, cause);
    });
    engine.onEnter('mon', 'down', (mon, row) => {
      // The others notice when its lease is over; without a majority nothing is agreed on at once.
      if (!this.#isMajority) engine.send(this.cluster, lost, row);
      scheduler.after(this.#world.draw(mon, this.#lease), expired, mon, engine.uidOf(mon), row);
    });
  }

  #runElections(): void {
    const { engine, scheduler } = this.#world;
    const { model } = engine;
    const elect = model.eventId('elect');
    const isolated = model.eventId('isolated');
    const done = model.eventId('done');
    const noMajority = model.eventId('no_majority');
    const counted = scheduler.handler((cluster, token) => {
      engine.complete(cluster, token, this.#isMajority ? done : noMajority);
    });
    this.#world.onVerb('ceph-cluster', 'elect', (cluster, token) => {
      this.#tellVoters(elect, elect, token);
      scheduler.after(this.#world.draw(cluster, this.#election), counted, cluster, token);
    });
    engine.onEnter('ceph-cluster', 'quorum', (_cluster, row) => this.#onQuorum(row));
    engine.onEnter('ceph-cluster', 'no_quorum', (_cluster, row) => {
      this.#members = 0;
      this.#tellVoters(isolated, isolated, row);
    });
  }

  /** Sends one event to the lowest rank that votes, and another to the other voters. */
  #tellVoters(first: number, others: number, row: number): number {
    const { engine } = this.#world;
    let voters = 0;
    for (const mon of this.#mons) {
      if (mon < 0 || !this.#voting[engine.state[mon]]) continue;
      engine.send(mon, voters === 0 ? first : others, row);
      voters++;
    }
    return voters;
  }

  #onQuorum(row: number): void {
    const { engine } = this.#world;
    const { model } = engine;
    this.#members = this.#tellVoters(model.eventId('win'), model.eventId('lose'), row);
    for (const formed of this.#formed) formed(row);
    for (const { entity, uid, token, event } of this.#waiting.splice(0)) {
      if (engine.isAlive(entity, uid)) engine.complete(entity, token, event);
    }
  }
}
