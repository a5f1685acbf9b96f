/** What is refused, and with which code. */
import { describe, expect, it } from 'vitest';
import { buildCrushMap, fixedWeight, replicatedRule } from '../../../sim/sds/crush/build.ts';
import { type CrushtoolJson, crushMapFromCrushtool } from '../../../sim/sds/crush/crushtool.ts';
import { compileCrushMap, JEWEL_TUNABLES, ruleId } from '../../../sim/sds/crush/map.ts';
import { createOsdMap } from '../../../sim/sds/crush/osdmap.ts';
import { osdMapFromJson, parsePgid } from '../../../sim/sds/crush/osdmap-json.ts';
import { mapPg } from '../../../sim/sds/crush/place.ts';

const SITE = {
  racks: [
    { name: 'r1', hosts: [{ name: 'h1', osds: [{ id: 0, weight: 1, class: 'hdd' }] }] },
    { name: 'r2', hosts: [{ name: 'h2', osds: [{ id: 1, weight: 1, class: 'hdd' }] }] },
  ],
};

const DUMP: CrushtoolJson = {
  devices: [{ id: 0, name: 'osd.0' }],
  types: [
    { type_id: 0, name: 'osd' },
    { type_id: 11, name: 'root' },
  ],
  buckets: [
    {
      id: -1,
      name: 'default',
      type_id: 11,
      alg: 'straw2',
      hash: 'rjenkins1',
      items: [{ id: 0, weight: 0x10000 }],
    },
  ],
  rules: [
    {
      rule_id: 0,
      rule_name: 'r',
      type: 1,
      steps: [
        { op: 'take', item: -1 },
        { op: 'choose_firstn', num: 0, type: 'osd' },
        { op: 'emit' },
      ],
    },
  ],
  tunables: JEWEL_TUNABLES,
};

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
}

describe('building from a site', () => {
  it.each([
    ['CRUSH_UNKNOWN_CLASS', replicatedRule('r', 'host', 'nvme')],
    ['CRUSH_UNKNOWN_TYPE', replicatedRule('r', 'shelf')],
    [
      'CRUSH_UNKNOWN_BUCKET',
      { name: 'r', type: 'replicated', steps: [{ op: 'take', item: 'attic' }] },
    ],
  ] as const)('%s', (expected, rule) => {
    expect(code(() => buildCrushMap(SITE, [rule]))).toBe(expected);
  });

  it('refuses doubled names and OSDs', () => {
    const [rack] = SITE.racks;
    expect(code(() => buildCrushMap({ racks: [rack, rack] }, []))).toBe('CRUSH_BAD_MAP');
    const renamed = { name: 'r9', hosts: [{ ...rack.hosts[0], name: 'h9' }] };
    expect(code(() => buildCrushMap({ racks: [rack, renamed] }, []))).toBe('CRUSH_BAD_MAP');
  });

  it('rounds weights as Ceph does', () => {
    expect(fixedWeight(1)).toBe(0x10000);
    expect(fixedWeight(0.00389)).toBe(254);
  });
});

describe('compiling', () => {
  const bucket = (id: number, items: number[]) => ({
    id,
    name: `b${id}`,
    type: 1,
    items: items.map((item) => ({ id: item, weight: 1 })),
  });
  const source = { devices: [], types: {}, rules: [], tunables: JEWEL_TUNABLES };

  it.each([
    ['CRUSH_CYCLE', [bucket(-1, [-2]), bucket(-2, [-1])]],
    ['CRUSH_UNKNOWN_BUCKET', [bucket(-1, [-7])]],
    ['CRUSH_BAD_MAP', [bucket(-1, []), bucket(-1, [])]],
    ['CRUSH_BAD_MAP', [bucket(3, [])]],
  ])('%s', (expected, buckets) => {
    expect(code(() => compileCrushMap({ ...source, buckets }))).toBe(expected);
  });
});

describe('reading dumps', () => {
  const [bucket] = DUMP.buckets;

  it('accepts a small one', () => {
    const map = crushMapFromCrushtool(DUMP);
    const out = new Int32Array(1);
    expect(mapPg(map, ruleId(map, 'r'), 7, 1, Uint32Array.of(0x10000), out)).toBe(1);
    expect(out[0]).toBe(0);
  });

  it.each([
    ['another bucket algorithm', { ...DUMP, buckets: [{ ...bucket, alg: 'tree' }] }],
    ['weight sets', { ...DUMP, choose_args: { '-1': [] } }],
    ['local retries', { ...DUMP, tunables: { ...JEWEL_TUNABLES, choose_local_tries: 2 } }],
  ])('says that it does not simulate %s', (_, dump) => {
    expect(code(() => crushMapFromCrushtool(dump))).toBe('CRUSH_UNSUPPORTED');
  });

  it('refuses malformed PG ids and unknown object hashes', () => {
    expect(code(() => parsePgid('2-1'))).toBe('CRUSH_BAD_MAP');
    const empty = { osds: [], pg_upmap: [], pg_upmap_items: [], pg_temp: [], primary_temp: [] };
    const pool = { pool: 1, type: 1, size: 3, pg_num: 8, pg_placement_num: 8, crush_rule: 0 };
    const dump = { ...empty, max_osd: 1, pools: [{ ...pool, object_hash: 1, flags: 1 }] };
    expect(code(() => osdMapFromJson(dump, crushMapFromCrushtool(DUMP)))).toBe('CRUSH_UNSUPPORTED');
  });
});

describe('placing', () => {
  const map = crushMapFromCrushtool(DUMP);
  const { weight } = createOsdMap(map, []);

  it('refuses unknown rules and short outputs', () => {
    expect(code(() => mapPg(map, 5, 0, 1, weight, new Int32Array(1)))).toBe('CRUSH_UNKNOWN_RULE');
    expect(code(() => ruleId(map, 'none'))).toBe('CRUSH_UNKNOWN_RULE');
    expect(code(() => mapPg(map, 0, 0, 3, weight, new Int32Array(1)))).toBe('CRUSH_BAD_REQUEST');
  });
});
