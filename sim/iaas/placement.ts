/**
 * Inventories and allocations of the compute hosts, as placement keeps them, with an index over
 * blocks of hosts (the most that any host of a block has free) that passes over the full ones.
 */
import { grown } from '../../engine/grow.ts';
import { Candidates, type HostIndex } from './candidates.ts';
import { Fronts } from './fronts.ts';
import {
  blockOf,
  CLASSES,
  type Demand,
  DISK,
  FAN,
  type Inventory,
  RAM,
  VCPU,
} from './resources.ts';

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
  readonly #multipliers: readonly number[];
  /** By [host * 3 + class]: what may be allocated, what of it is free, and the most for a server. */
  #capacity = new Float64Array(CLASSES * FAN);
  #room = new Float64Array(CLASSES * FAN);
  #maxUnit = new Float64Array(CLASSES * FAN);
  /** Whether the host is enabled (without the trait COMPUTE_STATUS_DISABLED), and whether it is up. */
  #isEnabled = new Uint8Array(FAN);
  #isUp = new Uint8Array(FAN);
  /** The most room of a block's hosts: [block * 3 + class], and of a superblock's blocks. */
  #blockRoom = new Float64Array(CLASSES).fill(Number.NEGATIVE_INFINITY);
  #superRoom = new Float64Array(CLASSES).fill(Number.NEGATIVE_INFINITY);
  readonly #kept: Candidates[] = [];
  /** Which of them a host fitted before an allocation. */
  readonly #fitted = new Uint8Array(KEPT_max);
  #serving: Fronts | undefined;

  /** `multipliers`: of the weighers of each class of resources; 0: it does not matter to them. */
  constructor(multipliers: readonly number[]) {
    this.#multipliers = multipliers;
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
    this.#serving = undefined;
    this.#raise(host, VCPU);
    this.#raise(host, RAM);
    this.#raise(host, DISK);
    return host;
  }

  /** Sets the trait that keeps a host out of the candidates. */
  setEnabled(host: number, isEnabled: boolean): void {
    this.#isEnabled[host] = isEnabled ? 1 : 0;
    this.#forget();
  }

  /** Placement knows nothing of it, but a host that is down passes no filter. */
  setUp(host: number, isUp: boolean): void {
    if (this.isUp(host) === isUp) return;
    this.#isUp[host] = isUp ? 1 : 0;
    this.#forget();
  }

  #forget(): void {
    this.#serving = undefined;
    for (const candidates of this.#kept) candidates.forget();
  }

  /** The hosts that are enabled and up. */
  get serving(): Fronts {
    if (this.#serving) return this.#serving;
    const serving = new Fronts(this.count, this.free, this.#multipliers);
    for (let host = 0; host < this.count; host++) {
      if (this.#isEnabled[host] && this.#isUp[host]) serving.put(host);
    }
    this.#serving = serving;
    return serving;
  }

  isUp(host: number): boolean {
    return this.#isUp[host] === 1;
  }

  /** Takes (`sign` 1) or frees (-1) what a server needs. */
  allocate(host: number, demand: Demand, sign: 1 | -1): void {
    const kept = this.#kept;
    const fitted = this.#fitted;
    for (let i = 0; i < kept.length; i++) {
      fitted[i] = this.isCandidate(host, kept[i].demand) ? 1 : 0;
    }
    this.#take(host, VCPU, sign * demand.vcpus);
    this.#take(host, RAM, sign * demand.ram_bytes);
    this.#take(host, DISK, sign * demand.disk_bytes);
    const block = blockOf(host);
    this.#serving?.touch(block);
    for (let i = 0; i < kept.length; i++) {
      kept[i].changed(host, block, fitted[i] === 1, this.isCandidate(host, kept[i].demand));
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
    const candidates = new Candidates(this, demand, limit, this.#multipliers);
    this.#kept.push(candidates);
    candidates.refresh();
    return candidates;
  }

  next(demand: Demand, from: number): number {
    let host = from;
    while (host < this.count) {
      const block = blockOf(host);
      const superblock = blockOf(block);
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

  #take(host: number, resource: number, amount: number): void {
    if (amount === 0) return;
    const at = host * CLASSES + resource;
    const before = this.#room[at];
    this.#room[at] -= amount;
    this.free[at] -= amount;
    if (amount < 0) this.#raise(host, resource);
    else this.#lower(host, resource, before);
  }

  /** A host has more room: so may its block have, and its superblock. */
  #raise(host: number, resource: number): void {
    const room = this.#room[host * CLASSES + resource];
    const block = blockOf(host);
    const inBlock = block * CLASSES + resource;
    if (room > this.#blockRoom[inBlock]) this.#blockRoom[inBlock] = room;
    const inSuper = blockOf(block) * CLASSES + resource;
    if (room > this.#superRoom[inSuper]) this.#superRoom[inSuper] = room;
  }

  /** A host has less room than it had; it counts if it had the most of its block. */
  #lower(host: number, resource: number, before: number): void {
    const block = blockOf(host);
    if (before < this.#blockRoom[block * CLASSES + resource]) return;
    const hostEnd = Math.min(this.count, (block + 1) * FAN);
    const most = mostOf(this.#room, block * FAN, hostEnd, resource);
    this.#blockRoom[block * CLASSES + resource] = most;
    const superblock = blockOf(block);
    if (before < this.#superRoom[superblock * CLASSES + resource]) return;
    const blockEnd = Math.min(Math.ceil(this.count / FAN), (superblock + 1) * FAN);
    const all = mostOf(this.#blockRoom, superblock * FAN, blockEnd, resource);
    this.#superRoom[superblock * CLASSES + resource] = all;
  }

  #grow(hosts: number): void {
    const blocks = Math.ceil(hosts / FAN);
    this.free = grown(this.free, hosts * CLASSES);
    this.#capacity = grown(this.#capacity, hosts * CLASSES);
    this.#room = grown(this.#room, hosts * CLASSES);
    this.#maxUnit = grown(this.#maxUnit, hosts * CLASSES);
    this.#isEnabled = grown(this.#isEnabled, hosts);
    this.#isUp = grown(this.#isUp, hosts);
    this.#blockRoom = grown(this.#blockRoom, blocks * CLASSES, Number.NEGATIVE_INFINITY);
    this.#superRoom = grown(
      this.#superRoom,
      Math.ceil(blocks / FAN) * CLASSES,
      Number.NEGATIVE_INFINITY,
    );
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

/** The most of rows `first` to `end - 1` in one class. */
function mostOf(rows: Float64Array, first: number, end: number, resource: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = first * CLASSES + resource; at < end * CLASSES; at += CLASSES) {
    if (rows[at] > most) most = rows[at];
  }
  return most;
}
