/**
 * Inventories and allocations of the compute hosts, as placement keeps them, with an index that finds
 * hosts with room without looking at the full ones: the most that any host of a block has free.
 */
import { grown } from '../../engine/grow.ts';

/** What one server takes of a host. */
export interface Demand {
  readonly vcpus: number;
  readonly ram_bytes: number;
  /** Of the host's own disk: 0 when the server's disks are volumes. */
  readonly disk_bytes: number;
}

/** What a host has, and how much more of it may be allocated than there is. */
export interface Inventory {
  readonly vcpus: number;
  readonly ram_bytes: number;
  readonly reserved_ram_bytes: number;
  readonly disk_bytes: number;
  readonly cpu_ratio: number;
  readonly ram_ratio: number;
  readonly disk_ratio: number;
}

/** The candidates of a demand, as long as no change of a host has made them wrong. */
interface Remembered {
  readonly demand: Demand;
  readonly limit: number;
  readonly list: Int32Array;
  count: number;
  isValid: boolean;
}

/** Demands whose candidates are remembered: flavors are few, and asked for again and again. */
const REMEMBERED_max = 16;

/** Hosts of a block, and blocks of a superblock. */
const FAN = 32;

/** Resource classes, in the order of the columns below. */
export const VCPU = 0;
export const RAM = 1;
export const DISK = 2;
export const CLASSES = 3;

export class Placement {
  /** Hosts so far; they are numbered in the order in which they registered. */
  count = 0;
  /**
   * By [host * 3 + class]: what nova's weighers look at. Virtual CPUs are counted by their ratio,
   * memory and disk without.
   */
  free = new Float64Array(CLASSES * FAN);
  /** By [host * 3 + class]: what may be allocated, what of it is free, and the most for a server. */
  #capacity = new Float64Array(CLASSES * FAN);
  #room = new Float64Array(CLASSES * FAN);
  #maxUnit = new Float64Array(CLASSES * FAN);
  /** The least of `#maxUnit` over all hosts: a smaller demand need not be held against it. */
  readonly #leastUnit = new Float64Array(CLASSES).fill(Number.POSITIVE_INFINITY);
  /** Whether the host is enabled (without the trait COMPUTE_STATUS_DISABLED). */
  #isEnabled = new Uint8Array(FAN);
  /** By [block * 3 + class]: the most that an enabled host of the block has free. */
  #blockFree = new Float64Array(CLASSES);
  #superFree = new Float64Array(CLASSES);
  readonly #remembered: Remembered[] = [];

  /** Registers a host and returns its number. */
  add(inventory: Inventory): number {
    const host = this.count++;
    if (host === this.#isEnabled.length) this.#grow(host * 2);
    const at = host * CLASSES;
    const ram = inventory.ram_bytes - inventory.reserved_ram_bytes;
    this.#capacity[at + VCPU] = Math.floor(inventory.vcpus * inventory.cpu_ratio);
    this.#capacity[at + RAM] = ram * inventory.ram_ratio;
    this.#capacity[at + DISK] = inventory.disk_bytes * inventory.disk_ratio;
    this.#maxUnit[at + VCPU] = inventory.vcpus;
    this.#maxUnit[at + RAM] = inventory.ram_bytes;
    this.#maxUnit[at + DISK] = inventory.disk_bytes;
    for (let c = 0; c < CLASSES; c++) {
      this.#leastUnit[c] = Math.min(this.#leastUnit[c], this.#maxUnit[at + c]);
    }
    this.#room.set(this.#capacity.subarray(at, at + CLASSES), at);
    this.free[at + VCPU] = this.#capacity[at + VCPU];
    this.free[at + RAM] = ram;
    this.free[at + DISK] = inventory.disk_bytes;
    this.#isEnabled[host] = 1;
    this.#forget();
    this.#refresh(host);
    return host;
  }

  setEnabled(host: number, isEnabled: boolean): void {
    this.#isEnabled[host] = isEnabled ? 1 : 0;
    this.#forget();
    this.#refresh(host);
  }

  /** Takes (`sign` 1) or frees (-1) what a server needs. */
  allocate(host: number, demand: Demand, sign: 1 | -1): void {
    const at = host * CLASSES;
    for (const known of this.#remembered) {
      if (!known.isValid) continue;
      const fitted = this.#hasRoom(at, known.demand);
      const fits = this.#hasRoom(at, known.demand, demand, sign);
      if (fitted !== fits) known.isValid = false;
    }
    this.#take(at + VCPU, sign * demand.vcpus);
    this.#take(at + RAM, sign * demand.ram_bytes);
    this.#take(at + DISK, sign * demand.disk_bytes);
    this.#refresh(host);
  }

  /** Whether a host has room for a demand, once `change` will have been taken from it. */
  #hasRoom(at: number, demand: Demand, change?: Demand, sign = 0): boolean {
    const room = this.#room;
    return (
      room[at + VCPU] - sign * (change?.vcpus ?? 0) >= demand.vcpus &&
      room[at + RAM] - sign * (change?.ram_bytes ?? 0) >= demand.ram_bytes &&
      room[at + DISK] - sign * (change?.disk_bytes ?? 0) >= demand.disk_bytes
    );
  }

  #forget(): void {
    for (const known of this.#remembered) known.isValid = false;
  }

  #take(at: number, amount: number): void {
    this.#room[at] -= amount;
    this.free[at] -= amount;
  }

  /**
   * Allocation candidates: the first enabled hosts that have room, at most `limit` of them, in the
   * order in which they registered. Returns how many were written to `out`.
   */
  candidates(demand: Demand, limit: number, out: Int32Array): number {
    const known = this.#recall(demand, limit);
    if (!known) return this.#search(demand, limit, out);
    if (!known.isValid) known.count = this.#search(demand, limit, known.list);
    known.isValid = true;
    out.set(known.count === limit ? known.list : known.list.subarray(0, known.count));
    return known.count;
  }

  /** What is remembered for a demand; made when there is room for one more. */
  #recall(demand: Demand, limit: number): Remembered | undefined {
    for (const known of this.#remembered) {
      if (known.demand === demand && known.limit === limit) return known;
    }
    if (this.#remembered.length === REMEMBERED_max) return undefined;
    const known = { demand, limit, list: new Int32Array(limit), count: 0, isValid: false };
    this.#remembered.push(known);
    return known;
  }

  #search(demand: Demand, limit: number, out: Int32Array): number {
    const { vcpus, ram_bytes, disk_bytes } = demand;
    const blocks = Math.ceil(this.count / FAN);
    const room = this.#room;
    const isEnabled = this.#isEnabled;
    const isOrdinary = this.#isOrdinary(demand);
    let found = 0;
    for (let block = 0; block < blocks && found < limit; block++) {
      const isFirst = block % FAN === 0;
      if (isFirst && !hasRoom(this.#superFree, block / FAN, vcpus, ram_bytes, disk_bytes)) {
        block += FAN - 1;
        continue;
      }
      if (!hasRoom(this.#blockFree, block, vcpus, ram_bytes, disk_bytes)) continue;
      const end = Math.min(this.count, (block + 1) * FAN);
      for (let host = block * FAN; host < end && found < limit; host++) {
        const at = host * CLASSES;
        if (
          room[at] >= vcpus &&
          room[at + RAM] >= ram_bytes &&
          room[at + DISK] >= disk_bytes &&
          isEnabled[host] === 1 &&
          (isOrdinary || this.#isWithinUnit(host, demand))
        ) {
          out[found++] = host;
        }
      }
    }
    return found;
  }

  usedVcpus(host: number): number {
    return this.#capacity[host * CLASSES + VCPU] - this.#room[host * CLASSES + VCPU];
  }

  vcpusLimit(host: number): number {
    return this.#capacity[host * CLASSES + VCPU];
  }

  usedRam_bytes(host: number): number {
    return this.#capacity[host * CLASSES + RAM] - this.#room[host * CLASSES + RAM];
  }

  ramLimit_bytes(host: number): number {
    return this.#capacity[host * CLASSES + RAM];
  }

  /** Whether no host is too small for a demand as a whole (placement's `max_unit`). */
  #isOrdinary({ vcpus, ram_bytes, disk_bytes }: Demand): boolean {
    const least = this.#leastUnit;
    return vcpus <= least[VCPU] && ram_bytes <= least[RAM] && disk_bytes <= least[DISK];
  }

  #isWithinUnit(host: number, { vcpus, ram_bytes, disk_bytes }: Demand): boolean {
    const at = host * CLASSES;
    const unit = this.#maxUnit;
    return vcpus <= unit[at + VCPU] && ram_bytes <= unit[at + RAM] && disk_bytes <= unit[at + DISK];
  }

  /** Brings the index up to date after a change of one host. */
  #refresh(host: number): void {
    const block = Math.floor(host / FAN);
    const first = block * FAN;
    const end = Math.min(this.count, first + FAN);
    for (let c = 0; c < CLASSES; c++) {
      let most = Number.NEGATIVE_INFINITY;
      for (let h = first; h < end; h++) {
        if (this.#isEnabled[h] === 0) continue;
        if (this.#room[h * CLASSES + c] > most) most = this.#room[h * CLASSES + c];
      }
      this.#blockFree[block * CLASSES + c] = most;
    }
    this.#refreshSuper(Math.floor(block / FAN));
  }

  #refreshSuper(block: number): void {
    const end = Math.min(Math.ceil(this.count / FAN), (block + 1) * FAN);
    for (let c = 0; c < CLASSES; c++) {
      let most = Number.NEGATIVE_INFINITY;
      for (let b = block * FAN; b < end; b++) {
        if (this.#blockFree[b * CLASSES + c] > most) most = this.#blockFree[b * CLASSES + c];
      }
      this.#superFree[block * CLASSES + c] = most;
    }
  }

  #grow(hosts: number): void {
    this.#capacity = grown(this.#capacity, hosts * CLASSES);
    this.#room = grown(this.#room, hosts * CLASSES);
    this.#maxUnit = grown(this.#maxUnit, hosts * CLASSES);
    this.free = grown(this.free, hosts * CLASSES);
    this.#isEnabled = grown(this.#isEnabled, hosts);
    const blocks = Math.ceil(hosts / FAN);
    this.#blockFree = grown(this.#blockFree, blocks * CLASSES);
    this.#superFree = grown(this.#superFree, Math.ceil(blocks / FAN) * CLASSES);
  }
}

function hasRoom(
  free: Float64Array,
  block: number,
  vcpus: number,
  ram_bytes: number,
  disk_bytes: number,
): boolean {
  const at = block * CLASSES;
  return free[at] >= vcpus && free[at + RAM] >= ram_bytes && free[at + DISK] >= disk_bytes;
}
