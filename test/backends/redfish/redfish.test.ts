import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DriverBackend } from '../../../backends/driver-backend.ts';
import { RedfishDriver } from '../../../backends/redfish/driver.ts';
import { MACHINE_PARAMS } from '../../../backends/redfish/params.ts';
import { bootOverride } from '../../../backends/redfish/verbs.ts';
import type { Asked } from '../../../backends/verb-params.ts';
import type { Fault, Observation, Outcome } from '../../../engine/contract.ts';
import { HostileServer, whole } from '../http/hostile-server.ts';
import { mistyped, naming } from '../mistyped.ts';
import { FakeService, PASSWORD, TOKEN, USER } from './fake-service.ts';

let service: FakeService;
let url: URL;
let backend: DriverBackend<RedfishDriver>;
let count = 0;

const OPTIONS = {
  env: { REDFISH_PASSWORD: PASSWORD, WRONG: 'planted-wrong' },
  ...{ look_s: 0.01, task_s: 0.01, answer_s: 20, answer_bytes_max: 10_000 },
  retry: { first_s: 0.001, max_s: 0.002 },
};

beforeEach(async () => {
  service = new FakeService();
  url = await service.listen();
  const inventory = [{ name: 'm', url: url.href, user: USER, rack: 'r1' }];
  backend = new DriverBackend(new RedfishDriver({ ...OPTIONS, inventory }));
});
afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await service.close();
});

const act = (verb: string, params = {}, entity = 'm') =>
  new Promise<Outcome>((reply) =>
    backend.request(
      {
        key: `k${++count}`,
        ...{ layer: 'bare-metal', kind: 'machine', entity, verb, params, deadline_s: 60 },
      },
      reply,
    ),
  );
const observe = (entity = 'm') =>
  new Promise<Observation | Fault>((reply) => backend.observe('machine', entity, reply));
const timesAsked = (what: string) => service.asked.filter((each) => each === what).length;
const SIGN_IN = 'POST /redfish/v1/SessionService/Sessions';

describe('a session', () => {
  it('is opened once, used for everything, and closed at the end', async () => {
    await Promise.all([observe(), observe()]);
    await observe();
    expect(timesAsked(SIGN_IN)).toBe(1);
    expect(service.sessions.size).toBe(1);
    await new Promise<void>((closed) => backend.close(closed));
    expect(service.sessions.size).toBe(0);
  });

  it('that has ended is opened again, and what was refused asked once more', async () => {
    await observe();
    service.sessions.clear();
    expect(await observe()).toMatchObject({ state: 'new+off' });
    expect(timesAsked(SIGN_IN)).toBe(2);
  });

  it('is not had with a wrong password', async () => {
    const outcome = await act('enlist', { url: url.href, user: USER, password_env: 'WRONG' }, 'n');
    expect(outcome).toMatchObject({ fault: { code: 'REDFISH_AUTH', effect: 'none' } });
    expect(JSON.stringify(outcome)).not.toContain('planted');
  });

  it('is done without where a service has none', async () => {
    service.hasSessions = false;
    expect(await observe()).toMatchObject({ state: 'new+off' });
    expect(timesAsked(SIGN_IN)).toBe(0);
  });
});

describe('a reset', () => {
  it('is followed as a task to its end, and seen', async () => {
    expect(await act('power_on')).toMatchObject({ observation: { state: 'new+on' } });
    expect(timesAsked('GET /redfish/v1/Tasks/1')).toBe(3);
    expect(await act('power_on')).toMatchObject({ observation: { state: 'new+on' } });
    expect(timesAsked('POST /redfish/v1/Systems/one/Actions/Reset')).toBe(1);
  });

  it('whose task fails is a fault with its state', async () => {
    service.taskEnd = 'Exception';
    expect(await act('power_on')).toMatchObject({
      fault: { code: 'REDFISH_TASK_FAILED', upstream: 'Exception', effect: 'unknown' },
    });
  });

  it('that the service does not allow, or its state, is not asked for', async () => {
    expect(await act('power_cycle')).toMatchObject({ fault: { code: 'REDFISH_WRONG_STATE' } });
    await act('power_on');
    expect(await act('nmi')).toMatchObject({ fault: { code: 'REDFISH_UNSUPPORTED' } });
    expect(timesAsked('POST /redfish/v1/Systems/one/Actions/Reset')).toBe(1);
  });

  it('is not followed to another server', async () => {
    service.instead = ({ method, path }, response) => {
      if (method !== 'POST' || !path.endsWith('Reset')) return false;
      service.power = 'On';
      response.writeHead(202, { location: 'http://192.0.2.1/steal' }).end();
      return true;
    };
    expect(await act('power_on')).toMatchObject({ observation: { state: 'new+on' } });
  });
});

describe('what a service tells', () => {
  it('is a list with the parts that it can show', async () => {
    expect(await backend.driver.list()).toMatchObject([
      { entity: 'm', state: 'new+off', attributes: { rack: 'r1', memory_bytes: 2 ** 31 } },
      { kind: 'nic', entity: 'm/1', state: 'up', attributes: { mac: '52:54:00:aa:bb:cc' } },
    ]);
  });

  it('elsewhere on itself is followed, and nowhere else', async () => {
    let to = '/redfish/v1/Systems/one';
    service.instead = ({ path }, response) => {
      if (!path.endsWith('/alias')) return false;
      response.writeHead(307, { location: to }).end('<html>');
      return true;
    };
    const params = { url: url.href, user: USER, system: 'alias' };
    expect(await act('enlist', params, 'a')).toMatchObject({ observation: { state: 'new+off' } });
    to = 'http://192.0.2.1/redfish/v1/Systems/one';
    expect(await act('enlist', params, 'b')).toMatchObject({
      fault: { code: 'REDFISH_MALFORMED' },
    });
  });

  it.each([
    [400, {}, 'REDFISH_BAD_PARAMS'],
    [403, {}, 'REDFISH_DENIED'],
    [409, {}, 'REDFISH_WRONG_STATE'],
    [500, {}, 'REDFISH_SERVER_ERROR'],
    [400, { error: { code: 'Base.1.0.ActionNotSupported' } }, 'REDFISH_UNSUPPORTED'],
    [400, { error: { code: 'Base.1.0.ResourceInUse' } }, 'REDFISH_WRONG_STATE'],
    [200, {}, 'REDFISH_MALFORMED'],
    [200, [1, 2], 'REDFISH_MALFORMED'],
    [503, {}, 'BUSY'],
  ])('with %i %j: %s', async (status, body, code) => {
    service.instead = ({ path }, response) => {
      if (!path.includes('/Systems')) return false;
      response.writeHead(status).end(JSON.stringify(body));
      return true;
    };
    expect(await observe()).toMatchObject({ code });
  });

  it('never shows a secret, though it repeats them all', async () => {
    service.instead = ({ path, headers }, response) => {
      if (!path.includes('/Systems')) return false;
      const said = `${PASSWORD} ${headers['x-auth-token']}`;
      response.writeHead(400).end(JSON.stringify({ error: { code: said, message: said } }));
      return true;
    };
    const shown = JSON.stringify([await observe(), await act('power_on'), backend.driver]);
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain(TOKEN);
  });

  it('is what the doctor says', async () => {
    expect(await backend.driver.diagnose()).toMatchObject([
      { check: 'reachable', ok: true, found: 'm: Redfish 1.6.0' },
      { check: 'authenticated', ok: true },
    ]);
  });
});

it.each([
  ['half', '{"Members":', 'REDFISH_MALFORMED'],
  ['too much', ' '.repeat(20_000), 'REDFISH_ANSWER_TOO_LARGE'],
])('a service that answers %s is told from one that answers', async (_what, body, code) => {
  const hostile = new HostileServer();
  await hostile.listen();
  hostile.answer = (socket) => socket.write(whole('200 OK', body));
  const params = { url: hostile.url('/').href };
  expect(await act('enlist', params, 'h')).toMatchObject({ fault: { code, effect: 'none' } });
  await hostile.close();
});

it.each(mistyped({ machine: MACHINE_PARAMS }))(
  '$verb takes no value of another type',
  async (row) => {
    await fc.assert(
      fc.asyncProperty(row.wrong, async ([field, value]) => {
        const message = expect.stringMatching(naming(field));
        expect(await act(row.verb, { [field]: value })).toMatchObject({
          fault: { code: 'REDFISH_BAD_PARAMS', effect: 'none', message },
        });
      }),
    );
    expect(service.asked).toEqual([]);
  },
);

it('boot devices are those of Redfish', () => {
  const about = { kind: 'machine', entity: 'm', verb: 'set_boot_device' };
  const override = (params: Asked['params']) => bootOverride({ ...about, params });
  expect(override({ device: 'pxe' })).toEqual({
    Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' },
  });
  expect(override({ device: 'none' })).toMatchObject({
    Boot: { BootSourceOverrideEnabled: 'Disabled' },
  });
  expect(() => override({ device: 'tape' })).toThrow();
});
