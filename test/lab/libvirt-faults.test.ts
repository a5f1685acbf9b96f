import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { libvirtFault } from '../../backends/libvirt/faults.ts';
import type { Observation, Outcome } from '../../engine/contract.ts';
import { hypervisorPaths, startLibvirtd } from '../../lab/libvirt/daemons.ts';
import { listening } from '../../lab/libvirt/system.ts';
import { labRun, runningDaemons, systemProcesses } from '../../lab/lifecycle.ts';
import { commandName, stopProcesses } from '../../lab/process.ts';
import { LabReport } from '../../lab/report.ts';
import { ask, guestParams, openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;
/** How long a busy machine may take to show what happened. */
const SEEN_MS = 60_000;
const NAME = 'fault-vm';
let backend: LibvirtBackend;
let seen: Observation[];

beforeAll(startLab, START_TIMEOUT_MS);
beforeEach(() => {
  backend = openLibvirt({ reconnect: { first_s: 0.05, max_s: 0.2 } });
  seen = [];
  backend.watch((each) => seen.push(each));
});
afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await removeDomains(NAME);
});
afterAll(() => removeDomains(NAME));

const act = (verb: string, params: object = {}) =>
  ask(backend, NAME, verb, { params: { ...guestParams(), ...params } });
const observe = () =>
  new Promise<unknown>((reply) => backend.observe('domain', NAME, reply)) as Promise<Observation>;

async function live(...verbs: string[]): Promise<void> {
  for (const verb of verbs) expect(await act(verb), verb).toMatchObject({ type: 'done' });
}

const faulty = (code: string, upstream: string): Partial<Outcome> & object => ({
  type: 'fault',
  fault: expect.objectContaining({ code, upstream, retryable: false }),
});

describe("libvirt's refusals keep their own numbers", () => {
  it('for a domain that is not there', async () => {
    expect(await act('create')).toMatchObject(faulty('LIBVIRT_DOMAIN_UNKNOWN', '42/10'));
  });

  it('for states that do not allow the verb', async () => {
    await live('define', 'create');
    expect(await act('create')).toMatchObject(faulty('LIBVIRT_WRONG_STATE', '55/10'));
    await live('destroy');
    for (const verb of ['suspend', 'resume', 'shutdown', 'reboot', 'destroy', 'managed_save']) {
      expect(await act(verb), verb).toMatchObject(
        faulty('LIBVIRT_WRONG_STATE', expect.stringMatching(/^55\/[12]0$/)),
      );
    }
  });

  it('for a UUID that another domain has', async () => {
    await live('define');
    const { attributes } = await observe();
    const other = await ask(backend, `${NAME}-2`, 'define', {
      params: { ...guestParams(), uuid: attributes?.['uuid'] },
    });
    expect(other).toMatchObject(faulty('LIBVIRT_OPERATION_FAILED', '9/20'));
  });

  it('for more memory than there is, only when it starts', async () => {
    expect(await act('define', { memory_bytes: 2 ** 42 })).toMatchObject({ type: 'done' });
    const outcome = await act('create');
    expect(outcome).toMatchObject({
      fault: { code: 'LIBVIRT_OPERATION_FAILED', upstream: '1/10', effect: 'unknown' },
    });
    expect(JSON.stringify(outcome)).toContain('Cannot allocate memory');
    expect(await observe()).toMatchObject({ state: 'shutoff' });
  });

  it('for an image to restore that is not there', async () => {
    await live('define');
    const { fault } = libvirtFault('LIBVIRT_NO_SAVED_IMAGE', NAME);
    expect(await act('restore')).toEqual({ type: 'fault', fault });
  });

  it('and parameters are checked before anything is sent', async () => {
    const outcome = await act('define', { vcpus: 0 });
    expect(outcome).toMatchObject({ fault: { code: 'LIBVIRT_BAD_PARAMS', effect: 'none' } });
  });
});

describe('reality outside of libvirt', () => {
  it('kills QEMU, and the domain is seen to crash', async () => {
    await live('define', 'create');
    const qemu = systemProcesses('libvirt').filter(({ pid }) => commandName(pid).includes('qemu'));
    expect(qemu).toHaveLength(1);
    process.kill(qemu[0].pid, 'SIGKILL');
    await vi.waitFor(() => expect(seen.at(-1)).toMatchObject({ state: 'crashed' }), SEEN_MS);
    expect(seen.at(-1)).toMatchObject({
      reason: 'shutoff/crashed',
      attributes: { event: 'crashed' },
    });
    expect(await observe()).toMatchObject({ state: 'crashed' });
    await live('create', 'destroy');
  });

  it('restarts libvirtd: guests live on, and so does the backend', async () => {
    await live('define', 'create', 'suspend');
    const daemons = runningDaemons('libvirt');
    const libvirtd = daemons.filter(({ name }) => name === 'libvirtd');
    const holder = daemons.find(({ name }) => name === 'virtlogd');
    await stopProcesses(libvirtd, 5);
    // A connection that was just being made is lost; the next one finds nobody.
    await vi.waitFor(
      async () =>
        expect(await observe()).toMatchObject({ code: 'LIBVIRT_UNREACHABLE', retryable: true }),
      SEEN_MS,
    );
    const run = labRun('libvirt', new LabReport(() => {}));
    await listening(hypervisorPaths().socket, await startLibvirtd(run, holder?.pid ?? 0));
    await vi.waitFor(
      async () => expect(await observe()).toMatchObject({ state: 'paused' }),
      SEEN_MS,
    );
    seen = [];
    await live('resume');
    expect(seen.map(({ state }) => state)).toContain('running');
  });
});

describe("libvirt's own test driver", () => {
  it('answers through the same daemon, with events and without QEMU', async () => {
    const uri = `test+unix:///default?socket=${hypervisorPaths().socket}`;
    const test = openLibvirt({ uri });
    const states: string[] = [];
    test.watch(({ entity, state }) => {
      if (entity === NAME) states.push(state);
    });
    const params = { vcpus: 1, memory_bytes: 2 ** 20, arch: 'i686' };
    for (const verb of ['define', 'create', 'suspend', 'resume', 'destroy', 'undefine']) {
      expect(await ask(test, NAME, verb, { params }), verb).toMatchObject({ type: 'done' });
    }
    expect(states).toEqual(['shutoff', 'running', 'paused', 'running', 'shutoff', 'absent']);
    await new Promise<void>((closed) => test.close(closed));
  });
});
