import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Account } from '../../sim/account.ts';

const change = fc.record({
  wait_s: fc.integer({ min: 0, max: 100 }),
  capacity: fc.integer({ min: 0, max: 10 }),
  used: fc.integer({ min: -3, max: 5 }),
});

describe('the account of resources', () => {
  it('has the exact time-weighted mean and the highest level that lasted', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        let now_s = 0;
        const account = new Account(() => now_s);
        let capacity = 0;
        let used = 0;
        let usedSeconds = 0;
        let peakUsed = 0;
        let peakRatio = 0;
        let headroom = 0;
        const mark = account.line('vcpus').mark(0.5);
        let exceeded_s = Number.NaN;
        const last = (wait_s: number) => {
          if (capacity > 0 && used / capacity > 0.5 && Number.isNaN(exceeded_s)) exceeded_s = now_s;
          now_s += wait_s;
          usedSeconds += used * wait_s;
          peakUsed = Math.max(peakUsed, used);
          const ratio = capacity > 0 ? used / capacity : 0;
          if (ratio > peakRatio) headroom = capacity - used;
          peakRatio = Math.max(peakRatio, ratio);
        };
        for (const c of changes) {
          if (c.wait_s > 0) last(c.wait_s);
          capacity += c.capacity;
          account.addCapacity('vcpus', c.capacity);
          used += c.used;
          account.use('vcpus', c.used);
        }
        last(10);
        if (peakRatio === 0) headroom = capacity - peakUsed;
        const usage = account.usage('vcpus');
        expect(mark.first_s).toBe(exceeded_s);
        expect(usage).toMatchObject({ capacity, used, peakUsed, headroom });
        expect(usage.meanUsed).toBeCloseTo(usedSeconds / now_s, 9);
        expect(usage.peakRatio).toBeCloseTo(peakRatio, 12);
      }),
    );
  });
});
