import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { KindParams } from '../verb-params.ts';
import { CONFIRMATIONS, isGone, isThere, monVerb, type Verbs } from './verbs.ts';

const application = z.string();

export const POOL_PARAMS = {
  create: z.object({
    pg_num: z.int().positive().optional().describe('Placement groups; Ceph chooses by default.'),
    pool_type: z
      .enum(['replicated', 'erasure'])
      .default('replicated')
      .describe('How its objects are kept.'),
    rule: z.string().optional().describe('CRUSH rule; Ceph chooses by default.'),
    erasure_code_profile: z.string().optional().describe('Of an erasure-coded pool.'),
    size: z
      .int()
      .positive()
      .optional()
      .describe('Copies of each object, in a replicated pool; `osd_pool_default_size` by default.'),
    application: application
      .optional()
      .describe('What it is used for: `rbd`, `cephfs`, `rgw`; Ceph warns of pools without one.'),
  }),
  delete: z.object({
    yes_i_really_really_mean_it: CONFIRMATIONS.yes_i_really_really_mean_it,
  }),
  set: z.object({
    var: z.string().default('size').describe('The property, as `ceph osd pool set` names it.'),
    val: z.union([z.string(), z.number(), z.boolean()]).describe('What it is set to.'),
  }),
  set_quota: z.object({
    field: z.enum(['max_bytes', 'max_objects']).default('max_bytes').describe('What is limited.'),
    quota: z.int().nonnegative().describe('The limit, bytes or objects; 0 is none.'),
  }),
  enable_application: z.object({
    application: application.describe('What it is used for: `rbd`, `cephfs`, `rgw`.'),
  }),
} as const satisfies KindParams;

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
    params: POOL_PARAMS.create,
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
    params: POOL_PARAMS.delete,
    commands: (pool) => [
      ['osd pool delete', { pool, pool2: pool, yes_i_really_really_mean_it: true }],
    ],
    settled: isGone,
  }),
  set: monVerb({
    params: POOL_PARAMS.set,
    commands: (pool, p) => [['osd pool set', { pool, var: p.var, val: String(p.val) }]],
    settled: (seen, p) => {
      const attribute = SEEN_AS[p.var];
      return attribute === undefined
        ? isThere(seen)
        : String(seen.attributes?.[attribute]) === String(p.val);
    },
  }),
  set_quota: monVerb({
    params: POOL_PARAMS.set_quota,
    commands: (pool, p) => [['osd pool set-quota', { pool, field: p.field, val: String(p.quota) }]],
    settled: (seen, p) => seen.attributes?.[`quota_${p.field}`] === p.quota,
  }),
  enable_application: monVerb({
    params: POOL_PARAMS.enable_application,
    commands: (pool, p) => [['osd pool application enable', { pool, app: p.application }]],
    settled: (seen, p) => applications(seen).includes(p.application),
  }),
};
