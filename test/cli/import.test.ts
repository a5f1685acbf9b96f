import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scenarioText } from '../../cli/commands/import.ts';
import { type Imported, scenarioOf } from '../../cli/import/scenario-of.ts';
import { simulate } from '../../cli/simulate.ts';
import type { Observation } from '../../engine/contract.ts';
import type { Engine } from '../../engine/engine.ts';
import { standardModel } from '../../engine/standard-model.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { load, scenarioOf as loaded } from '../scenarios/support.ts';
import { anyText } from '../support/any-text.ts';

const SYSTEMS: readonly LiveSystem[] = [{ driver: 'libvirt', options: { uri: 'qemu:///system' } }];

const GIB = 2 ** 30;
const bytes = fc.integer({ min: 1, max: 4_096 }).map((n) => n * GIB);
const hostName = fc.constantFrom(
  'node-1',
  'node-2',
  'Node_3.example',
  '4th',
  'r1/n5',
  'constructor',
);
/** Names as systems give them: with slashes, capitals and anything else. */
const anyName = fc.oneof(
  anyText({ minLength: 1, maxLength: 12 }),
  fc.constantFrom('a/b', 'A-B', 'constructor', '__proto__'),
);
const projectName = fc.constantFrom('demo', 'Demo', 'a/b', 'constructor');
const networkName = fc.constantFrom('lan', 'LAN', 'imported', 'constructor');
const rack = fc.constantFrom('r1', 'Rack 2', 'default', 'constructor');

const seen = (
  kind: string,
  entity: fc.Arbitrary<string>,
  attributes: Record<string, fc.Arbitrary<string | number | boolean>>,
): fc.Arbitrary<Observation> =>
  fc.record({
    kind: fc.constant(kind),
    entity,
    state: fc.constant('any'),
    attributes: fc.record(attributes, { requiredKeys: [] }) as fc.Arbitrary<
      Record<string, string | number | boolean>
    >,
  });

const observation: fc.Arbitrary<Observation> = fc.oneof(
  seen('machine', hostName, {
    cores: fc.integer({ min: 1, max: 256 }),
    memory_bytes: bytes,
    zone: rack,
  }),
  seen('disk', anyName, { machine: hostName, size_bytes: bytes, type: fc.constant('ssd') }),
  seen('hypervisor', hostName, {
    cores: fc.integer({ min: 1, max: 256 }),
    threads_per_core: fc.integer({ min: 1, max: 4 }),
    memory_bytes: bytes,
  }),
  seen('host-os', hostName, {
    hostname: hostName,
    cores: fc.integer({ min: 1, max: 256 }),
    threads_per_core: fc.integer({ min: 1, max: 4 }),
    memory_bytes: bytes,
    disks: fc.integer({ min: 0, max: 3 }),
    disk_bytes: bytes,
  }),
  seen('domain', anyName, { vcpus: fc.integer({ min: 1, max: 64 }), memory_bytes: bytes }),
  seen('compute-service', hostName, {
    vcpus: fc.integer({ min: 1, max: 256 }),
    memory_bytes: bytes,
  }),
  seen('flavor', anyName, {
    vcpus: fc.integer({ min: 1, max: 64 }),
    memory_bytes: bytes,
    disk_bytes: fc.oneof(bytes, fc.constant(0)),
  }),
  seen('image', anyName, { id: fc.uuid(), size_bytes: bytes }),
  seen('project', projectName, {
    id: fc.uuid(),
    quota_servers: fc.integer({ min: -1, max: 20 }),
    quota_vcpus: fc.integer({ min: -1, max: 2_000_000 }),
    quota_memory_bytes: fc.oneof(bytes, fc.constant(-1)),
    quota_volumes: fc.integer({ min: -1, max: 20 }),
  }),
  seen('logical-switch', networkName, {
    cidr: fc.constantFrom('10.1.0.0/24', '10.2.0.0/30', 'fd00::/64', 'nonsense'),
    external: fc.boolean(),
  }),
  seen('server', anyName, {
    project: projectName,
    flavor: fc.constantFrom('a/b', 'A-B', 'gone', 'constructor', '__proto__'),
    network: networkName,
  }),
  seen('node', hostName, {
    cpu_m: fc.integer({ min: 1_000, max: 256_000 }),
    memory_bytes: bytes,
  }),
  seen('model', fc.constantFrom('prod', 'Test/2', 'constructor'), {
    type: fc.constantFrom('iaas', 'caas'),
  }),
  seen('application', anyName, {
    model: fc.constantFrom('prod', 'Test/2'),
    charm: anyName,
    units: fc.integer({ min: 0, max: 9 }),
    subordinate_to: fc.constantFrom('', 'web'),
  }),
  seen('relation', anyName, {
    model: fc.constant('prod'),
    applications: fc.constantFrom('a/b A-B', 'A-B A-B', 'a/b', 'constructor __proto__'),
  }),
  seen('deployment', anyName, {
    replicas: fc.integer({ min: 0, max: 9 }),
    images: fc.constantFrom('registry/web:1', 'nginx', 'a,b'),
  }),
);

const text = (imported: Imported | undefined) => imported && scenarioText(imported);

it('builds a scenario that is valid, whatever systems call things', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(observation, { maxLength: 40 }), async (observations) => {
      const imported = scenarioOf('imported', SYSTEMS, unique(observations));
      if (!imported) return;
      const result = await load({ 'main.yaml': scenarioText(imported) });
      expect(loaded(result).live).toEqual(SYSTEMS);
    }),
    { numRuns: 300 },
  );
});

it('gives the same text for the same systems, in whichever order they list', () => {
  fc.assert(
    fc.property(
      fc
        .array(observation, { maxLength: 40 })
        .map(unique)
        .chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
          ),
        ),
      ([all, shuffled]) => {
        const again = text(scenarioOf('imported', SYSTEMS, shuffled));
        expect(again).toBe(text(scenarioOf('imported', SYSTEMS, all)));
      },
    ),
    { numRuns: 300 },
  );
});

it('keeps the names of machines, from the systems through the scenario into a run', async () => {
  const model = standardModel();
  const machine = (entity: string, zone: string): Observation => ({
    ...{ kind: 'machine', entity, state: 'ready+on' },
    attributes: { cores: 8, memory_bytes: 32 * GIB, zone },
  });
  const hostNames = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(hostNames, fc.infiniteStream(rack), async (names, zones) => {
      const listed = names.map((name) => machine(name, zones.next().value));
      const imported = scenarioOf('imported', SYSTEMS, listed);
      if (!imported) throw new Error('nothing was imported');
      const scenario = loaded(await load({ 'main.yaml': scenarioText(imported) }));
      const { simulation } = simulate({
        ...{ model, scenario, seed: 1, until_s: 1 },
        ...{ record: false, invariantMode: 'off' as const },
      });
      expect(namesOf(simulation.engine, 'machine')).toEqual([...names].sort());
      expect(imported.remarks.join()).not.toContain('is called');
    }),
    { numRuns: 50 },
  );
});

it('says of which machines it had to change the name', () => {
  const machine = { kind: 'machine', state: 'ready+on', attributes: { cores: 8 } };
  const names = ['a/b', 'a-b', '~'];
  const imported = scenarioOf(
    'x',
    SYSTEMS,
    names.map((entity) => ({ ...machine, entity })),
  );
  expect(imported?.scenario['site']).toMatchObject({
    racks: [{ machines: { machine: ['a-b', 'a-b-2', 'n-'] } }],
  });
  const remarks = imported?.remarks.filter((each) => each.includes('is called'));
  expect(remarks).toEqual([
    'site.racks: the machine "a/b" is called a-b-2 here.',
    'site.racks: the machine "~" is called n- here.',
  ]);
});

it('takes machines from hosts that are known by SSH alone', async () => {
  const host = (entity: string, disks: number): Observation => ({
    kind: 'host-os',
    entity,
    state: 'running',
    attributes: {
      ...{ hostname: entity, cores: 16, threads_per_core: 2, memory_bytes: 64 * GIB },
      ...{ disks, disk_bytes: disks * 960e9 },
    },
  });
  const ssh: LiveSystem = { driver: 'ssh', options: { hosts: 'alpha beta' } };
  const imported = scenarioOf('hosts', [ssh], [host('alpha', 1), host('beta', 2)]);
  const { remarks, scenario } = imported as Imported;
  const size = { memory: '64GiB', cores: 16, threads: 2 };
  expect(scenario['site']).toMatchObject({
    flavors: {
      machine: { ...size, disks: [{ class: 'ssd', size: '960GB', count: 1, use: 'system' }] },
      'machine-2': size,
    },
    racks: [{ name: 'r1', machines: { machine: ['alpha'], 'machine-2': ['beta'] } }],
  });
  expect(remarks).toEqual([expect.stringMatching(/^site\.flavors\.machine-2: .* system disks/)]);
  expect(loaded(await load({ 'main.yaml': scenarioText(imported as Imported) })).live).toEqual([
    ssh,
  ]);
});

it('gives another name to what is called as something that every object has', async () => {
  const imported = scenarioOf('constructor', SYSTEMS, [
    { kind: 'hypervisor', entity: 'node-1', state: 'running' },
    { kind: 'domain', entity: 'constructor', state: 'running' },
  ]);
  if (!imported) throw new Error('nothing was imported');
  expect(imported.scenario['name']).toBe('nconstructor');
  const { workload } = loaded(await load({ 'main.yaml': scenarioText(imported) }));
  expect(workload?.domains.map(({ name }) => name)).toEqual(['nconstructor']);
});

it('keeps each remark on a line of its own, whatever it names', async () => {
  const imported = scenarioOf('x', SYSTEMS, [
    { kind: 'node', entity: 'node-1', state: 'Ready' },
    { kind: 'model', entity: 'm', state: 'available', attributes: { type: 'caas' } },
    {
      ...{ kind: 'application', entity: 'a\n\u0000b: [', state: 'steady' },
      attributes: { model: 'm', subordinate_to: 'web' },
    },
  ]);
  if (!imported) throw new Error('nothing was imported');
  expect(imported.remarks.join()).toContain('a\n\u0000b: [');
  expect(scenarioText(imported)).toMatch(/^# .*a b: \[/m);
  loaded(await load({ 'main.yaml': scenarioText(imported) }));
});

it('says nothing when nobody tells which machines there are', () => {
  expect(scenarioOf('x', SYSTEMS, [{ kind: 'pool', entity: 'p', state: 'active' }])).toBe(
    undefined,
  );
});

it('keeps what a cluster of Ceph has', async () => {
  const osd = (n: number): Observation => ({
    ...{ kind: 'osd', entity: `osd.${n}`, state: 'up.in' },
    attributes: {
      ...{ host: `host-${n % 3}`, rack: `rack-${n % 3}`, device_class: 'nvme' },
      size_bytes: 1024 * GIB,
    },
  });
  const imported = scenarioOf('storage', SYSTEMS, [
    ...[0, 1, 2, 3, 4, 5].map(osd),
    ...['a', 'b', 'c'].map((entity) => ({ kind: 'mon', entity, state: 'leader' })),
    {
      ...{ kind: 'crush-rule', entity: 'by_rack', state: 'present' },
      attributes: { root: 'default~nvme', failure_domain: 'rack' },
    },
    {
      ...{ kind: 'pool', entity: 'volumes', state: 'active' },
      attributes: {
        ...{ applications: 'rbd', pg_num: 64, size: 3, min_size: 2, crush_rule: 'by_rack' },
        stored_bytes: 12 * GIB,
      },
    },
  ]);
  if (!imported) throw new Error('nothing was imported');
  const { site, stack } = loaded(await load({ 'main.yaml': scenarioText(imported) }));
  expect(site.racks.map(({ name }) => name)).toEqual(['rack-0', 'rack-1', 'rack-2']);
  expect(site.flavors['storage'].disks.at(-1)).toMatchObject({ class: 'nvme', count: 2 });
  expect(stack.ceph?.mons.count).toBe(3);
  expect(stack.ceph?.pools).toMatchObject([
    { name: 'volumes', pg_num: 64, size: 3, stored_bytes: 12 * GIB },
  ]);
});

it('keeps the quotas, networks and servers of a cloud', async () => {
  const server = (entity: string, network: string): Observation => ({
    ...{ kind: 'server', entity, state: 'active.idle+UP' },
    attributes: { project: 'demo', image: 'i1', flavor: 'small', network },
  });
  const imported = scenarioOf('cloud', SYSTEMS, [
    {
      kind: 'hypervisor',
      entity: 'node-1',
      state: 'up',
      attributes: { cores: 8, memory_bytes: 64 * GIB },
    },
    { kind: 'compute-service', entity: 'node-1', state: 'up', attributes: { vcpus: 8 } },
    {
      kind: 'flavor',
      entity: 'small',
      state: 'public',
      attributes: { vcpus: 2, memory_bytes: GIB },
    },
    { kind: 'image', entity: 'debian', state: 'active', attributes: { id: 'i1', size_bytes: GIB } },
    {
      ...{ kind: 'project', entity: 'demo', state: 'enabled' },
      // Its quota of servers was lowered after it had more.
      attributes: {
        quota_servers: 1,
        quota_vcpus: -1,
        quota_memory_bytes: 8 * GIB,
        quota_volumes: 5,
      },
    },
    { kind: 'logical-switch', entity: 'lan', state: 'active', attributes: { cidr: '10.1.0.0/24' } },
    {
      ...{ kind: 'logical-switch', entity: 'public', state: 'active' },
      attributes: { cidr: '198.51.100.0/24', external: true },
    },
    ...['a', 'b', 'c'].map((name) => server(name, 'lan')),
  ]);
  if (!imported) throw new Error('nothing was imported');
  const { stack, workload } = loaded(await load({ 'main.yaml': scenarioText(imported) }));
  expect(stack.openstack?.networks).toEqual({
    lan: { cidr: '10.1.0.0/24', external: false },
    public: { cidr: '198.51.100.0/24', external: true },
  });
  expect(stack.openstack?.projects).toEqual({
    demo: { servers: 3, vcpus: 1_000_000, ram_bytes: 8 * GIB, volumes: 5 },
  });
  expect(workload.servers).toMatchObject([{ name: 'demo', network: 'lan', initial: 3 }]);
  expect(imported.remarks.join()).not.toContain('networks');
});

function namesOf(engine: Engine, kind: string): string[] {
  const names: string[] = [];
  engine.forEach(engine.model.kindId(kind), (entity) => names.push(engine.names[entity]));
  return names.sort();
}

it('places the applications of a model on what else was imported', async () => {
  const juju = (kind: string, entity: string, attributes: Observation['attributes']) => ({
    ...{ kind, entity, state: 'any', attributes: { model: 'prod', ...attributes } },
  });
  const imported = scenarioOf('juju', SYSTEMS, [
    {
      kind: 'node',
      entity: 'n1',
      state: 'any',
      attributes: { cpu_m: 8_000, memory_bytes: 8 * GIB },
    },
    { kind: 'model', entity: 'prod', state: 'available', attributes: { type: 'caas' } },
    { kind: 'model', entity: 'bare', state: 'available', attributes: { type: 'iaas' } },
    juju('application', 'web', { charm: 'ch:web-3', units: 2 }),
    juju('application', 'db', { charm: 'ch:mysql-9', units: 1, scale: 3 }),
    juju('application', 'logs', { charm: 'ch:logs-1', units: 0, subordinate_to: 'web' }),
    juju('application', 'lone', { model: 'bare', charm: 'ch:lone-1', units: 1 }),
    juju('relation', 'web:db db:server', { applications: 'web db' }),
    juju('relation', 'web:logs logs:in', { applications: 'web logs' }),
  ]);
  if (!imported) throw new Error('nothing was imported');
  const { stack } = loaded(await load({ 'main.yaml': scenarioText(imported) }));
  expect(stack.juju).toMatchObject([
    {
      ...{ name: 'prod', on: { type: 'kubernetes' }, relations: [['web', 'db']] },
      applications: [
        { name: 'db', charm: 'ch:mysql-9', units: 3 },
        { name: 'web', charm: 'ch:web-3', units: 2 },
      ],
    },
  ]);
  expect(imported.remarks.join(' ')).toMatch(/logs/);
  expect(imported.remarks.join(' ')).toMatch(/model bare is left out/);
});

/** A system lists each of its things once. */
function unique(all: readonly Observation[]): Observation[] {
  return [...new Map(all.map((each) => [`${each.kind}/${each.entity}`, each])).values()];
}
