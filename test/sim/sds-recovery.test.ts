/** Who copies first: slots for recovery and backfill go by priority. */
import { describe, expect, it } from 'vitest';
import { Recovery, type Reservation } from '../../sim/sds/recovery.ts';
import type { SimWorld } from '../../sim/world.ts';
import { CEPH, Cloud, LAB, pool, scenarioOf } from './cloud.ts';

/** Slots of ten OSDs, and what becomes of those who ask for them. */
class Slots {
  readonly granted: number[] = [];
  readonly preempted: number[] = [];
  readonly full = new Set<number>();
  readonly recovery: Recovery;

  constructor() {
    const world = {
      engine: { isRequested: () => true },
      answerLater: (pg: number) => this.granted.push(pg),
    } as unknown as SimWorld;
    this.recovery = new Recovery(world, 10, {
      refuse: ({ targets }) => targets.some((osd) => this.full.has(osd)),
      preempt: ({ pg }) => this.preempted.push(pg),
      released: () => {},
    });
  }

  ask(pg: number, primary: number, targets: number[], priority = 100): void {
    const reservation: Reservation = {
      pg,
      entity: pg,
      token: pg,
      verb: 0,
      primary,
      targets,
      priority,
    };
    this.recovery.reserve(reservation);
  }
}

describe('slots', () => {
  it('are one for leading and one for receiving, on every OSD', () => {
    const slots = new Slots();
    slots.ask(1, 0, [1]);
    slots.ask(2, 0, [2]);
    slots.ask(3, 3, [1]);
    slots.ask(4, 1, [0]);
    expect(slots.granted).toEqual([1, 4]);
    slots.recovery.release(1);
    expect(slots.granted).toEqual([1, 4, 2, 3]);
  });

  it('go to the most urgent, then to the first who came', () => {
    const slots = new Slots();
    slots.ask(1, 0, [1], 250);
    for (const [pg, priority] of [
      [2, 100],
      [3, 140],
      [4, 100],
      [5, 220],
      [6, 140],
    ]) {
      slots.ask(pg, 0, [pg], priority);
    }
    expect(slots.preempted).toEqual([]);
    for (const pg of [1, 5, 3, 6, 2]) slots.recovery.release(pg);
    expect(slots.granted).toEqual([1, 5, 3, 6, 2, 4]);
  });

  it('are taken from those who need them less, if that is enough', () => {
    const slots = new Slots();
    slots.ask(1, 0, [1], 100);
    slots.ask(2, 2, [3], 140);
    slots.ask(3, 0, [3], 140);
    expect(slots.preempted).toEqual([]);
    slots.ask(4, 0, [3], 221);
    expect(slots.preempted).toEqual([1, 2]);
    slots.recovery.release(1);
    slots.recovery.release(2);
    expect(slots.granted).toEqual([1, 2, 4]);
  });

  it('are not given for a target without room', () => {
    const slots = new Slots();
    slots.full.add(1);
    slots.ask(1, 0, [1]);
    slots.ask(2, 0, [2]);
    expect(slots.granted).toEqual([2]);
    expect(slots.recovery.holders()).toEqual([2]);
  });
});

describe('a placement group with too few copies', () => {
  it('is filled before those that only are not where CRUSH wants them', () => {
    const slow = { ...LAB, 'pg.backfill': { distribution: constant(60), source: 'test' } };
    const pools = [pool({ pg_num: 64, rule: 'by-host', survives: 'host' })];
    const site = scenarioOf({ ceph: { ...CEPH, pools } });
    const cloud = new Cloud(site, slow).pass(900);
    // Two OSDs of different hosts go for good: some placement groups have lost two of three copies.
    cloud.send('osd/osd.0', 'crash').send('osd/osd.4', 'crash').pass(60);
    const inactive = cloud.all('pg').filter((pg) => !cloud.engine.isServing(pg));
    expect(inactive.length).toBeGreaterThan(0);
    const isActive = () => inactive.every((pg) => cloud.engine.isServing(pg));
    cloud.until(isActive, 7200);
    const waiting = Object.keys(cloud.count('pg')).filter((state) => state.includes('backfill'));
    expect(waiting.length).toBeGreaterThan(0);
    const isClean = () => Object.keys(cloud.count('pg')).join() === 'active+clean';
    cloud.until(isClean, 7 * 86_400);
    expect(cloud.world.services.ceph!.holders()).toEqual([]);
  });
});

function constant(value: number) {
  return { type: 'constant', value } as const;
}
