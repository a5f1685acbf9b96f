import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import type { KindParams } from '../verb-params.ts';
import { CONFIRMATIONS, isGone, isThere, monVerb, nothing, type Verbs } from './verbs.ts';

const flag = z.object({ flag: z.string().describe('Flag of the cluster, such as `noout`.') });

export const CLUSTER_PARAMS = {
  set_flag: flag,
  unset_flag: flag,
} as const satisfies KindParams;

const flagsOf = (seen: Observation) => String(seen.attributes?.['flags'] ?? '').split(',');
/** What `osd set pause` shows as. */
const FLAG_SEEN_AS: Readonly<Record<string, string>> = { pause: 'pauserd' };
const isSet = (seen: Observation, wanted: string) =>
  flagsOf(seen).includes(FLAG_SEEN_AS[wanted] ?? wanted);

export const CLUSTER_VERBS: Verbs = {
  set_flag: monVerb({
    params: CLUSTER_PARAMS.set_flag,
    commands: (_, p) => [['osd set', { key: p.flag }]],
    settled: (seen, p) => isSet(seen, p.flag),
  }),
  unset_flag: monVerb({
    params: CLUSTER_PARAMS.unset_flag,
    commands: (_, p) => [['osd unset', { key: p.flag }]],
    settled: (seen, p) => !isSet(seen, p.flag),
  }),
};

export const MGR_VERBS: Verbs = {
  /** The active one steps down, and a standby takes over. */
  fail: monVerb({
    params: nothing,
    isSilent: true,
    commands: (who) => [['mgr fail', { who }]],
    settled: ({ state }) => state !== 'active' && state !== 'activating',
  }),
};

export const MDS_VERBS: Verbs = {
  /** It gives its rank up and respawns; a standby takes over. */
  fail: monVerb({
    params: nothing,
    isSilent: true,
    commands: (role_or_gid) => [['mds fail', { role_or_gid }]],
    settled: ({ state }) => state === 'down' || state === 'standby',
  }),
};

export const CEPHFS_PARAMS = {
  create: z.object({
    metadata_pool: z.string().describe('Pool of its directories.'),
    data_pool: z.string().describe('Pool of what is in its files.'),
  }),
  set_max_mds: z.object({ max_mds: z.int().positive().describe('Active MDSs at most.') }),
  remove: z.object({ yes_i_really_mean_it: CONFIRMATIONS.yes_i_really_mean_it }),
} as const satisfies KindParams;

export const CEPHFS_VERBS: Verbs = {
  create: monVerb({
    params: CEPHFS_PARAMS.create,
    commands: (fs_name, p) => [
      ['fs new', { fs_name, metadata: p.metadata_pool, data: p.data_pool }],
    ],
    settled: ({ state }) => state === 'active',
  }),
  fail: monVerb({
    params: nothing,
    commands: (fs_name) => [['fs fail', { fs_name }]],
    settled: ({ state }) => state === 'failed',
  }),
  set_joinable: monVerb({
    params: nothing,
    commands: (fs_name) => [['fs set', { fs_name, var: 'joinable', val: 'true' }]],
    settled: ({ state }) => state === 'active',
  }),
  set_max_mds: monVerb({
    params: CEPHFS_PARAMS.set_max_mds,
    commands: (fs_name, p) => [['fs set', { fs_name, var: 'max_mds', val: String(p.max_mds) }]],
    settled: (seen, p) => seen.attributes?.['max_mds'] === p.max_mds,
  }),
  remove: monVerb({
    params: CEPHFS_PARAMS.remove,
    commands: (fs_name) => [['fs rm', { fs_name, yes_i_really_mean_it: true }]],
    settled: isGone,
  }),
};

/** A file system for which there is no MDS never becomes active. */
export const CEPHFS_ORDER: ActOrder = {
  interrupts: { fail: ['create', 'set_joinable', 'set_max_mds'] },
};

export const CRUSH_RULE_PARAMS = {
  create_replicated: z.object({
    root: z.string().default('default').describe('Bucket of the CRUSH map that it begins at.'),
    failure_domain: z
      .string()
      .default('host')
      .describe('Type of buckets of which no two hold copies of one object, such as `rack`.'),
    device_class: z
      .string()
      .optional()
      .describe('Class of OSDs that it is limited to, such as `ssd`; all by default.'),
  }),
  create_erasure: z.object({
    erasure_code_profile: z.string().default('default').describe('Profile that it is made for.'),
  }),
} as const satisfies KindParams;

export const CRUSH_RULE_VERBS: Verbs = {
  create_replicated: monVerb({
    params: CRUSH_RULE_PARAMS.create_replicated,
    commands: (rule_name, p) => [
      [
        'osd crush rule create-replicated',
        {
          name: rule_name,
          ...{ root: p.root, type: p.failure_domain },
          ...(p.device_class === undefined ? {} : { class: p.device_class }),
        },
      ],
    ],
    settled: isThere,
  }),
  create_erasure: monVerb({
    params: CRUSH_RULE_PARAMS.create_erasure,
    commands: (rule_name, p) => [
      ['osd crush rule create-erasure', { name: rule_name, profile: p.erasure_code_profile }],
    ],
    settled: isThere,
  }),
  remove: monVerb({
    params: nothing,
    commands: (rule_name) => [['osd crush rule rm', { name: rule_name }]],
    settled: isGone,
  }),
};
