/** Holds the simulated placement against the real one, on the same inventory and allocations. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenstackBackend } from '../../backends/openstack/driver.ts';
import { isObject } from '../../backends/openstack/faults.ts';
import { Placement } from '../../sim/iaas/placement.ts';
import { closed, openOpenstack, START_TIMEOUT_MS, startCloud } from './openstack-lab.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const DEMANDS = 60;
const LIMIT = 1000;
const PROPERTY_TIMEOUT_MS = 300_000;
let backend: OpenstackBackend;

beforeAll(async () => {
  await startCloud();
  backend = await openOpenstack();
}, START_TIMEOUT_MS);

afterAll(() => closed(backend));

type Numbers = Readonly<Record<string, number>>;

interface Provider {
  readonly uuid: string;
  readonly inventories: Readonly<Record<string, Numbers>>;
  readonly usages: Numbers;
}

const get = (path: string, query?: Readonly<Record<string, string>>) =>
  backend.driver.session.get('placement', path, query);

async function providers(): Promise<readonly Provider[]> {
  const { resource_providers } = await get('/resource_providers');
  const found: Provider[] = [];
  for (const { uuid } of resource_providers as { uuid: string }[]) {
    const { inventories } = await get(`/resource_providers/${uuid}/inventories`);
    const { usages } = await get(`/resource_providers/${uuid}/usages`);
    found.push({ uuid, inventories, usages } as Provider);
  }
  return found;
}

/** A twin of the real placement: its inventories, and what is allocated of them. */
function twinOf(all: readonly Provider[]): Placement {
  const twin = new Placement([1, 1, 1]);
  for (const { inventories, usages } of all) {
    const [cpu, ram, disk] = ['VCPU', 'MEMORY_MB', 'DISK_GB'].map((name) => inventories[name]);
    const host = twin.add({
      vcpus: cpu['total'],
      cpu_ratio: cpu['allocation_ratio'],
      ram_bytes: ram['total'] * MIB,
      reserved_ram_bytes: ram['reserved'] * MIB,
      ram_ratio: ram['allocation_ratio'],
      disk_bytes: disk['total'] * GIB,
      disk_ratio: disk['allocation_ratio'],
    });
    twin.allocate(host, demandOf(usages), 1);
  }
  return twin;
}

const demandOf = (amounts: Numbers) => ({
  vcpus: amounts['VCPU'],
  ram_bytes: amounts['MEMORY_MB'] * MIB,
  disk_bytes: amounts['DISK_GB'] * GIB,
});

/** Near the limits of the hosts as well as far from them. */
const demand = fc.record({
  VCPU: fc.integer({ min: 1, max: 24 }),
  MEMORY_MB: fc.integer({ min: 1, max: 16_384 }),
  DISK_GB: fc.integer({ min: 1, max: 1_400 }),
});

it(
  'GET /allocation_candidates names the hosts that the simulated placement names',
  async () => {
    const seed = Date.now() % 2 ** 31;
    console.log(`seed ${seed}`);
    const all = await providers();
    expect(all.length).toBeGreaterThanOrEqual(3);
    const twin = twinOf(all);
    const answers = new Set<number>();
    await fc.assert(
      fc.asyncProperty(demand, async (amounts) => {
        const resources = Object.entries(amounts).map(([name, amount]) => `${name}:${amount}`);
        const answer = await get('/allocation_candidates', {
          resources: resources.join(','),
          limit: String(LIMIT),
        });
        expect(isObject(answer['provider_summaries'])).toBe(true);
        const requests = answer['allocation_requests'] as { allocations: object }[];
        const theirs = requests.flatMap(({ allocations }) => Object.keys(allocations)).sort();
        const candidates = demandOf(amounts);
        const ours = all
          .filter((_, host) => twin.isCandidate(host, candidates))
          .map(({ uuid }) => uuid)
          .sort();
        answers.add(theirs.length);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: DEMANDS, seed },
    );
    // The demands tell hosts apart: not all answers were alike.
    expect(answers.size).toBeGreaterThan(1);
  },
  PROPERTY_TIMEOUT_MS,
);
