/**
 * Meters CPU utilisation, power and energy of hosts, racks and the whole site.
 *
 * Demand is piecewise constant between calls, so every integral is exact: a reading equals the sum
 * of value times duration over the steps. Each host has a record of 16 doubles, two cache lines: its
 * neighbours are other hosts, and a change of its demand touches nearly all of it. Only the
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

const RECORD = 16;
// What holds now, and its integrals up to SINCE_s.
const SINCE_s = 0;
const DEMAND_MHZ = 1;
const SERVED_MHZ = 2;
const DRAWN_W = 3;
const DRAWN_J = 4;
const GIVEN_MHZ_s = 5;
const SHORT_MHZ_s = 6;
const ON_s = 7;
// What the host is, and what was at the last sample.
const CAPACITY_MHZ = 8;
const IDLE_W = 9;
const SPAN_W = 10;
const RACK = 11;
const POWERED = 12;
const CHANGED_s = 13;
const SAMPLED_J = 14;
const SAMPLED_MHZ_s = 15;

export class PowerMeter {
  readonly hostCount: number;
  readonly rackCount: number;

  private readonly hosts: Float64Array;
  private readonly curves: readonly ((utilisation: number) => number)[];
  /** By host: which curve it has. */
  private readonly curve: Uint8Array;
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
    this.hosts = new Float64Array(count * RECORD);
    hosts.forEach(({ capacity_mhz, power, rack, powered }, host) => {
      const at = host * RECORD;
      this.hosts[at + SINCE_s] = start_s;
      this.hosts[at + DRAWN_W] = powered === false ? 0 : power.idle_w;
      this.hosts[at + CAPACITY_MHZ] = capacity_mhz;
      this.hosts[at + IDLE_W] = power.idle_w;
      this.hosts[at + SPAN_W] = power.max_w - power.idle_w;
      this.hosts[at + RACK] = rack;
      this.hosts[at + POWERED] = powered === false ? 0 : 1;
      this.hosts[at + CHANGED_s] = start_s;
    });
    const names = Object.keys(CURVES) as (keyof typeof CURVES)[];
    this.curves = names.map((name) => CURVES[name]);
    this.curve = Uint8Array.from(hosts, ({ power }) => names.indexOf(power.curve));
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
    this.hosts[host * RECORD + DEMAND_MHZ] = Math.max(0, demand_mhz);
    this.update(host, now_s);
  }

  /**
   * Sets demand as a share of the host's capacity.
   *
   * @throws {PowerError} POWER_TIME_BACKWARDS
   */
  setUtilisation(host: number, share: number, now_s: number): void {
    this.setDemand(host, share * this.hosts[host * RECORD + CAPACITY_MHZ], now_s);
  }

  /**
   * Switches a host on or off. Off it draws nothing; its demand is kept and served again when on.
   *
   * @throws {PowerError} POWER_TIME_BACKWARDS
   */
  setPowered(host: number, on: boolean, now_s: number): void {
    this.accrue(host, now_s);
    this.hosts[host * RECORD + POWERED] = on ? 1 : 0;
    this.update(host, now_s);
  }

  /** Share of the host's capacity in use now, 0 to 1. */
  utilisation(host: number): number {
    const at = host * RECORD;
    return this.hosts[at + SERVED_MHZ] / this.hosts[at + CAPACITY_MHZ];
  }

  /** Watts the host draws now. */
  power_w(host: number): number {
    return this.hosts[host * RECORD + DRAWN_W];
  }

  /** Joules the host has drawn since the start. */
  energy_j(host: number, now_s: number): number {
    this.accrue(host, now_s);
    return this.hosts[host * RECORD + DRAWN_J];
  }

  /** CPU time the host has given, in MHz times seconds. */
  served_mhz_s(host: number, now_s: number): number {
    this.accrue(host, now_s);
    return this.hosts[host * RECORD + GIVEN_MHZ_s];
  }

  /** Demand the host could not serve (steal time), in MHz times seconds. */
  shortfall_mhz_s(host: number, now_s: number): number {
    this.accrue(host, now_s);
    return this.hosts[host * RECORD + SHORT_MHZ_s];
  }

  /** Seconds the host has been on. */
  poweredTime_s(host: number, now_s: number): number {
    this.accrue(host, now_s);
    return this.hosts[host * RECORD + ON_s];
  }

  /** Watts that all hosts of a rack draw now. */
  rackPower_w(rack: number): number {
    return this.rackDrawn_w[rack];
  }

  /** Joules that all hosts of a rack have drawn. */
  rackEnergy_j(rack: number, now_s: number): number {
    let sum = 0;
    for (let host = 0; host < this.hostCount; host++) {
      if (this.hosts[host * RECORD + RACK] === rack) sum += this.energy_j(host, now_s);
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
    const { hosts } = this;
    const interval_s = now_s - this.lastSample_s;
    for (let host = 0; host < this.hostCount; host++) {
      this.accrue(host, now_s);
      const at = host * RECORD;
      const steady = hosts[at + CHANGED_s] <= this.lastSample_s;
      if (steady || interval_s === 0) {
        report(host, this.utilisation(host), hosts[at + DRAWN_W]);
      } else {
        const served = hosts[at + GIVEN_MHZ_s] - hosts[at + SAMPLED_MHZ_s];
        const drawn = hosts[at + DRAWN_J] - hosts[at + SAMPLED_J];
        report(host, served / hosts[at + CAPACITY_MHZ] / interval_s, drawn / interval_s);
      }
      hosts[at + SAMPLED_MHZ_s] = hosts[at + GIVEN_MHZ_s];
      hosts[at + SAMPLED_J] = hosts[at + DRAWN_J];
    }
    this.lastSample_s = now_s;
    for (let rack = 0; rack <= this.rackCount; rack++) this.notePeak(rack, now_s);
    this.sumRacks();
  }

  /** Adds what has gone on since the last change to the host's integrals. */
  private accrue(host: number, now_s: number): void {
    const { hosts } = this;
    const at = host * RECORD;
    const elapsed_s = now_s - hosts[at + SINCE_s];
    if (elapsed_s === 0) return;
    if (!(elapsed_s > 0)) throw backwards(host, now_s, hosts[at + SINCE_s]);
    hosts[at + SINCE_s] = now_s;
    const served_mhz = hosts[at + SERVED_MHZ];
    hosts[at + DRAWN_J] += hosts[at + DRAWN_W] * elapsed_s;
    hosts[at + GIVEN_MHZ_s] += served_mhz * elapsed_s;
    hosts[at + SHORT_MHZ_s] += (hosts[at + DEMAND_MHZ] - served_mhz) * elapsed_s;
    if (hosts[at + POWERED] === 1) hosts[at + ON_s] += elapsed_s;
  }

  /** Derives what a host serves and draws from its demand and whether it is on. */
  private update(host: number, now_s: number): void {
    const { hosts } = this;
    const at = host * RECORD;
    const rack = hosts[at + RACK];
    let served_mhz = 0;
    let drawn_w = 0;
    if (hosts[at + POWERED] === 1) {
      const capacity_mhz = hosts[at + CAPACITY_MHZ];
      served_mhz = Math.min(hosts[at + DEMAND_MHZ], capacity_mhz);
      const share = this.curves[this.curve[host]](served_mhz / capacity_mhz);
      drawn_w = hosts[at + IDLE_W] + hosts[at + SPAN_W] * share;
    }
    const change_w = drawn_w - hosts[at + DRAWN_W];
    hosts[at + SERVED_MHZ] = served_mhz;
    hosts[at + DRAWN_W] = drawn_w;
    hosts[at + CHANGED_s] = now_s;
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
      const drawn_w = this.hosts[host * RECORD + DRAWN_W];
      this.rackDrawn_w[this.hosts[host * RECORD + RACK]] += drawn_w;
      this.rackDrawn_w[this.rackCount] += drawn_w;
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
