/**
 * What the weighers have to know of hosts, block by block: the most that a host of the block has
 * free, and the `front`: the hosts of which no earlier one has at least as much of everything, and no
 * later one more. The best host is always in a front, if more of a resource makes a host better.
 *
 * A block is measured when somebody asks for it, and again only after it has changed.
 */
import { blockOf, CLASSES, FAN } from './resources.ts';

export class Fronts {
  /** Hosts of a block, in their order: `hosts[block * FAN]` and on, so many. */
  readonly hosts: Int32Array;
  readonly size: Uint8Array;
  readonly front: Int32Array;
  readonly frontSize: Uint8Array;
  /** By [block * CLASSES + class]. */
  readonly most: Float64Array;
  readonly #free: Float64Array;
  readonly #counted: Int32Array;
  readonly #isStale: Uint8Array;

  /** `free`: by [host * CLASSES + class]; `counts`: whether the weighers look at a class. */
  constructor(hostCount: number, free: Float64Array, counts: readonly boolean[]) {
    const blocks = Math.ceil(hostCount / FAN);
    this.hosts = new Int32Array(blocks * FAN);
    this.size = new Uint8Array(blocks);
    this.front = new Int32Array(blocks * FAN);
    this.frontSize = new Uint8Array(blocks);
    this.most = new Float64Array(blocks * CLASSES);
    this.#free = free;
    this.#counted = Int32Array.from(counts.flatMap((does, c) => (does ? [c] : [])));
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

  /** Makes `most` and `front` of a block hold. */
  measure(block: number): void {
    if (this.#isStale[block] === 0) return;
    this.#isStale[block] = 0;
    const { hosts, most } = this;
    const free = this.#free;
    const base = block * CLASSES;
    most.fill(Number.NEGATIVE_INFINITY, base, base + CLASSES);
    const first = block * FAN;
    const end = first + this.size[block];
    let frontEnd = first;
    for (let i = first; i < end; i++) {
      const at = hosts[i] * CLASSES;
      for (let c = 0; c < CLASSES; c++) {
        if (free[at + c] > most[base + c]) most[base + c] = free[at + c];
      }
      frontEnd = this.#enter(hosts[i], first, frontEnd);
    }
    this.frontSize[block] = frontEnd - first;
  }

  /** Adds a host to a front, unless an earlier one has as much of everything; returns its end. */
  #enter(host: number, first: number, frontEnd: number): number {
    const { front } = this;
    for (let i = first; i < frontEnd; i++) {
      if (this.#covers(front[i], host)) return frontEnd;
    }
    let kept = first;
    for (let i = first; i < frontEnd; i++) {
      if (!this.#covers(host, front[i])) front[kept++] = front[i];
    }
    front[kept++] = host;
    return kept;
  }

  /** Whether host `a` has at least as much as `b` of everything that counts. */
  #covers(a: number, b: number): boolean {
    const free = this.#free;
    const counted = this.#counted;
    for (let i = 0; i < counted.length; i++) {
      if (free[a * CLASSES + counted[i]] < free[b * CLASSES + counted[i]]) return false;
    }
    return true;
  }
}
