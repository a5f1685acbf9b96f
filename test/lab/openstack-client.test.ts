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

beforeAll(async () => {
  await startCloud();
  backend = await openOpenstack();
  await reach(backend, 'server', `${NAME}-a`, 'create');
  await reach(backend, 'server', `${NAME}-b`, 'create');
  await reach(backend, 'server', `${NAME}-b`, 'stop');
  await reach(backend, 'volume', NAME, 'create', { size_bytes: GIB });
  listed = await backend.driver.list();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await closed(backend);
  await removeAll('server', PREFIX);
  await removeAll('volume', PREFIX);
}, CLIENT_TIMEOUT_MS);

type Row = Readonly<Record<string, unknown>>;

/** `openstack … -f json`. */
async function openstack(...args: readonly string[]): Promise<readonly Row[]> {
  const env = { OS_CLIENT_CONFIG_FILE: stackPaths().cloudsYaml, OS_CLOUD: 'lab' };
  const printed = await command('openstack', [...args, '-f', 'json'], { env });
  return JSON.parse(printed.toString());
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

it(
  'servers',
  async () => {
    const rows = await openstack('server', 'list', '--all-projects');
    const theirs = rows.map(({ ID, Name, Status, Flavor }) => ({ ID, Name, Status, Flavor }));
    const mine = ours('server', (seen) => ({
      ID: of(seen)['id'],
      Name: seen.entity,
      Status: STATUS[seen.state.split('+')[0]],
      Flavor: of(seen)['flavor'],
    }));
    expect(mine.length).toBeGreaterThanOrEqual(2);
    expect(mine).toEqual(sorted(theirs));
  },
  CLIENT_TIMEOUT_MS,
);

it(
  'flavors',
  async () => {
    const rows = await openstack('flavor', 'list', '--all');
    const theirs = rows.map(({ ID, Name, RAM, Disk, VCPUs }) => ({ ID, Name, RAM, Disk, VCPUs }));
    const mine = ours('flavor', (seen) => ({
      ID: of(seen)['id'],
      Name: seen.entity,
      RAM: Number(of(seen)['memory_bytes']) / MIB,
      Disk: Number(of(seen)['disk_bytes']) / GIB,
      VCPUs: of(seen)['vcpus'],
    }));
    expect(mine).toEqual(sorted(theirs));
  },
  CLIENT_TIMEOUT_MS,
);

it(
  'images',
  async () => {
    const rows = await openstack('image', 'list');
    const mine = ours('image', (seen) => ({
      ID: of(seen)['id'],
      Status: seen.state.split('+')[0],
    }));
    expect(mine).toEqual(sorted(rows.map(({ ID, Status }) => ({ ID, Status }))));
  },
  CLIENT_TIMEOUT_MS,
);

it(
  'volumes',
  async () => {
    const rows = await openstack('volume', 'list', '--all-projects');
    const mine = ours('volume', (seen) => ({
      ID: of(seen)['id'],
      Status: seen.state.split('+')[0],
      Size: Number(of(seen)['size_bytes']) / GIB,
    }));
    expect(mine.length).toBeGreaterThanOrEqual(1);
    expect(mine).toEqual(sorted(rows.map(({ ID, Status, Size }) => ({ ID, Status, Size }))));
  },
  CLIENT_TIMEOUT_MS,
);

it(
  'projects',
  async () => {
    const rows = await openstack('project', 'list');
    const mine = ours('project', (seen) => ({ ID: of(seen)['id'], Name: seen.entity }));
    expect(mine).toEqual(sorted(rows.map(({ ID, Name }) => ({ ID, Name }))));
  },
  CLIENT_TIMEOUT_MS,
);

it(
  'compute services',
  async () => {
    const rows = await openstack('compute', 'service', 'list', '--service', 'nova-compute');
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
  },
  CLIENT_TIMEOUT_MS,
);
