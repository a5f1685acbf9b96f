import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { systemFolder } from '../../lab/folder.ts';
import { HYPERVISORS } from '../../lab/libvirt/daemons.ts';
import { libvirtUri } from '../../lab/libvirt/system.ts';
import {
  actOn,
  ask,
  openLibvirt,
  type Reached,
  reachOn,
  removeDomains,
  startLab,
} from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;
const TEST_TIMEOUT_MS = 300_000;
const PREFIX = `devices-${process.pid}`;
const NETWORK = PREFIX;
const vm = `${PREFIX}-vm`;
const NIC = { network: NETWORK, mac: '52:54:00:12:34:56' };

let backend: LibvirtBackend;

beforeAll(async () => {
  await startLab();
  backend = openLibvirt();
  await reach('virtual-network', NETWORK, 'define', 'inactive', { bridge: 'vbr-dev' });
  await reach('virtual-network', NETWORK, 'create', 'active');
}, START_TIMEOUT_MS);

afterEach(() => removeDomains(PREFIX));

afterAll(async () => {
  for (const verb of ['destroy', 'undefine']) {
    await actOn(backend, 'virtual-network', NETWORK, verb);
  }
  await new Promise<void>((closed) => backend.close(closed));
});

const reach = (...[kind, entity, verb, state, params]: Reached) =>
  reachOn(backend, kind, entity, verb, state, params);

async function live(...verbs: readonly string[]): Promise<void> {
  for (const verb of verbs) {
    const outcome = await ask(backend, vm, verb);
    expect(outcome, `${verb}: ${JSON.stringify(outcome)}`).toMatchObject({ type: 'done' });
  }
}

/** What the domain has received and sent so far: nothing is counted without a network card. */
const hasTraffic = async () => {
  const used = (await backend.driver.statistics()).find(({ domain }) => domain === vm);
  return (used?.net_received_bytes ?? 0) + (used?.net_sent_bytes ?? 0) > 0;
};

describe('a network card', () => {
  it(
    'is plugged into a running guest, which uses it, and is taken out again',
    async () => {
      await live('define', 'create');
      expect(await hasTraffic()).toBe(false);
      await reach('domain', vm, 'attach_interface', 'running', NIC);
      // The host's own announcements on the bridge reach it.
      await expect.poll(hasTraffic, { timeout: 60_000, interval: 200 }).toBe(true);
      expect(await actOn(backend, 'domain', vm, 'attach_interface', NIC)).toMatchObject({
        type: 'fault',
      });
      await reach('domain', vm, 'detach_interface', 'running', { mac: NIC.mac });
      expect(await hasTraffic()).toBe(false);
      expect(
        await actOn(backend, 'domain', vm, 'detach_interface', { mac: NIC.mac }),
      ).toMatchObject({ fault: { code: 'LIBVIRT_DEVICE_UNKNOWN', effect: 'none' } });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that is given to a guest that is off is there when it starts, and taken away while it is off',
    async () => {
      await live('define');
      await reach('domain', vm, 'attach_interface', 'shutoff', NIC);
      await live('create');
      await expect.poll(hasTraffic, { timeout: 60_000, interval: 200 }).toBe(true);
      await live('destroy');
      await reach('domain', vm, 'detach_interface', 'shutoff', { mac: NIC.mac });
      expect(
        await actOn(backend, 'domain', vm, 'detach_interface', { mac: NIC.mac }),
      ).toMatchObject({ fault: { code: 'LIBVIRT_DEVICE_UNKNOWN' } });
    },
    TEST_TIMEOUT_MS,
  );

  it('of a network that is not there is refused, with libvirt\u2019s own code', async () => {
    await live('define', 'create');
    const nic = { ...NIC, network: 'nowhere' };
    expect(await actOn(backend, 'domain', vm, 'attach_interface', nic)).toMatchObject({
      fault: { upstream: '43/19' },
    });
  });
});

describe('a migration that does not come to its end', () => {
  const destination = libvirtUri(HYPERVISORS[1]);
  const transport = `unix:${join(systemFolder('libvirt'), `x-${process.pid}`)}`;

  /** The guest is where it was and runs, and nothing of it is left at the destination. */
  async function stayedAtTheSource(): Promise<void> {
    const far = openLibvirt({ uri: destination });
    try {
      expect(await backend.driver.observe('domain', vm)).toMatchObject({ state: 'running' });
      expect(await backend.driver.observe('migration', vm)).toMatchObject({ state: 'absent' });
      await expect
        .poll(() => far.driver.observe('domain', vm), { timeout: 30_000, interval: 100 })
        .toMatchObject({ state: 'absent' });
    } finally {
      await new Promise<void>((closed) => far.close(closed));
    }
  }

  it(
    'is cancelled before the copy begins, and after it',
    async () => {
      await live('define', 'create');
      await reach('migration', vm, 'prepare', 'performing', { destination, transport });
      await reach('migration', vm, 'cancel', 'absent');
      await stayedAtTheSource();
      await reach('migration', vm, 'prepare', 'performing', { destination, transport });
      await reach('migration', vm, 'perform', 'finishing');
      await reach('migration', vm, 'cancel', 'absent');
      await stayedAtTheSource();
      await live('suspend', 'resume');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is cancelled while it copies',
    async () => {
      const seen: string[] = [];
      backend.watch(({ kind, state }: Observation) => kind === 'migration' && seen.push(state));
      // So slow that it would take minutes.
      await live('define', 'create');
      const slow = { destination, transport, bandwidth_mib_per_s: 1 };
      await reach('migration', vm, 'prepare', 'performing', slow);
      const performed = actOn(backend, 'migration', vm, 'perform');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await reach('migration', vm, 'cancel', 'absent');
      expect(await performed).toMatchObject({ type: 'fault' });
      await stayedAtTheSource();
      expect(seen).toEqual(['performing', 'absent']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is refused where nobody listens, and leaves the guest as it was',
    async () => {
      await live('define', 'create');
      const nowhere = `qemu+unix:///system?socket=${systemFolder('libvirt')}/nobody`;
      expect(
        await actOn(backend, 'migration', vm, 'prepare', { destination: nowhere, transport }),
      ).toMatchObject({ fault: { code: 'LIBVIRT_UNREACHABLE' } });
      await stayedAtTheSource();
    },
    TEST_TIMEOUT_MS,
  );
});
