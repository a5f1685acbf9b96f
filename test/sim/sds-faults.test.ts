/** The simulated Ceph under faults: what breaks heals, and nothing is held for ever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantMonitor } from '../../engine/invariants.ts';
import { EngineView } from '../../engine/view.ts';
import { FAULT_TARGETS } from '../../model/fault-targets.ts';
import { STORAGE } from '../../model/invariants/storage.ts';
import { CEPH, Cloud, MODEL, pool, scenarioOf } from './cloud.ts';

const HOUR_s = 3600;
const GIB = 2 ** 30;

const SITE = scenarioOf({
  ceph: {
    ...CEPH,
    pools: [
      pool({ stored_bytes: 640 * GIB }),
      pool({ name: 'small', pg_num: 16, stored_bytes: GIB, rule: 'by-host', survives: 'host' }),
    ],
  },
});

/** A site whose Ceph is up and clean. */
function clean(seed = 1): Cloud {
  const cloud = new Cloud(SITE, undefined, seed).pass(HOUR_s);
  expect(cloud.count('pg')).toEqual({ 'active+clean': 48 });
  return cloud;
}

/** Placement groups that hold slots without copying, or being about to. */
function idleHolders(cloud: Cloud): string[] {
  return cloud.world.services
    .ceph!.holders()
    .map((pg) => cloud.stateOf(pg))
    .filter((state) => !/^(?!stale).*(recover|backfill)(y_wait|ing|_wait)/.test(state));
}

/** Holds what must be true of pools and acting sets. */
function monitorOf(cloud: Cloud): InvariantMonitor {
  const { engine, world } = cloud;
  const view = new EngineView(engine, world.quantities, () => false);
  const held = STORAGE.filter(({ name }) => HELD.includes(name));
  const monitor = new InvariantMonitor(engine, view, held);
  monitor.follow();
  return monitor;
}

const HELD = [
  'pool-serves-without-stuck-pgs',
  'acting-set-has-distinct-osds',
  'acting-set-never-shares-a-failure-domain',
  'active-pg-has-min-size',
  'clean-pg-has-all-copies',
];

const dependentOsd = (cloud: Cloud, disk: number) =>
  cloud.engine.dependentOf(disk, MODEL.kindId('osd'));

const TARGETS = ['disk', 'machine', 'pdu', 'switch', 'host-os', 'osd'] as const;

const fault = fc.record({
  target: fc.constantFrom(...TARGETS),
  which: fc.nat(1000),
  wait_s: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1200 })),
  heal_after_s: fc.integer({ min: 60, max: 4000 }),
});

type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

/** What this test has found before. */
const FOUND: [Fault[], number][] = [
  // Recovery took the place of a backfill, and waited for the slots that the backfill held.
  [[{ target: 'disk', which: 134, wait_s: 1, heal_after_s: 601 }], 0],
  // A slot became free for a placement group that was about to peer, which kept it.
  [
    [
      { target: 'disk', which: 8, wait_s: 66, heal_after_s: 60 },
      { target: 'machine', which: 2, wait_s: 0, heal_after_s: 60 },
      { target: 'disk', which: 0, wait_s: 25, heal_after_s: 60 },
    ],
    0,
  ],
];

describe('placement groups', () => {
  it('are all clean within hours once everything is repaired, and hold no slots', () => {
    fc.assert(
      fc.property(fc.array(fault, { minLength: 1, maxLength: 10 }), fc.nat(99), (faults, seed) => {
        const cloud = clean(seed);
        const { scheduler } = cloud.world;
        const monitor = monitorOf(cloud);
        for (const { target, which, wait_s, heal_after_s } of faults) {
          const { kind, fail, repair } = FAULT_TARGETS[target];
          const all = cloud.all(kind);
          const entity = all[which % all.length];
          cloud.world.send(entity, fail);
          const heal = scheduler.handler(() => cloud.world.send(entity, repair));
          scheduler.after(heal_after_s, heal);
          for (let left_s = wait_s; left_s > 0; left_s -= 50) {
            cloud.pass(Math.min(left_s, 50));
            expect(idleHolders(cloud)).toEqual([]);
            monitor.checkTouched();
          }
        }
        cloud.pass(5 * HOUR_s);
        monitor.sweep();
        expect(monitor.results().filter(({ ok }) => !ok)).toEqual([]);
        expect(cloud.count('pg')).toEqual({ 'active+clean': 48 });
        expect(cloud.world.services.ceph!.holders()).toEqual([]);
      }),
      { numRuns: 60, examples: FOUND },
    );
  });
});

describe('pools', () => {
  /** Two of three copies go, and the mons see it. */
  const sendStorage = (cloud: Cloud, event: string) => {
    for (const rack of ['r1', 'r2']) {
      for (const n of [1, 2]) cloud.send(`machine/${rack}-storage-${n}`, event);
    }
  };
  const inactive = (cloud: Cloud) => cloud.all('pg').filter((pg) => !cloud.engine.isServing(pg));

  it('serve on while placement groups peer after a disk failed', () => {
    const cloud = clean();
    const since_s = cloud.engine.now;
    const [disk] = cloud.all('disk').filter((d) => dependentOsd(cloud, d) >= 0);
    cloud.world.send(disk, 'fail');
    cloud.until(() => inactive(cloud).length > 0, 60).pass(1200);
    expect(inactive(cloud)).toEqual([]);
    for (const one of cloud.all('pool')) expect(cloud.history(one, since_s)).toEqual([]);
  });

  it('stop serving when a placement group has been inactive for a minute, until all are active', () => {
    const cloud = clean();
    const volumes = cloud.find('pool/volumes');
    sendStorage(cloud, 'fail');
    cloud.until(() => inactive(cloud).length > 0, 60);
    const since_s = cloud.engine.now;
    cloud.until(() => !cloud.engine.isServing(volumes), 600);
    const waited_s = cloud.engine.now - since_s;
    expect(waited_s).toBeGreaterThan(58);
    expect(waited_s).toBeLessThan(63);
    cloud.pass(HOUR_s);
    sendStorage(cloud, 'repair');
    cloud.until(() => cloud.engine.isServing(volumes), HOUR_s);
    const ofVolumes = inactive(cloud).filter((pg) => cloud.engine.names[pg].startsWith('1.'));
    expect(ofVolumes).toEqual([]);
  });
});
