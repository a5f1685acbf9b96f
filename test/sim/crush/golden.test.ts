/** A few hundred placements by the real crushtool, kept with the project: bit for bit, always. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  buildCrushMap,
  type CrushSite,
  erasureRule,
  replicatedRule,
} from '../../../sim/sds/crush/build.ts';
import { ruleId } from '../../../sim/sds/crush/map.ts';
import { mapPg, WEIGHT_IN } from '../../../sim/sds/crush/place.ts';

const golden: {
  reweights: Record<string, number>;
  site: CrushSite;
  mappings: Record<string, { size: number; osds: number[][] }>;
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
