/**
 * Random sequences of what nova asks of placement, against the real one and the simulated one: both
 * accept the same, refuse the same, have the same in use, and name the same candidates.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenstackBackend } from '../../backends/openstack/driver.ts';
import { hasStatus } from '../../backends/openstack/faults.ts';
import { Placement } from '../../sim/iaas/placement.ts';
import { closed, openOpenstack, START_TIMEOUT_MS, startCloud } from './openstack-lab.ts';

const [MIB, GIB] = [2 ** 20, 2 ** 30];
const SEQUENCES = 8;
const COMMANDS_MAX = 40;
const HOSTS_MAX = 4;
const PROPERTY_TIMEOUT_MS = 600_000;
const DISABLED = 'COMPUTE_STATUS_DISABLED';

let backend: OpenstackBackend;

beforeAll(async () => {
  await startCloud();
  backend = await openOpenstack();
}, START_TIMEOUT_MS);

afterAll(() => closed(backend));

// ---------------------------------------------------------------- the real one

type Item = Readonly<Record<string, unknown>>;

const get = (path: string, query?: Readonly<Record<string, string>>): Promise<Item> =>
  backend.driver.session.get('placement', path, query);

/** Whether it was accepted; what it refuses because of its state ends in 409. */
async function accepted(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: object) {
  try {
    await backend.driver.session.call('placement', { method, path, ...(body && { body }) });
    return true;
  } catch (thrown) {
    if (hasStatus(thrown, 409)) return false;
    throw thrown;
  }
}

interface Size {
  readonly vcpus: number;
  readonly ram_mib: number;
  readonly disk_gib: number;
}

const amounts = ({ vcpus, ram_mib, disk_gib }: Size) => ({
  ...{ VCPU: vcpus, MEMORY_MB: ram_mib, DISK_GB: disk_gib },
});

const demandOf = ({ vcpus, ram_mib, disk_gib }: Size) => ({
  ...{ vcpus, ram_bytes: ram_mib * MIB, disk_bytes: disk_gib * GIB },
});

interface Host extends Size {
  readonly reserved_mib: number;
  readonly cpu_ratio: number;
  readonly ram_ratio: number;
}

function inventoriesOf(host: Host): object {
  const of = (total: number, allocation_ratio = 1, reserved = 0) => ({
    ...{ total, allocation_ratio, reserved, max_unit: total },
  });
  return {
    VCPU: of(host.vcpus, host.cpu_ratio),
    MEMORY_MB: of(host.ram_mib, host.ram_ratio, host.reserved_mib),
    DISK_GB: of(host.disk_gib),
  };
}

/** Providers of one sequence, in an aggregate of their own. */
class Real {
  readonly aggregate = randomUUID();
  readonly hosts: string[] = [];
  readonly consumers: string[] = [];

  async add(host: Host): Promise<void> {
    const uuid = randomUUID();
    expect(await accepted('POST', '/resource_providers', { name: uuid, uuid })).toBe(true);
    this.hosts.push(uuid);
    const at = `/resource_providers/${uuid}`;
    const aggregates = [this.aggregate];
    const joined = { aggregates, resource_provider_generation: await generationOf(uuid) };
    expect(await accepted('PUT', `${at}/aggregates`, joined)).toBe(true);
    const resource_provider_generation = await generationOf(uuid);
    const inventories = inventoriesOf(host);
    const body = { resource_provider_generation, inventories };
    expect(await accepted('PUT', `${at}/inventories`, body)).toBe(true);
    // Who still has the number from before is refused, and changes nothing.
    expect(await accepted('PUT', `${at}/inventories`, body)).toBe(false);
  }

  async setEnabled(host: number, isEnabled: boolean): Promise<void> {
    const uuid = this.hosts[host];
    const resource_provider_generation = await generationOf(uuid);
    const traits = isEnabled ? [] : [DISABLED];
    const path = `/resource_providers/${uuid}/traits`;
    expect(await accepted('PUT', path, { traits, resource_provider_generation })).toBe(true);
  }

  async claim(consumer: string, host: number, size: Size): Promise<boolean> {
    const { consumer_generation } = await get(`/allocations/${consumer}`);
    return accepted('PUT', `/allocations/${consumer}`, {
      allocations: { [this.hosts[host]]: { resources: amounts(size) } },
      ...{ project_id: this.aggregate, user_id: this.aggregate, consumer_type: 'INSTANCE' },
      consumer_generation: consumer_generation ?? null,
    });
  }

  async candidates(size: Size): Promise<readonly number[]> {
    const resources = Object.entries(amounts(size)).map(([name, amount]) => `${name}:${amount}`);
    const { allocation_requests } = await get('/allocation_candidates', {
      ...{ resources: resources.join(','), member_of: this.aggregate, required: `!${DISABLED}` },
    });
    const requests = allocation_requests as { allocations: object }[];
    const uuids = requests.flatMap(({ allocations }) => Object.keys(allocations));
    return uuids.map((uuid) => this.hosts.indexOf(uuid)).sort();
  }

  async used(host: number): Promise<unknown> {
    return (await get(`/resource_providers/${this.hosts[host]}/usages`))['usages'];
  }

  async remove(): Promise<void> {
    for (const consumer of this.consumers) {
      const { allocations } = await get(`/allocations/${consumer}`);
      const isFree = Object.keys(allocations as object).length === 0;
      if (!isFree) await accepted('DELETE', `/allocations/${consumer}`);
    }
    for (const uuid of this.hosts) await accepted('DELETE', `/resource_providers/${uuid}`);
  }
}

async function generationOf(uuid: string): Promise<unknown> {
  return (await get(`/resource_providers/${uuid}`))['generation'];
}

// ---------------------------------------------------------------- the simulated one

/** What each consumer has, in the order of `Real.consumers`; freed ones have nothing. */
interface Model {
  readonly twin: Placement;
  readonly hosts: Host[];
  readonly held: ({ readonly host: number; readonly size: Size } | undefined)[];
}

/** Whether there is room, disabled or not: only candidates are without disabled hosts. */
function hasRoom({ twin }: Model, host: number, size: Size): boolean {
  const { vcpus, ram_bytes, disk_bytes } = demandOf(size);
  return [vcpus, ram_bytes, disk_bytes].every((amount, i) => twin.fits(host, i, amount));
}

function usedOf({ held }: Model, host: number): object {
  const sizes = held.flatMap((each) => (each?.host === host ? [each.size] : []));
  const sum = (of: (size: Size) => number) => sizes.reduce((total, size) => total + of(size), 0);
  return {
    ...{ VCPU: sum((s) => s.vcpus), MEMORY_MB: sum((s) => s.ram_mib) },
    DISK_GB: sum((s) => s.disk_gib),
  };
}

// ---------------------------------------------------------------- commands

type Command = fc.AsyncCommand<Model, Real>;

/** How often each was carried out, and how often placement refused. */
const count: Record<string, number> = {};
const counted = (what: string) => {
  count[what] = (count[what] ?? 0) + 1;
};

const add = (host: Host): Command => ({
  check: ({ hosts }) => hosts.length < HOSTS_MAX,
  async run({ twin, hosts }, real) {
    await real.add(host);
    hosts.push(host);
    twin.add({
      ...demandOf(host),
      ...{ cpu_ratio: host.cpu_ratio, ram_ratio: host.ram_ratio, disk_ratio: 1 },
      reserved_ram_bytes: host.reserved_mib * MIB,
    });
    counted('added');
  },
  toString: () => `add ${JSON.stringify(host)}`,
});

const claim = (which: number, size: Size): Command => ({
  check: ({ hosts }) => hosts.length > 0,
  async run(model, real) {
    const host = which % model.hosts.length;
    const consumer = randomUUID();
    const fits = hasRoom(model, host, size);
    expect(await real.claim(consumer, host, size)).toBe(fits);
    counted(fits ? 'claimed' : 'refused');
    if (!fits) return;
    real.consumers.push(consumer);
    model.held.push({ host, size });
    model.twin.allocate(host, demandOf(size), 1);
    expect(await real.used(host)).toEqual(usedOf(model, host));
  },
  toString: () => `claim host ${which} ${JSON.stringify(size)}`,
});

/** As nova does when a server is resized or moved: the new claim takes the place of the old one. */
const move = (whose: number, which: number, size: Size): Command => ({
  check: ({ held }) => held.some(Boolean),
  async run(model, real) {
    const [index, old] = heldBy(model, whose);
    const host = which % model.hosts.length;
    model.twin.allocate(old.host, demandOf(old.size), -1);
    const fits = hasRoom(model, host, size);
    expect(await real.claim(real.consumers[index], host, size)).toBe(fits);
    counted(fits ? 'moved' : 'refused');
    const now = fits ? { host, size } : old;
    model.twin.allocate(now.host, demandOf(now.size), 1);
    model.held[index] = now;
    for (const each of [old.host, host]) {
      expect(await real.used(each)).toEqual(usedOf(model, each));
    }
  },
  toString: () => `move ${whose} to host ${which} ${JSON.stringify(size)}`,
});

const free = (whose: number): Command => ({
  check: ({ held }) => held.some(Boolean),
  async run(model, real) {
    const [index, { host, size }] = heldBy(model, whose);
    expect(await accepted('DELETE', `/allocations/${real.consumers[index]}`)).toBe(true);
    model.held[index] = undefined;
    model.twin.allocate(host, demandOf(size), -1);
    expect(await real.used(host)).toEqual(usedOf(model, host));
    counted('freed');
  },
  toString: () => `free ${whose}`,
});

const enable = (which: number, isEnabled: boolean): Command => ({
  check: ({ hosts }) => hosts.length > 0,
  async run({ twin, hosts }, real) {
    const host = which % hosts.length;
    await real.setEnabled(host, isEnabled);
    twin.setEnabled(host, isEnabled);
    counted(isEnabled ? 'enabled' : 'disabled');
  },
  toString: () => `${isEnabled ? 'enable' : 'disable'} host ${which}`,
});

const ask = (size: Size): Command => ({
  check: () => true,
  async run({ twin, hosts }, real) {
    const all = hosts.map((_, host) => host);
    const ours = all.filter((host) => twin.isCandidate(host, demandOf(size)));
    expect(await real.candidates(size)).toEqual(ours);
    counted(`candidates: ${ours.length}`);
  },
  toString: () => `ask ${JSON.stringify(size)}`,
});

function heldBy({ held }: Model, whose: number) {
  const all = [...held.entries()].flatMap(([i, each]) => (each ? [[i, each] as const] : []));
  return all[whose % all.length];
}

const size = fc.record({
  vcpus: fc.integer({ min: 1, max: 8 }),
  ram_mib: fc.integer({ min: 1, max: 4_096 }),
  disk_gib: fc.integer({ min: 1, max: 50 }),
});
const host = fc.record({
  vcpus: fc.integer({ min: 2, max: 8 }),
  ram_mib: fc.integer({ min: 1_024, max: 8_192 }),
  disk_gib: fc.integer({ min: 20, max: 200 }),
  reserved_mib: fc.integer({ min: 0, max: 512 }),
  cpu_ratio: fc.constantFrom(1, 1.5, 4),
  ram_ratio: fc.constantFrom(1, 1.5),
});
const which = fc.nat(HOSTS_MAX - 1);
const whose = fc.nat(20);

it(
  'accepts, refuses, counts and offers what the simulated placement does, after any sequence',
  async () => {
    const seed = Number(process.env['STRATA_SEED'] ?? Date.now() % 2 ** 31);
    console.log(`seed ${seed}`);
    const claims = fc.tuple(which, size).map(([a, b]) => claim(a, b));
    const commands = fc.commands(
      [
        host.map(add),
        ...[claims, claims],
        fc.tuple(whose, which, size).map(([a, b, c]) => move(a, b, c)),
        whose.map(free),
        fc.tuple(which, fc.boolean()).map(([a, b]) => enable(a, b)),
        size.map(ask),
      ],
      { size: 'max', maxCommands: COMMANDS_MAX },
    );
    await fc.assert(
      fc.asyncProperty(host, host, commands, async (first, second, sequence) => {
        const real = new Real();
        const model = { twin: new Placement([1, 1, 1]), hosts: [], held: [] };
        try {
          for (const each of [first, second]) await add(each).run(model, real);
          await fc.asyncModelRun(() => ({ model, real }), sequence);
        } finally {
          await real.remove();
        }
      }),
      { numRuns: SEQUENCES, seed, endOnFailure: true },
    );
    console.log(`carried out: ${JSON.stringify(count)}`);
    for (const what of ['claimed', 'refused', 'freed']) expect(count[what]).toBeGreaterThan(0);
  },
  PROPERTY_TIMEOUT_MS,
);
