import { BEHIND, COMPLETE, NONE, PARTIAL } from './copies.ts';
import type { Groups, PoolGroups } from './groups.ts';

/**
 * What the members of an up set have, and who else has something. One serves for every peering: there
 * are many of them, and what they find is of no use afterwards.
 */
export class Inventory {
  /** Members with data (complete, or behind but within the log), by place in the set; else -1. */
  readonly members: number[] = [];
  /** Whether a member is without data: it is to be filled. */
  hasEmpty = false;
  hasBehind = false;
  /** Complete copies on OSDs that run, but are not members. */
  readonly strays: { osd: number; position: number }[] = [];
  /** How many positions there are of which a complete copy is on an OSD that runs. */
  available = 0;
  /** How many of which the only complete copies are on OSDs that are down and may come back. */
  absent = 0;
  readonly #isAvailable: Uint8Array;
  readonly #isOnDown: Uint8Array;

  /** `positions`: the most that a placement group has. */
  constructor(positions: number) {
    this.#isAvailable = new Uint8Array(positions);
    this.#isOnDown = new Uint8Array(positions);
  }

  /** Looks at the copies of a placement group. */
  take(groups: Groups, pool: PoolGroups, pg: number): void {
    this.#takeMembers(groups, pool, pg);
    this.#isAvailable.fill(0);
    this.#isOnDown.fill(0);
    this.strays.length = 0;
    const { copies, osds } = groups;
    for (let i = pg * copies.width; i < (pg + 1) * copies.width; i++) {
      const osd = copies.osd[i];
      if (osd < 0 || copies.state[i] !== COMPLETE) continue;
      const position = copies.position[i];
      if (!osds.isUp(osd)) {
        this.#isOnDown[position] = 1;
        continue;
      }
      this.#isAvailable[position] = 1;
      if (!this.#isMember(pool, osd, position)) this.strays.push({ osd, position });
    }
    this.#count();
  }

  #takeMembers(groups: Groups, pool: PoolGroups, pg: number): void {
    const { copies, sizeMax, up } = groups;
    const { size } = pool.spec;
    this.members.length = 0;
    this.hasEmpty = false;
    this.hasBehind = false;
    for (let place = 0; place < size; place++) {
      const osd = up[pg * sizeMax + place];
      const state = osd < 0 ? NONE : copies.stateOf(pg, osd, groups.positionOf(pool, place));
      const isEmpty = state === NONE || state === PARTIAL;
      if (osd >= 0 && isEmpty) this.hasEmpty = true;
      if (state === BEHIND) this.hasBehind = true;
      this.members.push(isEmpty ? -1 : osd);
    }
  }

  #isMember(pool: PoolGroups, osd: number, position: number): boolean {
    return pool.spec.erasure ? this.members[position] === osd : this.members.includes(osd);
  }

  #count(): void {
    this.available = 0;
    this.absent = 0;
    for (let position = 0; position < this.#isAvailable.length; position++) {
      if (this.#isAvailable[position]) this.available++;
      else if (this.#isOnDown[position]) this.absent++;
    }
  }
}
