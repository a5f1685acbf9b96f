/** The same acts on a real compute host: nova's libvirt driver, QEMU, Open vSwitch and OVN. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenstackBackend } from '../../backends/openstack/driver.ts';
import { NeutronBackend } from '../../backends/openstack/neutron.ts';
import { REAL_HOST, REAL_IMAGE, REAL_ZONE } from '../../lab/openstack/hypervisor.ts';
import { addRealHost } from '../../lab/openstack/system.ts';
import { server } from '../../model/iaas/server.ts';
import { MachineSteps } from '../support/machine-steps.ts';
import { holdChanges, newChanges } from './nova-log.ts';
import {
  closed,
  cloudNamespace,
  labCloud,
  openOpenstack,
  reach,
  removeAll,
  removeRealHost,
  START_TIMEOUT_MS,
  startCloud,
} from './openstack-lab.ts';

const PREFIX = 'real-';
const NAME = `${PREFIX}${process.pid}`;
const ACTIVE = 'active.idle+UP';
const VERB_TIMEOUT_MS = 180_000;
const REAL = {
  ...{ flavor: 'm1.pico', image: REAL_IMAGE, availability_zone: REAL_ZONE },
  networks: ['lab-net'],
};
const machine = new MachineSteps(server);
let backend: OpenstackBackend;
let stood = 'building.scheduling';
let held = 0;

beforeAll(async () => {
  await startCloud();
  await addRealHost(cloudNamespace());
  backend = await openOpenstack();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await removeAll(backend, PREFIX, 'server', 'image');
  await closed(backend);
  await removeRealHost();
}, VERB_TIMEOUT_MS);

/** Every change that nova notified of is one that the machine allows. */
async function expectAllowed(rests: string): Promise<void> {
  const { attributes } = await backend.driver.observe('server', NAME);
  const changes = await newChanges(String(attributes?.['id']), held, rests.split('+')[0]);
  stood = holdChanges(machine, stood, changes);
  held += changes.length;
}

describe('a server on QEMU', () => {
  it.each([
    ['create', ACTIVE, {}],
    ['pause', 'paused.idle+UP', {}],
    ['unpause', ACTIVE, {}],
    ['suspend', 'suspended.idle+UP', {}],
    ['resume', ACTIVE, {}],
    ['hard_reboot', ACTIVE, {}],
    ['snapshot', ACTIVE, { snapshot_name: `${NAME}-snapshot` }],
    ['stop', 'stopped.idle+UP', {}],
    ['start', ACTIVE, {}],
    ['rebuild', ACTIVE, {}],
    ['shelve', 'shelved_offloaded.idle+UP', {}],
    ['unshelve', ACTIVE, {}],
  ])(
    '%s leads to %s, by steps that the machine knows',
    async (verb, to, params) => {
      expect(await reach(backend, 'server', NAME, verb, { ...REAL, ...params })).toBe(to);
      await expectAllowed(to);
    },
    VERB_TIMEOUT_MS,
  );

  it('runs where it was asked to, and its port is up because ovn-controller says so', async () => {
    const { attributes } = await backend.driver.observe('server', NAME);
    expect(attributes).toMatchObject({ host: REAL_HOST, zone: REAL_ZONE });
    const neutron = new NeutronBackend(await labCloud());
    const ports = (await neutron.driver.list()).filter(
      (each) => each.kind === 'port' && each.attributes?.['device'] === attributes?.['id'],
    );
    await closed(neutron);
    expect(ports).toMatchObject([{ state: 'ACTIVE', attributes: { host: REAL_HOST } }]);
  });

  it(
    'is deleted',
    async () => {
      expect(await reach(backend, 'server', NAME, 'delete')).toBe('absent');
    },
    VERB_TIMEOUT_MS,
  );
});
