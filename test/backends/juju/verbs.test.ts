import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JujuBackend } from '../../../backends/juju/driver.ts';
import { charmOf } from '../../../lab/juju/charm.ts';
import { labCharm } from '../../../lab/juju/charm-file.ts';
import type { JujuServer } from '../../../lab/juju/server.ts';
import { QUICK } from '../../../lab/juju/world.ts';
import {
  ask,
  CharmFolder,
  closed,
  faultOf,
  MODEL,
  observe,
  openJuju,
  READER,
  startServer,
  stateAfter,
} from './controller-under-test.ts';

const charms = new CharmFolder();
let server: JujuServer;
let endpoint: string;
let backend: JujuBackend;
let charm: string;

beforeAll(() => {
  charm = charms.charm('web');
});
afterAll(() => charms.remove());

beforeEach(async () => {
  server = startServer();
  endpoint = await server.listen();
  backend = openJuju(endpoint);
});
afterEach(async () => {
  await closed(backend);
  await server.close();
});

const model = () => [...server.world.models.values()].find(({ name }) => name === MODEL)!;

async function deploy(name: string, params: Readonly<Record<string, unknown>> = {}) {
  await stateAfter(backend, 'application', name, 'deploy', { charm, ...params });
}

async function inStore(name: string, revision: number, channel = 'stable') {
  const files = { version: `${revision}` };
  server.world.store.push({ charm: await charmOf(labCharm(name, files)), revision, channel });
}

describe('an application', () => {
  it('is deployed with settings, constraints and on machines that are named', async () => {
    await stateAfter(backend, 'juju-machine', 'host', 'provision');
    await deploy('web', {
      ...{ units: 1, config: { title: 'first' }, constraints: 'cores=2 mem=4G', to: ['0'] },
    });
    const { config, constraints, units } = model().application('web');
    expect(config).toMatchObject({ title: 'first' });
    expect(constraints).toEqual({ cores: 2, mem: 4096 });
    expect([...units.values()][0].machine?.id).toBe('0');
    expect((await observe(backend, 'unit', 'web/0')).attributes).toMatchObject({ machine: '0' });
  });

  it('is deployed once, and refused when another charm has the name', async () => {
    await deploy('web', { units: 1 });
    await deploy('web', { units: 1 });
    expect(model().application('web').units.size).toBe(1);
    expect(
      await faultOf(backend, 'application', 'web', 'deploy', { charm: 'mysql' }),
    ).toMatchObject({
      code: 'JUJU_EXISTS',
      effect: 'none',
    });
  });

  it('comes from the charm store, and is refreshed to its next revision', async () => {
    await inStore('mysql', 3);
    expect(await stateAfter(backend, 'application', 'db', 'deploy', { charm: 'mysql' })).toBe(
      'active+steady',
    );
    expect(model().application('db').charm).toBe('ch:amd64/jammy/mysql-3');
    await inStore('mysql', 5);
    await inStore('mysql', 9, '8/edge');
    await stateAfter(backend, 'application', 'db', 'upgrade');
    expect(model().application('db').charm).toBe('ch:amd64/jammy/mysql-5');
    await stateAfter(backend, 'application', 'db', 'upgrade', { channel: '8/edge' });
    expect(model().application('db').charm).toBe('ch:amd64/jammy/mysql-9');
    const params = { charm: 'nothing-like-it' };
    expect(await faultOf(backend, 'application', 'x', 'deploy', params)).toMatchObject({
      ...{ code: 'JUJU_UNKNOWN', upstream: 'not found', effect: 'none' },
    });
  });

  it('is scaled up and down to a number, the newest units going first', async () => {
    await deploy('web', { units: 1 });
    const scale = (units: number) => stateAfter(backend, 'application', 'web', 'scale', { units });
    await scale(4);
    expect([...model().application('web').units.keys()]).toHaveLength(4);
    await scale(2);
    expect([...model().application('web').units.keys()]).toEqual(['web/0', 'web/1']);
    expect(await scale(0)).toBe('unknown+steady');
  });

  it('is deployed by a number of units where it is not there and a charm is named', async () => {
    const params = { units: 2, config: { title: 'scaled' } };
    expect(await faultOf(backend, 'application', 'web', 'scale', params)).toMatchObject({
      code: 'JUJU_UNKNOWN',
    });
    await stateAfter(backend, 'application', 'web', 'scale', { ...params, charm });
    const { config, units } = model().application('web');
    expect(config).toMatchObject({ title: 'scaled' });
    expect(units.size).toBe(2);
    expect(await faultOf(backend, 'application', 'web', 'scale')).toMatchObject({
      ...{ code: 'JUJU_BAD_PARAMS', message: expect.stringContaining('units: ') },
    });
  });

  it('is upgraded to another file of its charm', async () => {
    server.world.times = { ...QUICK, hook_s: 0.2 };
    await deploy('web', { units: 2 });
    const next = charms.charm('web', { version: '2' }, 'web-2');
    const seen: string[] = [];
    backend.watch(({ entity, state }) => entity === 'web/0' && seen.push(state));
    await stateAfter(backend, 'application', 'web', 'upgrade', { charm: next });
    expect(model().application('web').charm).toBe('local:web-1');
    expect([...model().application('web').units.values()].map((each) => each.charm)).toEqual([
      'local:web-1',
      'local:web-1',
    ]);
    expect(seen).toContain('executing.upgrade_charm+active');
    expect(await faultOf(backend, 'application', 'web', 'upgrade')).toMatchObject({
      code: 'JUJU_BAD_PARAMS',
    });
  });

  it('is exposed, constrained and configured', async () => {
    await deploy('web', { units: 1 });
    await stateAfter(backend, 'application', 'web', 'expose');
    expect((await observe(backend, 'application', 'web')).attributes).toMatchObject({
      exposed: true,
    });
    await stateAfter(backend, 'application', 'web', 'unexpose');
    expect(model().application('web').isExposed).toBe(false);
    await stateAfter(backend, 'application', 'web', 'set_constraints', { constraints: 'mem=2G' });
    expect(model().application('web').constraints).toEqual({ mem: 2048 });
    const config = { title: 'changed' };
    await stateAfter(backend, 'application', 'web', 'configure', { config });
    expect(model().application('web').config).toMatchObject(config);
    await stateAfter(backend, 'application', 'web', 'configure', { reset: ['title'] });
    expect(model().application('web').config).toMatchObject({ title: 'lab' });
  });

  it('is removed with its units, and once', async () => {
    await deploy('web', { units: 2 });
    expect(await stateAfter(backend, 'application', 'web', 'remove')).toBe('absent');
    await expect.poll(() => model().machines.size).toBe(0);
    expect(await stateAfter(backend, 'application', 'web', 'remove')).toBe('absent');
  });

  it('ends in a fault when a hook fails, and is removed then only by force', async () => {
    const config = { 'fail-hook': 'start' };
    const fault = await faultOf(backend, 'application', 'web', 'deploy', { charm, config });
    expect(fault).toMatchObject({ code: 'JUJU_OPERATION_FAILED', effect: 'done' });
    expect(fault.message).toContain('hook failed: "start"');
    expect(await observe(backend, 'application', 'web')).toMatchObject({ state: 'error+steady' });
    expect(await faultOf(backend, 'application', 'web', 'remove')).toMatchObject({
      code: 'JUJU_OPERATION_FAILED',
    });
    expect(await stateAfter(backend, 'application', 'web', 'remove', { force: true })).toBe(
      'absent',
    );
  });
});

describe('a unit', () => {
  it('is in error when a hook fails, and is resolved', async () => {
    const config = { 'fail-hook': 'start' };
    await ask(backend, 'application', 'web', 'deploy', { charm, config });
    expect(await observe(backend, 'unit', 'web/0')).toMatchObject({
      state: 'error+error',
      reason: 'idle; error (hook failed: "start")',
    });
    expect(await faultOf(backend, 'unit', 'web/0', 'resolve')).toMatchObject({
      code: 'JUJU_OPERATION_FAILED',
    });
    await ask(backend, 'application', 'web', 'configure', { reset: ['fail-hook'] });
    expect(await stateAfter(backend, 'unit', 'web/0', 'resolve')).toBe('idle+active');
    expect(await faultOf(backend, 'unit', 'web/0', 'resolve')).toMatchObject({
      code: 'JUJU_WRONG_STATE',
    });
  });

  it('runs an action, whose failure is told', async () => {
    await deploy('web', { units: 1 });
    const action = 'backup';
    expect(await stateAfter(backend, 'unit', 'web/0', 'run_action', { action })).toBe(
      'idle+active',
    );
    const params = { action, params: { fail: true } };
    expect(await faultOf(backend, 'unit', 'web/0', 'run_action', params)).toMatchObject({
      ...{ code: 'JUJU_OPERATION_FAILED', effect: 'done' },
      message: expect.stringContaining('it was asked to fail'),
    });
    expect(await faultOf(backend, 'unit', 'web/0', 'run_action', { action: 'fly' })).toMatchObject({
      ...{ code: 'JUJU_UNKNOWN', message: expect.stringContaining('not defined for unit') },
    });
  });

  it('is removed alone', async () => {
    await deploy('web', { units: 2 });
    expect(await stateAfter(backend, 'unit', 'web/1', 'stop')).toBe('absent');
    expect(await stateAfter(backend, 'unit', 'web/0', 'force_remove')).toBe('absent');
    expect(model().application('web').units.size).toBe(0);
  });

  it('is lost when its agent is not heard of, which the all-watcher does not tell', async () => {
    await deploy('web', { units: 1 });
    const lost = new Promise<string>((resolve) => {
      backend.watch(({ entity, state }) => entity === 'web/0' && resolve(state));
    });
    const [unit] = model().application('web').units.values();
    unit.isPresent = false;
    expect(await lost).toBe('lost+unknown');
    expect(await stateAfter(backend, 'unit', 'web/0', 'monitor')).toBe('lost+unknown');
  });

  it.each(['install', 'config_changed', 'start'])(
    'is waited for while its agent does %s by itself',
    async (verb) => {
      const deployed = ask(backend, 'application', 'web', 'deploy', { charm });
      while ((await observe(backend, 'unit', 'web/0')).state === 'absent');
      expect(await stateAfter(backend, 'unit', 'web/0', verb)).toMatch(/^(executing\.|idle)/);
      expect(await deployed).toMatchObject({ type: 'done' });
    },
  );
});

describe('a relation', () => {
  beforeEach(async () => {
    await deploy('web', { units: 1 });
    await deploy('db', { units: 1 });
  });

  it('is joined, by endpoints in either order, and broken', async () => {
    const name = 'db:server web:client';
    expect(await stateAfter(backend, 'relation', name, 'add')).toBe('joined');
    expect(await stateAfter(backend, 'relation', name, 'add')).toBe('joined');
    expect(model().relations.size).toBe(1);
    expect(await observe(backend, 'relation', 'web:client db:server')).toMatchObject({
      ...{ state: 'joined', attributes: { interface: 'lab', applications: 'web db' } },
    });
    expect(await stateAfter(backend, 'relation', name, 'break')).toBe('absent');
  });

  it('is refused when it is ambiguous or unknown', async () => {
    expect(await faultOf(backend, 'relation', 'web db', 'add')).toMatchObject({
      ...{ code: 'JUJU_REFUSED', message: expect.stringContaining('ambiguous') },
    });
    expect(await faultOf(backend, 'relation', 'web:client nothing', 'add')).toMatchObject({
      ...{ code: 'JUJU_UNKNOWN', upstream: 'not found' },
    });
    expect(await faultOf(backend, 'relation', 'a b c', 'add')).toMatchObject({
      code: 'JUJU_BAD_PARAMS',
    });
    expect(await faultOf(backend, 'relation', 'web db', 'suspend')).toMatchObject({
      code: 'JUJU_UNKNOWN',
    });
  });

  it('within a model cannot be suspended', async () => {
    await stateAfter(backend, 'relation', 'web:client db:server', 'add');
    expect(await faultOf(backend, 'relation', 'web:client db:server', 'suspend')).toMatchObject({
      ...{ code: 'JUJU_REFUSED', message: expect.stringContaining('must be a remote relation') },
    });
  });
});

describe('a machine', () => {
  it('keeps the name that it was provisioned by', async () => {
    const state = await stateAfter(backend, 'juju-machine', 'host-a', 'provision', {
      constraints: 'cores=4 mem=8G',
    });
    expect(['pending.installing', 'started']).toContain(state);
    expect(await stateAfter(backend, 'juju-machine', 'host-a', 'install_agent')).toBe('started');
    const other = openJuju(endpoint);
    expect(await observe(other, 'juju-machine', 'host-a')).toMatchObject({
      state: 'started',
      attributes: { id: '0', cores: 4, memory_bytes: 8 * 2 ** 30 },
    });
    await closed(other);
    expect(await stateAfter(backend, 'juju-machine', 'host-a', 'provision')).toBe('started');
    expect(model().machines.size).toBe(1);
    expect(await faultOf(backend, 'juju-machine', '7', 'provision')).toMatchObject({
      code: 'JUJU_BAD_PARAMS',
    });
    expect(await stateAfter(backend, 'juju-machine', 'host-a', 'release')).toBe('absent');
  });

  it('that the cloud refuses is in error, and is tried again', async () => {
    const params = { constraints: 'cores=128' };
    const fault = await faultOf(backend, 'juju-machine', 'big', 'provision', params);
    expect(fault).toMatchObject({ code: 'JUJU_OPERATION_FAILED' });
    expect(fault.message).toContain('no matching instance types');
    expect(await observe(backend, 'juju-machine', 'big')).toMatchObject({ state: 'error' });
    expect(await faultOf(backend, 'juju-machine', 'big', 'retry')).toMatchObject({
      code: 'JUJU_OPERATION_FAILED',
    });
    model().machine('0').constraints = {};
    expect(await stateAfter(backend, 'juju-machine', 'big', 'retry')).toMatch(/^(pending|started)/);
  });

  it('with units is released only by force', async () => {
    await deploy('web', { units: 1 });
    expect(await faultOf(backend, 'juju-machine', '0', 'release')).toMatchObject({
      ...{ code: 'JUJU_WRONG_STATE', upstream: 'machine has assigned units' },
    });
    expect(await stateAfter(backend, 'juju-machine', '0', 'release', { force: true })).toBe(
      'absent',
    );
  });

  it('that is down is seen as such', async () => {
    await stateAfter(backend, 'juju-machine', 'host', 'provision');
    await stateAfter(backend, 'juju-machine', 'host', 'install_agent');
    model().machine('0').isPresent = false;
    expect(await observe(backend, 'juju-machine', 'host')).toMatchObject({ state: 'down' });
  });
});

describe('an action', () => {
  it('runs once for its name, and is listed by its number', async () => {
    await deploy('web', { units: 1 });
    const params = { unit: 'web/0', action: 'backup' };
    expect(await stateAfter(backend, 'action', 'nightly', 'run', params)).toBe('completed');
    expect(await stateAfter(backend, 'action', 'nightly', 'run', params)).toBe('completed');
    expect(model().actions.size).toBe(1);
    expect(await observe(backend, 'action', '1')).toMatchObject({
      ...{ state: 'completed', attributes: { name: 'backup', unit: 'web/0' } },
    });
  });

  it('is cancelled before it runs, and aborted while it does', async () => {
    await deploy('web', { units: 1 });
    server.world.agenda.hold();
    const params = { unit: 'web/0', action: 'backup' };
    const runs = ['first', 'second'].map((name) => ask(backend, 'action', name, 'run', params));
    while ((await observe(backend, 'action', '2')).state === 'absent');
    expect(await stateAfter(backend, 'action', '2', 'cancel')).toBe('cancelled');
    const aborted = stateAfter(backend, 'action', '1', 'cancel');
    await expect.poll(() => model().action('1').status).toBe('aborting');
    server.world.agenda.letGo();
    expect(await aborted).toBe('aborted');
    for (const run of runs) {
      expect(await run).toMatchObject({ fault: { code: 'JUJU_OPERATION_FAILED' } });
    }
  });
});

describe('a model', () => {
  it('is made and destroyed with what is in it', async () => {
    expect(await stateAfter(backend, 'model', 'fresh', 'create')).toBe('available');
    expect(await stateAfter(backend, 'model', 'fresh', 'create')).toBe('available');
    expect(await stateAfter(backend, 'model', 'fresh', 'destroy')).toBe('absent');
    expect(await faultOf(backend, 'model', 'far', 'create', { cloud: 'mars' })).toMatchObject({
      code: 'JUJU_UNKNOWN',
    });
  });

  it('is configured and constrained where the driver works on it', async () => {
    await stateAfter(backend, 'model', MODEL, 'configure', { config: { 'default-base': 'x' } });
    await stateAfter(backend, 'model', MODEL, 'set_constraints', { constraints: 'mem=1G' });
    expect(model().config).toEqual({ 'default-base': 'x' });
    expect(model().constraints).toEqual({ mem: 1024 });
    await stateAfter(backend, 'model', 'fresh', 'create');
    expect(await faultOf(backend, 'model', 'fresh', 'configure', {})).toMatchObject({
      code: 'JUJU_BAD_PARAMS',
    });
  });

  it('that is destroyed takes all else with it, and may come again', async () => {
    await deploy('web', { units: 1 });
    expect(await stateAfter(backend, 'model', MODEL, 'destroy')).toBe('absent');
    expect(await observe(backend, 'application', 'web')).toMatchObject({ state: 'absent' });
    expect(await faultOf(backend, 'application', 'web', 'deploy', { charm })).toMatchObject({
      ...{ code: 'JUJU_UNKNOWN', message: expect.stringContaining(MODEL) },
    });
    await stateAfter(backend, 'model', MODEL, 'create');
    await deploy('web', { units: 1 });
    expect(await observe(backend, 'application', 'web')).toMatchObject({ state: 'active+steady' });
  });

  it('gets a bundle: machines, applications, relations, and twice the same', async () => {
    const bundle = charms.write(
      'bundle.yaml',
      [
        ...['default-base: ubuntu@22.04', 'machines:', '  "0": { constraints: mem=2G }'],
        ...['applications:', '  front:', '    charm: ./web.charm', '    num_units: 1'],
        ...['    to: ["0"]', '    options: { title: bundled }', '    expose: true'],
        ...['  back: { charm: ./web.charm, num_units: 2 }'],
        ...['relations:', '  - [front:client, back:server]'],
      ].join('\n'),
    );
    for (const time of ['first', 'second']) {
      expect(await stateAfter(backend, 'model', MODEL, 'deploy_bundle', { bundle }), time).toBe(
        'available',
      );
      expect([...model().applications.keys()]).toEqual(['front', 'back']);
      expect(model().relations.size).toBe(1);
      expect(model().machines.size).toBe(3);
    }
    const { config, isExposed, units } = model().application('front');
    expect({ config, isExposed }).toMatchObject({ config: { title: 'bundled' }, isExposed: true });
    expect([...units.values()][0].machine?.constraints).toEqual({ mem: 2048 });
  });

  it('lays overlays over a bundle, and asks for resources and bindings', async () => {
    await inStore('hub-web', 3);
    const bundle = charms.write(
      'two.yaml',
      [
        ...[
          'applications:',
          '  front: { charm: ./web.charm, num_units: 1, bindings: { "": alpha } }',
        ],
        ...['  back: { charm: hub-web, num_units: 1, resources: { image: 7 } }'],
        ...['---', 'applications: { front: { options: { title: laid } }, back: { num_units: 2 } }'],
      ].join('\n'),
    );
    const overlay = charms.write('less.yaml', 'applications: { front: { num_units: 0 } }');
    const params = { bundle, overlays: [overlay] };
    expect(await stateAfter(backend, 'model', MODEL, 'deploy_bundle', params)).toBe('available');
    const [front, back] = ['front', 'back'].map((name) => model().application(name));
    expect([front.units.size, back.units.size]).toEqual([0, 2]);
    expect(front.config).toMatchObject({ title: 'laid' });
    expect(front.bindings).toEqual({ '': 'alpha' });
    expect(back.resources).toEqual({ image: '7' });
  });
});

describe('an upgrade', () => {
  it('is downloaded, then rolled out', async () => {
    await deploy('web', { units: 1 });
    expect(await faultOf(backend, 'upgrade', 'web-1', 'roll_out')).toMatchObject({
      code: 'JUJU_WRONG_STATE',
    });
    const next = charms.charm('web', { version: '7' }, 'web-7');
    expect(await stateAfter(backend, 'upgrade', 'web-1', 'download', { charm: next })).toBe(
      'pending',
    );
    expect(await stateAfter(backend, 'upgrade', 'web-1', 'roll_out')).toBe('completed');
    expect(model().application('web').charm).toBe('local:web-1');
  });
});

describe('who may not', () => {
  it('write is told so', async () => {
    await deploy('web', { units: 1 });
    const reader = openJuju(endpoint, { account: READER });
    expect(await observe(reader, 'application', 'web')).toMatchObject({ state: 'active+steady' });
    expect(await faultOf(reader, 'application', 'web', 'expose')).toMatchObject({
      ...{ code: 'JUJU_DENIED', upstream: 'unauthorized access', retryable: false },
    });
    await closed(reader);
  });

  it('log in is told so', async () => {
    const stranger = openJuju(endpoint, { account: { ...READER, password: 'planted-wrong' } });
    const fault = await observe(stranger, 'application', 'web');
    expect(fault).toMatchObject({ code: 'JUJU_AUTH', upstream: 'unauthorized access' });
    expect(JSON.stringify(fault)).not.toContain('planted');
    const checks = await stranger.driver.diagnose();
    expect(checks.map(({ check, ok }) => [check, ok])).toEqual([
      ['reachable', true],
      ['authenticated', false],
    ]);
    await closed(stranger);
  });

  it('change what an operator has disabled is told so', async () => {
    await deploy('web', { units: 1 });
    model().blocks.add('remove-objects');
    expect(await faultOf(backend, 'application', 'web', 'remove')).toMatchObject({
      ...{ code: 'JUJU_BLOCKED', upstream: 'operation is blocked' },
    });
    expect(await stateAfter(backend, 'application', 'web', 'expose')).toBe('active+steady');
  });
});

it('is in order, says the doctor', async () => {
  expect(await backend.driver.diagnose()).toMatchObject([
    { check: 'reachable', ok: true },
    { check: 'authenticated', ok: true, found: 'admin on lab' },
    { check: 'version', ok: true, found: 'Juju 3.6.14' },
    { check: 'permitted', ok: true, found: 'admin has superuser access' },
    { check: 'healthy', ok: true },
  ]);
});
