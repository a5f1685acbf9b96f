/**
 * nova-scheduler: allocation candidates from placement, filtered, weighed and chosen as nova does.
 *
 * Filters: ComputeFilter (the service is up), and the hosts to ignore (tried before, or the one the
 * server is on). Weighers: RAM, CPU, disk and build failures; each is normalised over the hosts that
 * passed, to 0..1, and multiplied by its weight. Of equal hosts the first one wins.
 *
 * Source: docs.openstack.org/nova "Compute schedulers"; nova/scheduler/weights; nova/weights.py.
 */
import type { Stream } from '../../engine/random.ts';
import type { NovaScheduler } from '../../model/scenario.ts';
import { CLASSES, type Demand, DISK, type Placement, RAM, VCPU } from './placement.ts';

/** `build_failure_weight_multiplier`: a host that failed to build is a last resort. */
const BUILD_FAILURE_WEIGHT = 1_000_000;

export class NovaHosts {
  readonly placement: Placement;
  /** Whether a host's compute service is up, as nova knows it. */
  isUp = new Uint8Array(64);
  /** Builds that failed since the last one that did not. */
  failedBuilds = new Uint32Array(64);
  /** Hosts with any failed build: without one the weigher has nothing to say. */
  failing = 0;

  constructor(placement: Placement) {
    this.placement = placement;
  }

  /** Makes room for host numbers below `count`. */
  reserve(count: number): void {
    if (count <= this.isUp.length) return;
    const isUp = new Uint8Array(count * 2);
    isUp.set(this.isUp);
    this.isUp = isUp;
    const failed = new Uint32Array(count * 2);
    failed.set(this.failedBuilds);
    this.failedBuilds = failed;
  }

  noteBuild(host: number, failed: boolean): void {
    const before = this.failedBuilds[host];
    const after = failed ? before + 1 : 0;
    this.failedBuilds[host] = after;
    this.failing += Number(after > 0) - Number(before > 0);
  }
}

export class Scheduler {
  readonly #hosts: NovaHosts;
  readonly #config: NovaScheduler;
  readonly #random: Stream;
  readonly #candidates: Int32Array;
  readonly #weights: Float64Array;

  /** `random` draws among the best hosts when `host_subset_size` is above 1. */
  constructor(hosts: NovaHosts, config: NovaScheduler, random: Stream) {
    this.#hosts = hosts;
    this.#config = config;
    this.#random = random;
    this.#candidates = new Int32Array(config.max_candidates);
    this.#weights = new Float64Array(config.max_candidates);
  }

  /** The number of the host to build on, or -1: No valid host was found. */
  select(demand: Demand, ignored: readonly number[]): number {
    const { placement } = this.#hosts;
    const list = this.#candidates;
    const found = placement.candidates(demand, this.#config.max_candidates, list);
    const count = this.#filter(found, ignored);
    if (count === 0) return -1;
    if (count === 1) return list[0];
    const best = this.#weigh(count);
    return this.#config.host_subset_size <= 1 ? list[best] : this.#oneOfTheBest(count);
  }

  #filter(found: number, ignored: readonly number[]): number {
    const list = this.#candidates;
    const { isUp } = this.#hosts;
    let kept = 0;
    for (let i = 0; i < found; i++) {
      const host = list[i];
      if (isUp[host] === 1 && (ignored.length === 0 || !ignored.includes(host))) {
        list[kept++] = host;
      }
    }
    return kept;
  }

  /**
   * Weighs the candidates and returns the place of the best one. Every weigher scales its values to
   * 0..1 over the hosts, and says nothing when all are equal; the sums are formed in one pass.
   */
  #weigh(count: number): number {
    const list = this.#candidates;
    const { free } = this.#hosts.placement;
    const { ram_weight, cpu_weight, disk_weight } = this.#config;
    const range = this.#ranges(count);
    const ram = scale(ram_weight, range.ramLeast, range.ramMost);
    const cpu = scale(cpu_weight, range.cpuLeast, range.cpuMost);
    const disk = scale(disk_weight, range.diskLeast, range.diskMost);
    const weights = this.#weights;
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const at = list[i] * CLASSES;
      const weight =
        ram * (free[at + RAM] - range.ramLeast) +
        cpu * (free[at + VCPU] - range.cpuLeast) +
        disk * (free[at + DISK] - range.diskLeast);
      weights[i] = weight;
      if (weight > most) {
        most = weight;
        best = i;
      }
    }
    return this.#hosts.failing > 0 ? this.#weighFailures(count) : best;
  }

  /** The least and the most that the candidates have free of each resource. */
  #ranges(count: number) {
    const list = this.#candidates;
    const { free } = this.#hosts.placement;
    let ramLeast = free[list[0] * CLASSES + RAM];
    let cpuLeast = free[list[0] * CLASSES + VCPU];
    let diskLeast = free[list[0] * CLASSES + DISK];
    let ramMost = ramLeast;
    let cpuMost = cpuLeast;
    let diskMost = diskLeast;
    for (let i = 1; i < count; i++) {
      const at = list[i] * CLASSES;
      const ram = free[at + RAM];
      const cpu = free[at + VCPU];
      const disk = free[at + DISK];
      if (ram < ramLeast) ramLeast = ram;
      else if (ram > ramMost) ramMost = ram;
      if (cpu < cpuLeast) cpuLeast = cpu;
      else if (cpu > cpuMost) cpuMost = cpu;
      if (disk < diskLeast) diskLeast = disk;
      else if (disk > diskMost) diskMost = disk;
    }
    return { ramLeast, cpuLeast, diskLeast, ramMost, cpuMost, diskMost };
  }

  /** Adds the weigher of failed builds; returns the place of the best host then. */
  #weighFailures(count: number): number {
    const list = this.#candidates;
    const { failedBuilds } = this.#hosts;
    let most = 0;
    for (let i = 0; i < count; i++) most = Math.max(most, failedBuilds[list[i]]);
    let least = most;
    for (let i = 0; i < count; i++) least = Math.min(least, failedBuilds[list[i]]);
    const factor = scale(BUILD_FAILURE_WEIGHT, least, most);
    let best = 0;
    for (let i = 0; i < count; i++) {
      this.#weights[i] += factor * (most - failedBuilds[list[i]]);
      if (this.#weights[i] > this.#weights[best]) best = i;
    }
    return best;
  }

  #oneOfTheBest(count: number): number {
    const order = Array.from({ length: count }, (_, i) => i);
    order.sort((a, b) => this.#weights[b] - this.#weights[a] || a - b);
    const size = Math.min(this.#config.host_subset_size, count);
    return this.#candidates[order[this.#random.below(size)]];
  }
}

/** What a unit of a value counts, when the values from `least` to `most` become 0..1. */
function scale(multiplier: number, least: number, most: number): number {
  return most > least ? multiplier / (most - least) : 0;
}
