import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { isGone, isThere, monVerb, type Verbs } from './verbs.ts';

const create = z.object({
  pg_num: z.int().positive().optional(),
  pool_type: z.enum(['replicated', 'erasure']).default('replicated'),
  rule: z.string().optional(),
  erasure_code_profile: z.string().optional(),
  size: z.int().positive().optional(),
  /** Such as rbd, cephfs or rgw: Ceph warns of pools that nobody says the use of. */
  application: z.string().optional(),
});

const value = z.union([z.string(), z.number(), z.boolean()]);
const set = z.object({ var: z.string().default('size'), val: value });
const quota = z.object({
  field: z.enum(['max_bytes', 'max_objects']).default('max_bytes'),
  quota: z.int().nonnegative(),
});
const application = z.object({ application: z.string() });

/** Properties that can be seen in an observation, by the names that `pool set` has for them. */
const SEEN_AS: Readonly<Record<string, string>> = {
  size: 'size',
  min_size: 'min_size',
  pgp_num: 'pgp_num',
  pg_num: 'pg_num',
  crush_rule: 'crush_rule',
  pg_autoscale_mode: 'pg_autoscale_mode',
};

function applications(seen: Observation): readonly string[] {
  return String(seen.attributes?.['applications'] ?? '').split(',');
}

export const POOL_VERBS: Verbs = {
  create: monVerb({
    params: create,
    commands: (pool, p) => [
      [
        'osd pool create',
        {
          pool,
          pool_type: p.pool_type,
          ...(p.pg_num === undefined ? {} : { pg_num: p.pg_num }),
          ...(p.rule === undefined ? {} : { rule: p.rule }),
          ...(p.size === undefined || p.pool_type === 'erasure' ? {} : { size: p.size }),
          ...(p.erasure_code_profile === undefined
            ? {}
            : { erasure_code_profile: p.erasure_code_profile }),
        },
      ],
      ...(p.application === undefined
        ? []
        : [['osd pool application enable', { pool, app: p.application }] as const]),
    ],
    settled: ({ state }) => state.startsWith('active'),
  }),
  delete: monVerb({
    params: z.object({}),
    confirm: 'yes_i_really_really_mean_it',
    commands: (pool) => [
      ['osd pool delete', { pool, pool2: pool, yes_i_really_really_mean_it: true }],
    ],
    settled: isGone,
  }),
  set: monVerb({
    params: set,
    commands: (pool, p) => [['osd pool set', { pool, var: p.var, val: String(p.val) }]],
    settled: (seen, p) => {
      const attribute = SEEN_AS[p.var];
      return attribute === undefined
        ? isThere(seen)
        : String(seen.attributes?.[attribute]) === String(p.val);
    },
  }),
  set_quota: monVerb({
    params: quota,
    commands: (pool, p) => [['osd pool set-quota', { pool, field: p.field, val: String(p.quota) }]],
    settled: (seen, p) => seen.attributes?.[`quota_${p.field}`] === p.quota,
  }),
  enable_application: monVerb({
    params: application,
    commands: (pool, p) => [['osd pool application enable', { pool, app: p.application }]],
    settled: (seen, p) => applications(seen).includes(p.application),
  }),
};
