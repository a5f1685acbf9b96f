/** The OSDMap pipeline's own rules, case by case, without an oracle. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildCrushMap, erasureRule, replicatedRule } from '../../../sim/sds/crush/build.ts';
import { CRUSH_ITEM_NONE } from '../../../sim/sds/crush/map.ts';
import { hashObject, placementMask, stableMod } from '../../../sim/sds/crush/object-hash.ts';
import {
  createOsdMap,
  createPgMapping,
  mapPgToOsds,
  OSD_EXISTS,
  OSD_UP,
  type OsdMap,
  objectPg,
  type Pool,
  pgKey,
} from '../../../sim/sds/crush/osdmap.ts';
import { anyText } from '../../support/any-text.ts';

const PGS = 64;
const REPLICATED = 1;
const CODED = 2;

function pool(id: number, type: Pool['type'], rule: number): Pool {
  return { id, type, size: 3, pg_num: PGS, pgp_num: PGS, rule, hashpspool: true };
}

function newOsdMap(): OsdMap {
  const racks = Array.from({ length: 5 }, (_, r) => ({
    name: `r${r}`,
    hosts: [0, 1].map((h) => ({
      name: `r${r}-h${h}`,
      osds: [{ id: r * 2 + h, weight: 1 }],
    })),
  }));
  const crush = buildCrushMap({ racks }, [
    replicatedRule('rep', 'rack'),
    erasureRule('coded', 'rack'),
  ]);
  return createOsdMap(crush, [pool(REPLICATED, 'replicated', 0), pool(CODED, 'erasure', 1)]);
}

let osdMap: OsdMap;
const out = createPgMapping(8);

beforeEach(() => {
  osdMap = newOsdMap();
});

function stages(poolId: number, pg: number) {
  mapPgToOsds(osdMap, poolId, pg, out);
  return {
    raw: [...out.raw.subarray(0, out.rawCount)],
    up: [...out.up.subarray(0, out.upCount)],
    upPrimary: out.upPrimary,
    acting: [...out.acting.subarray(0, out.actingCount)],
    actingPrimary: out.actingPrimary,
  };
}

describe('a healthy map', () => {
  it('has raw = up = acting, led by the first', () => {
    for (let pg = 0; pg < PGS; pg++) {
      const { raw, up, upPrimary, acting, actingPrimary } = stages(REPLICATED, pg);
      expect(up).toEqual(raw);
      expect(acting).toEqual(raw);
      expect(upPrimary).toBe(raw[0]);
      expect(actingPrimary).toBe(raw[0]);
    }
  });

  it('refuses pools and PGs that do not exist', () => {
    expect(() => stages(9, 0)).toThrow(expect.objectContaining({ code: 'CRUSH_UNKNOWN_POOL' }));
    expect(() => stages(REPLICATED, PGS)).toThrow(
      expect.objectContaining({ code: 'CRUSH_BAD_REQUEST' }),
    );
  });
});

describe('a down OSD', () => {
  it('leaves a replicated set shorter, an erasure-coded one with a hole', () => {
    const [first] = stages(REPLICATED, 5).raw;
    const coded = stages(CODED, 5).raw;
    osdMap.state[first] = OSD_EXISTS;
    osdMap.state[coded[1]] = OSD_EXISTS;
    const replicated = stages(REPLICATED, 5);
    expect(replicated.up).not.toContain(first);
    expect(replicated.raw).toContain(first);
    expect(stages(CODED, 5).up[1]).toBe(CRUSH_ITEM_NONE);
  });

  it('that does not exist is no longer even raw', () => {
    const [first] = stages(REPLICATED, 5).raw;
    osdMap.state[first] = 0;
    expect(stages(REPLICATED, 5).raw).not.toContain(first);
  });

  it('leaves no primary when all are down', () => {
    osdMap.state.fill(OSD_EXISTS);
    expect(stages(REPLICATED, 0)).toMatchObject({ up: [], upPrimary: -1, actingPrimary: -1 });
  });
});

describe('upmap', () => {
  it('swaps single OSDs unless the target is there already or out', () => {
    const { raw } = stages(REPLICATED, 3);
    const spare = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9].find((osd) => !raw.includes(osd)) as number;
    osdMap.upmapItems.set(pgKey(REPLICATED, 3), [[raw[1], spare]]);
    expect(stages(REPLICATED, 3).up).toEqual([raw[0], spare, raw[2]]);
    osdMap.weight[spare] = 0;
    expect(stages(REPLICATED, 3).up).not.toContain(spare);
    osdMap.weight[spare] = 0x10000;
    osdMap.upmapItems.set(pgKey(REPLICATED, 3), [[raw[1], raw[0]]]);
    expect(stages(REPLICATED, 3).up).toEqual(raw);
  });

  it('replaces a whole set unless one of it is out', () => {
    osdMap.upmap.set(pgKey(REPLICATED, 3), [9, 8, 7]);
    expect(stages(REPLICATED, 3).up).toEqual([9, 8, 7]);
    osdMap.weight[8] = 0;
    expect(stages(REPLICATED, 3).up).not.toEqual([9, 8, 7]);
  });
});

describe('primary affinity', () => {
  it('0 never leads while another can, and keeps the members', () => {
    osdMap.primaryAffinity[4] = 0;
    for (let pg = 0; pg < PGS; pg++) {
      const { raw, up, upPrimary } = stages(REPLICATED, pg);
      expect(upPrimary).not.toBe(4);
      expect(up[0]).toBe(upPrimary);
      expect([...up].sort()).toEqual([...raw].sort());
    }
  });

  it('moves only the primary of an erasure-coded PG, not the positions', () => {
    osdMap.primaryAffinity.fill(0);
    for (let pg = 0; pg < PGS; pg++) {
      const { raw, up, upPrimary } = stages(CODED, pg);
      expect(up).toEqual(raw);
      expect(upPrimary).toBe(raw[0]);
    }
  });
});

describe('pg_temp', () => {
  it('acts instead of the up set, without those that are down', () => {
    const { up } = stages(REPLICATED, 2);
    osdMap.pgTemp.set(pgKey(REPLICATED, 2), [9, 8, 7]);
    osdMap.state[9] = OSD_EXISTS;
    expect(stages(REPLICATED, 2)).toMatchObject({ up, acting: [8, 7], actingPrimary: 8 });
    osdMap.primaryTemp.set(pgKey(REPLICATED, 2), 7);
    expect(stages(REPLICATED, 2).actingPrimary).toBe(7);
    osdMap.state.fill(OSD_EXISTS, 7, 9);
    osdMap.primaryTemp.clear();
    const back = stages(REPLICATED, 2);
    expect(back.acting).toEqual(back.up);
    expect(osdMap.state[0] & OSD_UP).toBe(OSD_UP);
  });
});

describe('object names', () => {
  it('hash to one of the PGs, and a namespace changes the hash', () => {
    fc.assert(
      fc.property(anyText(), fc.integer({ min: 1, max: 5000 }), (name, n) => {
        const pg = objectPg({ ...pool(1, 'replicated', 0), pg_num: n }, name);
        expect(pg).toBeGreaterThanOrEqual(0);
        expect(pg).toBeLessThan(n);
        expect(hashObject(name, 'ns')).not.toBe(hashObject(name));
      }),
    );
  });

  it('move only to the new PG when a pool grows by one PG', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 1, max: 5000 }), (seed, n) => {
        const before = stableMod(seed, n, placementMask(n));
        const after = stableMod(seed, n + 1, placementMask(n + 1));
        expect(after === before || after === n).toBe(true);
      }),
    );
  });
});
