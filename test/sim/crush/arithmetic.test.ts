/** The exactness that doubles must have where Ceph computes with 64-bit integers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildCrushMap, replicatedRule } from '../../../sim/sds/crush/build.ts';
import { crushHash2 } from '../../../sim/sds/crush/hash.ts';
import { crushLn, NEGATED_LN } from '../../../sim/sds/crush/ln.ts';
import { LL, RH_LH } from '../../../sim/sds/crush/ln-tables.ts';
import {
  createOsdMap,
  createPgMapping,
  mapPgToOsds,
  pgSeed,
  poolOf,
} from '../../../sim/sds/crush/osdmap.ts';
import { mapPg, WEIGHT_IN } from '../../../sim/sds/crush/place.ts';

/** The fixed-point logarithm in 64-bit integers, as its definition has it. */
function integerLn(u: number): bigint {
  let x = BigInt(u) + 1n;
  let exponent = 15n;
  while ((x & 0x18000n) === 0n) {
    x <<= 1n;
    exponent--;
  }
  const index = Number((x >> 8n) << 1n) - 256;
  const product = (x * BigInt(RH_LH[index])) >> 48n;
  const log = BigInt(RH_LH[index + 1]) + BigInt(LL[Number(product & 0xffn)]);
  return (exponent << 44n) + (log >> 4n);
}

describe('the logarithm', () => {
  it('is that of 64-bit integers for every 16-bit argument', () => {
    let differences = 0;
    for (let u = 0; u < 0x10000; u++) {
      if (BigInt(crushLn(u)) !== integerLn(u)) differences++;
      if (BigInt(NEGATED_LN[u]) !== (1n << 48n) - integerLn(u)) differences++;
    }
    expect(differences).toBe(0);
  });

  it('is close to the real one', () => {
    for (let u = 0; u < 0x10000; u += 97) {
      expect(crushLn(u) / 2 ** 44).toBeCloseTo(Math.log2(u + 1), 3);
    }
  });

  it('divides by any weight as integers do', () => {
    const weight = fc.oneof(
      fc.integer({ min: 1, max: 0xffffffff }),
      fc.integer({ min: 1, max: 100 }),
    );
    fc.assert(
      fc.property(fc.nat(0xffff), weight, (u, w) => {
        const exact = BigInt(NEGATED_LN[u]) / BigInt(w);
        expect(BigInt(Math.floor(NEGATED_LN[u] / w))).toBe(exact);
      }),
      { numRuns: 5000 },
    );
  });
});

const OSDS = 3;
const MAP = buildCrushMap(
  {
    racks: Array.from({ length: OSDS }, (_, id) => ({
      name: `r${id}`,
      hosts: [{ name: `h${id}`, osds: [{ id, weight: 1 }] }],
    })),
  },
  [replicatedRule('rep', 'osd')],
);

describe('a share', () => {
  it('of weight is kept by exactly the inputs whose hash is below it', () => {
    const out = new Int32Array(OSDS);
    for (let x = 0; x < 300; x++) {
      const hash = crushHash2(x, 1) & 0xffff;
      const holds = (weight: number) => {
        const weights = Uint32Array.of(WEIGHT_IN, weight, WEIGHT_IN);
        const count = mapPg(MAP, 0, x, OSDS, weights, out);
        return out.subarray(0, count).includes(1);
      };
      expect([holds(hash), holds(hash + 1)], `x ${x}`).toEqual([false, true]);
    }
  });

  it('of primary affinity likewise', () => {
    const pool = { id: 1, type: 'replicated', size: OSDS, rule: 0, hashpspool: true } as const;
    const osdMap = createOsdMap(MAP, [{ ...pool, pg_num: 256, pgp_num: 256 }]);
    const mapping = createPgMapping(OSDS);
    for (let pg = 0; pg < 256; pg++) {
      osdMap.primaryAffinity.fill(WEIGHT_IN);
      mapPgToOsds(osdMap, 1, pg, mapping);
      const first = mapping.raw[0];
      const hash = crushHash2(pgSeed(poolOf(osdMap, 1), pg), first) >>> 16;
      const leads = (affinity: number) => {
        osdMap.primaryAffinity[first] = affinity;
        mapPgToOsds(osdMap, 1, pg, mapping);
        return mapping.upPrimary === first;
      };
      expect([leads(hash), leads(hash + 1)], `PG ${pg}`).toEqual([false, true]);
    }
  });
});
