/** `stack.ceph`: monitors, OSDs, rules and pools. */
import { z } from 'zod';
import type { CephPool, CephStack, CrushRule } from '../../model/scenario.ts';
import { bytes, duration, flavorNames, listed, name, named, ratio, text, whole } from './fields.ts';

export const FAILURE_DOMAINS = ['osd', 'host', 'rack'] as const;

const daemons = (what: string, count: number) =>
  z.strictObject({
    on: flavorNames().describe(`Machine flavors that run ${what}.`),
    count: whole(1, 1_000).default(count).describe('How many.'),
  });

/** Daemons that a cluster may do without. */
const optionalDaemons = (what: string) =>
  z
    .strictObject({
      on: z.array(name()).max(1_000).default([]).describe(`Machine flavors that run ${what}.`),
      count: whole(0, 1_000).default(0).describe('How many.'),
    })
    .prefault({});

const rule = z.strictObject({
  failure_domain: z.enum(FAILURE_DOMAINS).describe('What separates the copies.'),
  device_class: z.enum(['hdd', 'ssd', 'nvme']).optional().describe('Only disks of this class.'),
});

const erasure = z.strictObject({
  k: whole(2, 32).describe('Data chunks.'),
  m: whole(1, 16).describe('Coding chunks: so many losses are survived.'),
});

const pool = z.strictObject({
  application: z.enum(['rbd', 'cephfs', 'rgw']).describe('What uses the pool.'),
  pg_num: whole(1, 65_536).describe('Placement groups; a power of two.'),
  size: whole(1, 32).optional().describe('Copies. Default: 3, or k + m of an erasure-coded pool.'),
  min_size: whole(1, 32)
    .optional()
    .describe('Copies needed for I/O. Default: as Ceph does, size - size/2, or k + 1.'),
  erasure: erasure.optional().describe('Makes the pool erasure-coded.'),
  rule: name().describe('Name of one of `rules`.'),
  survives: z
    .enum(FAILURE_DOMAINS)
    .optional()
    .describe('The loss the pool is meant to survive. Default: the failure domain of its rule.'),
  stored: bytes().prefault('0B').describe('Data in it at the start, before replication.'),
});

type PoolValues = z.output<typeof pool> & { readonly name: string };

function resolvePool(written: PoolValues, rules: readonly CrushRule[]): CephPool {
  const { erasure, stored } = written;
  const size = written.size ?? (erasure === undefined ? 3 : erasure.k + erasure.m);
  const usual = erasure === undefined ? size - Math.floor(size / 2) : erasure.k + 1;
  // An unknown rule is reported by the reference checks; the scenario is then never used.
  const domain = rules.find((r) => r.name === written.rule)?.failure_domain ?? 'host';
  return {
    name: written.name,
    application: written.application,
    pg_num: written.pg_num,
    size,
    min_size: written.min_size ?? Math.min(usual, size),
    ...(erasure === undefined ? {} : { erasure }),
    rule: written.rule,
    survives: written.survives ?? domain,
    stored_bytes: stored,
  };
}

export const cephSchema = z
  .strictObject({
    mons: daemons('monitors', 3).describe('Monitors, one a machine; an odd number.'),
    mgrs: daemons('managers', 2).describe('Managers, one active.'),
    osds: z
      .strictObject({ on: flavorNames().describe('Machine flavors whose data disks are OSDs.') })
      .describe('Object storage daemons, one a data disk.'),
    mds: optionalDaemons('metadata servers').describe('Metadata servers of CephFS.'),
    rgw: optionalDaemons('object gateways').describe('Object gateways (S3).'),
    down_out_interval: duration()
      .prefault('10m')
      .describe('A down OSD is marked out after this time (`mon_osd_down_out_interval`).'),
    nearfull_ratio: ratio().prefault('85%').describe('OSDs fuller than this warn.'),
    backfillfull_ratio: ratio().prefault('90%').describe('OSDs fuller than this take no backfill.'),
    full_ratio: ratio().prefault('95%').describe('OSDs fuller than this stop writes.'),
    rules: named(rule).describe('CRUSH rules.'),
    pools: named(pool).default({}).describe('Pools.'),
    buckets: z.array(text(255).min(1)).max(100_000).default([]).describe('S3 buckets.'),
  })
  .transform(({ down_out_interval, rules, pools, ...rest }): CephStack => {
    const ruleList: CrushRule[] = listed(rules);
    return {
      ...rest,
      down_out_interval_s: down_out_interval,
      rules: ruleList,
      pools: listed(pools).map((p) => resolvePool(p, ruleList)),
    };
  });
