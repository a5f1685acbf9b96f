import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { crushRules } from './crush-rules.ts';
import { osdMap, type PoolEntry } from './osd-map.ts';
import { stuckPgs } from './pg-map.ts';
import type { View } from './view.ts';

/** pg_pool_t::TYPE_ERASURE. */
const ERASURE = 3;

const df = z.object({
  pools: z.array(
    z.object({ name: z.string(), stats: z.object({ stored: z.number(), objects: z.number() }) }),
  ),
});

const usage = (view: View) => view.session.json('df', {}, df, { signal: view.signal });

/**
 * The state of a pool: its placement groups, and how full its OSDs are. The mons keep the flag
 * `creating` until every placement group was made; `isStuck`: one of them has been inactive for
 * longer than mon_pg_stuck_threshold.
 */
export function poolState(flags: ReadonlySet<string>, isStuck: boolean): string {
  const groups = flags.has('creating') ? 'creating' : isStuck ? 'inactive' : 'active';
  const fullness = FULLNESS.find((flag) => flags.has(flag)) ?? 'ok';
  return `${groups}+${fullness}`;
}

/** The worst one counts. */
const FULLNESS = ['full', 'backfillfull', 'nearfull'];

export function flagsOf({ flags_names }: PoolEntry): ReadonlySet<string> {
  return new Set(flags_names.split(','));
}

export async function poolObservations(view: View): Promise<readonly Observation[]> {
  const [{ pools }, rules, stuck, { pools: used }] = await Promise.all([
    view.of(osdMap),
    view.of(crushRules),
    view.of(stuckPools),
    view.of(usage),
  ]);
  const ruleNames = new Map(rules.map(({ rule_id, rule_name }) => [rule_id, rule_name]));
  const usedOf = new Map(used.map(({ name, stats }) => [name, stats]));
  return pools.map((entry) => ({
    kind: 'pool',
    entity: entry.pool_name,
    state: poolState(flagsOf(entry), stuck.has(entry.pool)),
    reason: entry.flags_names,
    attributes: {
      id: entry.pool,
      type: entry.type === ERASURE ? 'erasure' : 'replicated',
      size: entry.size,
      min_size: entry.min_size,
      pg_num: entry.pg_num,
      pgp_num: entry.pg_placement_num,
      crush_rule: ruleNames.get(entry.crush_rule) ?? String(entry.crush_rule),
      ...(entry.type === ERASURE && { erasure_code_profile: entry.erasure_code_profile }),
      applications: Object.keys(entry.application_metadata).sort().join(','),
      pg_autoscale_mode: entry.pg_autoscale_mode ?? '',
      quota_max_bytes: entry.quota_max_bytes,
      quota_max_objects: entry.quota_max_objects,
      stored_bytes: usedOf.get(entry.pool_name)?.stored ?? 0,
      objects: usedOf.get(entry.pool_name)?.objects ?? 0,
    },
  }));
}

/** The ids of pools that have stuck placement groups; without a manager nobody knows. */
async function stuckPools(view: View): Promise<ReadonlySet<number>> {
  const stuck = (await view.of(stuckPgs)) ?? [];
  return new Set(stuck.map(({ pgid }) => Number.parseInt(pgid, 10)));
}
