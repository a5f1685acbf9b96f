/**
 * What a placement group becomes when its OSDs have peered: which copies it acts on, whether they
 * are enough, and what has to be copied where.
 */
import { NO_ROW } from '../../engine/engine.ts';
import { BEHIND, COMPLETE, PARTIAL } from './copies.ts';
import type { Groups, PoolGroups } from './groups.ts';
import type { Inventory } from './inventory.ts';

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

/**
 * Decides how peering ends, and takes the new acting set over. `found` is filled anew. `row`: what the
 * edges are due to.
 */
export function peer(
  groups: Groups,
  found: Inventory,
  pg: number,
  logSpan_s: number,
  row: number = NO_ROW,
): PeeringOutcome {
  const pool = groups.poolOfGroup(pg);
  if (!groups.isMade[pg]) return make(groups, pool, pg, row);
  forgetOldLogs(groups, pg, logSpan_s);
  found.take(groups, pool, pg);
  // What is behind does not count: the latest writes may be on an OSD that is down, or lost.
  if (found.available < pool.needed) {
    return found.available + found.absent >= pool.needed ? 'down' : 'incomplete';
  }
  const acting = actOn(groups, pool, found);
  groups.setActing(pg, acting, row);
  const size = countOsds(acting);
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
  const size = countOsds(acting);
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

function countOsds(set: readonly number[]): number {
  let count = 0;
  for (let i = 0; i < set.length; i++) if (set[i] >= 0) count++;
  return count;
}

/**
 * Members with data, and in the places that are still empty those who hold copies elsewhere, as long
 * as they are in other failure domains than the rest.
 */
function actOn(groups: Groups, pool: PoolGroups, { members, strays }: Inventory): number[] {
  const acting = members;
  for (const { osd, position } of strays) {
    const place = pool.spec.erasure ? position : acting.indexOf(-1);
    if (place < 0 || acting[place] >= 0) continue;
    const domain = groups.domainOf(pool, osd);
    const isApart = acting.every((other) => other < 0 || groups.domainOf(pool, other) !== domain);
    if (isApart) acting[place] = osd;
  }
  if (!pool.spec.erasure) moveUp(acting);
  return acting;
}

/** A replicated set has no holes: who is there moves up, and the first one leads. */
function moveUp(acting: number[]): void {
  let place = 0;
  for (let i = 0; i < acting.length; i++) if (acting[i] >= 0) acting[place++] = acting[i];
  acting.fill(-1, place);
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
