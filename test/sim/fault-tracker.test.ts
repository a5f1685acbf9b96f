import { describe, expect, it } from 'vitest';
import { FaultTracker } from '../../sim/faults/tracker.ts';

describe('the fault budget', () => {
  it('tells when more is faulty than the site is meant to survive', () => {
    const tracker = new FaultTracker({ disk: 1, rack: 1 });
    tracker.failed('disk', 'r1', 10);
    expect(tracker.exceeded).toBe(false);
    tracker.failed('disk', 'r1', 20);
    expect(tracker.exceeded).toBe(true);
    tracker.repaired('disk', 'r1', 35);
    expect(tracker.exceeded).toBe(false);
    expect(tracker.excesses).toEqual([
      { class: 'disk', from_s: 20, to_s: 35, worst: 2, budget: 1 },
    ]);
  });

  it('counts racks, not the components in them', () => {
    const tracker = new FaultTracker({ rack: 1 });
    tracker.failed('disk', 'r1', 0);
    tracker.failed('machine', 'r1', 1);
    expect(tracker.exceeded).toBe(false);
    expect(tracker.allows('disk', 'r1')).toBe(true);
    expect(tracker.allows('disk', 'r2')).toBe(false);
    tracker.failed('disk', 'r2', 2);
    expect(tracker.exceeded).toBe(true);
    tracker.repaired('machine', 'r1', 3);
    expect(tracker.exceeded).toBe(true);
    tracker.repaired('disk', 'r1', 4);
    expect(tracker.exceeded).toBe(false);
  });

  it('counts what took data with it until the data is whole, and planned work as no fault', () => {
    const tracker = new FaultTracker({ rack: 1 });
    tracker.taken('machine', 'r1', 0);
    tracker.healing('machine', 'r1');
    expect(tracker.faulty('machine')).toBe(1);
    tracker.failed('osd', 'r2', 60);
    expect(tracker.exceeded).toBe(true);
    tracker.whole(90);
    expect(tracker.exceeded).toBe(false);
    expect([tracker.injected, tracker.faulty('machine'), tracker.faulty('osd')]).toEqual([1, 0, 1]);
    tracker.whole(91);
    expect(tracker.faulty('machine')).toBe(0);
  });

  it('is no excess when one fault ends as another begins', () => {
    const tracker = new FaultTracker({ machine: 1 });
    tracker.failed('machine', 'r1', 0);
    tracker.failed('machine', 'r2', 60);
    tracker.repaired('machine', 'r1', 60);
    expect(tracker.excesses).toEqual([]);
  });

  it('has no limit for classes without a budget', () => {
    const tracker = new FaultTracker({});
    for (let i = 0; i < 100; i++) tracker.failed('osd', `r${i}`, i);
    expect(tracker.exceeded).toBe(false);
    expect(tracker.faulty('osd')).toBe(100);
    expect(tracker.faulty('rack')).toBe(100);
  });
});
