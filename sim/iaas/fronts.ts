/**
 * What the weighers have to know of hosts, block by block: the most that a host of the block has
 * free, and the `front`: the hosts of which no earlier one has at least as much of everything, and no
 * later one more. The best host is always in a front, if more of a resource makes a host better.
 *
 * A block is measured when somebody asks for it, and again only after it has changed.
 */
import { blockOf, CLASSES, DISK, FAN, RAM, VCPU } from './resources.ts';

export class Fronts {
  /** Hosts of a block, in their order: `hosts[block * FAN]` and on, so many. */
  readonly hosts: Int32Array;
  readonly size: Uint8Array;
  readonly front: Int32Array;
  readonly frontSize: Uint8Array;
  /** What the hosts of a front have free of the classes that count: [place in front * CLASSES]. */
  readonly frontFree: Float64Array;
  /** By [block * CLASSES + class]. */
  readonly most: Float64Array;
  readonly #free: Float64Array;
  readonly #countsVcpus: boolean;
  readonly #countsRam: boolean;
  readonly #countsDisk: boolean;
  readonly #isStale: Uint8Array;

  /** `free`: by [host * CLASSES + class]; `multipliers`: of the weighers of each class. */
  constructor(hostCount: number, free: Float64Array, multipliers: readonly number[]) {
    const blocks = Math.ceil(hostCount / FAN);
    this.hosts = new Int32Array(blocks * FAN);
    this.size = new Uint8Array(blocks);
    this.front = new Int32Array(blocks * FAN);
    this.frontSize = new Uint8Array(blocks);
    this.frontFree = new Float64Array(blocks * FAN * CLASSES);
    this.most = new Float64Array(blocks * CLASSES);
    this.#free = free;
    this.#countsVcpus = multipliers[VCPU] !== 0;
    this.#countsRam = multipliers[RAM] !== 0;
    this.#countsDisk = multipliers[DISK] !== 0;
    this.#isStale = new Uint8Array(blocks).fill(1);
  }

  clear(): void {
    this.size.fill(0);
    this.#isStale.fill(1);
  }

  put(host: number): void {
    const { hosts } = this;
    const block = blockOf(host);
    let at = block * FAN + this.size[block]++;
    for (; at > block * FAN && hosts[at - 1] > host; at--) hosts[at] = hosts[at - 1];
    hosts[at] = host;
    this.#isStale[block] = 1;
  }

  take(host: number): void {
    const { hosts } = this;
    const block = blockOf(host);
    const end = block * FAN + this.size[block];
    let at = block * FAN;
    while (at < end && hosts[at] !== host) at++;
    if (at === end) return;
    for (; at + 1 < end; at++) hosts[at] = hosts[at + 1];
    this.size[block]--;
    this.#isStale[block] = 1;
  }

  /** What a host of the block has free is different now. */
  touch(block: number): void {
    this.#isStale[block] = 1;
  }

  /** Makes `most`, `front` and `frontFree` of a block hold. */
  measure(block: number): void {
    if (this.#isStale[block] === 0) return;
    this.#isStale[block] = 0;
    const { hosts, most } = this;
    const free = this.#free;
    const first = block * FAN;
    const end = first + this.size[block];
    let mostVcpus = Number.NEGATIVE_INFINITY;
    let mostRam = Number.NEGATIVE_INFINITY;
    let mostDisk = Number.NEGATIVE_INFINITY;
    let frontEnd = first;
    for (let i = first; i < end; i++) {
      const at = hosts[i] * CLASSES;
      const vcpus = free[at + VCPU];
      const ram = free[at + RAM];
      const disk = free[at + DISK];
      if (vcpus > mostVcpus) mostVcpus = vcpus;
      if (ram > mostRam) mostRam = ram;
      if (disk > mostDisk) mostDisk = disk;
      frontEnd = this.#enter(hosts[i], vcpus, ram, disk, first, frontEnd);
    }
    most[block * CLASSES + VCPU] = mostVcpus;
    most[block * CLASSES + RAM] = mostRam;
    most[block * CLASSES + DISK] = mostDisk;
    this.frontSize[block] = frontEnd - first;
  }

  /** Adds a host to a front, unless an earlier one has as much of everything; returns its end. */
  #enter(
    host: number,
    freeVcpus: number,
    freeRam: number,
    freeDisk: number,
    first: number,
    frontEnd: number,
  ): number {
    const { front, frontFree } = this;
    const vcpus = this.#countsVcpus ? freeVcpus : 0;
    const ram = this.#countsRam ? freeRam : 0;
    const disk = this.#countsDisk ? freeDisk : 0;
    for (let f = first * CLASSES; f < frontEnd * CLASSES; f += CLASSES) {
      const isCovered =
        frontFree[f + VCPU] >= vcpus && frontFree[f + RAM] >= ram && frontFree[f + DISK] >= disk;
      if (isCovered) return frontEnd;
    }
    let kept = first;
    for (let i = first; i < frontEnd; i++) {
      const f = i * CLASSES;
      const isCovered =
        vcpus >= frontFree[f + VCPU] && ram >= frontFree[f + RAM] && disk >= frontFree[f + DISK];
      if (isCovered) continue;
      if (kept < i) this.#moveInFront(i, kept);
      kept++;
    }
    front[kept] = host;
    frontFree[kept * CLASSES + VCPU] = vcpus;
    frontFree[kept * CLASSES + RAM] = ram;
    frontFree[kept * CLASSES + DISK] = disk;
    return kept + 1;
  }

  #moveInFront(from: number, to: number): void {
    const { front, frontFree } = this;
    front[to] = front[from];
    for (let c = 0; c < CLASSES; c++) {
      frontFree[to * CLASSES + c] = frontFree[from * CLASSES + c];
    }
  }
}
