/** OSDMaps as Ceph prints them: `ceph osd dump -f json`, `osdmaptool --dump json`. */
import { CrushError } from './errors.ts';
import type { CrushMap } from './map.ts';
import { createOsdMap, OSD_EXISTS, OSD_UP, type OsdMap, type Pool, pgKey } from './osdmap.ts';

/** The parts of the dump that placement depends on. */
export interface OsdMapJson {
  readonly max_osd: number;
  readonly pools: readonly {
    readonly pool: number;
    /** 1 replicated, 3 erasure. */
    readonly type: number;
    readonly size: number;
    readonly pg_num: number;
    readonly pg_placement_num: number;
    readonly crush_rule: number;
    /** Kind of object name hash; 2 is rjenkins. */
    readonly object_hash: number;
    readonly flags: number;
  }[];
  readonly osds: readonly {
    readonly osd: number;
    readonly up: number;
    readonly weight: number;
    readonly primary_affinity: number;
  }[];
  readonly pg_upmap: readonly { readonly pgid: string; readonly osds: readonly number[] }[];
  readonly pg_upmap_items: readonly {
    readonly pgid: string;
    readonly mappings: readonly { readonly from: number; readonly to: number }[];
  }[];
  readonly pg_temp: readonly { readonly pgid: string; readonly osds: readonly number[] }[];
  readonly primary_temp: readonly { readonly pgid: string; readonly osd: number }[];
}

const FLAG_HASHPSPOOL = 1;
const OBJECT_HASH_RJENKINS = 2;
const FIXED_ONE = 0x10000;

/**
 * The key of a PG written as Ceph does: pool number, dot, PG number in hexadecimal.
 *
 * @throws {CrushError} CRUSH_BAD_MAP
 */
export function parsePgid(pgid: string): number {
  const match = /^(\d+)\.([0-9a-f]+)$/.exec(pgid);
  if (match === null) {
    throw new CrushError('CRUSH_BAD_MAP', `${pgid} is no PG id; expected one such as 2.1f`);
  }
  return pgKey(Number(match[1]), Number.parseInt(match[2], 16));
}

function toPool(pool: OsdMapJson['pools'][number]): Pool {
  if (pool.object_hash !== OBJECT_HASH_RJENKINS) {
    throw new CrushError(
      'CRUSH_UNSUPPORTED',
      `pool ${pool.pool} hashes object names by method ${pool.object_hash}; only rjenkins (2) is simulated`,
    );
  }
  return {
    id: pool.pool,
    type: pool.type === 3 ? 'erasure' : 'replicated',
    size: pool.size,
    pg_num: pool.pg_num,
    pgp_num: pool.pg_placement_num,
    rule: pool.crush_rule,
    hashpspool: (pool.flags & FLAG_HASHPSPOOL) !== 0,
  };
}

/**
 * Reads the parsed JSON of an OSDMap.
 *
 * @param crush the CRUSH map that belongs to it
 * @throws {CrushError} CRUSH_BAD_MAP, CRUSH_UNSUPPORTED
 */
export function osdMapFromJson(json: OsdMapJson, crush: CrushMap): OsdMap {
  const map = createOsdMap(crush, json.pools.map(toPool), json.max_osd);
  map.state.fill(0);
  map.weight.fill(0);
  for (const { osd, up, weight, primary_affinity } of json.osds) {
    map.state[osd] = OSD_EXISTS | (up ? OSD_UP : 0);
    map.weight[osd] = Math.round(weight * FIXED_ONE);
    map.primaryAffinity[osd] = Math.round(primary_affinity * FIXED_ONE);
  }
  for (const { pgid, osds } of json.pg_upmap) map.upmap.set(parsePgid(pgid), osds);
  for (const { pgid, mappings } of json.pg_upmap_items) {
    map.upmapItems.set(
      parsePgid(pgid),
      mappings.map(({ from, to }) => [from, to] as const),
    );
  }
  for (const { pgid, osds } of json.pg_temp) map.pgTemp.set(parsePgid(pgid), osds);
  for (const { pgid, osd } of json.primary_temp) map.primaryTemp.set(parsePgid(pgid), osd);
  return map;
}
