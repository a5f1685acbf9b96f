/** What must hold of any placement, without an oracle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildCrushMap,
  type CrushSite,
  erasureRule,
  replicatedRule,
} from '../../../sim/sds/crush/build.ts';
import { CRUSH_ITEM_NONE, type CrushMap, ruleId } from '../../../sim/sds/crush/map.ts';
import { mapPg, WEIGHT_IN } from '../../../sim/sds/crush/place.ts';

/** A site from the OSD weights of each host of each rack; OSDs are numbered through. */
function siteOf(racks: readonly (readonly (readonly number[])[])[]): CrushSite {
  let id = 0;
  return {
    racks: racks.map((hosts, r) => ({
      name: `r${r}`,
      hosts: hosts.map((osds, h) => ({
        name: `r${r}-h${h}`,
        osds: osds.map((weight) => ({ id: id++, weight, class: id % 3 === 0 ? 'ssd' : 'hdd' })),
      })),
    })),
  };
}

const RULES = [
  replicatedRule('rep_rack', 'rack'),
  replicatedRule('rep_host', 'host'),
  replicatedRule('rep_osd', 'osd'),
  erasureRule('ec_rack', 'rack'),
  erasureRule('ec_host', 'host'),
  erasureRule('ec_osd', 'osd'),
];

const weight = fc.double({ min: 0.25, max: 16, noNaN: true });
const racks = fc.array(
  fc.array(fc.array(weight, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 8 },
);

function allIn(map: CrushMap): Uint32Array {
  return new Uint32Array(map.maxDevices).fill(WEIGHT_IN);
}

function place(
  map: CrushMap,
  rule: string,
  x: number,
  size: number,
  weights: Uint32Array,
): number[] {
  const out = new Int32Array(size);
  return [...out.subarray(0, mapPg(map, ruleId(map, rule), x, size, weights, out))];
}

/** Name of the rack, host or OSD that an OSD is in. */
function domainOf(site: CrushSite, domain: string, osd: number): string {
  for (const rack of site.racks) {
    for (const host of rack.hosts) {
      if (!host.osds.some(({ id }) => id === osd)) continue;
      return domain === 'rack' ? rack.name : domain === 'host' ? host.name : `osd.${osd}`;
    }
  }
  throw new Error(`OSD ${osd} is not in the site`);
}

const rulesAndSeeds = {
  rule: fc.constantFrom(...RULES.map((rule) => rule.name)),
  x: fc.integer({ min: 0, max: 0x7fffffff }),
  size: fc.integer({ min: 1, max: 6 }),
};

describe('any placement', () => {
  it('has no OSD and no failure domain twice', () => {
    fc.assert(
      fc.property(racks, fc.record(rulesAndSeeds), (shape, { rule, x, size }) => {
        const site = siteOf(shape);
        const map = buildCrushMap(site, RULES);
        const osds = place(map, rule, x, size, allIn(map)).filter((osd) => osd !== CRUSH_ITEM_NONE);
        const domains = osds.map((osd) => domainOf(site, rule.split('_')[1], osd));
        expect(new Set(osds).size).toBe(osds.length);
        expect(new Set(domains).size).toBe(osds.length);
      }),
    );
  });

  it('is the same every time, also after other placements', () => {
    fc.assert(
      fc.property(racks, fc.record(rulesAndSeeds), (shape, { rule, x, size }) => {
        const map = buildCrushMap(siteOf(shape), RULES);
        const first = place(map, rule, x, size, allIn(map));
        place(map, 'ec_osd', x + 1, 6, allIn(map));
        expect(place(map, rule, x, size, allIn(map))).toEqual(first);
        expect(place(buildCrushMap(siteOf(shape), RULES), rule, x, size, allIn(map))).toEqual(
          first,
        );
      }),
    );
  });

  it('never uses an OSD that is out, nor one of weight 0', () => {
    fc.assert(
      fc.property(racks, fc.record(rulesAndSeeds), fc.nat(), (shape, { rule, x, size }, pick) => {
        const map = buildCrushMap(siteOf(shape), RULES);
        const osd = pick % map.maxDevices;
        const weights = allIn(map);
        weights[osd] = 0;
        expect(place(map, rule, x, size, weights)).not.toContain(osd);

        let id = 0;
        const lightened = shape.map((hosts) =>
          hosts.map((osds) => osds.map((w) => (id++ === osd ? 0 : w))),
        );
        const light = buildCrushMap(siteOf(lightened), RULES);
        const onlyOne = shape.every((hosts) => hosts.every((osds) => osds.length === 1));
        // A bucket whose weights are all 0 still has to name an item, so hosts keep another OSD.
        fc.pre(!onlyOne && lightened.every((hosts) => hosts.every((osds) => osds.some((w) => w))));
        expect(place(light, rule, x, size, allIn(light))).not.toContain(osd);
      }),
    );
  });

  it('fills every position when there are enough domains', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 8 }), rulesAndSeeds.x, (rackCount, x) => {
        const map = buildCrushMap(siteOf(Array(rackCount).fill([[1, 1], [1]])), RULES);
        expect(place(map, 'rep_rack', x, 3, allIn(map))).toHaveLength(3);
        const coded = place(map, 'ec_rack', x, 3, allIn(map));
        expect(coded).toHaveLength(3);
        expect(coded).not.toContain(CRUSH_ITEM_NONE);
      }),
    );
  });
});

const SIX_RACKS = siteOf(
  Array.from({ length: 6 }, (_, r) => [
    [1, 2, 4],
    [1 + r, 2, 1],
  ]),
);
const INPUTS = 4000;

describe('marking one OSD out', () => {
  const map = buildCrushMap(SIX_RACKS, RULES);
  const weights = allIn(map);
  const without = allIn(map);
  const lost = 7;
  without[lost] = 0;

  it('moves only what that OSD held, in an erasure-coded pool position by position', () => {
    for (let x = 0; x < INPUTS; x++) {
      const before = place(map, 'ec_rack', x, 4, weights);
      const after = place(map, 'ec_rack', x, 4, without);
      if (!before.includes(lost)) expect(after).toEqual(before);
    }
  });

  it('moves only what that OSD held, in a replicated pool', () => {
    let held = 0;
    let moved = 0;
    for (let x = 0; x < INPUTS; x++) {
      const before = place(map, 'rep_rack', x, 3, weights);
      const after = place(map, 'rep_rack', x, 3, without);
      if (!before.includes(lost)) {
        expect(after).toEqual(before);
        continue;
      }
      held++;
      moved += after.filter((osd) => !before.includes(osd)).length;
    }
    expect(held).toBeGreaterThan(0);
    // One copy each has to move; a replacement that takes the rack of a later copy moves that too.
    expect(moved / held).toBeLessThan(1.5);
  });

  it('declines about its share when it is half in', () => {
    const half = allIn(map);
    half[lost] = WEIGHT_IN / 2;
    let before = 0;
    let after = 0;
    for (let x = 0; x < INPUTS; x++) {
      if (place(map, 'rep_osd', x, 1, weights)[0] === lost) before++;
      if (place(map, 'rep_osd', x, 1, half)[0] === lost) after++;
    }
    expect(after / before).toBeGreaterThan(0.4);
    expect(after / before).toBeLessThan(0.6);
  });
});

describe('weights', () => {
  it('decide the share of an OSD (chi-square over 20,000 inputs)', () => {
    const map = buildCrushMap(SIX_RACKS, RULES);
    const weights = allIn(map);
    const osdWeights = SIX_RACKS.racks.flatMap((rack) =>
      rack.hosts.flatMap((host) => host.osds.map((osd) => osd.weight)),
    );
    const total = osdWeights.reduce((sum, w) => sum + w, 0);
    const inputs = 20_000;
    const seen = new Float64Array(osdWeights.length);
    for (let x = 0; x < inputs; x++) seen[place(map, 'rep_osd', x, 1, weights)[0]]++;
    let chiSquare = 0;
    for (const [osd, osdWeight] of osdWeights.entries()) {
      const expected = (inputs * osdWeight) / total;
      chiSquare += (seen[osd] - expected) ** 2 / expected;
    }
    // 36 OSDs, 35 degrees of freedom: 66.6 is exceeded once in a thousand times.
    expect(chiSquare).toBeLessThan(66.6);
  });

  it('keep a class rule on devices of its class', () => {
    const map = buildCrushMap(SIX_RACKS, [replicatedRule('ssd', 'host', 'ssd')]);
    for (let x = 0; x < 500; x++) {
      for (const osd of place(map, 'ssd', x, 3, allIn(map))) {
        expect(map.source.devices[osd].class).toBe('ssd');
      }
    }
  });
});
