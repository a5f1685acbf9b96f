import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  erlangB,
  erlangC,
  meanTimeToLoss_s,
  mm1MeanNumber,
  mm1MeanTime_s,
  mmcMeanWait_s,
} from './closed-forms.ts';

const rate = fc.double({ min: 0.01, max: 100, noNaN: true });

describe('queues', () => {
  it('M/M/1 at load 0.9 holds 9 and takes 10 service times', () => {
    expect(mm1MeanNumber(0.9)).toBeCloseTo(9, 12);
    expect(mm1MeanTime_s(0.9, 1)).toBeCloseTo(10, 12);
  });

  it('Erlang B and C have their values for two servers and one erlang', () => {
    expect(erlangB(2, 1)).toBeCloseTo(1 / 5, 12);
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
  });

  it('Erlang B is the sum formula', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), rate, (servers, load) => {
        const terms = [1];
        for (let n = 1; n <= servers; n++) terms.push((terms[n - 1] * load) / n);
        const share = terms[servers] / terms.reduce((sum, term) => sum + term, 0);
        expect(erlangB(servers, load)).toBeCloseTo(share, 9);
      }),
    );
  });

  it('M/M/c with one server waits as M/M/1, and obeys Little', () => {
    fc.assert(
      fc.property(rate, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (services, load) => {
        const arrivals = load * services;
        const time_s = mm1MeanTime_s(arrivals, services);
        const wait_s = mmcMeanWait_s(1, arrivals, services);
        expect(wait_s / (time_s - 1 / services)).toBeCloseTo(1, 6);
        expect((arrivals * time_s) / mm1MeanNumber(load)).toBeCloseTo(1, 6);
      }),
    );
  });
});

describe('time to data loss', () => {
  it('of a mirror is (3 lambda + mu) / (2 lambda^2)', () => {
    fc.assert(
      fc.property(rate, rate, (failure_per_s, repair_per_s) => {
        const mirror = { devices: 2, tolerated: 1, failure_per_s, repair_per_s };
        const expected = (3 * failure_per_s + repair_per_s) / (2 * failure_per_s ** 2);
        expect(meanTimeToLoss_s(mirror) / expected).toBeCloseTo(1, 9);
      }),
    );
  });

  it('without redundancy is that of the first failure', () => {
    const group = { devices: 10, tolerated: 0, failure_per_s: 0.5, repair_per_s: 7 };
    expect(meanTimeToLoss_s(group)).toBeCloseTo(0.2, 12);
  });

  it('of three copies with a single repairer, solved by hand', () => {
    // T0 = 1/3, T1 = (1 + mu T0) / 2, T2 = 1 + mu T1 at lambda = 1, mu = 10.
    const group = { devices: 3, tolerated: 2, failure_per_s: 1, repair_per_s: 10, repairers: 1 };
    const first = 1 / 3;
    const second = (1 + 10 * first) / 2;
    expect(meanTimeToLoss_s(group)).toBeCloseTo(first + second + 1 + 10 * second, 9);
  });
});
