/** The power meter against brute force, closed forms and its own conservation laws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerModel } from '../../../model/scenario.ts';
import { CURVES, type PowerCurve, powerAt_w } from '../../../sim/power/curve.ts';
import { PowerMeter } from '../../../sim/power/meter.ts';

const model = fc.record({
  idle_w: fc.integer({ min: 0, max: 300 }),
  max_w: fc.integer({ min: 300, max: 900 }),
  curve: fc.constantFrom<PowerCurve>('linear', 'sqrt', 'cubic'),
});
const host = fc.record({
  capacity_mhz: fc.integer({ min: 100, max: 100_000 }),
  power: model,
  rack: fc.nat(2),
});
/** After so many seconds, this host gets that demand (a share of its capacity) or is switched. */
const step = fc.record({
  after_s: fc.oneof(
    fc.constant(0),
    fc.nat(1_000_000).map((ms) => ms / 1000),
  ),
  host: fc.nat(3),
  share: fc.nat(2000).map((permille) => permille / 1000),
  powered: fc.option(fc.boolean(), { nil: undefined, freq: 4 }),
});
const hosts = fc.array(host, { minLength: 1, maxLength: 4 });
const steps = fc.array(step, { minLength: 1, maxLength: 40 });

interface Step {
  after_s: number;
  host: number;
  share: number;
  powered?: boolean;
}

interface Level {
  demand_mhz: number;
  powered: boolean;
}

interface Totals {
  energy_j: number;
  served: number;
  shortfall: number;
  on_s: number;
}

function close(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

/** Plays steps into a meter and, side by side, adds value times duration for every interval. */
function play(metered: { capacity_mhz: number; power: PowerModel; rack: number }[], list: Step[]) {
  const meter = new PowerMeter(metered);
  const levels: Level[] = metered.map(() => ({ demand_mhz: 0, powered: true }));
  const totals: Totals[] = metered.map(() => ({ energy_j: 0, served: 0, shortfall: 0, on_s: 0 }));
  let now_s = 0;
  let sitePeak_w = 0;
  const wait = (after_s: number) => {
    const seconds = now_s + after_s - now_s;
    let site_w = 0;
    for (const [i, { capacity_mhz, power }] of metered.entries()) {
      const { demand_mhz, powered } = levels[i];
      const served = powered ? Math.min(demand_mhz, capacity_mhz) : 0;
      const drawn_w = powered ? powerAt_w(power, served / capacity_mhz) : 0;
      site_w += drawn_w;
      totals[i].energy_j += drawn_w * seconds;
      totals[i].served += served * seconds;
      totals[i].shortfall += (demand_mhz - served) * seconds;
      totals[i].on_s += powered ? seconds : 0;
    }
    if (seconds > 0) sitePeak_w = Math.max(sitePeak_w, site_w);
    now_s += after_s;
  };
  for (const { after_s, host: drawn, share, powered } of list) {
    wait(after_s);
    const i = drawn % metered.length;
    if (powered === undefined) {
      levels[i].demand_mhz = share * metered[i].capacity_mhz;
      meter.setDemand(i, levels[i].demand_mhz, now_s);
    } else {
      levels[i].powered = powered;
      meter.setPowered(i, powered, now_s);
    }
  }
  wait(17);
  return { meter, totals, now_s, sitePeak_w };
}

describe('any sequence of demands and switches', () => {
  it('integrates exactly what brute force adds up', () => {
    fc.assert(
      fc.property(hosts, steps, (metered, list) => {
        const { meter, totals, now_s, sitePeak_w } = play(metered, list);
        for (const [i, expected] of totals.entries()) {
          close(meter.energy_j(i, now_s), expected.energy_j);
          close(meter.served_mhz_s(i, now_s), expected.served);
          close(meter.shortfall_mhz_s(i, now_s), expected.shortfall);
          close(meter.poweredTime_s(i, now_s), expected.on_s);
        }
        close(meter.sitePeak_w(now_s), sitePeak_w);
      }),
    );
  });

  it('adds up: hosts to racks, racks to the site, in power and energy', () => {
    fc.assert(
      fc.property(hosts, steps, (metered, list) => {
        const { meter, now_s } = play(metered, list);
        let power_w = 0;
        let energy_j = 0;
        for (let rack = 0; rack < meter.rackCount; rack++) {
          power_w += meter.rackPower_w(rack);
          energy_j += meter.rackEnergy_j(rack, now_s);
        }
        close(meter.sitePower_w(), power_w);
        close(meter.siteEnergy_j(now_s), energy_j);
        const each = metered.map((_, i) => meter.power_w(i)).reduce((a, b) => a + b, 0);
        close(meter.sitePower_w(), each);
      }),
    );
  });

  it('draws between idle and max while on, nothing while off', () => {
    fc.assert(
      fc.property(hosts, steps, (metered, list) => {
        const { meter, now_s } = play(metered, list);
        for (const [i, { power }] of metered.entries()) {
          const on_s = meter.poweredTime_s(i, now_s);
          const energy_j = meter.energy_j(i, now_s);
          expect(energy_j).toBeGreaterThanOrEqual(power.idle_w * on_s * (1 - 1e-12));
          expect(energy_j).toBeLessThanOrEqual(power.max_w * on_s * (1 + 1e-12));
          expect(meter.utilisation(i)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('samples whose sum over time is the energy', () => {
    fc.assert(
      fc.property(hosts, steps, fc.integer({ min: 1, max: 300 }), (metered, list, interval_s) => {
        const sampled_j = new Float64Array(metered.length);
        const meter = new PowerMeter(metered);
        let now_s = 0;
        let next_s = interval_s;
        const sampleUntil = (end_s: number) => {
          for (; next_s <= end_s; next_s += interval_s) {
            meter.sample(next_s, (i, utilisation, power_w) => {
              sampled_j[i] += power_w * interval_s;
              expect(utilisation).toBeGreaterThanOrEqual(0);
              expect(utilisation).toBeLessThanOrEqual(1 + 1e-9);
            });
          }
        };
        for (const { after_s, host: drawn, share } of list) {
          now_s += after_s;
          sampleUntil(now_s);
          const i = drawn % metered.length;
          meter.setUtilisation(i, share, now_s);
        }
        sampleUntil(now_s + interval_s);
        const end_s = next_s - interval_s;
        for (const i of metered.keys()) {
          const energy_j = meter.energy_j(i, Math.max(end_s, now_s));
          const rest_j = meter.power_w(i) * (Math.max(end_s, now_s) - end_s);
          expect(sampled_j[i] + rest_j).toBeCloseTo(energy_j, -Math.log10(energy_j + 1) + 8);
        }
      }),
    );
  });
});

describe('power curves', () => {
  it('rise with utilisation from idle to max, cubic below linear below square root', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(model, unit, unit, (power, a, b) => {
        const low = powerAt_w(power, Math.min(a, b));
        const high = powerAt_w(power, Math.max(a, b));
        expect(low).toBeLessThanOrEqual(high);
        expect(powerAt_w(power, 0)).toBe(power.idle_w);
        expect(powerAt_w(power, 1)).toBeCloseTo(power.max_w, 9);
        expect(CURVES.cubic(a)).toBeLessThanOrEqual(CURVES.linear(a));
        expect(CURVES.linear(a)).toBeLessThanOrEqual(CURVES.sqrt(a));
      }),
    );
  });

  it.each([
    ['linear', 150],
    ['sqrt', 200],
    ['cubic', 106.25 + 6.25],
  ] as const)('%s: a quarter of 100..300 W', (curve, expected) => {
    const power = { idle_w: 100, max_w: 300, curve };
    const at = curve === 'cubic' ? 0.5 ** (4 / 3) : 0.25;
    expect(powerAt_w(power, at)).toBeCloseTo(expected, 9);
  });
});

describe('closed forms', () => {
  const power: PowerModel = { idle_w: 100, max_w: 300, curve: 'linear' };

  it('a host that is half the time half busy draws idle + a quarter of the span', () => {
    const meter = new PowerMeter([{ capacity_mhz: 2000, power, rack: 0 }]);
    for (let t = 0; t < 3600; t += 60) meter.setDemand(0, t % 120 === 0 ? 1000 : 0, t);
    expect(meter.energy_j(0, 3600)).toBe((100 + 50) * 3600);
  });

  it('demand of twice the capacity is served by half', () => {
    const meter = new PowerMeter([{ capacity_mhz: 2000, power, rack: 0 }]);
    meter.setDemand(0, 4000, 0);
    expect(meter.utilisation(0)).toBe(1);
    expect(meter.energy_j(0, 10)).toBe(3000);
    expect(meter.served_mhz_s(0, 10)).toBe(20_000);
    expect(meter.shortfall_mhz_s(0, 10)).toBe(20_000);
  });

  it('keeps demand while off', () => {
    const meter = new PowerMeter([{ capacity_mhz: 2000, power, rack: 0, powered: false }]);
    expect(meter.power_w(0)).toBe(0);
    meter.setDemand(0, 1000, 5);
    meter.setPowered(0, true, 10);
    expect(meter.shortfall_mhz_s(0, 10)).toBe(5000);
    expect(meter.power_w(0)).toBe(200);
    expect(meter.poweredTime_s(0, 20)).toBe(10);
  });

  it('does not take moving a task at one instant for a peak', () => {
    const meter = new PowerMeter(
      [0, 1].map(() => ({ capacity_mhz: 1000, power, rack: 0 })),
      50,
    );
    meter.setDemand(0, 1000, 60);
    meter.setDemand(1, 1000, 70);
    meter.setDemand(0, 0, 70);
    expect(meter.rackPeak_w(0, 80)).toBe(400);
    expect(meter.rackPower_w(0)).toBe(400);
  });

  it('samples means over the interval, and present values at a first instant', () => {
    const meter = new PowerMeter([{ capacity_mhz: 1000, power, rack: 0 }]);
    const seen: number[][] = [];
    meter.setDemand(0, 1000, 0);
    meter.sample(0, (...sample) => seen.push(sample));
    meter.setDemand(0, 0, 15);
    meter.sample(60, (...sample) => seen.push(sample));
    meter.sample(120, (...sample) => seen.push(sample));
    expect(seen).toEqual([
      [0, 1, 300],
      [0, 0.25, 150],
      [0, 0, 100],
    ]);
  });
});

describe('refusals', () => {
  const power: PowerModel = { idle_w: 100, max_w: 300, curve: 'linear' };

  it('never goes back in time', () => {
    const meter = new PowerMeter([{ capacity_mhz: 1000, power, rack: 0 }]);
    meter.setDemand(0, 1, 10);
    const error = expect.objectContaining({ code: 'POWER_TIME_BACKWARDS' });
    expect(() => meter.setDemand(0, 1, 9)).toThrow(error);
    expect(() => meter.energy_j(0, Number.NaN)).toThrow(error);
  });

  it.each([
    ['POWER_BAD_HOST', { capacity_mhz: 0, power, rack: 0 }],
    ['POWER_BAD_HOST', { capacity_mhz: 1, power, rack: -1 }],
    ['POWER_BAD_MODEL', { capacity_mhz: 1, power: { ...power, idle_w: 400 }, rack: 0 }],
    [
      'POWER_BAD_MODEL',
      { capacity_mhz: 1, power: { ...power, curve: 'toString' as PowerCurve }, rack: 0 },
    ],
  ])('%s', (code, metered) => {
    expect(() => new PowerMeter([metered])).toThrow(expect.objectContaining({ code }));
  });
});
