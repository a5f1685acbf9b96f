/**
 * The best of the candidates, block by block: a host weighs by its share of the most that any of them
 * has free. No host of a block weighs more than one that had the block's most of everything, since
 * rounding keeps the order: a block whose bound is below the best so far is passed over, and the most
 * promising block comes first. Bounds and weights of blocks are kept until the block or the most
 * changes, so a request that resembles an earlier one costs only what has changed since.
 */
import type { Fronts } from './fronts.ts';
import { blockOf, CLASSES, DISK, FAN, RAM, VCPU } from './resources.ts';

/** Blocks of candidates. */
export interface Blocks {
  /** By [host * CLASSES + class]: what the weighers look at. */
  readonly free: Float64Array;
  /** One more than the last block that has candidates. */
  readonly blockEnd: number;
  /** The candidates of a block, with its `most` and its `front`. */
  at(block: number): Fronts;
}

export class Ranking {
  readonly #blocks: Blocks;
  readonly #multipliers: readonly number[];
  /** The most that a candidate has of each class. */
  readonly #most = new Float64Array(CLASSES);
  /** The same, without the hosts that a request ignores. */
  readonly #mostWithout = new Float64Array(CLASSES);
  /** By [block * CLASSES + class]: the most of a block; minus infinity where it has no candidates. */
  readonly #blockMost: Float64Array;
  readonly #changed: Int32Array;
  readonly #isChanged: Uint8Array;
  #changes = 0;
  /** Whether `#most` of a class has to be looked for. */
  readonly #isStale = new Uint8Array(CLASSES);
  /** By block: what a host would weigh that has the most of everything; or its best host and weight. */
  readonly #bounds: Float64Array;
  readonly #isExact: Uint8Array;
  readonly #bestOf: Int32Array;
  /** The best host so far, and what it weighs. */
  #best = -1;
  #weightOfBest = 0;

  /** `multipliers`: of the weighers of each class of resources, none of them negative. */
  constructor(blocks: Blocks, blockCount: number, multipliers: readonly number[]) {
    this.#blocks = blocks;
    this.#multipliers = multipliers;
    this.#blockMost = new Float64Array(blockCount * CLASSES);
    this.#bounds = new Float64Array(blockCount);
    this.#isExact = new Uint8Array(blockCount);
    this.#bestOf = new Int32Array(blockCount);
    this.#changed = new Int32Array(blockCount);
    this.#isChanged = new Uint8Array(blockCount);
    this.clear();
  }

  /** There are no candidates. */
  clear(): void {
    this.#most.fill(0);
    this.#blockMost.fill(Number.NEGATIVE_INFINITY);
    this.#bounds.fill(0);
    this.#isExact.fill(0);
    this.#isChanged.fill(0);
    this.#changes = 0;
  }

  /** A block has other candidates now, or they have more or less free. */
  touch(block: number): void {
    if (this.#isChanged[block] === 1) return;
    this.#isChanged[block] = 1;
    this.#changed[this.#changes++] = block;
  }

  /**
   * The first of the hosts that weigh most, or -1. `ignored` hosts are no candidates; those that are
   * `spared` are, but are not chosen.
   */
  best(ignored: readonly number[], spared: readonly number[]): number {
    this.#update();
    this.#best = -1;
    this.#weightOfBest = Number.NEGATIVE_INFINITY;
    const most = this.#mostBut(ignored);
    if (most === this.#most) this.#searchByBounds(ignored, spared);
    else this.#searchAll(most, ignored, spared);
    return this.#best;
  }

  #searchByBounds(ignored: readonly number[], spared: readonly number[]): void {
    const bounds = this.#bounds;
    const { blockEnd } = this.#blocks;
    let promising = 0;
    for (let block = 1; block < blockEnd; block++) {
      if (bounds[block] > bounds[promising]) promising = block;
    }
    this.#tryBlock(promising, ignored, spared);
    // Of equal hosts the first one wins.
    for (let block = 0; block < promising; block++) {
      if (bounds[block] >= this.#weightOfBest) this.#tryBlock(block, ignored, spared);
    }
    for (let block = promising + 1; block < blockEnd; block++) {
      if (bounds[block] > this.#weightOfBest) this.#tryBlock(block, ignored, spared);
    }
  }

  /** Bounds hold for the most of all candidates only. */
  #searchAll(most: Float64Array, ignored: readonly number[], spared: readonly number[]): void {
    for (let block = 0; block < this.#blocks.blockEnd; block++) {
      if (hasHostOf(block, ignored) || hasHostOf(block, spared)) {
        this.#tryHosts(block, most, ignored, spared);
        continue;
      }
      const { front, frontFree, frontSize } = this.#blocks.at(block);
      for (let i = block * FAN; i < block * FAN + frontSize[block]; i++) {
        this.#note(front[i], weigh(frontFree, i * CLASSES, most, this.#multipliers));
      }
    }
  }

  /** Makes the most and the bounds hold. */
  #update(): void {
    if (this.#changes === 0) return;
    const isSame = this.#updateMost();
    for (let i = 0; i < this.#changes; i++) {
      this.#isChanged[this.#changed[i]] = 0;
      if (isSame) this.#bound(this.#changed[i]);
    }
    this.#changes = 0;
    if (isSame) return;
    for (let block = 0; block < this.#blocks.blockEnd; block++) this.#bound(block);
  }

  #bound(block: number): void {
    const most = this.#most;
    this.#bounds[block] = weigh(this.#blockMost, block * CLASSES, most, this.#multipliers);
    this.#isExact[block] = 0;
  }

  /** Finds the most of the blocks that have changed, and of all; whether that is the same still. */
  #updateMost(): boolean {
    const blockMost = this.#blockMost;
    const all = this.#most;
    const [vcpus, ram, disk] = all;
    for (let i = 0; i < this.#changes; i++) {
      const block = this.#changed[i];
      const { most, size } = this.#blocks.at(block);
      for (let c = 0; c < CLASSES; c++) {
        const at = block * CLASSES + c;
        const now = size[block] > 0 ? most[at] : Number.NEGATIVE_INFINITY;
        if (blockMost[at] === all[c] && now < all[c]) this.#isStale[c] = 1;
        blockMost[at] = now;
        if (now > all[c]) all[c] = now;
      }
    }
    for (let c = 0; c < CLASSES; c++) if (this.#isStale[c] === 1) this.#findMost(c);
    return all[VCPU] === vcpus && all[RAM] === ram && all[DISK] === disk;
  }

  #findMost(c: number): void {
    const end = this.#blocks.blockEnd * CLASSES;
    let most = 0;
    for (let at = c; at < end; at += CLASSES) {
      if (this.#blockMost[at] > most) most = this.#blockMost[at];
    }
    this.#most[c] = most;
    this.#isStale[c] = 0;
  }

  /** The most of all candidates that are not ignored. */
  #mostBut(ignored: readonly number[]): Float64Array {
    const { free, blockEnd } = this.#blocks;
    if (!ignored.some((host) => hasMost(free, host, this.#most))) return this.#most;
    const all = this.#mostWithout;
    all.fill(0);
    for (let block = 0; block < blockEnd; block++) {
      if (!hasHostOf(block, ignored)) {
        include(all, this.#blockMost, block * CLASSES);
        continue;
      }
      const { hosts, size } = this.#blocks.at(block);
      for (let i = block * FAN; i < block * FAN + size[block]; i++) {
        if (!ignored.includes(hosts[i])) include(all, free, hosts[i] * CLASSES);
      }
    }
    const isSame = all.every((amount, c) => amount === this.#most[c]);
    return isSame ? this.#most : all;
  }

  /** Looks for a better host in a block, or for an equal one before the best so far. */
  #tryBlock(block: number, ignored: readonly number[], spared: readonly number[]): void {
    if (hasHostOf(block, ignored) || hasHostOf(block, spared)) {
      this.#tryHosts(block, this.#most, ignored, spared);
      return;
    }
    if (this.#isExact[block] === 0) this.#weighFront(block);
    if (this.#bounds[block] > Number.NEGATIVE_INFINITY) {
      this.#note(this.#bestOf[block], this.#bounds[block]);
    }
  }

  /** The best host of a block is in its front. */
  #weighFront(block: number): void {
    const { front, frontFree, frontSize } = this.#blocks.at(block);
    let best = -1;
    let weightOfBest = Number.NEGATIVE_INFINITY;
    for (let i = block * FAN; i < block * FAN + frontSize[block]; i++) {
      const weight = weigh(frontFree, i * CLASSES, this.#most, this.#multipliers);
      if (weight <= weightOfBest) continue;
      weightOfBest = weight;
      best = front[i];
    }
    this.#bestOf[block] = best;
    this.#bounds[block] = weightOfBest;
    this.#isExact[block] = 1;
  }

  /** The same where some hosts are left out. */
  #tryHosts(
    block: number,
    most: Float64Array,
    ignored: readonly number[],
    spared: readonly number[],
  ): void {
    const { free } = this.#blocks;
    const { hosts, size } = this.#blocks.at(block);
    for (let i = block * FAN; i < block * FAN + size[block]; i++) {
      if (ignored.includes(hosts[i]) || spared.includes(hosts[i])) continue;
      this.#note(hosts[i], weigh(free, hosts[i] * CLASSES, most, this.#multipliers));
    }
  }

  #note(host: number, weight: number): void {
    if (weight < this.#weightOfBest) return;
    if (weight === this.#weightOfBest && host > this.#best) return;
    this.#weightOfBest = weight;
    this.#best = host;
  }
}

/** Raises the most to what there is at `values[at..]`. */
export function include(most: Float64Array, values: Float64Array, at: number): void {
  for (let c = 0; c < CLASSES; c++) if (values[at + c] > most[c]) most[c] = values[at + c];
}

/** The sum of the weighers of resources; less than nothing free counts as nothing. */
export function weigh(
  free: Float64Array,
  at: number,
  most: Float64Array,
  multipliers: readonly number[],
): number {
  let weight = 0;
  for (let c = 0; c < CLASSES; c++) {
    if (free[at + c] > 0) weight += multipliers[c] * (free[at + c] / most[c]);
  }
  return weight;
}

/** Whether nothing has more of some class than a host. */
function hasMost(free: Float64Array, host: number, most: Float64Array): boolean {
  for (let c = 0; c < CLASSES; c++) if (free[host * CLASSES + c] >= most[c]) return true;
  return false;
}

function hasHostOf(block: number, hosts: readonly number[]): boolean {
  for (let i = 0; i < hosts.length; i++) if (blockOf(hosts[i]) === block) return true;
  return false;
}
