/**
 * The allocation candidates of one demand, kept up to date while hosts fill up and empty: so that a
 * request that resembles an earlier one costs only what has changed since.
 *
 * They are held by blocks of hosts. Of each block the `front` is known: the candidates of which no
 * earlier one has at least as much of everything, and no later one more. The best host is always one
 * of them, if more of a resource makes a host better.
 */
import { CLASSES, type Demand, FAN } from './resources.ts';

/** What candidates are drawn from. */
export interface HostIndex {
  readonly count: number;
  /** By [host * 3 + class]: what the weighers look at. */
  readonly free: Float64Array;
  /** The first candidate at or after a host, or -1. */
  next(demand: Demand, host: number): number;
  isCandidate(host: number, demand: Demand): boolean;
  isUp(host: number): boolean;
}

export class Candidates {
  readonly demand: Demand;
  readonly limit: number;
  /** One more than the last block that has candidates. */
  blockEnd = 0;
  /** Candidates of a block that are up: `hosts[block * FAN]` and on, so many. */
  readonly hosts: Int32Array;
  readonly size: Uint8Array;
  readonly front: Int32Array;
  readonly frontSize: Uint8Array;
  /** By [block * 3 + class]: the most that a candidate of it has free. */
  readonly most: Float64Array;
  readonly #index: HostIndex;
  /** Whether a class of resources counts for the weighers. */
  readonly #counts: readonly boolean[];
  readonly #isStale: Uint8Array;
  readonly #stale: Int32Array;
  #staleCount = 0;
  #isKnown = false;
  /** Candidates found, those that are down included, and the host to go on with. */
  #found = 0;
  #nextHost = 0;

  constructor(index: HostIndex, demand: Demand, limit: number, counts: readonly boolean[]) {
    const blocks = Math.ceil(index.count / FAN);
    this.demand = demand;
    this.limit = limit;
    this.hosts = new Int32Array(blocks * FAN);
    this.front = new Int32Array(blocks * FAN);
    this.size = new Uint8Array(blocks);
    this.frontSize = new Uint8Array(blocks);
    this.most = new Float64Array(blocks * CLASSES);
    this.#index = index;
    this.#counts = counts;
    this.#isStale = new Uint8Array(blocks);
    this.#stale = new Int32Array(blocks);
  }

  /** Takes all changes into account. */
  refresh(): void {
    if (!this.#isKnown) this.#begin();
    for (let i = 0; i < this.#staleCount; i++) {
      this.#measure(this.#stale[i]);
      this.#isStale[this.#stale[i]] = 0;
    }
    this.#staleCount = 0;
    this.blockEnd = Math.ceil(this.#nextHost / FAN);
  }

  /** Nothing that is known holds any more. */
  forget(): void {
    this.#isKnown = false;
  }

  /** The room of a host has changed; `fitted` and `fits`: whether the demand did, and does fit. */
  changed(host: number, fitted: boolean, fits: boolean): void {
    if (!this.#isKnown || host >= this.#nextHost) return;
    if (fitted && fits) this.#touch(Math.floor(host / FAN));
    else if (fitted) {
      this.#take(host);
      this.#found--;
      this.#extend();
    } else if (fits) {
      this.#put(host);
      this.#found++;
      if (this.#found > this.limit) this.#giveUpLast();
    }
  }

  #begin(): void {
    this.size.fill(0);
    this.frontSize.fill(0);
    this.#isStale.fill(0);
    this.#staleCount = 0;
    this.#found = 0;
    this.#nextHost = 0;
    this.#isKnown = true;
    this.#extend();
  }

  /** Looks for further candidates until there are as many as wanted. */
  #extend(): void {
    while (this.#found < this.limit) {
      const host = this.#index.next(this.demand, this.#nextHost);
      if (host < 0) {
        this.#nextHost = this.#index.count;
        return;
      }
      this.#nextHost = host + 1;
      this.#found++;
      this.#put(host);
    }
  }

  /** The last candidate is one too many. */
  #giveUpLast(): void {
    let host = this.#nextHost - 1;
    while (!this.#index.isCandidate(host, this.demand)) host--;
    this.#take(host);
    this.#found--;
    this.#nextHost = host;
  }

  /** Enters a host in its block; one that is down is a candidate, but passes no filter. */
  #put(host: number): void {
    if (!this.#index.isUp(host)) return;
    const { hosts } = this;
    const block = Math.floor(host / FAN);
    let at = block * FAN + this.size[block]++;
    for (; at > block * FAN && hosts[at - 1] > host; at--) hosts[at] = hosts[at - 1];
    hosts[at] = host;
    this.#touch(block);
  }

  #take(host: number): void {
    const { hosts } = this;
    const block = Math.floor(host / FAN);
    const end = block * FAN + this.size[block];
    let at = block * FAN;
    while (at < end && hosts[at] !== host) at++;
    if (at === end) return;
    hosts.copyWithin(at, at + 1, end);
    this.size[block]--;
    this.#touch(block);
  }

  #touch(block: number): void {
    if (this.#isStale[block] === 1) return;
    this.#isStale[block] = 1;
    this.#stale[this.#staleCount++] = block;
  }

  #measure(block: number): void {
    const { hosts, most } = this;
    const { free } = this.#index;
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
    const { free } = this.#index;
    for (let c = 0; c < CLASSES; c++) {
      if (this.#counts[c] && free[a * CLASSES + c] < free[b * CLASSES + c]) return false;
    }
    return true;
  }
}
