/**
 * Inventories and allocations of the compute hosts, as placement keeps them, with an index over
 * blocks of hosts (the most that any host of a block has free) that passes over the full ones.
 */
import { grown } from '../../engine/grow.ts';
import { Candidates, type HostIndex } from './candidates.ts';
import { CLASSES, type Demand, DISK, FAN, type Inventory, RAM, VCPU } from './resources.ts';

/** Demands whose candidates are kept: flavors are few, and asked for again and again. */
const KEPT_max = 16;

export class Placement implements HostIndex {
  /** Hosts so far; they are numbered in the order in which they registered. */
  count = 0;
  /**
   * By [host * 3 + class]: what nova's weighers look at. Virtual CPUs are counted by their ratio,
   * memory and disk without.
   */
  free = new Float64Array(CLASSES * FAN);
  readonly #counts: readonly boolean[];
  /** By [host * 3 + class]: what may be allocated, what of it is free, and the most for a server. */
  #capacity = new Float64Array(CLASSES * FAN);
  #room = new Float64Array(CLASSES * FAN);
  #maxUnit = new Float64Array(CLASSES * FAN);
  /** Whether the host is enabled (without the trait COMPUTE_STATUS_DISABLED), and whether it is up. */
  #isEnabled = new Uint8Array(FAN);
  #isUp = new Uint8Array(FAN);
  /** The most room of a block's hosts: [block * 3 + class], and of a superblock's blocks. */
  #blockRoom = new Float64Array(CLASSES);
  #superRoom = new Float64Array(CLASSES);
  readonly #kept: Candidates[] = [];

  /** `counts`: whether each class of resources makes a host better or worse to the weighers. */
  constructor(counts: readonly boolean[]) {
    this.#counts = counts;
  }

  /** Registers a host, up and enabled, and returns its number. */
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
    this.#room.set(this.#capacity.subarray(at, at + CLASSES), at);
    this.free[at + VCPU] = this.#capacity[at + VCPU];
    this.free[at + RAM] = ram;
    this.free[at + DISK] = inventory.disk_bytes;
    this.#isEnabled[host] = 1;
    this.#isUp[host] = 1;
    this.#kept.length = 0;
    this.#reindex(host);
    return host;
  }

  /** Sets the trait that keeps a host out of the candidates. */
  setEnabled(host: number, isEnabled: boolean): void {
    this.#isEnabled[host] = isEnabled ? 1 : 0;
    for (const candidates of this.#kept) candidates.forget();
  }

  /** Placement knows nothing of it, but a host that is down passes no filter. */
  setUp(host: number, isUp: boolean): void {
    if (this.isUp(host) === isUp) return;
    this.#isUp[host] = isUp ? 1 : 0;
    for (const candidates of this.#kept) candidates.forget();
  }

  isUp(host: number): boolean {
    return this.#isUp[host] === 1;
  }

  /** Takes (`sign` 1) or frees (-1) what a server needs. */
  allocate(host: number, demand: Demand, sign: 1 | -1): void {
    const at = host * CLASSES;
    let fitted = 0;
    for (let i = 0; i < this.#kept.length; i++) {
      if (this.isCandidate(host, this.#kept[i].demand)) fitted |= 1 << i;
    }
    this.#take(at + VCPU, sign * demand.vcpus);
    this.#take(at + RAM, sign * demand.ram_bytes);
    this.#take(at + DISK, sign * demand.disk_bytes);
    this.#reindex(host);
    for (let i = 0; i < this.#kept.length; i++) {
      const candidates = this.#kept[i];
      const fits = this.isCandidate(host, candidates.demand);
      candidates.changed(host, (fitted & (1 << i)) !== 0, fits);
    }
  }

  /**
   * Allocation candidates that are up: of the first `limit` enabled hosts with room, in the order in
   * which they registered. They are valid until the next change.
   */
  candidates(demand: Demand, limit: number): Candidates {
    for (const kept of this.#kept) {
      if (kept.demand !== demand || kept.limit !== limit) continue;
      kept.refresh();
      return kept;
    }
    if (this.#kept.length === KEPT_max) this.#kept.shift();
    const candidates = new Candidates(this, demand, limit, this.#counts);
    this.#kept.push(candidates);
    candidates.refresh();
    return candidates;
  }

  next(demand: Demand, from: number): number {
    let host = from;
    while (host < this.count) {
      const block = Math.floor(host / FAN);
      const superblock = Math.floor(block / FAN);
      if (host === superblock * FAN * FAN && !someFit(this.#superRoom, superblock, demand)) {
        host += FAN * FAN;
      } else if (host === block * FAN && !someFit(this.#blockRoom, block, demand)) {
        host += FAN;
      } else if (this.isCandidate(host, demand)) {
        return host;
      } else {
        host++;
      }
    }
    return -1;
  }

  /** Whether a host is enabled and has room for a demand. */
  isCandidate(host: number, demand: Demand): boolean {
    const at = host * CLASSES;
    const unit = this.#maxUnit;
    return (
      this.#isEnabled[host] === 1 &&
      someFit(this.#room, host, demand) &&
      demand.vcpus <= unit[at + VCPU] &&
      demand.ram_bytes <= unit[at + RAM] &&
      demand.disk_bytes <= unit[at + DISK]
    );
  }

  isEnabled(host: number): boolean {
    return this.#isEnabled[host] === 1;
  }

  /** Whether a host has room for so much of one class of resources. */
  fits(host: number, resource: number, amount: number): boolean {
    const at = host * CLASSES + resource;
    return this.#room[at] >= amount && amount <= this.#maxUnit[at];
  }

  diskLimit_bytes(host: number): number {
    return this.#capacity[host * CLASSES + DISK];
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

  #take(at: number, amount: number): void {
    this.#room[at] -= amount;
    this.free[at] -= amount;
  }

  /** Brings the index up to date after a change of one host. */
  #reindex(host: number): void {
    const block = Math.floor(host / FAN);
    const hostEnd = Math.min(this.count, (block + 1) * FAN);
    if (!most(this.#room, block * FAN, hostEnd, this.#blockRoom, block)) return;
    const superblock = Math.floor(block / FAN);
    const blockEnd = Math.min(Math.ceil(this.count / FAN), (superblock + 1) * FAN);
    most(this.#blockRoom, superblock * FAN, blockEnd, this.#superRoom, superblock);
  }

  #grow(hosts: number): void {
    const blocks = Math.ceil(hosts / FAN);
    this.free = grown(this.free, hosts * CLASSES);
    this.#capacity = grown(this.#capacity, hosts * CLASSES);
    this.#room = grown(this.#room, hosts * CLASSES);
    this.#maxUnit = grown(this.#maxUnit, hosts * CLASSES);
    this.#isEnabled = grown(this.#isEnabled, hosts);
    this.#isUp = grown(this.#isUp, hosts);
    this.#blockRoom = grown(this.#blockRoom, blocks * CLASSES);
    this.#superRoom = grown(this.#superRoom, Math.ceil(blocks / FAN) * CLASSES);
  }
}

/** Whether a demand fits what a host, or some hosts of a block, have room for. */
function someFit(room: Float64Array, row: number, demand: Demand): boolean {
  const at = row * CLASSES;
  return (
    room[at + VCPU] >= demand.vcpus &&
    room[at + RAM] >= demand.ram_bytes &&
    room[at + DISK] >= demand.disk_bytes
  );
}

/** Writes the most of rows `first` to `end - 1`, class by class; true when that changed it. */
function most(
  rows: Float64Array,
  first: number,
  end: number,
  into: Float64Array,
  row: number,
): boolean {
  let changed = false;
  for (let c = 0; c < CLASSES; c++) {
    let value = Number.NEGATIVE_INFINITY;
    for (let at = first * CLASSES + c; at < end * CLASSES; at += CLASSES) {
      if (rows[at] > value) value = rows[at];
    }
    if (into[row * CLASSES + c] === value) continue;
    into[row * CLASSES + c] = value;
    changed = true;
  }
  return changed;
}
