import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PG_FLAGS, pgState } from '../../../backends/ceph/pg-states.ts';
import { pg } from '../../../model/sds/pg.ts';
import { anyText } from '../../support/any-text.ts';

const STATES = new Set(Object.keys(pg.machine.states ?? {}));

describe('the flags of a placement group as a state of the machine', () => {
  it('is a state of the machine for any combination of flags', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...PG_FLAGS), { minLength: 1 }), (flags) => {
        expect(STATES).toContain(pgState(flags.join('+')));
      }),
      { numRuns: 5000 },
    );
  });

  it('is itself for every state of the machine', () => {
    for (const state of STATES) expect(pgState(state)).toBe(state);
  });

  it('does not depend on the order of the flags', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.constantFrom(...PG_FLAGS), { minLength: 1 })
          .chain((flags) =>
            fc.tuple(fc.constant(flags), fc.shuffledSubarray(flags, { minLength: flags.length })),
          ),
        ([flags, shuffled]) => {
          expect(pgState(shuffled.join('+'))).toBe(pgState(flags.join('+')));
        },
      ),
    );
  });

  it.each([
    ['active+clean+laggy', 'active+clean'],
    ['active+clean+snaptrim_wait', 'active+clean'],
    ['active+clean+remapped', 'active+clean'],
    ['active+recovering+degraded+remapped', 'active+recovering+degraded+remapped'],
    ['active+recovery_toofull+degraded', 'active+recovery_wait+degraded'],
    ['active+undersized+remapped', 'active+undersized+degraded+remapped+backfill_wait'],
    ['active+remapped+forced_backfill+backfilling', 'active+remapped+backfilling'],
    ['stale+down+remapped', 'stale+down'],
    ['stale+unknown', 'unknown'],
    ['down+peering', 'down'],
    ['active+clean+scrubbing+deep+repair', 'active+clean+scrubbing+deep'],
    ['active+clean+scrubbing+deep+inconsistent', 'active+clean+inconsistent'],
  ])('%s is %s', (text, state) => {
    expect(pgState(text)).toBe(state);
  });

  it('refuses flags that Ceph does not have', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        fc.pre(!text.split('+').every((flag) => PG_FLAGS.includes(flag)));
        expect(() => pgState(text)).toThrow(/not as documented/);
      }),
    );
  });
});
