import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultOf } from '../../../backends/fault.ts';
import { MaasClient } from '../../../backends/maas/client.ts';
import { seenMachine, statusOf } from '../../../backends/maas/machines.ts';
import { parseApiKey } from '../../../backends/maas/oauth.ts';
import { MACHINE_PARAMS } from '../../../backends/maas/params.ts';
import { maasSpec } from '../../../backends/maas/spec.ts';
import { STATUS_NAMES, STATUSES } from '../../../model/bare-metal/maas.ts';
import { HostileServer, whole } from '../http/hostile-server.ts';
import { mistyped, naming } from '../mistyped.ts';
import { ADMIN_KEY, ask, type MaasBackend, observe, openMaas } from './region-under-test.ts';

let server: HostileServer;
let backend: MaasBackend;

beforeEach(async () => {
  server = new HostileServer();
  await server.listen();
  backend = openMaas(server.url('/MAAS'), { answer_s: 20, answer_bytes_max: 10_000 });
});
afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await server.close();
});

const machine = { system_id: 'abc', hostname: 'm', status: 4, power_state: 'off' };

it.each(mistyped({ machine: MACHINE_PARAMS }))(
  '$verb takes no value of another type, and changes nothing then',
  async ({ verb, wrong }) => {
    // What is so already is not read for.
    const before = { ...machine, power_state: 'unknown', locked: verb === 'unlock' };
    server.answer = (socket) => socket.write(whole('200 OK', JSON.stringify([before])));
    const property = fc.asyncProperty(wrong, async ([field, value]) => {
      const message = expect.stringMatching(naming(field));
      expect(await ask(backend, 'm', verb, { [field]: value })).toMatchObject({
        fault: { code: 'MAAS_BAD_PARAMS', effect: 'none', message },
      });
    });
    await fc.assert(property, { numRuns: 20 });
    expect(server.requests.filter((each) => !each.startsWith('GET '))).toEqual([]);
  },
);

describe('a region that', () => {
  it.each([
    ['answers no list', '{}', 'MAAS_MALFORMED'],
    ['answers machines without a name', '[{"system_id":"abc"}]', 'MAAS_MALFORMED'],
    ['answers a status of its own', JSON.stringify([{ ...machine, status: 99 }]), 'MAAS_MALFORMED'],
    ['answers half', '[{"system_id":', 'MAAS_MALFORMED'],
    ['answers too much', `[${' '.repeat(20_000)}]`, 'MAAS_ANSWER_TOO_LARGE'],
  ])('%s is told from one that answers', async (_what, body, code) => {
    server.answer = (socket) => socket.write(whole('200 OK', body));
    expect(await observe(backend, 'm')).toMatchObject({ code, effect: 'none' });
  });

  it.each([
    ['302 Found', 'MAAS_MALFORMED'],
    ['401 Unauthorized', 'MAAS_AUTH'],
    ['403 Forbidden', 'MAAS_DENIED'],
    ['418 Teapot', 'MAAS_BAD_PARAMS'],
    ['500 Internal Server Error', 'MAAS_SERVER_ERROR'],
    ['502 Bad Gateway', 'MAAS_SERVER_ERROR'],
    ['503 Service Unavailable', 'BUSY'],
  ])('answers %s: %s', async (status, code) => {
    server.answer = (socket) => socket.write(whole(status, ''));
    expect(await observe(backend, 'm')).toMatchObject({ code });
  });

  it.each([
    ['', 2],
    ['retry-after: 10\r\n', 10],
    ['retry-after: 86400\r\n', 2],
    ['retry-after: soon\r\n', 2],
  ])('is busy, and says %j, is asked again after %i s', async (header, retry_after_s) => {
    server.answer = (socket) =>
      socket.write(`HTTP/1.1 503 Service Unavailable\r\n${header}content-length: 0\r\n\r\n`);
    const client = new MaasClient({ url: server.url('/MAAS'), key: parseApiKey(ADMIN_KEY)! });
    const thrown = await client.get('zones/').catch((busy) => busy);
    expect(thrown).toMatchObject({ retry_after_s });
    await client.close();
  });

  it.each([
    ['409 Conflict', 'No machine available.', 'MAAS_NONE_AVAILABLE'],
    ['409 Conflict', 'No available machine matches constraints: []', 'MAAS_NONE_AVAILABLE'],
    ['409 Conflict', 'No machine with system ID abc available.', 'MAAS_WRONG_STATE'],
    ['504 Gateway Timeout', 'Unable to power control', 'MAAS_SERVER_ERROR'],
  ])('says %s %j: %s', async (status, text, code) => {
    server.answer = (socket) => socket.write(whole(status, text));
    expect(await observe(backend, 'm')).toMatchObject({ code });
  });

  it('loses the connection is asked again with another nonce', async () => {
    server.answer = (socket, request) => {
      if (server.requests.length < 3) socket.destroy();
      else socket.write(whole('200 OK', request.includes('hostname=m') ? '[]' : '{}'));
    };
    expect(await observe(backend, 'm')).toMatchObject({ state: 'absent' });
    const nonces = server.requests.map((request) => /oauth_nonce="(.*?)"/.exec(request)?.[1]);
    expect(new Set(nonces).size).toBe(3);
  });

  it('repeats the key does not make it show', async () => {
    const client = new MaasClient({ url: server.url('/MAAS'), key: parseApiKey(ADMIN_KEY)! });
    server.answer = (socket, request) => socket.write(whole('400 Bad Request', request));
    const fault = await client.get('zones/').catch((thrown) => faultOf(thrown, 'none'));
    expect(JSON.stringify(fault)).not.toContain('planted');
    await client.close();
  });
});

describe('a region that knows the token but not the secret', () => {
  it('tells the right secret, which shows in no fault', async () => {
    const text =
      "Authorization Error: 'Invalid signature. Expected signature base string: &planted'";
    server.answer = (socket) => socket.write(whole('401 Unauthorized', JSON.stringify(text)));
    const seen = await observe(backend, 'm');
    expect(seen).toMatchObject({ code: 'MAAS_AUTH' });
    expect(JSON.stringify(seen)).toContain('Invalid signature');
    expect(JSON.stringify(seen)).not.toContain('planted');
  });
});

describe('a machine of the API', () => {
  it('has one of the 23 statuses', () => {
    expect(STATUS_NAMES.map((name) => statusOf(STATUSES[name].code))).toEqual(STATUS_NAMES);
  });

  it('may leave out what MAAS does not know yet', () => {
    expect(seenMachine(machine)).toEqual({
      name: 'm',
      status: 'ready',
      power: 'off',
      reason: '4/off',
      attributes: { system_id: 'abc' },
    });
  });
});

describe('where MAAS is', () => {
  const open = (options: object, env: NodeJS.ProcessEnv) =>
    maasSpec.open(maasSpec.options.parse(options), env);

  it('is found in the environment, or the options', async () => {
    const env = { MAAS_API_URL: 'http://maas.example:5240/MAAS', MAAS_API_KEY: 'a:b:c' };
    for (const options of [{}, { url: 'https://other.example/MAAS/' }]) {
      const driver = await open(options, env);
      expect(driver.name).toBe('maas');
      await driver.close();
    }
  });

  it.each([
    ['no key', { MAAS_API_URL: 'http://maas.example/MAAS' }],
    ['no URL', { MAAS_API_KEY: 'a:b:c' }],
    ['a key of two parts', { MAAS_API_URL: 'http://maas.example/MAAS', MAAS_API_KEY: 'planted:b' }],
  ])('cannot be told with %s', async (_what, env) => {
    const fault = await open({}, env).catch((thrown) => faultOf(thrown, 'none'));
    expect(fault).toMatchObject({ code: 'MAAS_NOT_CONFIGURED' });
    expect(JSON.stringify(fault)).not.toContain('planted');
  });
});
