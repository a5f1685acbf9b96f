import { expect, test } from 'vitest';
import { type BringUp, findBringUp } from '../../engine/incidents/bring-up.ts';
import { Troubles } from '../../engine/incidents/troubles.ts';
import { record, type Scribe } from './scribe.ts';

const bringUpOf = (write: (scribe: Scribe) => void): BringUp =>
  findBringUp(new Troubles(record(write)));

/** A machine that is deployed at 100 s, and a host OS that runs on it at 160 s. */
function rise(s: Scribe): number {
  const machine = s.create(0, 'machine', 'm1', 'new+off');
  const ready = s.move(1, machine, 'commission', 'commissioning+off', 0);
  const deployed = s.move(100, machine, 'done', 'deployed+on', ready);
  const os = s.create(100, 'host-os', 'm1', 'booting', deployed);
  return s.move(160, os, 'done', 'running', deployed);
}

test('it ends at the last entity that the start led to', () => {
  const bringUp = bringUpOf((s) => {
    const up = rise(s);
    const server = s.create(160, 'server', 'web', 'building.scheduling+UP', up);
    s.move(190, server, 'done', 'active.idle+UP', up);
    // What people ask for later is no part of it, nor is what fails.
    const late = s.create(500, 'server', 'late', 'building.scheduling+UP');
    s.move(530, late, 'done', 'active.idle+UP');
    s.move(600, 0, 'fail', 'deployed+dead');
    s.move(700, 0, 'repair', 'deployed+on');
  });
  expect(bringUp).toEqual({
    end_s: 190,
    layers: [
      { layer: 'bare-metal', whole_s: 100 },
      { layer: 'operating-system', whole_s: 160 },
      { layer: 'iaas', whole_s: 190 },
    ],
    missing: [],
    stumbles: [],
  });
});

test('an entity at rest holds nothing up, one that never came up is told', () => {
  const bringUp = bringUpOf((s) => {
    rise(s);
    s.create(0 + 160, 'mds', 'b', 'standby', 0);
    s.create(160, 'pod', 'web-1', 'Pending.Unschedulable+NotReady', 0);
    s.create(170, 'pod', 'web-2', 'Pending.Unschedulable+NotReady', 0);
  });
  expect(bringUp.end_s).toBe(160);
  expect(bringUp.missing).toEqual([{ kind: 'pod', state: 'Pending.Unschedulable+NotReady', n: 2 }]);
});

test('a run that ends too early has no end of its bring-up', () => {
  const bringUp = bringUpOf((s) => {
    const up = rise(s);
    s.create(170, 'server', 'web', 'building.scheduling+UP', up);
  });
  expect(bringUp.end_s).toBeUndefined();
  expect(bringUp.layers.map(({ whole_s }) => whole_s)).toEqual([100, 160]);
  expect(bringUp.missing).toEqual([{ kind: 'server', state: 'building.scheduling+UP', n: 1 }]);
});

test('a moment of rest before higher layers came up is not the end', () => {
  const bringUp = bringUpOf((s) => {
    rise(s);
    const server = s.create(300, 'server', 'web', 'building.scheduling+UP', 0);
    s.move(330, server, 'done', 'active.idle+UP', 0);
  });
  expect(bringUp.end_s).toBe(330);
});

test('a long rest is the end, whatever comes later', () => {
  const write = (later_s: number) => (s: Scribe) => {
    rise(s);
    const server = s.create(later_s, 'server', 'web', 'building.scheduling+UP', 0);
    s.move(later_s + 30, server, 'done', 'active.idle+UP', 0);
  };
  expect(bringUpOf(write(160 + 599)).end_s).toBe(160 + 629);
  expect(bringUpOf(write(160 + 600)).end_s).toBe(160);
});

test('pods of jobs come and go for ever without being a part of it', () => {
  const bringUp = bringUpOf((s) => {
    rise(s);
    for (let i = 1; i < 20; i++) {
      const pod = s.create(200 * i, 'pod', `job-${i}`, 'Pending.Scheduling+NotReady', 0);
      s.move(200 * i + 10, pod, 'started', 'Running.Started+Ready', 0);
      s.move(200 * i + 150, pod, 'succeeded', 'Succeeded+NotReady', 0);
    }
  });
  expect(bringUp.end_s).toBe(160);
});

test('an empty recording has no bring-up', () => {
  expect(bringUpOf(() => {})).toEqual({ end_s: 0, layers: [], missing: [], stumbles: [] });
});

test('what failed on its way up is told, and what of it came up later', () => {
  const { stumbles, missing } = bringUpOf((s) => {
    const machines = ['m1', 'm2', 'm3'].map((name) => s.create(0, 'machine', name, 'new+off'));
    for (const machine of machines) s.move(1, machine, 'commission', 'commissioning+off', 0);
    for (const i of [1, 2]) s.move(50, machines[i], 'fault', 'failed_commissioning+off', 0);
    s.move(100, machines[0], 'done', 'deployed+on', 0);
    s.move(200, machines[1], 'commission', 'commissioning+off', 0);
    s.move(300, machines[1], 'done', 'deployed+on', 0);
    // Later than the first time up, a failure is another story.
    s.move(9_000, machines[1], 'fail', 'deployed+dead');
  });
  expect(stumbles).toEqual([
    { kind: 'machine', state: 'failed_commissioning', n: 2, recovered: 1 },
  ]);
  expect(missing).toEqual([{ kind: 'machine', state: 'failed_commissioning+off', n: 1 }]);
});
