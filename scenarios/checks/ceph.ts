/** Ceph: enough machines and failure domains, sound pools, data that fits. */
import type { CephPool, CephStack, CrushRule, Site } from '../../model/scenario.ts';
import { FAILURE_DOMAINS } from '../schema/ceph.ts';
import { formatBytes } from '../unit-format.ts';
import { check, countInRack, countMachines, flavorsOf, type Report, sum } from './check.ts';

const CEPH = ['stack', 'ceph'] as const;

type Domain = CrushRule['failure_domain'];

const rankOf = (domain: Domain): number => FAILURE_DOMAINS.indexOf(domain);

/** Data disks of a class on the machines of a flavor. */
function dataDisks(site: Site, flavor: string, rule?: CrushRule) {
  const groups = Object.hasOwn(site.flavors, flavor) ? site.flavors[flavor].disks : [];
  return groups.filter(
    (d) => d.use === 'data' && (rule?.device_class === undefined || d.class === rule.device_class),
  );
}

/** How many separate failure domains with fitting disks a rule can choose from. */
function countDomains(site: Site, ceph: CephStack, rule: CrushRule): number {
  const flavors = ceph.osds.on.filter((f) => dataDisks(site, f, rule).length > 0);
  if (rule.failure_domain === 'rack') {
    return site.racks.filter((rack) => countInRack(rack, flavors) > 0).length;
  }
  if (rule.failure_domain === 'host') return countMachines(site, flavors);
  return sum(flavors, (flavor) => {
    const disks = sum(dataDisks(site, flavor, rule), (d) => d.count);
    return disks * countMachines(site, [flavor]);
  });
}

/** Bytes of all disks that a rule may use. */
function rawBytes(site: Site, ceph: CephStack, rule: CrushRule): number {
  return sum(ceph.osds.on, (flavor) => {
    const bytes = sum(dataDisks(site, flavor, rule), (d) => d.count * d.size_bytes);
    return bytes * countMachines(site, [flavor]);
  });
}

/** Bytes on disk for each byte stored. */
const overhead = ({ erasure, size }: CephPool): number =>
  erasure === undefined ? size : (erasure.k + erasure.m) / erasure.k;

function checkDaemons(site: Site, ceph: CephStack, report: Report): void {
  for (const role of ['mons', 'mgrs', 'mds', 'rgw'] as const) {
    const { on, count } = ceph[role];
    const machines = countMachines(site, on);
    if (count <= machines) continue;
    report(
      'SCENARIO_TOO_FEW_MACHINES',
      [...CEPH, role],
      `${count} ${role} are placed one a machine, but ${on.join(', ') || 'no flavor'} has ${machines}`,
    );
  }
  if (ceph.mons.count % 2 === 0) {
    report('SCENARIO_EVEN_MONS', [...CEPH, 'mons'], `${ceph.mons.count} monitors`, {
      expected: 'an odd number, such as 3 or 5',
      hint: 'an even number tolerates no more failures than one fewer',
    });
  }
  const osds = sum(ceph.osds.on, (f) => dataDisks(site, f).length * countMachines(site, [f]));
  if (osds === 0 && flavorsOf(site, ceph.osds.on).length === ceph.osds.on.length) {
    report('SCENARIO_TOO_FEW_MACHINES', [...CEPH, 'osds'], 'these machines have no data disks', {
      expected: 'a flavor with disks of `use: data`, and machines of it',
    });
  }
}

function checkRatios(ceph: CephStack, report: Report): void {
  const { nearfull_ratio, backfillfull_ratio, full_ratio } = ceph;
  if (nearfull_ratio <= backfillfull_ratio && backfillfull_ratio <= full_ratio) return;
  report(
    'SCENARIO_CONTRADICTION',
    [...CEPH, 'full_ratio'],
    'the fullness ratios are out of order',
    {
      expected: 'nearfull_ratio <= backfillfull_ratio <= full_ratio',
      found: `${nearfull_ratio}, ${backfillfull_ratio}, ${full_ratio}`,
    },
  );
}

function checkPool(pool: CephPool, report: Report): void {
  const path = [...CEPH, 'pools', pool.name];
  const { erasure, size, min_size } = pool;
  if (erasure !== undefined && size !== erasure.k + erasure.m) {
    const message = `size ${size} is not k + m = ${erasure.k + erasure.m}`;
    report('SCENARIO_CONTRADICTION', [...path, 'size'], message, { hint: 'leave size out' });
  }
  if (min_size > size || (erasure !== undefined && min_size < erasure.k)) {
    const message = `min_size ${min_size} does not fit the ${size} copies or chunks`;
    const least = erasure === undefined ? 1 : erasure.k;
    const expected = `between ${least} and ${size}`;
    report('SCENARIO_CONTRADICTION', [...path, 'min_size'], message, { expected });
  }
  if (Math.log2(pool.pg_num) % 1 !== 0) {
    const below = 2 ** Math.floor(Math.log2(pool.pg_num));
    report('SCENARIO_PG_NUM', [...path, 'pg_num'], `pg_num ${pool.pg_num} is no power of two`, {
      hint: `use ${below} or ${below * 2}`,
    });
  }
}

function checkPlacement(site: Site, ceph: CephStack, pool: CephPool, report: Report): void {
  const path = [...CEPH, 'pools', pool.name];
  const rule = ceph.rules.find((r) => r.name === pool.rule);
  if (rule === undefined) return;
  if (rankOf(pool.survives) > rankOf(rule.failure_domain)) {
    report(
      'SCENARIO_POOL_SURVIVAL',
      [...path, pool.survives === rule.failure_domain ? 'rule' : 'survives'],
      `pool ${pool.name} is to survive the loss of a ${pool.survives}, ` +
        `but rule ${rule.name} separates copies by ${rule.failure_domain} only`,
      { hint: `use a rule with failure_domain: ${pool.survives}` },
    );
  }
  const domains = countDomains(site, ceph, rule);
  if (domains < pool.size) {
    const classed = rule.device_class === undefined ? '' : `${rule.device_class} `;
    report(
      'SCENARIO_POOL_PLACEMENT',
      path,
      `pool ${pool.name} needs ${pool.size} failure domains (${rule.failure_domain}) ` +
        `with ${classed}data disks, there are ${domains}`,
    );
  }
}

/** Data at the start against the disks, over all pools whose rules share them. */
function checkStored(site: Site, ceph: CephStack, report: Report): void {
  const everywhere = { name: '', failure_domain: 'osd' } as const;
  const raw = rawBytes(site, ceph, everywhere);
  const stored = sum(ceph.pools, (p) => p.stored_bytes * overhead(p));
  if (stored > raw * ceph.nearfull_ratio) {
    const message = `the pools hold ${formatBytes(stored)} with their copies at the start`;
    const expected = `at most ${ceph.nearfull_ratio} (nearfull) of ${formatBytes(raw)} of disks`;
    report('SCENARIO_OVER_CAPACITY', [...CEPH, 'pools'], message, { expected });
  }
}

/** Most placement groups of a cluster. */
const PGS_MAX = 1_000_000;

function checkSize(ceph: CephStack, report: Report): void {
  const groups = sum(ceph.pools, (p) => p.pg_num);
  if (groups <= PGS_MAX) return;
  const message = `${groups} placement groups are more than ${PGS_MAX}`;
  report('SCENARIO_TOO_LARGE', [...CEPH, 'pools'], message);
}

function checkServices(ceph: CephStack, report: Report): void {
  const cephfs = ceph.pools.find((p) => p.application === 'cephfs');
  if (cephfs !== undefined && ceph.mds.count === 0) {
    const message = `pool ${cephfs.name} is for CephFS, but there is no metadata server`;
    report('SCENARIO_ROLE', [...CEPH, 'pools', cephfs.name], message, { hint: 'add mds' });
  }
  if (ceph.buckets.length > 0 && ceph.rgw.count === 0) {
    report('SCENARIO_ROLE', [...CEPH, 'buckets'], 'there are buckets but no gateway', {
      hint: 'add rgw',
    });
  }
  if (ceph.buckets.length > 0 && !ceph.pools.some((p) => p.application === 'rgw')) {
    report('SCENARIO_ROLE', [...CEPH, 'buckets'], 'there are buckets but no pool for them', {
      hint: 'add a pool with application: rgw',
    });
  }
}

export const cephChecks = [
  check(['site', 'stack'], ({ site, stack: { ceph } }, report) => {
    if (ceph === undefined) return;
    checkDaemons(site, ceph, report);
    checkRatios(ceph, report);
    checkStored(site, ceph, report);
    checkSize(ceph, report);
    checkServices(ceph, report);
    for (const pool of ceph.pools) {
      checkPool(pool, report);
      checkPlacement(site, ceph, pool, report);
    }
  }),
];
