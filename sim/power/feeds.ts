/**
 * Shares the power of a rack among its feeds (PDUs): every host has a cord in each PDU of its rack
 * and draws evenly from those that are live.
 */
import { PowerError } from './errors.ts';
import type { PowerMeter } from './meter.ts';

export class FeedMeter {
  private readonly meter: PowerMeter;
  /** First feed of each rack, and one closing entry. */
  private readonly rackStart: Int32Array;
  private readonly live: Uint8Array;
  private readonly drawn_j: Float64Array;
  /** By rack: energy that its feeds have been charged with. */
  private readonly charged_j: Float64Array;

  /**
   * All feeds are live at first.
   *
   * @param feedsPerRack number of PDUs of each rack of the meter
   * @throws {PowerError} POWER_BAD_HOST: not one number for each rack
   */
  constructor(meter: PowerMeter, feedsPerRack: readonly number[]) {
    if (feedsPerRack.length !== meter.rackCount) {
      throw new PowerError(
        'POWER_BAD_HOST',
        `feeds of ${feedsPerRack.length} racks for a meter of ${meter.rackCount} racks`,
      );
    }
    this.meter = meter;
    this.rackStart = new Int32Array(feedsPerRack.length + 1);
    for (const [rack, feeds] of feedsPerRack.entries()) {
      this.rackStart[rack + 1] = this.rackStart[rack] + feeds;
    }
    this.live = new Uint8Array(this.rackStart[feedsPerRack.length]).fill(1);
    this.drawn_j = new Float64Array(this.live.length);
    this.charged_j = new Float64Array(feedsPerRack.length);
  }

  /** Live feeds of a rack; at 0 its hosts have no power, which the caller tells the meter. */
  liveFeeds(rack: number): number {
    let count = 0;
    for (let feed = this.rackStart[rack]; feed < this.rackStart[rack + 1]; feed++) {
      count += this.live[feed];
    }
    return count;
  }

  /** Switches feed number `feed` of a rack on or off. */
  setLive(rack: number, feed: number, on: boolean, now_s: number): void {
    this.charge(rack, now_s);
    this.live[this.rackStart[rack] + feed] = on ? 1 : 0;
  }

  /** Watts that a feed carries now. */
  power_w(rack: number, feed: number): number {
    if (!this.live[this.rackStart[rack] + feed]) return 0;
    return this.meter.rackPower_w(rack) / this.liveFeeds(rack);
  }

  /** Joules that a feed has carried. */
  energy_j(rack: number, feed: number, now_s: number): number {
    this.charge(rack, now_s);
    return this.drawn_j[this.rackStart[rack] + feed];
  }

  /** Charges the live feeds with what the rack has drawn since the last time. */
  private charge(rack: number, now_s: number): void {
    const total_j = this.meter.rackEnergy_j(rack, now_s);
    const share_j = (total_j - this.charged_j[rack]) / this.liveFeeds(rack);
    this.charged_j[rack] = total_j;
    for (let feed = this.rackStart[rack]; feed < this.rackStart[rack + 1]; feed++) {
      if (this.live[feed]) this.drawn_j[feed] += share_j;
    }
  }
}
