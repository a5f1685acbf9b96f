/** Ironic of a cloud: keystone gives the tokens, and its catalogue says where Ironic is. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Driver } from '../../../backends/driver.ts';
import { ironicSpec } from '../../../backends/ironic/spec.ts';

const NODE = { uuid: 'u', name: 'n', provision_state: 'available', power_state: 'power off' };

let server: Server;
let driver: Driver;
let root: string;
/** Tokens that keystone gave, and those that Ironic accepts. */
let given: string[];
let accepted: (token: string) => boolean;

beforeEach(async () => {
  given = [];
  accepted = (token) => given.includes(token);
  server = createServer((request, response) => {
    const json = (status: number, body: object, headers = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    if (request.url === '/v3/auth/tokens') {
      const token = `planted-token-${given.length}`;
      given.push(token);
      const endpoints = [{ interface: 'public', region_id: 'here', url: `${root}/baremetal/v1` }];
      const catalog = [{ type: 'baremetal', endpoints }];
      json(201, { token: { catalog, roles: [] } }, { 'x-subject-token': token });
    } else if (!accepted(String(request.headers['x-auth-token']))) {
      json(401, { error: { message: `no ${request.headers['x-auth-token']}`, title: 'No' } });
    } else if (request.url === '/baremetal/v1/nodes/n') json(200, NODE);
    else json(404, { error_message: { faultstring: `no ${request.url}` } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = {
    ...{ OS_AUTH_URL: `${root}/v3`, OS_USERNAME: 'operator', OS_PASSWORD: 'planted-password' },
    ...{ OS_PROJECT_NAME: 'admin', OS_USER_DOMAIN_NAME: 'Default' },
    OS_PROJECT_DOMAIN_NAME: 'Default',
  };
  driver = await ironicSpec.open({}, env);
});
afterEach(async () => {
  await driver.close();
  await new Promise((resolve) => server.close(resolve));
});

const observe = () => driver.observe('machine', 'n');

it('is found in the catalogue, with one token for all calls', async () => {
  expect(await observe()).toMatchObject({ state: 'ready+off' });
  expect(await observe()).toMatchObject({ state: 'ready+off' });
  expect(given).toHaveLength(1);
});

it('is asked once more with a new token when the token was revoked', async () => {
  await observe();
  accepted = (token) => token === 'planted-token-1';
  expect(await observe()).toMatchObject({ state: 'ready+off' });
  expect(given).toHaveLength(2);
});

it('that accepts no token says so, without the token', async () => {
  accepted = () => false;
  const thrown = await observe().catch((cause) => cause);
  expect(thrown).toMatchObject({ fault: { code: 'IRONIC_AUTH', upstream: '401', effect: 'none' } });
  expect(JSON.stringify(thrown.fault)).not.toContain('planted');
  expect(given).toHaveLength(2);
});
