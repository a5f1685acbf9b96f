/** `stack.ceph` of what a Ceph cluster lists. */
import type { Observation } from '../../engine/contract.ts';
import { number, text } from './hosts.ts';
import { exactBytes, Names } from './names.ts';
import type { ImportedSite } from './site.ts';

const DEVICE_CLASSES = new Set(['hdd', 'ssd', 'nvme']);
const APPLICATIONS = ['rbd', 'cephfs', 'rgw'] as const;
/** Ceph's own pools, which every simulated cluster has as well. */
const OWN_POOLS = /^(\.mgr|device_health_metrics|\.rgw\..*|default\.rgw\..*)$/;

export function cephOf(
  seen: readonly Observation[],
  site: ImportedSite,
  remarks: string[],
): Record<string, unknown> | undefined {
  const osds = site.flavorsWith('osd');
  if (osds.length === 0) return undefined;
  const count = (kind: string) => seen.filter((each) => each.kind === kind).length;
  const pools = seen.filter(({ kind, entity }) => kind === 'pool' && !OWN_POOLS.test(entity));
  const rules = new Names();
  const names = new Names();
  const mons = Math.max(1, count('mon'));
  remarks.push('stack.ceph: monitors and managers are put on the machines with OSDs; correct it.');
  return {
    mons: { on: osds, count: mons % 2 === 1 ? mons : mons - 1 },
    mgrs: { on: osds, count: Math.max(1, count('mgr')) },
    osds: { on: osds },
    ...(count('mds') > 0 && { mds: { on: osds, count: count('mds') } }),
    ...(count('rgw') > 0 && { rgw: { on: osds, count: count('rgw') } }),
    rules: rulesOf(seen, rules),
    pools: Object.fromEntries(pools.map((pool) => [names.of(pool.entity), poolOf(pool, rules)])),
    ...bucketsOf(seen),
  };
}

function rulesOf(seen: readonly Observation[], names: Names): Record<string, unknown> {
  const rules = seen.filter(({ kind }) => kind === 'crush-rule');
  return Object.fromEntries(
    rules.map(({ entity, attributes = {} }) => {
      const root = text(attributes, 'root') ?? '';
      const device_class = root.split('~')[1] ?? '';
      const domain = text(attributes, 'failure_domain') ?? 'host';
      return [
        names.of(entity),
        {
          failure_domain: ['osd', 'host', 'rack'].includes(domain) ? domain : 'host',
          ...(DEVICE_CLASSES.has(device_class) && { device_class }),
        },
      ];
    }),
  );
}

function poolOf({ attributes = {} }: Observation, rules: Names): Record<string, unknown> {
  const applications = (text(attributes, 'applications') ?? '').split(',');
  return {
    application: APPLICATIONS.find((each) => applications.includes(each)) ?? 'rbd',
    pg_num: number(attributes, 'pg_num') ?? 32,
    size: number(attributes, 'size') ?? 3,
    min_size: number(attributes, 'min_size') ?? 2,
    rule: rules.of(text(attributes, 'crush_rule') ?? 'replicated_rule'),
    stored: exactBytes(number(attributes, 'stored_bytes') ?? 0),
  };
}

function bucketsOf(seen: readonly Observation[]): Record<string, unknown> {
  const buckets = seen.filter(({ kind }) => kind === 'bucket').map(({ entity }) => entity);
  const names = new Names();
  return buckets.length === 0 ? {} : { buckets: buckets.map((name) => names.of(name)).sort() };
}
