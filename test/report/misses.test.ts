import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainMiss, intersection, union } from '../../cli/report/misses.ts';
import { Troubles } from '../../engine/incidents/troubles.ts';
import type { Objective } from '../../model/scenario.ts';
import type { BudgetExcess } from '../../sim/faults/tracker.ts';
import { record, type Scribe } from './scribe.ts';

const excess = (from_s: number, to_s: number): BudgetExcess => ({
  class: 'machine',
  from_s,
  to_s,
  worst: 2,
  budget: 1,
});

function missOf(
  objective: Objective,
  excesses: readonly BudgetExcess[],
  write: (scribe: Scribe) => void,
) {
  const troubles = new Troubles(record(write));
  const miss = explainMiss(troubles, objective, excesses);
  const causes = miss?.causes.map(({ origin, share }) => [troubles.origins.row[origin], share]);
  return miss && { ...miss, causes };
}

const availability: Objective = {
  name: 'up',
  measure: 'availability',
  of: 'server/web-*',
  at_least_ratio: 0.99,
};

test('unavailability counts a moment once and is put down to what caused it', () => {
  let reboot = 0;
  let fail = 0;
  const miss = missOf(availability, [excess(150, 1000)], (s) => {
    const machine = s.create(0, 'machine', 'm1', 'deployed+on');
    const [one, two, other] = ['web-1', 'web-2', 'db-1'].map((name) =>
      s.create(0, 'server', name, 'active.idle+UP', 0),
    );
    reboot = s.move(90, one, 'reboot', 'active.rebooting+UP');
    s.move(100, one, 'done', 'active.idle+UP', reboot);
    fail = s.move(100, machine, 'fail', 'deployed+dead');
    for (const server of [one, two, other])
      s.move(100, server, 'lost', 'active.idle+UNKNOWN', fail);
    s.move(160, one, 'restored', 'active.idle+UP', fail);
    s.move(180, two, 'restored', 'active.idle+UP', fail);
    s.move(900, other, 'restored', 'active.idle+UP', fail);
  });
  expect(miss).toEqual({
    total: 90,
    beyond: 30,
    causes: [
      [fail, 140 / 150],
      [reboot, 10 / 150],
    ],
  });
});

test('entries into a state are counted, with those beyond the budget', () => {
  const count: Objective = {
    name: 'none-down',
    measure: 'count',
    of: 'pg/*',
    state: 'down',
    at_most: 0,
  };
  let fail = 0;
  const miss = missOf(count, [excess(20, 40)], (s) => {
    const osd = s.create(0, 'osd', 'osd.0', 'up+in');
    const pgs = [0, 1, 2].map((i) => s.create(0, 'pg', `1.${i}`, 'active+clean', 0));
    fail = s.move(10, osd, 'fail', 'crashed+in');
    pgs.forEach((pg, i) => {
      s.move(10 + 10 * i, pg, 'down', 'down', fail);
    });
    s.move(50, pgs[0], 'stale', 'stale+active+clean', fail);
  });
  expect(miss).toEqual({ total: 3, beyond: 2, causes: [[fail, 1]] });
});

test('requests that took too long are counted, each from its first step', () => {
  const latency: Objective = {
    name: 'boot',
    measure: 'latency',
    of: 'server/*',
    from: 'building',
    to: 'active',
    quantile: 0.95,
    at_most_s: 60,
  };
  const miss = missOf(latency, [], (s) => {
    [30, 100, 70].forEach((duration_s, i) => {
      const began_s = 1_000 * i;
      const row = s.recorder.rows;
      const server = s.create(began_s, 'server', `vm-${i}`, 'building.scheduling+UP');
      const next = s.move(began_s + 10, server, 'done', 'building.networking+UP', row);
      s.move(began_s + duration_s, server, 'done', 'active.idle+UP', next);
    });
  });
  expect(miss).toMatchObject({
    total: 2,
    beyond: 0,
    causes: [],
    slowest: { entity: 1, start_s: 1_000, end_s: 1_100 },
  });
});

test('nothing bad, or a peak of utilisation, is not explained', () => {
  const peak: Objective = {
    name: 'headroom',
    measure: 'utilisation',
    of: 'vcpus',
    at_most_ratio: 0.8,
  };
  const quiet = (s: Scribe) => {
    s.create(0, 'server', 'web-1', 'active.idle+UP');
  };
  expect(missOf(peak, [], quiet)).toBeUndefined();
  expect(missOf(availability, [], quiet)).toBeUndefined();
});

test('unions and intersections agree with a look at every instant', () => {
  const interval = fc
    .tuple(fc.nat(40), fc.integer({ min: 1, max: 10 }))
    .map(([start_s, length_s]) => ({ start_s, end_s: start_s + length_s }));
  const intervals = fc.array(interval, { maxLength: 8 });
  const at = (all: readonly { start_s: number; end_s: number }[], time_s: number) =>
    all.some(({ start_s, end_s }) => start_s <= time_s && time_s < end_s);
  fc.assert(
    fc.property(intervals, intervals, (a, b) => {
      const [one, two] = [union(a), union(b)];
      const both = intersection(one, two);
      for (let time_s = 0; time_s < 52; time_s++) {
        expect(at(one, time_s)).toBe(at(a, time_s));
        expect(at(both, time_s)).toBe(at(a, time_s) && at(b, time_s));
      }
      for (let i = 1; i < one.length; i++) {
        expect(one[i].start_s).toBeGreaterThan(one[i - 1].end_s);
      }
    }),
  );
});
