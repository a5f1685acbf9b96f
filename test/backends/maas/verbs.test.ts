import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { oauthHeader, parseApiKey } from '../../../backends/maas/oauth.ts';
import { MACHINE_VERBS } from '../../../backends/maas/verbs.ts';
import { compileModel } from '../../../engine/compile.ts';
import type { Observation } from '../../../engine/contract.ts';
import { DEAD_BMC } from '../../../lab/maas/hardware.ts';
import { machine as machineKind } from '../../../model/bare-metal/machine.ts';
import { eventually } from '../../support/eventually.ts';
import { divergences } from '../bare-metal/machine-rules.ts';
import {
  ADMIN_KEY,
  ask,
  live,
  type MaasBackend,
  machineParams,
  observe,
  openMaas,
  startServer,
  USER_KEY,
} from './region-under-test.ts';

const server = startServer();
const { region } = server;
let url: URL;
let backend: MaasBackend;
let count = 0;
let name: string;

beforeAll(async () => {
  url = await server.listen();
  backend = openMaas(url);
});
afterAll(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await server.close();
});
beforeEach(() => {
  name = `m${++count}`;
  region.isRackConnected = true;
  region.linksSubnets = true;
});

const record = () => [...region.machines.values()].find(({ hostname }) => hostname === name)!;
const act = (verb: string, params = {}, more = {}) => ask(backend, name, verb, params, more);
const reach = (...verbs: string[]) => live(backend, name, verbs);
const ON_LOCKED = [
  'create',
  'inspect',
  'lock',
  'unlock',
  'power_on',
  'tag',
  'untag',
  'link_subnet',
];
const PARAMS: Readonly<Record<string, object>> = { set_owner_data: { data: {} } };
const fault = (code: string, upstream?: string) => ({
  type: 'fault',
  fault: { code, ...(upstream ? { upstream } : {}) },
});

describe('verbs', () => {
  it('cover what the machine requests', () => {
    const requested = compileModel([machineKind], []).verbNames.map((verb) => verb.split('.')[1]);
    expect(MACHINE_VERBS).toEqual(expect.arrayContaining(requested));
  });

  it('lead a machine through its life', async () => {
    expect(await reach('create', 'commission', 'deploy', 'release', 'delete')).toEqual([
      'new+unknown',
      'ready+off',
      'deployed+on',
      'ready+off',
      'absent',
    ]);
  });

  it('deploy what they were told, with user data', async () => {
    await reach('create', 'commission');
    const params = { distro_series: 'noble', user_data: '#cloud-config\n' };
    expect(await act('deploy', params)).toMatchObject({
      observation: { attributes: { osystem: 'ubuntu', distro_series: 'noble', owner: 'admin' } },
    });
    expect(Buffer.from(record().user_data, 'base64').toString()).toBe('#cloud-config\n');
  });

  it('abort what is under way, whose own request ends as overtaken', async () => {
    await reach('create');
    for (const [verb, after] of [
      ['commission', 'new'],
      ['deploy', 'allocated'],
      ['erase', 'failed_disk_erasing'],
    ]) {
      if (verb === 'deploy') await reach('commission');
      if (verb === 'erase') await reach('deploy');
      region.hardware.hold();
      const asked = act(verb);
      await eventually(() => expect(record().status).toMatch(/commissioning|deploying|erasing/));
      expect(await act('abort')).toMatchObject({
        observation: { state: expect.stringContaining(`${after}+`) },
      });
      region.hardware.letGo();
      const code = verb === 'erase' ? 'MAAS_OPERATION_FAILED' : 'MAAS_OVERTAKEN';
      expect(await asked).toMatchObject({ fault: { code, effect: 'done' } });
    }
  });

  it('end in a fault when the machine fails', async () => {
    await reach('create');
    for (const [verb, job, status] of [
      ['commission', 'commission', 'failed_commissioning'],
      ['test', 'test', 'failed_testing'],
      ['deploy', 'deploy', 'failed_deployment'],
      ['erase', 'erase', 'failed_disk_erasing'],
      ['enter_rescue_mode', 'rescue', 'failed_entering_rescue_mode'],
    ] as const) {
      region.hardware.failing.set(name, new Set([job]));
      expect(await act(verb), verb).toMatchObject({
        fault: { code: 'MAAS_OPERATION_FAILED', effect: 'done', retryable: false },
      });
      expect((await observe(backend, name)).state).toContain(status);
      region.hardware.failing.delete(name);
      if (verb === 'commission') await reach('commission');
      if (verb === 'test') await reach('override_failed_testing');
      if (verb === 'deploy') await reach('release', 'deploy');
      if (verb === 'erase') await reach('release');
    }
  });

  it('of power, locks and marks may be asked for twice', async () => {
    await reach('create', 'commission', 'deploy');
    const twice = (verb: string) => reach(verb, verb);
    expect(await twice('power_on')).toEqual(['deployed+on', 'deployed+on']);
    expect(await twice('power_off')).toEqual(['deployed+off', 'deployed+off']);
    expect(await twice('lock')).toEqual(['deployed+off', 'deployed+off']);
    expect(record().locked).toBe(true);
    await twice('unlock');
    expect(await twice('mark_broken')).toEqual(['broken+off', 'broken+off']);
    expect(await twice('release')).toEqual(['ready+off', 'ready+off']);
  });

  it('come back from rescue mode to a failure once the machine is off', async () => {
    await reach('create', 'commission');
    region.hardware.failing.set(name, new Set(['deploy']));
    await act('deploy');
    region.hardware.failing.delete(name);
    await reach('enter_rescue_mode');
    // MAAS leaves it running, and takes that for a failure.
    expect(await act('exit_rescue_mode')).toMatchObject(fault('MAAS_OPERATION_FAILED'));
    expect(await reach('power_off', 'exit_rescue_mode')).toEqual([
      'failed_exiting_rescue_mode+off',
      'failed_deployment+off',
    ]);
  });

  it('leave a machine that is marked broken without its system, and without owner if off', async () => {
    await reach('create', 'commission', 'deploy', 'mark_broken', 'mark_fixed');
    const { state, attributes } = await observe(backend, name);
    expect(state).toMatch(/^deployed\+/);
    expect(attributes).not.toHaveProperty('osystem');
    expect(attributes).toHaveProperty('owner'); // it was on
    await reach('release', 'allocate', 'mark_broken');
    expect((await observe(backend, name)).attributes).not.toHaveProperty('owner');
  });

  it('abort tests of a failed commissioning, which is what it is again', async () => {
    await reach('create');
    region.hardware.failing.set(name, new Set(['commission']));
    await act('commission');
    region.hardware.hold();
    const asked = act('test');
    await eventually(() => expect(record().status).toBe('testing'));
    expect((await reach('abort'))[0]).toMatch(/^failed_commissioning\+/);
    region.hardware.letGo();
    expect(await asked).toMatchObject({ type: 'fault' });
  });

  it('give a machine that was never commissioned back as new', async () => {
    const seen: Observation[] = [];
    const stop = backend.watch((each) => void (each.entity === name && seen.push(each)));
    await reach('create', 'enter_rescue_mode', 'mark_broken', 'mark_fixed');
    expect(await act('deploy')).toMatchObject({
      fault: { code: 'MAAS_BAD_PARAMS', effect: 'unknown' },
    });
    expect((await observe(backend, name)).state).toMatch(/^new\+/);
    stop();
    expect(divergences(seen)).toEqual([]);
  });

  it('tag, place and describe', async () => {
    await reach('create', 'commission', 'allocate');
    await act('tag', { tag: 'rack-r1' });
    await act('tag', { tag: 'ssd' });
    expect(await act('untag', { tag: 'ssd' })).toMatchObject({
      observation: { attributes: { tags: 'rack-r1' } },
    });
    expect(await act('untag', { tag: 'never-made' })).toMatchObject({ type: 'done' });
    server.site.add(server.site.zones, 'Physical zone', `az-${name}`);
    expect(await act('update', { zone: `az-${name}` })).toMatchObject({
      observation: { attributes: { zone: `az-${name}` } },
    });
    expect(await act('update', { zone: 'nowhere' })).toMatchObject(fault('MAAS_BAD_PARAMS', '400'));
    await act('set_owner_data', { data: { role: 'compute' } });
    expect(record().owner_data).toEqual({ role: 'compute' });
  });
});

describe('what the region refuses', () => {
  it('keeps its status and says what to do', async () => {
    await reach('create');
    expect(await act('deploy')).toMatchObject({
      fault: {
        code: 'MAAS_WRONG_STATE',
        upstream: '409',
        effect: 'none',
        retryable: false,
        message: expect.stringContaining("Can't deploy a machine that is in the 'New' state"),
      },
    });
    expect(await act('allocate')).toMatchObject(fault('MAAS_WRONG_STATE'));
    await reach('commission', 'deploy');
    expect(await act('commission')).toMatchObject(fault('MAAS_WRONG_STATE', '400'));
    expect(await act('exit_rescue_mode')).toMatchObject(fault('MAAS_WRONG_STATE', '409'));
    expect(await act('create', machineParams())).toMatchObject(fault('MAAS_BAD_PARAMS'));
  });

  it('is a deployment without a network, after which the machine is free again', async () => {
    region.linksSubnets = false;
    await reach('create', 'commission');
    expect(await act('deploy')).toMatchObject({
      fault: { code: 'MAAS_BAD_PARAMS', message: expect.stringContaining('network:') },
    });
    expect((await observe(backend, name)).state).toBe('ready+off');
    await act('link_subnet', { interface: 1, subnet: 1 });
    await reach('deploy');
  });

  it('is an action without a rack controller: busy, ask again', async () => {
    await reach('create');
    region.isRackConnected = false;
    expect(await act('commission')).toMatchObject({ type: 'busy', retry_after_s: 2 });
    expect(record().status).toBe('new');
  });

  it('is whatever takes an administrator', async () => {
    await reach('create');
    const user = openMaas(url, {}, USER_KEY);
    expect(await ask(user, name, 'commission')).toMatchObject(fault('MAAS_DENIED', '403'));
    expect(await ask(user, name, 'delete')).toMatchObject(fault('MAAS_DENIED', '403'));
    await new Promise<void>((closed) => user.close(closed));
  });

  it('is a BMC that does not answer', async () => {
    await act('create', { ...machineParams(), power: { power_address: DEAD_BMC } });
    expect(await act('power_off')).toMatchObject(fault('MAAS_OPERATION_FAILED'));
    expect(await observe(backend, name)).toMatchObject({ state: 'new+error' });
  });

  it('is a release whose machine cannot be switched off', async () => {
    await reach('create', 'commission', 'deploy');
    Object.assign(record().power_parameters, { power_address: DEAD_BMC });
    expect(await act('release')).toMatchObject(fault('MAAS_OPERATION_FAILED'));
    expect(await observe(backend, name)).toMatchObject({ state: 'failed_releasing+error' });
  });

  it('is everything but its unlocking on a locked machine', async () => {
    await reach('create', 'commission', 'deploy', 'lock');
    for (const verb of MACHINE_VERBS) {
      if (ON_LOCKED.includes(verb)) continue;
      const outcome = await act(verb, PARAMS[verb]);
      // Of an allocation the driver knows beforehand.
      const code = verb === 'allocate' ? 'MAAS_WRONG_STATE' : 'MAAS_DENIED';
      expect(outcome, verb).toMatchObject(fault(code));
    }
    await reach('unlock', 'release');
  });

  it('is what would do something else, or nothing', async () => {
    await reach('create', 'commission', 'allocate');
    expect(await act('power_on')).toMatchObject({
      fault: { code: 'MAAS_WRONG_STATE', message: expect.stringContaining('would deploy it') },
    });
    name = `m${++count}`;
    await act('create', { ...machineParams(), power_type: 'manual', power: {} });
    for (const verb of ['power_on', 'power_off']) {
      expect(await act(verb)).toMatchObject({
        fault: { code: 'MAAS_WRONG_STATE', message: expect.stringContaining('manual') },
      });
    }
  });

  it('is what takes an owner', async () => {
    await reach('create');
    expect(await act('mark_broken')).toMatchObject(fault('MAAS_DENIED', '403'));
    expect(await act('power_on')).toMatchObject(fault('MAAS_WRONG_STATE', '409'));
    expect(await act('set_owner_data', { data: {} })).toMatchObject(
      fault('MAAS_WRONG_STATE', '409'),
    );
  });

  it('are tests of a machine that was never commissioned', async () => {
    await reach('create');
    expect(await act('test')).toMatchObject(fault('MAAS_WRONG_STATE', '400'));
  });

  it('is a network card of a machine that is deployed', async () => {
    await reach('create', 'commission', 'deploy');
    expect(await act('link_subnet', { interface: 1, subnet: 1 })).toMatchObject(
      fault('MAAS_WRONG_STATE', '409'),
    );
  });

  it('is a series that it has no image of, after which the machine is free again', async () => {
    await reach('create', 'commission');
    expect(await act('deploy', { distro_series: 'warty' })).toMatchObject({
      fault: { code: 'MAAS_BAD_PARAMS', effect: 'none' },
    });
    expect((await observe(backend, name)).state).toBe('ready+off');
  });

  it('is a password that is nowhere, before anything is sent', async () => {
    const params = { ...machineParams(), power_pass_env: 'NO_SUCH_VARIABLE' };
    expect(await act('create', params)).toMatchObject(fault('MAAS_BAD_PARAMS'));
    expect(record()).toBeUndefined();
  });

  it('is a mistake in the parameters', async () => {
    await reach('create', 'commission', 'deploy');
    expect(await act('power_off', { stop_mode: 'gently' })).toMatchObject(fault('MAAS_BAD_PARAMS'));
    expect(await act('release', { eraze: true })).toMatchObject(fault('MAAS_BAD_PARAMS'));
  });
});

describe('the API itself', () => {
  const raw = (path: string, method = 'GET') =>
    fetch(new URL(path, `${url}/`), {
      method,
      headers: { authorization: oauthHeader(parseApiKey(ADMIN_KEY)!, Date.now() / 1000) },
    });

  it.each([
    ['api/2.0/machines', 'GET', 404],
    ['api/2.0/machines/nobody/', 'GET', 404],
    ['api/2.0/machines/', 'PATCH', 405],
    ['api/2.0/machines/?op=nonsense', 'POST', 400],
    ['api/2.0/events/?op=query&limit=1001', 'GET', 400],
    ['api/2.0/events/?op=query&after=1&before=9', 'GET', 400],
  ])('answers %s by %s with %i', async (path, method, status) => {
    expect((await raw(path, method)).status).toBe(status);
  });

  it('tells its version to anybody, and nothing else', async () => {
    const version = await fetch(`${url}/api/2.0/version/`);
    expect(await version.json()).toMatchObject({ version: '3.6.5' });
    expect((await fetch(`${url}/api/2.0/zones/`)).status).toBe(401);
    expect((await fetch(`${url}/api/2.0/machines/`)).status).toBe(400);
  });

  it('wants an architecture and MAC addresses for a new machine', async () => {
    const answer = await raw('api/2.0/machines/', 'POST');
    expect(answer.status).toBe(400);
    expect(Object.keys(await answer.json())).toEqual(['architecture', 'mac_addresses']);
  });
});

describe('what is told beside machines', () => {
  it('is a list for import: the region, machines, disks and network cards', async () => {
    await reach('create', 'commission', 'deploy');
    const all = await backend.driver.list();
    const own = all.filter(({ entity }) => entity === name || entity.startsWith(`${name}/`));
    expect(own.map(({ kind, entity, state }) => [kind, entity, state])).toEqual([
      ['machine', name, 'deployed+on'],
      ['disk', `${name}/sda`, 'running'],
      ['nic', `${name}/eth0`, 'up'],
    ]);
    expect(own[0].attributes).toMatchObject({
      cores: 4,
      memory_bytes: 8 * 2 ** 30,
      storage_bytes: 64e9,
      zone: 'default',
      pool: 'default',
    });
    expect(all[0]).toMatchObject({ kind: 'region', entity: 'contract', state: 'running' });
  });

  it('are events, block devices and subnets', async () => {
    await reach('create', 'commission');
    const { queries } = backend.driver;
    const types = (await queries.events(name)).map(({ type }) => type).reverse();
    expect(types).toEqual(['Commissioning', 'Node powered on', 'Testing', 'Ready']);
    const [{ created }] = await queries.events(name, 1);
    expect(created).toMatch(/^\w{3}, \d\d \w{3}\. \d{4} \d\d:\d\d:\d\d$/);
    expect(await queries.blockDevices(record().system_id)).toMatchObject([{ name: 'sda' }]);
    const [subnet] = await queries.subnets();
    expect(await queries.subnetStatistics(subnet.id)).toMatchObject({ total_addresses: 254 });
  });

  it('is what the doctor sees', async () => {
    const checks = await backend.driver.diagnose();
    expect(checks.every(({ ok }) => ok)).toBe(true);
    expect(checks.map(({ check }) => check)).toEqual([
      'reachable',
      'version',
      'authenticated',
      'permitted',
    ]);
    const stranger = openMaas(url, {}, 'no:such:planted-secret');
    expect((await stranger.driver.diagnose()).at(-1)).toMatchObject({
      check: 'authenticated',
      ok: false,
      found: expect.stringContaining('MAAS_AUTH'),
    });
    const late = openMaas(url, { now_s: () => Date.now() / 1000 - 1_000 });
    expect((await late.driver.diagnose()).at(-1)?.found).toContain('Expired timestamp');
    for (const each of [stranger, late]) await new Promise<void>((end) => each.close(end));
  });

  it('is that an old MAAS is not supported', async () => {
    const old = startServer({ version: '2.9.2' });
    const from = openMaas(await old.listen());
    expect((await from.driver.diagnose()).at(-1)).toMatchObject({ check: 'version', ok: false });
    await new Promise<void>((closed) => from.close(closed));
    await old.close();
  });
});

describe('secrets', () => {
  it('show in no fault, observation or list', async () => {
    vi.stubEnv('BMC_PASSWORD', 'planted-bmc-password');
    await act('create', { ...machineParams(), power_pass_env: 'BMC_PASSWORD' });
    vi.unstubAllEnvs();
    expect(record().power_parameters['power_pass']).toBe('planted-bmc-password');
    const shown = JSON.stringify([
      await act('deploy'),
      await act('commission'),
      await backend.driver.list(),
      backend.driver,
      await ask(openMaas(url, {}, 'a:b:planted-secret'), name, 'commission'),
    ]);
    expect(shown).not.toContain('planted');
  });
});
