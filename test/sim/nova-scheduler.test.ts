/** The short way to the best host (fronts of blocks) against looking at every host. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Stream } from '../../engine/random.ts';
import { Placement } from '../../sim/iaas/placement.ts';
import type { Demand } from '../../sim/iaas/resources.ts';
import { multipliersOf, Scheduler } from '../../sim/iaas/scheduler.ts';

const GIB = 2 ** 30;
const demand = (vcpus: number, ram: number, disk: number): Demand => ({
  vcpus,
  ram_bytes: ram * GIB,
  disk_bytes: disk * GIB,
});
const DEMANDS = [demand(1, 2, 0), demand(4, 8, 20), demand(8, 64, 0)];

type Step =
  | { readonly do: 'build'; readonly demand: number; readonly ignored: readonly number[] }
  | { readonly do: 'delete'; readonly pick: number }
  | { readonly do: 'up' | 'enabled'; readonly host: number; readonly is: boolean }
  | { readonly do: 'note'; readonly host: number; readonly failed: boolean };

const host = fc.nat(79);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('build' as const),
      demand: fc.nat(2),
      ignored: fc.array(host, { maxLength: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete' as const), pick: fc.nat(1000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('up' as const, 'enabled' as const),
      host,
      is: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('note' as const), host, failed: fc.boolean() }),
  },
);

const weight = fc.constantFrom(0, 0.5, 1, 2);

describe('the host that nova-scheduler selects', () => {
  it('is the first of those that weigh most, whatever happened before', () => {
    const property = fc.property(
      fc.record({ ram_weight: weight, cpu_weight: weight, disk_weight: weight }),
      fc.constantFrom(5, 40, 1000),
      fc.array(step, { minLength: 1, maxLength: 150 }),
      (weights, max_candidates, steps) => {
        const config = { ...weights, max_candidates, host_subset_size: 1 };
        const placement = new Placement(multipliersOf(config));
        const scheduler = new Scheduler(placement, config, Stream.fromSeed(1));
        for (let i = 0; i < 80; i++) {
          placement.add({
            vcpus: 8 + 8 * (i % 2),
            ram_bytes: (64 + 32 * (i % 3)) * GIB,
            reserved_ram_bytes: 0,
            disk_bytes: 200 * GIB,
            cpu_ratio: 2,
            ram_ratio: 1,
            disk_ratio: 1,
          });
        }
        const guests: { host: number; demand: Demand }[] = [];
        for (const s of steps) {
          if (s.do === 'delete' && guests.length > 0) {
            const [gone] = guests.splice(s.pick % guests.length, 1);
            placement.allocate(gone.host, gone.demand, -1);
          } else if (s.do === 'up') placement.setUp(s.host, s.is);
          else if (s.do === 'enabled') placement.setEnabled(s.host, s.is);
          else if (s.do === 'note') scheduler.noteBuild(s.host, s.failed);
          if (s.do !== 'build') continue;
          const wanted = DEMANDS[s.demand];
          const best = scheduler.rank(wanted, s.ignored)[0]?.host ?? -1;
          const chosen = scheduler.select(wanted, s.ignored);
          expect(chosen).toBe(best);
          if (chosen < 0) continue;
          placement.allocate(chosen, wanted, 1);
          guests.push({ host: chosen, demand: wanted });
        }
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
