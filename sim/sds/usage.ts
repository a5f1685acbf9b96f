/**
 * What is stored where: bytes of each pool, copies on each OSD, and how full that makes the OSDs.
 * A pool's bytes are spread evenly over its placement groups.
 */
import type { CephPool, CephStack } from '../../model/scenario.ts';
import type { Account } from '../account.ts';
import type { PlannedOsd } from './plan.ts';

/** How full an OSD is, by the ratios of the scenario. */
export const FULLNESS = ['ok', 'nearfull', 'backfillfull', 'full'] as const;
export const BACKFILLFULL = 2;
export const FULL = 3;

/** All OSDs are looked at again when the stored bytes changed by this share of the capacity. */
const RECHECK_SHARE = 0.0005;

/** Raw bytes that a stored byte takes: the copies, or the overhead of erasure coding. */
export function rawFactor(pool: CephPool): number {
  return pool.erasure ? (pool.erasure.k + pool.erasure.m) / pool.erasure.k : pool.size;
}

export class Usage {
  readonly #pools: readonly CephPool[];
  readonly #osds: readonly PlannedOsd[];
  readonly #ratios: readonly number[];
  readonly #account: Account;
  /** Bytes stored in each pool, before replication. */
  readonly #stored: Float64Array;
  /** Bytes that one OSD keeps of one placement group, by pool. */
  readonly #perShard: Float64Array;
  /** Copies (shards) of placement groups: [osd * pools + pool]. */
  readonly #shards: Int32Array;
  readonly #level: Uint8Array;
  #highest = 0;
  readonly #capacity_bytes: number;
  #unchecked_bytes = 0;
  readonly #listeners: (() => void)[] = [];

  constructor(ceph: CephStack, osds: readonly PlannedOsd[], account: Account) {
    this.#pools = ceph.pools;
    this.#osds = osds;
    this.#ratios = [ceph.nearfull_ratio, ceph.backfillfull_ratio, ceph.full_ratio];
    this.#account = account;
    this.#stored = new Float64Array(ceph.pools.length);
    this.#perShard = new Float64Array(ceph.pools.length);
    this.#shards = new Int32Array(ceph.pools.length * osds.length);
    this.#level = new Uint8Array(osds.length);
    this.#capacity_bytes = osds.reduce((sum, osd) => sum + osd.bytes, 0);
  }

  /** Calls `changed` when an OSD crosses one of the ratios. */
  onLevelChanged(changed: () => void): void {
    this.#listeners.push(changed);
  }

  stored_bytes(pool: number): number {
    return this.#stored[pool];
  }

  /** Bytes that one OSD keeps of one placement group. */
  shard_bytes(pool: number): number {
    return this.#perShard[pool];
  }

  used_bytes(osd: number): number {
    const perShard = this.#perShard;
    const first = osd * perShard.length;
    let used = 0;
    for (let pool = 0; pool < perShard.length; pool++) {
      used += this.#shards[first + pool] * perShard[pool];
    }
    return used;
  }

  /** Index into FULLNESS. */
  levelOf(osd: number): number {
    return this.#level[osd];
  }

  /** Whether an OSD can take one more copy of a pool without becoming too full for backfill. */
  hasRoomFor(pool: number, osd: number): boolean {
    const after = this.used_bytes(osd) + this.shard_bytes(pool);
    return after <= this.#osds[osd].bytes * this.#ratios[BACKFILLFULL - 1];
  }

  addShards(pool: number, osd: number, count: number): void {
    this.#shards[osd * this.#pools.length + pool] += count;
    if (this.#check(osd)) this.#tell();
  }

  addStored(pool: number, bytes: number): void {
    this.#stored[pool] += bytes;
    const { pg_num, erasure } = this.#pools[pool];
    this.#perShard[pool] = this.#stored[pool] / pg_num / (erasure ? erasure.k : 1);
    const raw = bytes * rawFactor(this.#pools[pool]);
    this.#account.use('storage_bytes', raw);
    this.#unchecked_bytes += raw;
    if (Math.abs(this.#unchecked_bytes) > this.#capacity_bytes * RECHECK_SHARE) this.#checkAll();
  }

  /** The highest level of the OSDs that keep something of a pool. */
  levelOfPool(pool: number): number {
    let level = 0;
    const pools = this.#pools.length;
    for (let osd = 0; osd < this.#osds.length; osd++) {
      if (this.#level[osd] > level && this.#shards[osd * pools + pool] > 0)
        level = this.#level[osd];
    }
    return level;
  }

  /** The highest level of all OSDs. */
  get highestLevel(): number {
    return this.#highest;
  }

  #checkAll(): void {
    this.#unchecked_bytes = 0;
    let changed = false;
    for (let osd = 0; osd < this.#osds.length; osd++) changed = this.#check(osd) || changed;
    if (changed) this.#tell();
  }

  #tell(): void {
    for (const changed of this.#listeners) changed();
  }

  #check(osd: number): boolean {
    const ratio = this.used_bytes(osd) / this.#osds[osd].bytes;
    let level = 0;
    while (level < FULL && ratio >= this.#ratios[level]) level++;
    if (level === this.#level[osd]) return false;
    this.#level[osd] = level;
    this.#highest = this.#level.reduce((most, each) => Math.max(most, each), 0);
    return true;
  }
}
