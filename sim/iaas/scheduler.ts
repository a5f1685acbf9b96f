/**
 * nova-scheduler: allocation candidates from placement, filtered, weighed and chosen as nova does.
 *
 * Filters: ComputeFilter (the service is up), and the hosts to ignore (tried before, or the one the
 * server is on). Weighers: free memory, CPUs and disk, each as a share of the most that a host which
 * passed has, and failed builds; each is multiplied by its weight. Of equal hosts the first one wins.
 *
 * Source: docs.openstack.org/nova "Compute schedulers"; held against nova's own classes by
 * test/sim/nova-weighers.test.ts. The weigher of I/O operations (builds in flight) is left out.
 */
import type { Stream } from '../../engine/random.ts';
import type { NovaScheduler } from '../../model/scenario.ts';
import type { Candidates } from './candidates.ts';
import type { Placement } from './placement.ts';
import { include, weigh } from './ranking.ts';
import { CLASSES, type Demand, DISK, FAN, RAM, VCPU } from './resources.ts';

/** `build_failure_weight_multiplier`: a host that failed to build is a last resort. */
const BUILD_FAILURE_WEIGHT = 1_000_000;

export class Scheduler {
  readonly #placement: Placement;
  readonly #config: NovaScheduler;
  readonly #random: Stream;
  readonly #multipliers: readonly number[];
  /** Whether more of a resource never makes a host worse. */
  readonly #isPlain: boolean;
  /** The most that a host of the request has free of each resource. */
  readonly #most = new Float64Array(CLASSES);
  readonly #hosts: Int32Array;
  readonly #weights: Float64Array;
  /** Builds that failed since the last one that did not, by host. */
  readonly #failedBuilds = new Map<number, number>();
  #failedHosts: readonly number[] = [];

  /** `random` draws among the best hosts when `host_subset_size` is above 1. */
  constructor(placement: Placement, config: NovaScheduler, random: Stream) {
    this.#placement = placement;
    this.#config = config;
    this.#random = random;
    this.#multipliers = multipliersOf(config);
    this.#isPlain = this.#multipliers.every((multiplier) => multiplier >= 0);
    this.#hosts = new Int32Array(config.max_candidates);
    this.#weights = new Float64Array(config.max_candidates);
  }

  /** Counts a build that failed on a host, or forgets those before one that did not. */
  noteBuild(host: number, failed: boolean): void {
    if (failed) this.#failedBuilds.set(host, (this.#failedBuilds.get(host) ?? 0) + 1);
    else if (this.#failedBuilds.size === 0 || !this.#failedBuilds.delete(host)) return;
    this.#failedHosts = [...this.#failedBuilds.keys()];
  }

  /** Whether a single failed build outweighs all resources that a host may have. */
  get #failuresDecide(): boolean {
    if (this.#failedHosts.length === 0) return true;
    const most = Math.max(...this.#failedBuilds.values());
    const resources = this.#multipliers.reduce((sum, multiplier) => sum + multiplier, 0);
    return BUILD_FAILURE_WEIGHT / most > resources;
  }

  /** The number of the host to build on, or -1: No valid host was found. */
  select(demand: Demand, ignored: readonly number[]): number {
    const { max_candidates, host_subset_size } = this.#config;
    const candidates = this.#placement.candidates(demand, max_candidates);
    if (this.#isPlain && host_subset_size <= 1 && this.#failuresDecide) {
      const best = candidates.best(ignored, this.#failedHosts);
      if (best >= 0 || this.#failedHosts.length === 0) return best;
    }
    return this.#bestByHosts(candidates, ignored);
  }

  // ---------------------------------------------------------------- host by host

  #bestByHosts(candidates: Candidates, ignored: readonly number[]): number {
    const count = this.#weighAll(candidates, ignored);
    if (count === 0) return -1;
    return this.#hosts[this.#config.host_subset_size <= 1 ? this.#first(count) : this.#draw(count)];
  }

  /** The hosts that pass the filters for a demand, best first, each with the sum of its weights. */
  rank(demand: Demand, ignored: readonly number[]): { host: number; weight: number }[] {
    const candidates = this.#placement.candidates(demand, this.#config.max_candidates);
    const count = this.#weighAll(candidates, ignored);
    const ranked = Array.from(this.#hosts.subarray(0, count), (host, i) => {
      return { host, weight: this.#weights[i] };
    });
    return ranked.sort((a, b) => b.weight - a.weight);
  }

  /** Writes the hosts that pass to `#hosts`, and what they weigh to `#weights`. */
  #weighAll(candidates: Candidates, ignored: readonly number[]): number {
    const count = this.#list(candidates, ignored);
    const { free } = this.#placement;
    const hosts = this.#hosts;
    const most = this.#most;
    most.fill(0);
    for (let i = 0; i < count; i++) include(most, free, hosts[i] * CLASSES);
    for (let i = 0; i < count; i++) {
      this.#weights[i] = weigh(free, hosts[i] * CLASSES, most, this.#multipliers);
    }
    if (this.#failedBuilds.size > 0) this.#weighFailures(count);
    return count;
  }

  /** Writes the hosts that are not ignored to `#hosts`. */
  #list(candidates: Candidates, ignored: readonly number[]): number {
    const { blockEnd } = candidates;
    let count = 0;
    for (let block = 0; block < blockEnd; block++) {
      const { hosts, size } = candidates.at(block);
      for (let i = block * FAN; i < block * FAN + size[block]; i++) {
        if (!ignored.includes(hosts[i])) this.#hosts[count++] = hosts[i];
      }
    }
    return count;
  }

  /** Failed builds count against a host: scaled to 0..1, unless all have failed as often. */
  #weighFailures(count: number): void {
    const failures = (i: number) => this.#failedBuilds.get(this.#hosts[i]) ?? 0;
    let most = 0;
    for (let i = 0; i < count; i++) most = Math.max(most, failures(i));
    let least = most;
    for (let i = 0; i < count; i++) least = Math.min(least, failures(i));
    if (most === least) return;
    for (let i = 0; i < count; i++) {
      this.#weights[i] -= BUILD_FAILURE_WEIGHT * ((failures(i) - least) / (most - least));
    }
  }

  #first(count: number): number {
    let best = 0;
    for (let i = 1; i < count; i++) if (this.#weights[i] > this.#weights[best]) best = i;
    return best;
  }

  #draw(count: number): number {
    const order = Array.from({ length: count }, (_, i) => i);
    order.sort((a, b) => this.#weights[b] - this.#weights[a] || a - b);
    return order[this.#random.below(Math.min(this.#config.host_subset_size, count))];
  }
}

/** The multipliers of a configuration's weighers, by class of resources. */
export function multipliersOf(config: NovaScheduler): number[] {
  const multipliers = new Array<number>(CLASSES).fill(0);
  multipliers[RAM] = config.ram_weight;
  multipliers[VCPU] = config.cpu_weight;
  multipliers[DISK] = config.disk_weight;
  return multipliers;
}
