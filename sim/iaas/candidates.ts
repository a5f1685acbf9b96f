/**
 * The allocation candidates of one demand, kept up to date while hosts fill up and empty: so that a
 * request that resembles an earlier one costs only what has changed since.
 *
 * They are held by blocks of hosts. Where all hosts of a block are candidates, as in a cloud with
 * room, what is known of the block is known once for all demands; otherwise it is measured for this
 * one alone.
 */
import { Fronts } from './fronts.ts';
import { Ranking } from './ranking.ts';
import { blockOf, type Demand, FAN } from './resources.ts';

/** What candidates are drawn from. */
export interface HostIndex {
  readonly count: number;
  /** By [host * CLASSES + class]: what the weighers look at. */
  readonly free: Float64Array;
  /** The hosts that are enabled and up. */
  readonly serving: Fronts;
  /** The first candidate at or after a host, or -1. */
  next(demand: Demand, host: number): number;
  isCandidate(host: number, demand: Demand): boolean;
  isUp(host: number): boolean;
}

export class Candidates {
  readonly demand: Demand;
  readonly limit: number;
  /** Candidates that are up. */
  readonly #own: Fronts;
  readonly #ranking: Ranking;
  readonly #index: HostIndex;
  #isKnown = false;
  /** Candidates found, those that are down included, and the host to go on with. */
  #found = 0;
  #nextHost = 0;

  /** `multipliers`: of the weighers of each class of resources. */
  constructor(index: HostIndex, demand: Demand, limit: number, multipliers: readonly number[]) {
    this.demand = demand;
    this.limit = limit;
    this.#own = new Fronts(index.count, index.free, multipliers);
    this.#ranking = new Ranking(this, this.#own.size.length, multipliers);
    this.#index = index;
  }

  get free(): Float64Array {
    return this.#index.free;
  }

  /** One more than the last block that has candidates. */
  get blockEnd(): number {
    return Math.ceil(this.#nextHost / FAN);
  }

  /** The candidates of a block, with its `most` and its `front`. */
  at(block: number): Fronts {
    const { serving } = this.#index;
    const fronts = this.#own.size[block] === serving.size[block] ? serving : this.#own;
    fronts.measure(block);
    return fronts;
  }

  /** See `Ranking`; only for weighers to which more of a resource never makes a host worse. */
  best(ignored: readonly number[], spared: readonly number[]): number {
    return this.#ranking.best(ignored, spared);
  }

  /** Looks for candidates, if nothing is known. */
  refresh(): void {
    if (this.#isKnown) return;
    this.#own.clear();
    this.#ranking.clear();
    this.#found = 0;
    this.#nextHost = 0;
    this.#isKnown = true;
    this.#extend();
  }

  /** Nothing that is known holds any more. */
  forget(): void {
    this.#isKnown = false;
  }

  /** The room of a host has changed; `fitted` and `fits`: whether the demand did, and does fit. */
  changed(host: number, block: number, fitted: boolean, fits: boolean): void {
    if (!this.#isKnown || host >= this.#nextHost) return;
    if (fitted && fits) {
      this.#own.touch(block);
      this.#ranking.touch(block);
    } else if (fitted) {
      this.#take(host);
      this.#found--;
      this.#extend();
    } else if (fits) {
      this.#put(host);
      this.#found++;
      if (this.#found > this.limit) this.#giveUpLast();
    }
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

  /** One that is down is a candidate, but passes no filter. */
  #put(host: number): void {
    if (!this.#index.isUp(host)) return;
    this.#own.put(host);
    this.#ranking.touch(blockOf(host));
  }

  #take(host: number): void {
    this.#own.take(host);
    this.#ranking.touch(blockOf(host));
  }
}
