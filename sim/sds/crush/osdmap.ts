/**
 * The OSDMap's pipeline from an object to the OSDs that serve it:
 * object -> placement group -> raw OSDs (CRUSH) -> upmap exceptions -> up (without those that are
 * down) -> primary affinity -> acting (with pg_temp).
 *
 * Bit for bit Ceph 16; held against osdmaptool and a live cluster by test/sim/crush.
 */
import { CrushError } from './errors.ts';
import { crushHash2 } from './hash.ts';
import { CRUSH_ITEM_NONE, type CrushMap } from './map.ts';
import { hashObject, placementMask, stableMod } from './object-hash.ts';
import { mapPg } from './place.ts';

/** Primary affinity (and weight) 1.0 in 16.16 fixed point. */
export const FULL_AFFINITY = 0x10000;

export const OSD_EXISTS = 1;
export const OSD_UP = 2;

export interface Pool {
  readonly id: number;
  readonly type: 'replicated' | 'erasure';
  /** Copies; for an erasure-coded pool k + m. */
  readonly size: number;
  readonly pg_num: number;
  /** How many PGs are placed on their own (`pgp_num`). */
  readonly pgp_num: number;
  /** Number of the CRUSH rule. */
  readonly rule: number;
  /** Whether the pool's id is hashed into its placements (on in every pool since 2012). */
  readonly hashpspool: boolean;
}

/** The state that placement depends on. Arrays are indexed by OSD; maps are keyed by {@link pgKey}. */
export interface OsdMap {
  readonly crush: CrushMap;
  readonly pools: Map<number, Pool>;
  /** Bits OSD_EXISTS and OSD_UP. */
  readonly state: Uint8Array;
  /** 16.16 fixed point: 0x10000 in, 0 out (`ceph osd reweight`). */
  readonly weight: Uint32Array;
  /** 16.16 fixed point. */
  readonly primaryAffinity: Uint32Array;
  readonly upmap: Map<number, readonly number[]>;
  readonly upmapItems: Map<number, readonly (readonly [from: number, to: number])[]>;
  readonly pgTemp: Map<number, readonly number[]>;
  readonly primaryTemp: Map<number, number>;
}

/** Where a PG is; made once and written again by every call. -1 stands for no primary. */
export interface PgMapping {
  /** What CRUSH chose, before upmap. */
  raw: Int32Array;
  rawCount: number;
  up: Int32Array;
  upCount: number;
  upPrimary: number;
  acting: Int32Array;
  actingCount: number;
  actingPrimary: number;
}

/**
 * An OSDMap whose OSDs all exist, are up, in, and have full primary affinity.
 *
 * @param osdCount one more than the highest OSD id
 */
export function createOsdMap(
  crush: CrushMap,
  pools: readonly Pool[],
  osdCount: number = crush.maxDevices,
): OsdMap {
  return {
    crush,
    pools: new Map(pools.map((pool) => [pool.id, pool])),
    state: new Uint8Array(osdCount).fill(OSD_EXISTS | OSD_UP),
    weight: new Uint32Array(osdCount).fill(FULL_AFFINITY),
    primaryAffinity: new Uint32Array(osdCount).fill(FULL_AFFINITY),
    upmap: new Map(),
    upmapItems: new Map(),
    pgTemp: new Map(),
    primaryTemp: new Map(),
  };
}

/** Result memory for pools of at most `maxSize` copies. */
export function createPgMapping(maxSize: number): PgMapping {
  return {
    raw: new Int32Array(maxSize),
    rawCount: 0,
    up: new Int32Array(maxSize),
    upCount: 0,
    upPrimary: -1,
    acting: new Int32Array(maxSize),
    actingCount: 0,
    actingPrimary: -1,
  };
}

/** One number for a PG: its pool and its number within the pool (`2.1f` is pool 2, PG 0x1f). */
export function pgKey(pool: number, pg: number): number {
  return pool * 0x100000000 + pg;
}

/**
 * A pool of the map.
 *
 * @throws {CrushError} CRUSH_UNKNOWN_POOL
 */
export function poolOf(osdMap: OsdMap, id: number): Pool {
  const pool = osdMap.pools.get(id);
  if (pool === undefined) {
    const ids = [...osdMap.pools.keys()].join(', ');
    throw new CrushError('CRUSH_UNKNOWN_POOL', `no pool ${id} in this OSDMap; there are: ${ids}`);
  }
  return pool;
}

/** The PG of an object in a pool. */
export function objectPg(pool: Pool, name: string, namespace = ''): number {
  return stableMod(hashObject(name, namespace), pool.pg_num, placementMask(pool.pg_num));
}

/** The 32-bit input that CRUSH gets for a PG (Ceph's `pps`). */
export function pgSeed(pool: Pool, pg: number): number {
  const seed = stableMod(pg, pool.pgp_num, placementMask(pool.pgp_num));
  return pool.hashpspool ? crushHash2(seed, pool.id) : seed + pool.id;
}

function isUp(osdMap: OsdMap, osd: number): boolean {
  const both = OSD_EXISTS | OSD_UP;
  return osd >= 0 && osd < osdMap.state.length && (osdMap.state[osd] & both) === both;
}

function exists(osdMap: OsdMap, osd: number): boolean {
  return osd >= 0 && osd < osdMap.state.length && (osdMap.state[osd] & OSD_EXISTS) !== 0;
}

/** Whether an OSD of the map is marked out. */
function isMarkedOut(osdMap: OsdMap, osd: number): boolean {
  return osd >= 0 && osd < osdMap.weight.length && osdMap.weight[osd] === 0;
}

/**
 * Writes the OSDs of `from` that pass to `to`; the others are left out of a replicated pool and
 * become holes in an erasure-coded one. `to` may be `from`.
 */
function keep(
  osdMap: OsdMap,
  pool: Pool,
  passes: (osdMap: OsdMap, osd: number) => boolean,
  from: ArrayLike<number>,
  count: number,
  to: Int32Array,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const osd = from[i];
    if (passes(osdMap, osd)) to[kept++] = osd;
    else if (pool.type === 'erasure') to[kept++] = CRUSH_ITEM_NONE;
  }
  return kept;
}

function placeRaw(osdMap: OsdMap, pool: Pool, seed: number, out: PgMapping): void {
  const rule = osdMap.crush.rules[pool.rule];
  out.rawCount = 0;
  const fits =
    rule !== undefined &&
    rule.type === pool.type &&
    pool.size >= rule.min_size &&
    pool.size <= rule.max_size;
  // A pool without a fitting rule has no OSDs; Ceph says nothing more about it either.
  if (!fits) return;
  const count = mapPg(osdMap.crush, pool.rule, seed, pool.size, osdMap.weight, out.raw);
  out.rawCount = keep(osdMap, pool, exists, out.raw, count, out.raw);
}

function applyUpmapItem(osdMap: OsdMap, from: number, to: number, out: PgMapping): void {
  if (isMarkedOut(osdMap, to)) return;
  let position = -1;
  for (let i = 0; i < out.upCount; i++) {
    if (out.up[i] === to) return;
    if (out.up[i] === from && position < 0) position = i;
  }
  if (position >= 0) out.up[position] = to;
}

function requireRoom(list: Int32Array, count: number, what: string): void {
  if (count <= list.length) return;
  throw new CrushError(
    'CRUSH_BAD_REQUEST',
    `${what} has ${count} OSDs, the result has room for ${list.length}: make it larger`,
  );
}

/**
 * Copies the raw set to the up set, with the exceptions of `pg_upmap` (a whole set) and
 * `pg_upmap_items` (single swaps).
 */
function applyUpmap(osdMap: OsdMap, key: number, out: PgMapping): void {
  for (let i = 0; i < out.rawCount; i++) out.up[i] = out.raw[i];
  out.upCount = out.rawCount;
  const whole = osdMap.upmap.get(key);
  if (whole !== undefined) {
    if (whole.some((osd) => isMarkedOut(osdMap, osd))) return;
    requireRoom(out.up, whole.length, 'pg_upmap');
    for (let i = 0; i < whole.length; i++) out.up[i] = whole[i];
    out.upCount = whole.length;
  }
  const items = osdMap.upmapItems.get(key);
  if (items === undefined) return;
  for (const [from, to] of items) applyUpmapItem(osdMap, from, to, out);
}

function firstOsd(osds: Int32Array, count: number): number {
  for (let i = 0; i < count; i++) if (osds[i] !== CRUSH_ITEM_NONE) return osds[i];
  return -1;
}

/** Whether an OSD's primary affinity makes it decline to lead the PG of this seed. */
function declines(osdMap: OsdMap, seed: number, osd: number): boolean {
  const affinity = osdMap.primaryAffinity[osd];
  return affinity < FULL_AFFINITY && crushHash2(seed, osd) >>> 16 >= affinity;
}

/** Lets OSDs decline to be primary; the chosen one moves to the front of a replicated PG. */
function applyPrimaryAffinity(osdMap: OsdMap, pool: Pool, seed: number, out: PgMapping): void {
  const { up, upCount } = out;
  let chosen = -1;
  for (let i = 0; i < upCount; i++) {
    const osd = up[i];
    if (osd === CRUSH_ITEM_NONE) continue;
    const declined = declines(osdMap, seed, osd);
    // The first one serves if everybody declines.
    if (!declined || chosen < 0) chosen = i;
    if (!declined) break;
  }
  if (chosen < 0) return;
  out.upPrimary = up[chosen];
  if (pool.type === 'replicated' && chosen > 0) {
    up.copyWithin(1, 0, chosen);
    up[0] = out.upPrimary;
  }
}

/** The acting set: pg_temp and primary_temp while there are such, else the up set. */
function applyTemp(osdMap: OsdMap, pool: Pool, key: number, out: PgMapping): void {
  const temp = osdMap.pgTemp.get(key);
  out.actingCount = 0;
  if (temp !== undefined) {
    requireRoom(out.acting, temp.length, 'pg_temp');
    out.actingCount = keep(osdMap, pool, isUp, temp, temp.length, out.acting);
  }
  out.actingPrimary = osdMap.primaryTemp.get(key) ?? firstOsd(out.acting, out.actingCount);
  if (out.actingCount > 0) return;
  for (let i = 0; i < out.upCount; i++) out.acting[i] = out.up[i];
  out.actingCount = out.upCount;
  if (out.actingPrimary === -1) out.actingPrimary = out.upPrimary;
}

/**
 * Finds the OSDs of a PG at every stage. Allocates nothing.
 *
 * @param poolId the pool
 * @param pg number of the PG within its pool, 0 to pg_num - 1
 * @param out receives the result; made by {@link createPgMapping} for at least the pool's size and
 *   the longest pg_upmap or pg_temp
 * @throws {CrushError} CRUSH_UNKNOWN_POOL, CRUSH_BAD_REQUEST (no such PG, or `out` too short)
 */
export function mapPgToOsds(osdMap: OsdMap, poolId: number, pg: number, out: PgMapping): void {
  const pool = poolOf(osdMap, poolId);
  if (!(pg >= 0 && pg < pool.pg_num)) {
    throw new CrushError(
      'CRUSH_BAD_REQUEST',
      `pool ${poolId} has ${pool.pg_num} PGs, numbered from 0; there is no PG ${pg}`,
    );
  }
  const key = pgKey(poolId, pg);
  const seed = pgSeed(pool, pg);
  placeRaw(osdMap, pool, seed, out);
  applyUpmap(osdMap, key, out);
  out.upCount = keep(osdMap, pool, isUp, out.up, out.upCount, out.up);
  out.upPrimary = firstOsd(out.up, out.upCount);
  applyPrimaryAffinity(osdMap, pool, seed, out);
  applyTemp(osdMap, pool, key, out);
}
