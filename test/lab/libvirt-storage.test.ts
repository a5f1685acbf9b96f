import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import type { Observation, Outcome } from '../../engine/contract.ts';
import { systemFolder } from '../../lab/folder.ts';
import { HYPERVISORS, hypervisorPaths } from '../../lab/libvirt/daemons.ts';
import { READY_MARKER } from '../../lab/libvirt/guest-init.ts';
import { libvirtUri } from '../../lab/libvirt/system.ts';
import {
  type Asked,
  actOn,
  ask,
  guestParams,
  openLibvirt,
  type Reached,
  reachOn,
  removeDomains,
  startLab,
} from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;
const TEST_TIMEOUT_MS = 300_000;
const SEEN_MS = 60_000;
const BOOT_MS = 180_000;
const MIB_BYTES = 2 ** 20;
const PREFIX = `kinds-${process.pid}`;
const folder = () => join(systemFolder('libvirt'), `pool-${process.pid}`);

let backend: LibvirtBackend;
const seen: Observation[] = [];

beforeAll(async () => {
  await startLab();
  backend = openLibvirt();
  backend.watch((each) => seen.push(each));
  mkdirSync(folder(), { recursive: true });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await removeDomains(PREFIX);
  await new Promise<void>((closed) => backend.close(closed));
  rmSync(folder(), { recursive: true });
});

const act = (...[kind, entity, verb, params]: Asked) => actOn(backend, kind, entity, verb, params);
const reach = (...[kind, entity, verb, state, params]: Reached) =>
  reachOn(backend, kind, entity, verb, state, params);

const upstreamOf = (outcome: Outcome) => outcome.type === 'fault' && outcome.fault.upstream;

describe('storage of a real libvirt', () => {
  const pool = PREFIX;
  const volume = `${PREFIX}/disk.qcow2`;

  it(
    'takes a pool and a volume through their lives',
    async () => {
      await reach('storage-pool', pool, 'define', 'inactive', { path: folder() });
      await reach('storage-pool', pool, 'build', 'inactive');
      await reach('storage-pool', pool, 'create', 'running');
      await reach('storage-pool', pool, 'refresh', 'running');
      const made = { capacity_bytes: 16 * MIB_BYTES };
      const { attributes } = await reach('storage-volume', volume, 'create', 'available', made);
      expect(attributes).toMatchObject({ capacity_bytes: 16 * MIB_BYTES });
      const grown = { capacity_bytes: 32 * MIB_BYTES };
      const after = await reach('storage-volume', volume, 'resize', 'available', grown);
      expect(after.attributes).toMatchObject(grown);
      const listed = (await backend.driver.list()).map(({ kind, entity }) => `${kind}/${entity}`);
      expect(listed).toEqual(
        expect.arrayContaining([`storage-pool/${pool}`, `storage-volume/${volume}`]),
      );
      await reach('storage-volume', volume, 'wipe', 'available');
      await reach('storage-volume', volume, 'delete', 'absent');
      await reach('storage-pool', pool, 'destroy', 'inactive');
      await reach('storage-pool', pool, 'undefine', 'absent');
      const states = () => seen.filter(({ entity }) => entity === pool).map(({ state }) => state);
      await expect
        .poll(states, { timeout: SEEN_MS })
        .toEqual(['inactive', 'running', 'inactive', 'absent']);
    },
    TEST_TIMEOUT_MS,
  );

  it('keeps libvirt\u2019s own codes in its faults', async () => {
    expect(upstreamOf(await act('storage-pool', 'nobody', 'create'))).toBe('49/18');
    expect(await act('storage-pool', 'bad', 'define', { path: 'relative' })).toMatchObject({
      fault: { code: 'LIBVIRT_BAD_PARAMS', effect: 'none' },
    });
    expect(await act('storage-volume', 'no-slash', 'delete')).toMatchObject({
      fault: { code: 'LIBVIRT_BAD_PARAMS' },
    });
    await reach('storage-pool', pool, 'define', 'inactive', { path: folder() });
    await reach('storage-pool', pool, 'create', 'running');
    expect(upstreamOf(await act('storage-volume', `${pool}/none`, 'delete'))).toBe('50/18');
    const made = { capacity_bytes: MIB_BYTES };
    await reach('storage-volume', volume, 'create', 'available', made);
    expect(upstreamOf(await act('storage-volume', volume, 'create', made))).toBe('90/18');
    await reach('storage-volume', volume, 'delete', 'absent');
    await reach('storage-pool', pool, 'destroy', 'inactive');
    await reach('storage-pool', pool, 'undefine', 'absent');
  });
});

describe('virtual networks of a real libvirt', () => {
  it(
    'are defined, started, stopped and removed',
    async () => {
      const made = { forward: 'open', bridge: 'vbr-test', address: '192.0.2.1/24' };
      await reach('virtual-network', PREFIX, 'define', 'inactive', made);
      await reach('virtual-network', PREFIX, 'create', 'active');
      expect(upstreamOf(await act('virtual-network', PREFIX, 'create'))).toBe('55/19');
      await reach('virtual-network', PREFIX, 'destroy', 'inactive');
      await reach('virtual-network', PREFIX, 'undefine', 'absent');
      expect(upstreamOf(await act('virtual-network', PREFIX, 'create'))).toBe('43/19');
    },
    TEST_TIMEOUT_MS,
  );
});

describe('a running guest of a real libvirt', () => {
  const vm = `${PREFIX}-vm`;

  it(
    'takes a disk and gives it back, is snapshot and put back, and is measured',
    async () => {
      await reach('storage-pool', PREFIX, 'define', 'inactive', { path: folder() });
      await reach('storage-pool', PREFIX, 'create', 'running');
      const made = { capacity_bytes: 64 * MIB_BYTES };
      await reach('storage-volume', `${PREFIX}/data.qcow2`, 'create', 'available', made);
      for (const verb of ['define', 'create']) {
        expect(await ask(backend, vm, verb)).toMatchObject({ type: 'done' });
      }
      const disk = { source: join(folder(), 'data.qcow2'), target: 'vda' };
      await reach('domain', vm, 'attach_disk', 'running', disk);
      const snapshot = `${vm}/before`;
      await reach('snapshot', snapshot, 'create', 'available');
      await reach('snapshot', snapshot, 'revert', 'available');
      await reach('snapshot', snapshot, 'delete', 'absent');
      expect(upstreamOf(await act('snapshot', snapshot, 'revert'))).toBe('72/10');
      const used = (await backend.driver.statistics()).find(({ domain }) => domain === vm);
      expect(used?.cpu_time_s).toBeGreaterThan(0);
      expect(used?.memory_bytes).toBe(128 * MIB_BYTES);
      await reach('domain', vm, 'detach_disk', 'running', { target: 'vda' });
      expect(await act('domain', vm, 'detach_disk', { target: 'vda' })).toMatchObject({
        fault: { code: 'LIBVIRT_DEVICE_UNKNOWN', effect: 'none' },
      });
      expect(await ask(backend, vm, 'destroy')).toMatchObject({ type: 'done' });
      expect(await ask(backend, vm, 'undefine')).toMatchObject({ type: 'done' });
      await reach('storage-volume', `${PREFIX}/data.qcow2`, 'delete', 'absent');
      await reach('storage-pool', PREFIX, 'destroy', 'inactive');
      await reach('storage-pool', PREFIX, 'undefine', 'absent');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'writes what it says while it boots to its console log',
    async () => {
      const console_log = join(hypervisorPaths().console, `${vm}.log`);
      const params = { ...guestParams(), console_log };
      for (const verb of ['define', 'create']) {
        expect(await ask(backend, vm, verb, { params })).toMatchObject({ type: 'done' });
      }
      const said = () => readFileSync(console_log, 'utf8');
      await expect.poll(said, { timeout: BOOT_MS, interval: 200 }).toContain(READY_MARKER);
      // The guest hears the power button now, and says so before it goes.
      await reach('domain', vm, 'shutdown', 'shutoff');
      expect(said()).toContain('power button');
      await reach('domain', vm, 'undefine', 'absent');
      rmSync(console_log);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'migrates to another hypervisor while it runs',
    async () => {
      const far = openLibvirt({ uri: libvirtUri(HYPERVISORS[1]) });
      const there: string[] = [];
      far.watch(({ kind, entity, reason }) => {
        if (kind === 'domain' && entity === vm && reason) there.push(reason);
      });
      try {
        for (const verb of ['define', 'create']) {
          expect(await ask(backend, vm, verb)).toMatchObject({ type: 'done' });
        }
        const to = {
          destination: libvirtUri(HYPERVISORS[1]),
          transport: `unix:${join(systemFolder('libvirt'), `m-${process.pid}`)}`,
        };
        await reach('migration', vm, 'prepare', 'performing', to);
        await reach('migration', vm, 'perform', 'finishing');
        await reach('migration', vm, 'finish', 'confirming');
        await reach('migration', vm, 'confirm', 'absent');
        expect(await backend.driver.observe('domain', vm)).toMatchObject({ state: 'absent' });
        expect(await far.driver.observe('domain', vm)).toMatchObject({ state: 'running' });
        await expect.poll(() => there, { timeout: SEEN_MS }).toContain('running/migrated');
      } finally {
        for (const verb of ['destroy', 'undefine']) await ask(far, vm, verb);
        await new Promise<void>((closed) => far.close(closed));
      }
    },
    TEST_TIMEOUT_MS,
  );

  it('is not migrated by a step out of order', async () => {
    expect(await act('migration', 'nobody', 'perform')).toMatchObject({
      fault: { code: 'LIBVIRT_NO_MIGRATION', effect: 'none' },
    });
  });
});

it('lists the host with what it has', async () => {
  const hosts = (await backend.driver.list()).filter(({ kind }) => kind === 'hypervisor');
  expect(hosts).toMatchObject([{ entity: HYPERVISORS[0], state: 'running' }]);
  expect(hosts[0].attributes?.['memory_bytes']).toBeGreaterThan(MIB_BYTES);
});
