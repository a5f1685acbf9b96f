import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeedMeter } from '../../../sim/power/feeds.ts';
import { PowerMeter } from '../../../sim/power/meter.ts';

const power = { idle_w: 100, max_w: 300, curve: 'linear' } as const;

function site(racks: number, hostsPerRack: number): PowerMeter {
  const hosts = Array.from({ length: racks * hostsPerRack }, (_, i) => ({
    capacity_mhz: 1000,
    power,
    rack: i % racks,
  }));
  return new PowerMeter(hosts);
}

describe('feeds of a rack', () => {
  it('share evenly, and the one that stays carries it all', () => {
    const meter = site(1, 2);
    const feeds = new FeedMeter(meter, [2]);
    expect(feeds.power_w(0, 0)).toBe(100);
    feeds.setLive(0, 1, false, 10);
    expect(feeds.liveFeeds(0)).toBe(1);
    expect(feeds.power_w(0, 0)).toBe(200);
    expect(feeds.power_w(0, 1)).toBe(0);
    feeds.setLive(0, 1, true, 30);
    expect(feeds.energy_j(0, 0, 40)).toBe(1000 + 4000 + 1000);
    expect(feeds.energy_j(0, 1, 40)).toBe(1000 + 1000);
  });

  it('carry nothing while the rack is dark', () => {
    const meter = site(1, 1);
    const feeds = new FeedMeter(meter, [1]);
    feeds.setLive(0, 0, false, 5);
    meter.setPowered(0, false, 5);
    expect(feeds.power_w(0, 0)).toBe(0);
    feeds.setLive(0, 0, true, 100);
    meter.setPowered(0, true, 100);
    expect(feeds.energy_j(0, 0, 110)).toBe(1500);
  });

  it('together carry what their rack drew, as long as one is live', () => {
    const step = fc.record({
      after_s: fc.nat(100),
      rack: fc.nat(1),
      feed: fc.nat(2),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const meter = site(2, 3);
        const feeds = new FeedMeter(meter, [3, 3]);
        let now_s = 0;
        for (const { after_s, rack, feed, share } of steps) {
          now_s += after_s;
          meter.setUtilisation(rack, share, now_s);
          feeds.setLive(rack, feed, feeds.power_w(rack, feed) === 0, now_s);
          if (feeds.liveFeeds(rack) === 0) feeds.setLive(rack, feed, true, now_s);
        }
        for (const rack of [0, 1]) {
          const total = [0, 1, 2].reduce((sum, f) => sum + feeds.energy_j(rack, f, now_s + 1), 0);
          expect(total).toBeCloseTo(meter.rackEnergy_j(rack, now_s + 1), 5);
        }
      }),
    );
  });

  it('must be given for every rack', () => {
    expect(() => new FeedMeter(site(2, 1), [2])).toThrow(
      expect.objectContaining({ code: 'POWER_BAD_HOST' }),
    );
  });
});
