import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Observation } from '../../engine/contract.ts';
import { BMC_USERS, MACHINES } from '../../lab/metal/layout.ts';
import { divergences } from '../backends/bare-metal/machine-rules.ts';
import {
  FAKE_NODE,
  type IronicBackend,
  openIronic,
  patiently,
  removeNodes,
  startIronic,
} from './ironic-lab.ts';
import { done, PASSWORDS } from './metal-lab.ts';

const machine = MACHINES[2];
let url: URL;
let backend: IronicBackend;
let count = 0;

beforeAll(async () => {
  url = await startIronic();
  backend = openIronic(url);
}, 900_000);
afterAll(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await removeNodes(url, 'lab-');
}, 120_000);

const fresh = () => `lab-${process.pid}-${++count}`;
const act = (name: string, verb: string, params = {}) => patiently(backend, name, verb, params);

/** A node whose controller is one of the lab's. */
const realNode = (password_env: string) => ({
  driver: 'ipmi',
  driver_info: {
    ipmi_address: '127.0.0.1',
    ipmi_port: machine.bmc_port,
    ipmi_username: 'admin',
    ipmi_cipher_suite: '3',
  },
  driver_secrets_env: { ipmi_password: password_env },
});

describe('a node with a real controller', () => {
  it('is verified, switched on and off, and told what to boot from', async () => {
    const name = fresh();
    await done(backend, name, 'create', realNode('IPMI_PASSWORD'));
    expect(await act(name, 'manage')).toMatchObject({
      type: 'done',
      observation: { state: 'new+off', reason: 'manageable/power off' },
    });
    expect(await act(name, 'set_boot_device', { device: 'disk' })).toMatchObject({ type: 'done' });
    expect(await act(name, 'power_on')).toMatchObject({ observation: { state: 'new+on' } });
    expect(await act(name, 'power_off')).toMatchObject({ observation: { state: 'new+off' } });
    const shown = JSON.stringify([await backend.driver.list(), backend.driver]);
    expect(shown).not.toContain(BMC_USERS.admin.password);
    await act(name, 'delete');
  }, 180_000);

  it('with a wrong password falls back to enrolled, and says why', async () => {
    const name = fresh();
    await done(backend, name, 'create', realNode('WRONG_PASSWORD'));
    const outcome = await act(name, 'manage');
    expect(outcome).toMatchObject({
      fault: {
        code: 'IRONIC_OPERATION_FAILED',
        upstream: 'enroll',
        message: expect.stringContaining('Failed to get power state'),
      },
    });
    expect(JSON.stringify(outcome)).not.toContain(PASSWORDS['WRONG_PASSWORD']);
  }, 180_000);
});

describe('what Ironic refuses', () => {
  it('keeps its status', async () => {
    const name = fresh();
    await done(backend, name, 'create', FAKE_NODE);
    const fault = (code: string, upstream: string) => ({
      type: 'fault',
      fault: expect.objectContaining({ code, upstream, effect: 'none', retryable: false }),
    });
    expect(await act(name, 'deploy')).toMatchObject(fault('IRONIC_WRONG_STATE', '400'));
    expect(await act(name, 'create', FAKE_NODE)).toMatchObject(fault('IRONIC_EXISTS', '409'));
    expect(await act('nobody', 'deploy')).toMatchObject(fault('IRONIC_UNKNOWN', '404'));
    const unknown = { ...FAKE_NODE, driver: 'no-such-hardware' };
    expect(await act(fresh(), 'create', unknown)).toMatchObject(fault('IRONIC_BAD_PARAMS', '400'));
  });

  it('is nothing that the doctor misses', async () => {
    const found = await backend.driver.diagnose();
    expect(found.map(({ check, ok }) => [check, ok])).toEqual([
      ['reachable', true],
      ['version', true],
      ['permitted', true],
    ]);
  });
});

it('a node is rescued, inspected, cleaned, adopted and rebuilt', async () => {
  const name = fresh();
  await done(backend, name, 'create', FAKE_NODE);
  const reach = async (verb: string, state: string, params = {}) =>
    expect(await act(name, verb, params), verb).toMatchObject({
      type: 'done',
      observation: { state: expect.stringContaining(`${state}+`) },
    });
  await reach('manage', 'new');
  await reach('inspect_hardware', 'new');
  await reach('clean', 'new', { clean_steps: [{ interface: 'bios', step: 'factory_reset' }] });
  await reach('provide', 'ready');
  await reach('deploy', 'deployed', { instance_info: { lab: 'yes' } });
  await reach('enter_rescue_mode', 'rescue_mode');
  await reach('exit_rescue_mode', 'deployed');
  await reach('rebuild', 'deployed');
  await reach('erase', 'ready');
  await reach('manage', 'new');
  await reach('adopt', 'deployed');
  await reach('release', 'ready');
}, 180_000);

it('random verbs lead through states that the machine allows, but for what is listed', async () => {
  const verbs = [
    ...['commission', 'deploy', 'release', 'erase', 'provide', 'inspect_hardware', 'rebuild'],
    ...['enter_rescue_mode', 'exit_rescue_mode', 'power_on', 'power_off', 'reboot', 'manage'],
  ];
  const sequence = fc.array(fc.constantFrom(...verbs), { minLength: 4, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(sequence, async (chosen) => {
      const name = fresh();
      const seen: Observation[] = [];
      const stop = backend.watch((each) => {
        if (each.entity === name) seen.push(each);
      });
      await done(backend, name, 'create', FAKE_NODE);
      for (const verb of chosen) {
        const outcome = await act(name, verb);
        if (outcome.type === 'fault') {
          expect(outcome.fault, verb).toMatchObject({ code: 'IRONIC_WRONG_STATE', effect: 'none' });
        }
      }
      stop();
      // See docs/explanation/differences/bare-metal.md.
      const listed = /^(ready|rescue_mode)\+\w+ -> (new|releasing)\+/;
      expect(divergences(seen).filter((each) => !listed.test(each))).toEqual([]);
    }),
    { numRuns: 4 },
  );
}, 300_000);
