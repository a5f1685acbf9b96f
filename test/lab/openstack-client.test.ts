/** Holds what the driver lists against what OpenStack's own client prints of the same cloud. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenstackBackend } from '../../backends/openstack/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { command } from '../../lab/command.ts';
import { stackPaths } from '../../lab/openstack/paths.ts';
import {
  closed,
  openOpenstack,
  reach,
  removeAll,
  START_TIMEOUT_MS,
  startCloud,
} from './openstack-lab.ts';

const PREFIX = 'client-';
const NAME = `${PREFIX}${process.pid}`;
const CLIENT_TIMEOUT_MS = 120_000;
const [MIB, GIB] = [2 ** 20, 2 ** 30];
let backend: OpenstackBackend;
let listed: readonly Observation[];
let printed: Awaited<ReturnType<typeof clientLists>>;

beforeAll(async () => {
  await startCloud();
  backend = await openOpenstack();
  await reach(backend, 'server', `${NAME}-a`, 'create');
  await reach(backend, 'server', `${NAME}-b`, 'create');
  await reach(backend, 'server', `${NAME}-b`, 'stop');
  await reach(backend, 'volume', NAME, 'create', { size_bytes: GIB });
  [listed, printed] = await Promise.all([backend.driver.list(), clientLists()]);
}, START_TIMEOUT_MS);

afterAll(async () => {
  await removeAll(backend, PREFIX, 'server', 'volume');
  await closed(backend);
}, CLIENT_TIMEOUT_MS);

type Row = Readonly<Record<string, unknown>>;

/** What is compared, by kind, and the client's command that lists it. */
const LISTS = {
  server: 'server list --all-projects',
  flavor: 'flavor list --all',
  image: 'image list',
  volume: 'volume list --all-projects',
  project: 'project list',
  'compute-service': 'compute service list --service nova-compute',
} as const;

/** The client's lists. It is asked all at once: its start takes it longer than any answer. */
async function clientLists(): Promise<Readonly<Record<keyof typeof LISTS, readonly Row[]>>> {
  const env = { OS_CLIENT_CONFIG_FILE: stackPaths().cloudsYaml, OS_CLOUD: 'lab' };
  const input = Object.values(LISTS).map((each) => `${each} -f json\n`);
  const printed = await command('openstack', [], { env, input: Buffer.from(input.join('')) });
  const lists = printed.toString().match(/^\[(?:\]|[\s\S]*?^\])$/gm) ?? [];
  expect(lists).toHaveLength(input.length);
  const kinds = Object.keys(LISTS) as (keyof typeof LISTS)[];
  return Object.fromEntries(kinds.map((kind, i) => [kind, JSON.parse(lists[i])])) as Record<
    keyof typeof LISTS,
    readonly Row[]
  >;
}

function ours(kind: string, row: (seen: Observation) => Row): readonly Row[] {
  return sorted(listed.filter((each) => each.kind === kind).map(row));
}

function sorted(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((a, b) => (String(a['ID']) < String(b['ID']) ? -1 : 1));
}

const of = ({ attributes = {} }: Observation) => attributes;

/** The status that nova makes of vm_state and task_state, for those that rest. */
const STATUS: Readonly<Record<string, string>> = {
  'active.idle': 'ACTIVE',
  'stopped.idle': 'SHUTOFF',
  'error.idle': 'ERROR',
};

it('servers', () => {
  const rows = printed.server;
  const theirs = rows.map(({ ID, Name, Status, Flavor }) => ({ ID, Name, Status, Flavor }));
  const mine = ours('server', (seen) => ({
    ID: of(seen)['id'],
    Name: seen.entity,
    Status: STATUS[seen.state.split('+')[0]],
    Flavor: of(seen)['flavor'],
  }));
  expect(mine.length).toBeGreaterThanOrEqual(2);
  expect(mine).toEqual(sorted(theirs));
});

it('flavors', () => {
  const rows = printed.flavor;
  const theirs = rows.map(({ ID, Name, RAM, Disk, VCPUs }) => ({ ID, Name, RAM, Disk, VCPUs }));
  const mine = ours('flavor', (seen) => ({
    ID: of(seen)['id'],
    Name: seen.entity,
    RAM: Number(of(seen)['memory_bytes']) / MIB,
    Disk: Number(of(seen)['disk_bytes']) / GIB,
    VCPUs: of(seen)['vcpus'],
  }));
  expect(mine).toEqual(sorted(theirs));
});

it('images', () => {
  const rows = printed.image;
  const mine = ours('image', (seen) => ({
    ID: of(seen)['id'],
    Status: seen.state.split('+')[0],
  }));
  expect(mine).toEqual(sorted(rows.map(({ ID, Status }) => ({ ID, Status }))));
});

it('volumes', () => {
  const rows = printed.volume;
  const mine = ours('volume', (seen) => ({
    ID: of(seen)['id'],
    Status: seen.state.split('+')[0],
    Size: Number(of(seen)['size_bytes']) / GIB,
  }));
  expect(mine.length).toBeGreaterThanOrEqual(1);
  expect(mine).toEqual(sorted(rows.map(({ ID, Status, Size }) => ({ ID, Status, Size }))));
});

it('projects', () => {
  const rows = printed.project;
  const mine = ours('project', (seen) => ({ ID: of(seen)['id'], Name: seen.entity }));
  expect(mine).toEqual(sorted(rows.map(({ ID, Name }) => ({ ID, Name }))));
});

it('compute services', () => {
  const rows = printed['compute-service'];
  const theirs = rows.map(({ ID, Host, Zone, Status, State }) => ({
    ...{ ID, Host, Zone, Status },
    State,
  }));
  const mine = ours('compute-service', (seen) => ({
    ID: of(seen)['id'],
    Host: seen.entity,
    Zone: of(seen)['zone'],
    Status: seen.state.split('+')[1],
    State: seen.state.startsWith('up') ? 'up' : 'down',
  }));
  expect(mine).toEqual(sorted(theirs));
});
