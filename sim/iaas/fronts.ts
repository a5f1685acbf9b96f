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
  readonly #counts: readonly boolean[];
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
    this.#counts = multipliers.map((multiplier) => multiplier !== 0);
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
    hosts.copyWithin(at, at + 1, end);
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
    const [first, base] = [block * FAN, block * CLASSES];
    const end = first + this.size[block];
    most.fill(Number.NEGATIVE_INFINITY, base, base + CLASSES);
    let frontEnd = first;
    for (let i = first; i < end; i++) {
      const at = hosts[i] * CLASSES;
      for (let c = base; c < base + CLASSES; c++) {
        const amount = free[at + c - base];
        if (amount > most[c]) most[c] = amount;
      }
      frontEnd = this.#enter(hosts[i], first, frontEnd);
    }
    this.frontSize[block] = frontEnd - first;
  }

  /** Adds a host to a front, unless an earlier one has as much of everything; returns its end. */
  #enter(host: number, first: number, frontEnd: number): number {
    const { front, frontFree } = this;
    const free = this.#free;
    const at = host * CLASSES;
    const vcpus = this.#counts[VCPU] ? free[at + VCPU] : 0;
    const ram = this.#counts[RAM] ? free[at + RAM] : 0;
    const disk = this.#counts[DISK] ? free[at + DISK] : 0;
    for (let f = first * CLASSES; f < frontEnd * CLASSES; f += CLASSES) {
      if (frontFree[f] >= vcpus && frontFree[f + 1] >= ram && frontFree[f + 2] >= disk) {
        return frontEnd;
      }
    }
    let kept = first;
    for (let i = first; i < frontEnd; i++) {
      const f = i * CLASSES;
      if (vcpus >= frontFree[f] && ram >= frontFree[f + 1] && disk >= frontFree[f + 2]) continue;
      if (kept < i) {
        front[kept] = front[i];
        frontFree.copyWithin(kept * CLASSES, f, f + CLASSES);
      }
      kept++;
    }
    front[kept] = host;
    frontFree[kept * CLASSES + VCPU] = vcpus;
    frontFree[kept * CLASSES + RAM] = ram;
    frontFree[kept * CLASSES + DISK] = disk;
    return kept + 1;
  }
}
