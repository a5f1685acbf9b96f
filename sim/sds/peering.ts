/**
 * What a placement group becomes when its OSDs have peered: which copies it acts on, whether they
 * are enough, and what has to be copied where.
 */
import { NO_ROW } from '../../engine/engine.ts';
import { BEHIND, COMPLETE, NONE, PARTIAL } from './copies.ts';
import type { Groups, PoolGroups } from './groups.ts';

/** The events of the PG machine that end peering. */
export type PeeringOutcome =
  | 'activate'
  | 'activate_degraded'
  | 'activate_undersized'
  | 'activate_remapped'
  | 'activate_degraded_remapped'
  | 'activate_undersized_remapped'
  | 'below_min_size'
  | 'below_min_size_remapped'
  | 'down'
  | 'incomplete'
  | 'unplaced'
  | 'peer_lost';

/** What the members of the up set have, and who else has something. */
interface Inventory {
  /** Members with data (complete, or behind but within the log), by place in the set; else -1. */
  readonly members: number[];
  /** Whether a member is without data: it is to be filled. */
  hasEmpty: boolean;
  hasBehind: boolean;
  /** Complete copies on OSDs that run, but are not members. */
  readonly strays: { osd: number; position: number }[];
  /** Positions of which a complete copy is on an OSD that runs. */
  readonly available: Set<number>;
  /** Positions of which the only complete copies are on OSDs that are down and may come back. */
  readonly absent: Set<number>;
}

/** Decides how peering ends, and takes the new acting set over. `row`: what the edges are due to. */
export function peer(
  groups: Groups,
  pg: number,
  logSpan_s: number,
  row: number = NO_ROW,
): PeeringOutcome {
  const pool = groups.poolOfGroup(pg);
  if (!groups.isMade[pg]) return make(groups, pool, pg, row);
  forgetOldLogs(groups, pg, logSpan_s);
  const found = takeInventory(groups, pool, pg);
  // What is behind does not count: the latest writes may be on an OSD that is down, or lost.
  if (found.available.size < pool.needed) {
    return found.available.size + found.absent.size >= pool.needed ? 'down' : 'incomplete';
  }
  const acting = actOn(groups, pool, found);
  groups.setActing(pg, acting, row);
  const size = acting.filter((osd) => osd >= 0).length;
  dropUnwantedPartials(groups, pg);
  if (size < pool.spec.min_size) {
    return found.hasEmpty ? 'below_min_size_remapped' : 'below_min_size';
  }
  leaveBehind(groups, pg);
  return outcome(size < pool.spec.size, found.hasEmpty, found.hasBehind);
}

function outcome(undersized: boolean, remapped: boolean, behind: boolean): PeeringOutcome {
  if (undersized) return remapped ? 'activate_undersized_remapped' : 'activate_undersized';
  if (behind) return remapped ? 'activate_degraded_remapped' : 'activate_degraded';
  return remapped ? 'activate_remapped' : 'activate';
}

/** A new placement group is empty: whoever is to have it has all of it. */
function make(groups: Groups, pool: PoolGroups, pg: number, row: number): PeeringOutcome {
  const acting: number[] = new Array(pool.spec.size).fill(-1);
  groups.forEachMember(pg, (osd, position, _state, place) => {
    acting[place] = osd;
    groups.copies.set(pg, osd, position, COMPLETE, groups.world.engine.now);
  });
  const size = acting.filter((osd) => osd >= 0).length;
  if (size === 0) return 'unplaced';
  groups.isMade[pg] = 1;
  groups.setActing(pg, acting, row);
  if (size < pool.spec.min_size) return 'below_min_size';
  return size < pool.spec.size ? 'activate_undersized' : 'activate';
}

/** A copy that has been behind for longer than the log reaches back has to be filled anew. */
function forgetOldLogs(groups: Groups, pg: number, logSpan_s: number): void {
  const { copies } = groups;
  const { now } = groups.world.engine;
  for (let i = pg * copies.width; i < (pg + 1) * copies.width; i++) {
    if (copies.osd[i] < 0 || copies.state[i] !== BEHIND) continue;
    if (now - copies.since_s[i] > logSpan_s) copies.drop(pg, i);
  }
}

function takeInventory(groups: Groups, pool: PoolGroups, pg: number): Inventory {
  const { copies, osds } = groups;
  const found: Inventory = {
    members: new Array(pool.spec.size).fill(-1),
    hasEmpty: false,
    hasBehind: false,
    strays: [],
    available: new Set(),
    absent: new Set(),
  };
  groups.forEachMember(pg, (osd, _position, state, place) => {
    if (state === BEHIND) found.hasBehind = true;
    if (state === NONE || state === PARTIAL) found.hasEmpty = true;
    else found.members[place] = osd;
  });
  for (let i = pg * copies.width; i < (pg + 1) * copies.width; i++) {
    const osd = copies.osd[i];
    if (osd < 0 || copies.state[i] !== COMPLETE) continue;
    const position = copies.position[i];
    if (!osds.isUp(osd)) {
      found.absent.add(position);
      continue;
    }
    found.available.add(position);
    if (!isMember(pool, found.members, osd, position)) found.strays.push({ osd, position });
  }
  for (const position of found.available) found.absent.delete(position);
  return found;
}

function isMember(pool: PoolGroups, members: readonly number[], osd: number, position: number) {
  return pool.spec.erasure ? members[position] === osd : members.includes(osd);
}

/**
 * Members with data, and in the places that are still empty those who hold copies elsewhere, as long
 * as they are in other failure domains than the rest.
 */
function actOn(groups: Groups, pool: PoolGroups, { members, strays }: Inventory): number[] {
  const acting = [...members];
  for (const { osd, position } of strays) {
    const place = pool.spec.erasure ? position : acting.indexOf(-1);
    if (place < 0 || acting[place] >= 0) continue;
    const domain = groups.domainOf(pool, osd);
    const isApart = acting.every((other) => other < 0 || groups.domainOf(pool, other) !== domain);
    if (isApart) acting[place] = osd;
  }
  if (pool.spec.erasure) return acting;
  // A replicated set has no holes: who is there moves up, and the first one leads.
  const present = acting.filter((osd) => osd >= 0);
  while (present.length < pool.spec.size) present.push(-1);
  return present;
}

/** Half-filled copies on OSDs that are no longer wanted are deleted. */
function dropUnwantedPartials(groups: Groups, pg: number): void {
  const { copies } = groups;
  for (let i = pg * copies.width; i < (pg + 1) * copies.width; i++) {
    if (copies.osd[i] < 0 || copies.state[i] !== PARTIAL) continue;
    let wanted = false;
    groups.forEachMember(pg, (osd) => {
      if (osd === copies.osd[i]) wanted = true;
    });
    if (!wanted) copies.drop(pg, i);
  }
}

/** From now on writes happen without those who are not in the acting set. */
function leaveBehind(groups: Groups, pg: number): void {
  const { copies, sizeMax, acting } = groups;
  const { now } = groups.world.engine;
  for (let i = pg * copies.width; i < (pg + 1) * copies.width; i++) {
    const osd = copies.osd[i];
    if (osd < 0 || copies.state[i] !== COMPLETE) continue;
    let acts = false;
    for (let a = pg * sizeMax; a < (pg + 1) * sizeMax; a++) if (acting[a] === osd) acts = true;
    if (!acts) copies.set(pg, osd, copies.position[i], BEHIND, now);
  }
}
