import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoff_s } from '../../backends/backoff.ts';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

it('waits grow to their maximum, and at least half of each is not chance', () => {
  fc.assert(
    fc.property(fc.nat(2_000), unit, (attempt, drawn) => {
      const wait_s = backoff_s({ first_s: 0.1, max_s: 5 }, attempt, () => drawn);
      const full_s = Math.min(5, 0.1 * 2 ** attempt);
      expect(wait_s).toBeGreaterThanOrEqual(full_s / 2);
      expect(wait_s).toBeLessThanOrEqual(full_s);
    }),
  );
});
