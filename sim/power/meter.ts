/**
 * Meters CPU utilisation, power and energy of hosts, racks and the whole site.
 *
 * Demand is piecewise constant between calls, so every integral is exact: a reading equals the sum
 * of value times duration over the steps. All state is in typed arrays by host number; only the
 * constructor allocates.
 */
import type { PowerModel } from '../../model/scenario.ts';
import { CURVES, checkPowerModel } from './curve.ts';
import { PowerError } from './errors.ts';

export interface MeteredHost {
  /** CPU capacity, in the unit in which demand will be given. */
  readonly capacity_mhz: number;
  readonly power: PowerModel;
  /** Number of the host's rack. */
  readonly rack: number;
  /** Whether it is on at the start; default: true. */
  readonly powered?: boolean;
}

/** Receives one host's mean utilisation (0 to 1) and mean power over a sampling interval. */
export type HostSample = (host: number, utilisation: number, power_w: number) => void;

export class PowerMeter {
  readonly hostCount: number;
  readonly rackCount: number;

  // By host: what it is.
  private readonly capacity_mhz: Float64Array;
  private readonly idle_w: Float64Array;
  private readonly span_w: Float64Array;
  private readonly curve: readonly ((utilisation: number) => number)[];
  private readonly rack: Int32Array;
  // By host: what holds now.
  private readonly powered: Uint8Array;
  private readonly demand_mhz: Float64Array;
  private readonly served_mhz: Float64Array;
  private readonly drawn_w: Float64Array;
  // By host: integrals up to `since_s`.
  private readonly since_s: Float64Array;
  private readonly drawn_j: Float64Array;
  private readonly given_mhz_s: Float64Array;
  private readonly short_mhz_s: Float64Array;
  private readonly on_s: Float64Array;
  // By host: state at the last sample.
  private readonly changed_s: Float64Array;
  private readonly sampled_j: Float64Array;
  private readonly sampled_mhz_s: Float64Array;
  private lastSample_s: number;
  // By rack; the last entry is the site.
  private readonly rackDrawn_w: Float64Array;
  private readonly rackSince_s: Float64Array;
  private readonly rackPeak: Float64Array;

  /**
   * @param hosts by host number
   * @param start_s time from which is metered
   * @throws {PowerError} POWER_BAD_MODEL, POWER_BAD_HOST
   */
  constructor(hosts: readonly MeteredHost[], start_s = 0) {
    const count = hosts.length;
    for (const [host, metered] of hosts.entries()) checkHost(host, metered);
    this.hostCount = count;
    this.rackCount = hosts.reduce((most, { rack }) => Math.max(most, rack + 1), 0);
    this.capacity_mhz = Float64Array.from(hosts, (host) => host.capacity_mhz);
    this.idle_w = Float64Array.from(hosts, ({ power }) => power.idle_w);
    this.span_w = Float64Array.from(hosts, ({ power }) => power.max_w - power.idle_w);
    this.curve = hosts.map(({ power }) => CURVES[power.curve]);
    this.rack = Int32Array.from(hosts, ({ rack }) => rack);
    this.powered = Uint8Array.from(hosts, ({ powered }) => (powered === false ? 0 : 1));
    this.demand_mhz = new Float64Array(count);
    this.served_mhz = new Float64Array(count);
    this.drawn_w = Float64Array.from(hosts, ({ power }, i) => (this.powered[i] ? power.idle_w : 0));
    this.since_s = new Float64Array(count).fill(start_s);
    this.drawn_j = new Float64Array(count);
    this.given_mhz_s = new Float64Array(count);
    this.short_mhz_s = new Float64Array(count);
    this.on_s = new Float64Array(count);
    this.changed_s = new Float64Array(count).fill(start_s);
    this.sampled_j = new Float64Array(count);
    this.sampled_mhz_s = new Float64Array(count);
    this.lastSample_s = start_s;
    this.rackDrawn_w = new Float64Array(this.rackCount + 1);
    this.rackSince_s = new Float64Array(this.rackCount + 1).fill(start_s);
    this.rackPeak = new Float64Array(this.rackCount + 1);
    this.sumRacks();
  }

  /**
   * Sets what the tasks on a host want. Above the host's capacity it is used fully and the rest is
   * counted as a shortfall; a host that is off serves nothing. Negative demand, as sums of many
   * changes leave by rounding, counts as none.
   *
   * @throws {PowerError} POWER_TIME_BACKWARDS
   */
  setDemand(host: number, demand_mhz: number, now_s: number): void {
    this.accrue(host, now_s);
    this.demand_mhz[host] = Math.max(0, demand_mhz);
    this.update(host, now_s);
  }

  /**
   * Sets demand as a share of the host's capacity.
   *
   * @throws {PowerError} POWER_TIME_BACKWARDS
   */
  setUtilisation(host: number, share: number, now_s: number): void {
    this.setDemand(host, share * this.capacity_mhz[host], now_s);
  }

  /**
   * Switches a host on or off. Off it draws nothing; its demand is kept and served again when on.
   *
   * @throws {PowerError} POWER_TIME_BACKWARDS
   */
  setPowered(host: number, on: boolean, now_s: number): void {
    this.accrue(host, now_s);
    this.powered[host] = on ? 1 : 0;
    this.update(host, now_s);
  }

  /** Share of the host's capacity in use now, 0 to 1. */
  utilisation(host: number): number {
    return this.served_mhz[host] / this.capacity_mhz[host];
  }

  /** Watts the host draws now. */
  power_w(host: number): number {
    return this.drawn_w[host];
  }

  /** Joules the host has drawn since the start. */
  energy_j(host: number, now_s: number): number {
    this.accrue(host, now_s);
    return this.drawn_j[host];
  }

  /** CPU time the host has given, in MHz times seconds. */
  served_mhz_s(host: number, now_s: number): number {
    this.accrue(host, now_s);
    return this.given_mhz_s[host];
  }

  /** Demand the host could not serve (steal time), in MHz times seconds. */
  shortfall_mhz_s(host: number, now_s: number): number {
    this.accrue(host, now_s);
    return this.short_mhz_s[host];
  }

  /** Seconds the host has been on. */
  poweredTime_s(host: number, now_s: number): number {
    this.accrue(host, now_s);
    return this.on_s[host];
  }

  /** Watts that all hosts of a rack draw now. */
  rackPower_w(rack: number): number {
    return this.rackDrawn_w[rack];
  }

  /** Joules that all hosts of a rack have drawn. */
  rackEnergy_j(rack: number, now_s: number): number {
    let sum = 0;
    for (let host = 0; host < this.hostCount; host++) {
      if (this.rack[host] === rack) sum += this.energy_j(host, now_s);
    }
    return sum;
  }

  /** The most that a rack has drawn for longer than an instant. */
  rackPeak_w(rack: number, now_s: number): number {
    this.notePeak(rack, now_s);
    return this.rackPeak[rack];
  }

  /** Watts that all hosts draw now. */
  sitePower_w(): number {
    return this.rackDrawn_w[this.rackCount];
  }

  /** Joules that all hosts have drawn. */
  siteEnergy_j(now_s: number): number {
    let sum = 0;
    for (let host = 0; host < this.hostCount; host++) sum += this.energy_j(host, now_s);
    return sum;
  }

  /** The most that all hosts together have drawn for longer than an instant. */
  sitePeak_w(now_s: number): number {
    return this.rackPeak_w(this.rackCount, now_s);
  }

  /**
   * Reports every host's mean utilisation and power since the last sample (at the time of the last
   * one: the present values), so that the series times its interval is the energy.
   *
   * @throws {PowerError} POWER_TIME_BACKWARDS
   */
  sample(now_s: number, report: HostSample): void {
    const interval_s = now_s - this.lastSample_s;
    for (let host = 0; host < this.hostCount; host++) {
      this.accrue(host, now_s);
      const steady = this.changed_s[host] <= this.lastSample_s;
      if (steady || interval_s === 0) {
        report(host, this.utilisation(host), this.drawn_w[host]);
      } else {
        const served = this.given_mhz_s[host] - this.sampled_mhz_s[host];
        const drawn = this.drawn_j[host] - this.sampled_j[host];
        report(host, served / this.capacity_mhz[host] / interval_s, drawn / interval_s);
      }
      this.sampled_mhz_s[host] = this.given_mhz_s[host];
      this.sampled_j[host] = this.drawn_j[host];
    }
    this.lastSample_s = now_s;
    for (let rack = 0; rack <= this.rackCount; rack++) this.notePeak(rack, now_s);
    this.sumRacks();
  }

  /** Adds what has gone on since the last change to the host's integrals. */
  private accrue(host: number, now_s: number): void {
    const elapsed_s = now_s - this.since_s[host];
    if (elapsed_s === 0) return;
    if (!(elapsed_s > 0)) throw backwards(host, now_s, this.since_s[host]);
    this.since_s[host] = now_s;
    const served_mhz = this.served_mhz[host];
    this.drawn_j[host] += this.drawn_w[host] * elapsed_s;
    this.given_mhz_s[host] += served_mhz * elapsed_s;
    this.short_mhz_s[host] += (this.demand_mhz[host] - served_mhz) * elapsed_s;
    if (this.powered[host]) this.on_s[host] += elapsed_s;
  }

  /** Derives what a host serves and draws from its demand and whether it is on. */
  private update(host: number, now_s: number): void {
    const rack = this.rack[host];
    let served_mhz = 0;
    let drawn_w = 0;
    if (this.powered[host]) {
      const capacity_mhz = this.capacity_mhz[host];
      served_mhz = Math.min(this.demand_mhz[host], capacity_mhz);
      drawn_w = this.idle_w[host] + this.span_w[host] * this.curve[host](served_mhz / capacity_mhz);
    }
    const change_w = drawn_w - this.drawn_w[host];
    this.served_mhz[host] = served_mhz;
    this.drawn_w[host] = drawn_w;
    this.changed_s[host] = now_s;
    this.notePeak(rack, now_s);
    this.notePeak(this.rackCount, now_s);
    this.rackDrawn_w[rack] += change_w;
    this.rackDrawn_w[this.rackCount] += change_w;
  }

  /** A level that was held until now may have been the highest one. */
  private notePeak(rack: number, now_s: number): void {
    if (now_s <= this.rackSince_s[rack]) return;
    this.rackSince_s[rack] = now_s;
    if (this.rackDrawn_w[rack] > this.rackPeak[rack]) this.rackPeak[rack] = this.rackDrawn_w[rack];
  }

  /** Sums the racks up afresh, which removes what rounding the many changes have left. */
  private sumRacks(): void {
    this.rackDrawn_w.fill(0);
    for (let host = 0; host < this.hostCount; host++) {
      this.rackDrawn_w[this.rack[host]] += this.drawn_w[host];
      this.rackDrawn_w[this.rackCount] += this.drawn_w[host];
    }
  }
}

function checkHost(host: number, { capacity_mhz, power, rack }: MeteredHost): void {
  checkPowerModel(`host ${host}`, power);
  if (capacity_mhz > 0 && capacity_mhz < Number.POSITIVE_INFINITY && rack >= 0) return;
  throw new PowerError(
    'POWER_BAD_HOST',
    `host ${host}: capacity ${capacity_mhz} MHz in rack ${rack}; expected a capacity above 0 and ` +
      'a rack number from 0',
  );
}

function backwards(host: number, now_s: number, since_s: number): PowerError {
  return new PowerError(
    'POWER_TIME_BACKWARDS',
    `host ${host} was read or set at ${since_s} s and is now asked for ${now_s} s: a meter only ` +
      'goes forward in time',
  );
}
