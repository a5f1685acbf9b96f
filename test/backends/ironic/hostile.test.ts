import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DriverBackend } from '../../../backends/driver-backend.ts';
import { faultOf } from '../../../backends/fault.ts';
import { IronicDriver } from '../../../backends/ironic/driver.ts';
import { MACHINE_PARAMS } from '../../../backends/ironic/params.ts';
import { ironicSpec } from '../../../backends/ironic/spec.ts';
import { Secret } from '../../../backends/secret.ts';
import type { Fault, Observation, Outcome } from '../../../engine/contract.ts';
import { eventually } from '../../support/eventually.ts';
import { HostileServer, whole } from '../http/hostile-server.ts';
import { mistyped, naming } from '../mistyped.ts';

let server: HostileServer;
let backend: DriverBackend<IronicDriver>;

beforeEach(async () => {
  server = new HostileServer();
  await server.listen();
  backend = new DriverBackend(
    new IronicDriver({
      url: server.url('/'),
      auth: { type: 'http_basic', user: 'admin', password: new Secret('planted-password') },
      env: { BMC_PASSWORD: 'planted-bmc-password' },
      ...{ answer_s: 20, answer_bytes_max: 10_000, look_s: 0.01 },
      retry: { first_s: 0.001, max_s: 0.002 },
    }),
  );
});
afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await server.close();
});

const observe = () =>
  new Promise<Observation | Fault>((reply) => backend.observe('machine', 'n', reply));
let count = 0;
const act = (verb: string, params = {}) =>
  new Promise<Outcome>((reply) =>
    backend.request(
      {
        key: `k${++count}`,
        ...{ layer: 'bare-metal', kind: 'machine', entity: 'n', verb, params, deadline_s: 60 },
      },
      reply,
    ),
  );

const node = (state: string, more: object = {}) =>
  JSON.stringify({ uuid: 'u', name: 'n', provision_state: state, power_state: null, ...more });
const fault = (text: string) => JSON.stringify({ error_message: { faultstring: text } });

describe('an Ironic that', () => {
  it.each([
    ['answers no node', '{}', 'IRONIC_MALFORMED'],
    ['answers a state of its own', node('dancing'), 'IRONIC_MALFORMED'],
    ['answers half', '{"uuid":', 'IRONIC_MALFORMED'],
    ['answers too much', ' '.repeat(20_000), 'IRONIC_ANSWER_TOO_LARGE'],
  ])('%s is told from one that answers', async (_what, body, code) => {
    server.answer = (socket) => socket.write(whole('200 OK', body));
    expect(await observe()).toMatchObject({ code, effect: 'none' });
  });

  it.each([
    ['400 Bad Request', fault('Missing a field'), 'IRONIC_BAD_PARAMS'],
    [
      '400 Bad Request',
      fault('The requested action "x" can not be performed'),
      'IRONIC_WRONG_STATE',
    ],
    ['401 Unauthorized', '', 'IRONIC_AUTH'],
    ['403 Forbidden', fault('no'), 'IRONIC_DENIED'],
    ['406 Not Acceptable', fault('version'), 'IRONIC_UNSUPPORTED'],
    ['409 Conflict', fault('Node n is locked by host lab'), 'BUSY'],
    ['409 Conflict', fault('A node with name n already exists.'), 'IRONIC_EXISTS'],
    ['500 Internal Server Error', 'oops', 'IRONIC_SERVER_ERROR'],
    ['503 Service Unavailable', fault('no conductor'), 'BUSY'],
    ['302 Found', '', 'IRONIC_MALFORMED'],
  ])('answers %s %s: %s', async (status, body, code) => {
    server.answer = (socket) => socket.write(whole(status, body));
    expect(await observe()).toMatchObject({ code });
  });

  it('wraps its messages twice, as old ones do', async () => {
    const inner = JSON.stringify({ faultstring: 'the real reason' });
    const body = JSON.stringify({ error_message: inner });
    server.answer = (socket) => socket.write(whole('400 Bad Request', body));
    expect(await observe()).toMatchObject({ message: expect.stringContaining('the real reason') });
  });

  it('knows no such node: it is absent', async () => {
    server.answer = (socket) => socket.write(whole('404 Not Found', fault('Node n')));
    expect(await observe()).toMatchObject({ state: 'absent' });
    expect(await act('deploy')).toMatchObject({ fault: { code: 'IRONIC_UNKNOWN' } });
  });

  it('gives one page after another', async () => {
    const page = (name: string, next?: string) =>
      JSON.stringify({ nodes: [{ uuid: name, name, provision_state: 'available' }], next });
    server.answer = (socket, request) =>
      socket.write(whole('200 OK', request.includes('marker=a') ? page('b') : page('a', 'more')));
    expect((await backend.driver.list()).map(({ entity }) => entity)).toEqual(['a', 'b']);
  });

  it('is too old for the doctor', async () => {
    const body = JSON.stringify({ version: { version: '1.31', min_version: '1.1' } });
    server.answer = (socket) => socket.write(whole('200 OK', body));
    expect((await backend.driver.diagnose()).at(-1)).toMatchObject({
      check: 'version',
      ok: false,
      found: expect.stringContaining('1.31'),
    });
  });

  it('fails a deployment: the fault says in which state, and why', async () => {
    server.answer = (socket, request) => {
      const isAct = /^(PUT|PATCH)/.test(request);
      const failed = node('deploy failed', { last_error: 'no image' });
      const isOver = server.requests.some((each) => each.startsWith('PUT'));
      socket.write(
        isAct ? whole('202 Accepted', '') : whole('200 OK', isOver ? failed : node('available')),
      );
    };
    expect(await act('deploy')).toMatchObject({
      fault: {
        code: 'IRONIC_OPERATION_FAILED',
        upstream: 'deploy failed',
        message: expect.stringContaining('no image'),
        effect: 'done',
      },
    });
  });

  it('repeats secrets does not make them show', async () => {
    server.answer = (socket, request) => {
      const pair = Buffer.from('admin:planted-password').toString('base64');
      socket.write(whole('400 Bad Request', `${request} planted-password ${pair}`));
    };
    const params = {
      driver: 'ipmi',
      driver_info: { ipmi_address: '192.0.2.1' },
      driver_secrets_env: { ipmi_password: 'BMC_PASSWORD' },
    };
    const seen = JSON.stringify([await act('create', params), await observe(), backend.driver]);
    expect(seen).not.toContain('planted');
    expect(seen).not.toContain(Buffer.from('admin:planted-password').toString('base64'));
    expect(await act('create', { ...params, driver_secrets_env: { x: 'UNSET' } })).toMatchObject({
      fault: { code: 'IRONIC_BAD_PARAMS' },
    });
  });
});

it.each(mistyped({ machine: MACHINE_PARAMS }))(
  '$verb takes no value of another type, and changes nothing then',
  async ({ verb, wrong }) => {
    server.answer = (socket) => socket.write(whole('200 OK', node('available')));
    const property = fc.asyncProperty(wrong, async ([field, value]) => {
      const message = expect.stringMatching(naming(field));
      expect(await act(verb, { [field]: value })).toMatchObject({
        fault: { code: 'IRONIC_BAD_PARAMS', effect: 'none', message },
      });
    });
    await fc.assert(property, { numRuns: 20 });
    expect(server.requests.filter((each) => !each.startsWith('GET '))).toEqual([]);
  },
);

describe('where Ironic is', () => {
  it.each([
    ['nothing', {}],
    ['a password missing', { OS_ENDPOINT: 'http://x', OS_AUTH_TYPE: 'http_basic' }],
    ['a type that is not known', { OS_ENDPOINT: 'http://x', OS_AUTH_TYPE: 'magic' }],
  ])('cannot be told with %s', async (_what, env) => {
    const fault = await ironicSpec.open({}, env).catch((thrown) => faultOf(thrown, 'none'));
    expect(fault).toMatchObject({ code: 'IRONIC_NOT_CONFIGURED' });
  });

  it('is found in the environment', async () => {
    const driver = await ironicSpec.open({}, { OS_ENDPOINT: 'http://localhost:6385' });
    expect(driver.name).toBe('ironic');
    await driver.close();
  });
});

describe('answers in another order than their questions', () => {
  it('leave what the later question has shown', async () => {
    const asked: ((state: string) => void)[] = [];
    server.answer = (socket) => {
      asked.push((state) =>
        socket.write(whole('200 OK', node(state, { power_state: 'power on' }))),
      );
    };
    const first = observe();
    await eventually(() => expect(asked).toHaveLength(1));
    const second = observe();
    await eventually(() => expect(asked).toHaveLength(2));
    asked[1]('active');
    expect(await second).toMatchObject({ state: 'deployed+on' });
    asked[0]('available');
    expect(await first).toMatchObject({ state: 'deployed+on' });
  });
});
