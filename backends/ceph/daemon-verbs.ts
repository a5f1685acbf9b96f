import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { isGone, isThere, monVerb, type Verbs } from './verbs.ts';

const nothing = z.object({});
const flag = z.object({ flag: z.string() });
const name = z.string();

const flagsOf = (seen: Observation) => String(seen.attributes?.['flags'] ?? '').split(',');
/** What `osd set pause` shows as. */
const FLAG_SEEN_AS: Readonly<Record<string, string>> = { pause: 'pauserd' };
const isSet = (seen: Observation, wanted: string) =>
  flagsOf(seen).includes(FLAG_SEEN_AS[wanted] ?? wanted);

export const CLUSTER_VERBS: Verbs = {
  set_flag: monVerb({
    params: flag,
    commands: (_, p) => [['osd set', { key: p.flag }]],
    settled: (seen, p) => isSet(seen, p.flag),
  }),
  unset_flag: monVerb({
    params: flag,
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

const pools = z.object({ metadata_pool: name, data_pool: name });

export const CEPHFS_VERBS: Verbs = {
  create: monVerb({
    params: pools,
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
    params: z.object({ max_mds: z.int().positive() }),
    commands: (fs_name, p) => [['fs set', { fs_name, var: 'max_mds', val: String(p.max_mds) }]],
    settled: (seen, p) => seen.attributes?.['max_mds'] === p.max_mds,
  }),
  remove: monVerb({
    params: nothing,
    confirm: 'yes_i_really_mean_it',
    commands: (fs_name) => [['fs rm', { fs_name, yes_i_really_mean_it: true }]],
    settled: isGone,
  }),
};

/** A file system for which there is no MDS never becomes active. */
export const CEPHFS_ORDER: ActOrder = {
  interrupts: { fail: ['create', 'set_joinable', 'set_max_mds'] },
};

const rule = z.object({
  root: name.default('default'),
  failure_domain: name.default('host'),
  device_class: name.optional(),
});

export const CRUSH_RULE_VERBS: Verbs = {
  create_replicated: monVerb({
    params: rule,
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
    params: z.object({ erasure_code_profile: name.default('default') }),
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
