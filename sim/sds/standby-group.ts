/**
 * Daemons of which one is active while the others stand by (mgr, MDS): the mons promote one when the
 * active one has sent no beacon for its grace.
 */
import type { DrawKey, SimWorld } from '../world.ts';
import type { Quorum } from './quorum.ts';

export interface StandbyGroupOptions {
  readonly kind: 'mgr' | 'mds';
  /** Event that makes a standby the first active one, and one that makes it take over. */
  readonly first: string;
  readonly takeOver: string;
  /** Profile key of the grace. */
  readonly grace: string;
  /** Whether there is a role to take yet. */
  readonly isWanted: () => boolean;
}

export class StandbyGroup {
  readonly #world: SimWorld;
  readonly #quorum: Quorum;
  readonly #options: StandbyGroupOptions;
  readonly #members: number[] = [];
  readonly #standby: Uint8Array;
  readonly #serving: Uint8Array;
  readonly #grace: DrawKey;
  readonly #first: number;
  readonly #takeOver: number;
  /** The member that holds the role, dead or alive; -1 while nobody does. */
  #holder = -1;
  #wasHeld = false;

  constructor(world: SimWorld, quorum: Quorum, options: StandbyGroupOptions) {
    const { engine, scheduler } = world;
    const { kind } = options;
    this.#world = world;
    this.#quorum = quorum;
    this.#options = options;
    this.#standby = engine.statesMatching(kind, 'standby');
    this.#serving = engine.model.serving;
    this.#grace = world.timing(options.grace);
    this.#first = engine.model.eventId(options.first);
    this.#takeOver = engine.model.eventId(options.takeOver);
    const expired = scheduler.handler((member, uid, row) => {
      const isSameOutage = engine.isAlive(member, uid) && engine.lastRowOf(member) === row;
      if (this.#holder !== member || !isSameOutage) return;
      this.#holder = -1;
      this.settle(row);
    });
    engine.onEnter(kind, 'standby', (member, row) => {
      // A holder that restarted within its grace has lost the role all the same.
      if (member === this.#holder) this.#holder = -1;
      this.settle(row);
    });
    engine.onEnter(kind, 'down', (member, row) => {
      if (member !== this.#holder) return;
      const grace_s = world.draw(member, this.#grace);
      scheduler.after(grace_s, expired, member, engine.uidOf(member), row);
    });
    quorum.onFormed((row) => this.settle(row));
  }

  add(member: number): void {
    this.#members.push(member);
  }

  get members(): readonly number[] {
    return this.#members;
  }

  get isServed(): boolean {
    return this.#holder >= 0 && this.#serving[this.#world.engine.state[this.#holder]] === 1;
  }

  /** Gives the role to the first standby, if it is free and the mons can decide. */
  settle(row: number): void {
    const { engine } = this.#world;
    if (this.#holder >= 0 || !this.#options.isWanted() || !this.#quorum.exists) return;
    const next = this.#members.find((member) => this.#standby[engine.state[member]]);
    if (next === undefined) return;
    this.#holder = next;
    engine.send(next, this.#wasHeld ? this.#takeOver : this.#first, row);
    this.#wasHeld = true;
  }
}
