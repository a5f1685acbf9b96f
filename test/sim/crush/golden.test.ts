/** A few hundred placements by the real crushtool, kept with the project: bit for bit, always. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  buildCrushMap,
  type CrushSite,
  erasureRule,
  fixedWeight,
  replicatedRule,
} from '../../../sim/sds/crush/build.ts';
import {
  compileCrushMap,
  DEFAULT_TYPES,
  JEWEL_TUNABLES,
  ruleId,
} from '../../../sim/sds/crush/map.ts';
import { mapPg, WEIGHT_IN } from '../../../sim/sds/crush/place.ts';

const golden: {
  reweights: Record<string, number>;
  site: CrushSite;
  mappings: Record<string, { size: number; osds: number[][] }>;
  heavy: { inputs: number; md5: string };
} = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8'));

describe('the small site that crushtool placed on', () => {
  const map = buildCrushMap(golden.site, [
    replicatedRule('rep_rack', 'rack'),
    replicatedRule('rep_osd', 'osd'),
    replicatedRule('ssd_host', 'host', 'ssd'),
    erasureRule('ec_rack', 'rack'),
    erasureRule('ec_host', 'host', 'hdd'),
    erasureRule('ec_osd', 'osd'),
  ]);
  const weights = new Uint32Array(map.maxDevices).fill(WEIGHT_IN);
  for (const [osd, weight] of Object.entries(golden.reweights)) {
    weights[Number(osd)] = weight * WEIGHT_IN;
  }

  it.each(Object.keys(golden.mappings))('rule %s', (rule) => {
    const { size, osds } = golden.mappings[rule];
    const out = new Int32Array(size);
    const placed = osds.map((_, x) => {
      const count = mapPg(map, ruleId(map, rule), x, size, weights, out);
      return [...out.subarray(0, count)];
    });
    expect(osds).toHaveLength(32);
    expect(placed).toEqual(osds);
  });
});

describe('hosts so heavy that lengths of straws are now and then the same', () => {
  it('leave the choice to their order in the bucket', () => {
    const numbers = Array.from({ length: 60 }, (_, id) => id);
    const { host, root } = DEFAULT_TYPES;
    const map = compileCrushMap({
      devices: numbers.map((id) => ({ id, name: `osd.${id}` })),
      types: DEFAULT_TYPES,
      tunables: JEWEL_TUNABLES,
      buckets: [
        ...numbers.map((id) => ({
          id: -1 - id,
          name: `h${id}`,
          type: host,
          items: [{ id, weight: WEIGHT_IN }],
        })),
        {
          id: -61,
          name: 'default',
          type: root,
          items: numbers.map((id) => ({ id: -1 - id, weight: fixedWeight(970 + id) })),
        },
      ],
      rules: [
        {
          id: 0,
          name: 'heavy',
          type: 'replicated',
          min_size: 1,
          max_size: 10,
          steps: [
            { op: 'take', item: -61 },
            { op: 'chooseleaf_firstn', num: 0, type: host },
            { op: 'emit' },
          ],
        },
      ],
    });
    const weights = new Uint32Array(numbers.length).fill(WEIGHT_IN);
    const out = new Int32Array(3);
    const md5 = createHash('md5');
    for (let x = 0; x < golden.heavy.inputs; x++) {
      mapPg(map, 0, x, 3, weights, out);
      md5.update(`[${out.join(',')}]\n`);
    }
    expect(md5.digest('hex')).toBe(golden.heavy.md5);
  });
});
