import { createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JujuBackend, JujuOptions } from '../../../backends/juju/driver.ts';
import { anyText } from '../../support/any-text.ts';
import { TEST_CA, TEST_CERTIFICATE, TEST_KEY } from '../http/tls-files.ts';
import { ADMIN, accessTo, closed, faultOf, observe, openJuju } from './controller-under-test.ts';
import { answerTo, errorTo, HostileController, type Sabotage } from './hostile-controller.ts';

const LIMITS = { connect_s: 20, answer_s: 20, message_bytes_max: 20_000 };
const STATUS = 'Client.FullStatus';

let server: HostileController;
let endpoint: string;
let backend: JujuBackend;

beforeEach(async () => {
  server = new HostileController();
  endpoint = await server.listen();
  backend = openJuju(endpoint, { limits: LIMITS });
});
afterEach(async () => {
  await closed(backend);
  await server.close();
});

/** Waits no longer than it must, where the test is that there is no answer. */
async function beImpatient(answer_s: number): Promise<void> {
  await closed(backend);
  backend = openJuju(endpoint, { limits: { ...LIMITS, answer_s } });
}

const seen = () => observe(backend, 'application', 'web');

it('one that behaves is no reason for a fault', async () => {
  expect(await seen()).toMatchObject({ state: 'absent' });
});

describe('an answer that', () => {
  const says =
    (text: string): Sabotage =>
    (_, client) =>
      client.send(text);

  it.each<readonly [string, Sabotage, string]>([
    ['is no JSON', says('{"request-id":'), 'JUJU_MALFORMED'],
    ['is a list', says('[]'), 'JUJU_MALFORMED'],
    ['is null', says('null'), 'JUJU_MALFORMED'],
    ['is empty', says(''), 'JUJU_MALFORMED'],
    ['has no number', says('{"response":{}}'), 'JUJU_MALFORMED'],
    ['has a number of nobody', says('{"request-id":999,"response":{}}'), 'JUJU_MALFORMED'],
    ['has a number that is none', says('{"request-id":"1","response":{}}'), 'JUJU_MALFORMED'],
    [
      'has an error that is no text',
      (request, client) =>
        client.send(JSON.stringify({ 'request-id': request['request-id'], error: {} })),
      'JUJU_MALFORMED',
    ],
    [
      'is binary',
      (request, client) => client.send(Buffer.from(answerTo(request, {})), { binary: true }),
      'JUJU_MALFORMED',
    ],
    ['is huge', says(`"${'x'.repeat(50_000)}"`), 'JUJU_ANSWER_TOO_LARGE'],
    ['never comes', () => {}, 'JUJU_NO_ANSWER'],
    [
      'comes byte by byte, and never whole',
      (_request, _client, below) => {
        below.write(Buffer.from([0x81, 100, 0x7b]));
        const drip = setInterval(() => below.write(' '), 50);
        below.on('close', () => clearInterval(drip));
      },
      'JUJU_NO_ANSWER',
    ],
    [
      'is cut off',
      (_request, _client, below) =>
        below.write(Buffer.from([0x81, 100, 0x7b]), () => below.destroy()),
      'JUJU_CONNECTION_LOST',
    ],
    [
      'is no frame',
      (_request, _client, below) => below.write(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')),
      'JUJU_MALFORMED',
    ],
    ['is a good-bye', (_request, client) => client.close(1001, 'bye'), 'JUJU_CONNECTION_LOST'],
  ])('%s ends in a fault', async (_what, sabotage, code) => {
    server.sabotage = { [STATUS]: sabotage };
    if (code === 'JUJU_NO_ANSWER') await beImpatient(0.3);
    expect(await seen()).toMatchObject({ code, effect: 'none' });
  });

  it.each([
    ['the login', 'Admin.Login', { facades: {} }],
    ['the login', 'Admin.Login', 7],
    ['the models', 'ModelManager.ListModelSummaries', { results: [{ result: { name: 7 } }] }],
    ['the status', STATUS, {}],
    ['the status', STATUS, { model: null }],
    ['the status', STATUS, { model: { 'model-status': {} }, applications: [] }],
    ['the status', STATUS, { model: { 'model-status': {} }, relations: [{ id: '1' }] }],
    ['the actions', 'Action.ListOperations', { results: [{ actions: [7] }] }],
  ])('has another shape than %s (%s: %j) ends in a fault', async (_what, name, response) => {
    server.sabotage = { [name]: (request, client) => client.send(answerTo(request, response)) };
    expect(await seen()).toMatchObject({ code: 'JUJU_MALFORMED', effect: 'none' });
  });

  it('is any text ends in a fault', async () => {
    const property = fc.asyncProperty(fc.oneof(anyText(), fc.json()), async (text) => {
      server.sabotage = { [STATUS]: says(text) };
      expect((await seen()).code).toMatch(/^JUJU_(MALFORMED|NO_ANSWER|CONNECTION_LOST)$/);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('is lost after the act began says that it may have happened', async () => {
    server.sabotage = { 'Application.Expose': (_request, client) => client.terminate() };
    expect(await faultOf(backend, 'application', 'web', 'expose')).toMatchObject({
      ...{ code: 'JUJU_CONNECTION_LOST', effect: 'unknown', retryable: true },
    });
    server.sabotage = { 'Application.Expose': () => {} };
    await beImpatient(2);
    expect(await faultOf(backend, 'application', 'web', 'expose')).toMatchObject({
      ...{ code: 'JUJU_NO_ANSWER', effect: 'unknown' },
    });
  });
});

describe('an error', () => {
  it.each([
    ['model not found', 'x', 'JUJU_UNKNOWN'],
    ['unauthorized access', 'permission denied', 'JUJU_DENIED'],
    ['unauthorized access', 'invalid entity name or password', 'JUJU_AUTH'],
    ['redirection required', 'x', 'JUJU_MOVED'],
    ['operation is blocked', 'x', 'JUJU_BLOCKED'],
    ['quota limit exceeded', 'x', 'JUJU_QUOTA'],
    ['try again', 'x', 'BUSY'],
    ['upgrade in progress', 'x', 'BUSY'],
    ['something new', 'x', 'JUJU_REFUSED'],
    ['', 'application "x" already exists', 'JUJU_EXISTS'],
    ['', 'who knows', 'JUJU_REFUSED'],
    ['constructor', 'x', 'JUJU_REFUSED'],
  ])('%j (%s) is %s', async (code, message, fault) => {
    server.sabotage = {
      'Application.Expose': (request, client) => client.send(errorTo(request, code, message)),
    };
    const outcome = await new Promise((reply) => {
      const act = {
        layer: 'orchestration',
        kind: 'application',
        entity: 'web',
        verb: 'expose',
      } as const;
      backend.request({ key: `k-${code}-${message}`, ...act, params: {}, deadline_s: 60 }, reply);
    });
    const expected = {
      type: 'fault',
      fault: { code: fault, ...(code !== '' && { upstream: code }) },
    };
    expect(outcome).toMatchObject(fault === 'BUSY' ? { type: 'busy' } : expected);
  });

  it('that repeats a secret does not pass it on, nor does a status', async () => {
    const text = `no user admin with ${ADMIN.password}\n${'x'.repeat(5_000)}`;
    server.sabotage = {
      [STATUS]: (request, client) => client.send(errorTo(request, text, text)),
    };
    const fault = JSON.stringify(await seen());
    expect(fault).not.toContain(ADMIN.password);
    expect(fault.length).toBeLessThan(3_500);
    const leaky = { status: 'blocked', info: `login failed for ${ADMIN.password}` };
    const applications = { web: { charm: ADMIN.password, status: leaky } };
    const status = { model: { 'model-status': leaky }, applications };
    server.sabotage = { [STATUS]: (request, client) => client.send(answerTo(request, status)) };
    const shown = JSON.stringify(await backend.driver.list());
    expect(shown).toContain('login failed');
    expect(shown).not.toContain(ADMIN.password);
  });
});

describe('a login', () => {
  it.each([
    ['wants a macaroon', { 'discharge-required': {} }, 'JUJU_AUTH'],
    ['offers nothing', {}, 'JUJU_UNSUPPORTED'],
    [
      'offers other versions',
      { facades: [{ name: 'ModelManager', versions: [99] }] },
      'JUJU_UNSUPPORTED',
    ],
  ])('that %s ends in a fault', async (_what, response, code) => {
    server.sabotage = {
      'Admin.Login': (request, client) => client.send(answerTo(request, response)),
    };
    expect(await seen()).toMatchObject({ code, effect: 'none' });
  });
});

describe('a controller that', () => {
  const other = async (at: string, options: Partial<JujuOptions> = {}) => {
    const mine = openJuju(at, { limits: LIMITS, ...options });
    const fault = await observe(mine, 'application', 'web');
    await closed(mine);
    return fault;
  };

  it('is not there is unreachable', async () => {
    expect(await other('127.0.0.1:1')).toMatchObject({
      ...{ code: 'JUJU_UNREACHABLE', effect: 'none', retryable: true },
    });
  });

  it('has several addresses is reached by the one that answers', async () => {
    const access = { ...accessTo(endpoint), endpoints: ['127.0.0.1:1', endpoint] };
    expect(await other(endpoint, { access })).toMatchObject({ state: 'absent' });
  });

  it('shows the certificate of another authority or name is not trusted', async () => {
    const strange = new HostileController(TEST_CERTIFICATE, TEST_KEY);
    const at = await strange.listen();
    expect(await other(at)).toMatchObject({ code: 'JUJU_TLS_REJECTED', effect: 'none' });
    // Of the right authority, but for 127.0.0.1 and not for juju-apiserver.
    const access = { ...accessTo(at), ca: TEST_CA };
    expect(await other(at, { access })).toMatchObject({
      ...{ code: 'JUJU_TLS_REJECTED', upstream: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    // Without an authority of its own, those of the system count.
    const { ca: _, ...trusting } = accessTo(endpoint);
    expect(await other(endpoint, { access: trusting })).toMatchObject({
      code: 'JUJU_TLS_REJECTED',
    });
    await strange.close();
  });

  it('speaks something else, or nothing, ends in a fault in time', async () => {
    let greeting = 'SSH-2.0-OpenSSH_9.2\r\n';
    const sockets = new Set<Socket>();
    const plain: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      if (greeting !== '') socket.write(greeting);
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const at = `127.0.0.1:${(plain.address() as { port: number }).port}`;
    expect(await other(at)).toMatchObject({ code: 'JUJU_MALFORMED', effect: 'none' });
    greeting = '';
    expect(await other(at, { limits: { ...LIMITS, connect_s: 0.5 } })).toMatchObject({
      code: 'JUJU_UNREACHABLE',
      effect: 'none',
    });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => plain.close(resolve));
  });
});
