import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { authBody, type Cloud } from '../../../backends/openstack/cloud.ts';
import { type CloudChoice, readCloud } from '../../../backends/openstack/clouds-yaml.ts';
import type { Fault } from '../../../engine/contract.ts';

const PASSWORD = 'planted-password-88ab';
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Reads a cloud from files of a folder of its own. */
function read(
  files: Readonly<Record<string, string>>,
  choice: CloudChoice = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Cloud> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-clouds-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const found = (name: string) => join(folder, name);
  return readCloud(choice, {
    OS_CLIENT_CONFIG_FILE: found('clouds.yaml'),
    OS_CLIENT_SECURE_FILE: found('secure.yaml'),
    ...env,
  });
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof FaultError) return thrown.fault;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const asked = (cloud: Cloud) => JSON.parse(authBody(cloud)).auth;

const CLOUDS = `
clouds:
  one:
    auth: {auth_url: "https://one.example/v3/", username: u, password: ${PASSWORD}, project_name: p}
    region_name: R1
    interface: internal
    compute_endpoint_override: https://other.example/v2.1
    compute_default_microversion: "2.60"
  two:
    auth:
      auth_url: https://two.example
      username: u
      user_domain_name: Users
      project_name: p
      project_domain_id: d2
`;

describe('clouds.yaml', () => {
  it('gives the cloud that is named', async () => {
    const cloud = await read({ 'clouds.yaml': CLOUDS }, { cloud: 'one' });
    expect(cloud).toMatchObject({
      name: 'one',
      auth_url: 'https://one.example/v3',
      region: 'R1',
      interface: 'internal',
      endpoints: { compute: 'https://other.example/v2.1' },
      microversions: { compute: '2.60' },
    });
    expect(asked(cloud)).toEqual({
      identity: {
        methods: ['password'],
        password: { user: { name: 'u', domain: { id: 'default' }, password: PASSWORD } },
      },
      scope: { project: { name: 'p', domain: { id: 'default' } } },
    });
  });

  it('takes the name from OS_CLOUD, and the secret from secure.yaml', async () => {
    const secure = `clouds: {two: {auth: {password: ${PASSWORD}}}}`;
    const files = { 'clouds.yaml': CLOUDS, 'secure.yaml': secure };
    const cloud = await read(files, {}, { OS_CLOUD: 'two' });
    const { identity, scope } = asked(cloud);
    expect(identity.password.user).toEqual({
      ...{ name: 'u', domain: { name: 'Users' } },
      password: PASSWORD,
    });
    expect(scope.project).toEqual({ name: 'p', domain: { id: 'd2' } });
  });

  it('an option of the scenario counts more than the file', async () => {
    const choice = { cloud: 'one', region: 'R2', interface: 'public' } as const;
    expect(await read({ 'clouds.yaml': CLOUDS }, choice)).toMatchObject({
      region: 'R2',
      interface: 'public',
    });
  });

  it('application credentials bring their own scope', async () => {
    const text = `clouds: {a: {auth_type: v3applicationcredential, auth: {auth_url: "http://k",
      application_credential_id: id1, application_credential_secret: ${PASSWORD}}}}`;
    expect(asked(await read({ 'clouds.yaml': text }))).toEqual({
      identity: {
        methods: ['application_credential'],
        application_credential: { id: 'id1', secret: PASSWORD },
      },
    });
  });

  it('an application credential by name comes with its user', async () => {
    const text = `clouds: {a: {auth: {auth_url: "http://k", username: u, user_domain_id: d,
      application_credential_name: n, application_credential_secret: ${PASSWORD}}}}`;
    expect(asked(await read({ 'clouds.yaml': text })).identity.application_credential).toEqual({
      ...{ name: 'n', secret: PASSWORD },
      user: { name: 'u', domain: { id: 'd' } },
    });
  });

  it.each([
    ['system_scope: all', { system: { all: true } }],
    ['domain_name: D', { domain: { name: 'D' } }],
    ['project_id: p1', { project: { id: 'p1' } }],
  ])('a token is scoped by %s', async (scope, expected) => {
    const text = `clouds: {a: {auth_type: v3token, auth: {auth_url: "http://k", token: ${PASSWORD}, ${scope}}}}`;
    expect(asked(await read({ 'clouds.yaml': text }))).toEqual({
      identity: { methods: ['token'], token: { id: PASSWORD } },
      scope: expected,
    });
  });

  it.each([
    ['no such cloud', CLOUDS, { cloud: 'three' }, 'OPENSTACK_NO_CLOUD', 'one, two'],
    ['none named of several', CLOUDS, {}, 'OPENSTACK_NO_CLOUD', 'one, two'],
    ['no YAML', `clouds: [${PASSWORD}`, {}, 'OPENSTACK_BAD_CONFIG', 'not YAML'],
    ['no clouds', 'a: 1', {}, 'OPENSTACK_BAD_CONFIG', 'clouds'],
    ['no address', 'clouds: {a: {auth: {}}}', {}, 'OPENSTACK_BAD_CONFIG', 'auth_url'],
    [
      'no password',
      'clouds: {a: {auth: {auth_url: "http://k", username: u}}}',
      {},
      'OPENSTACK_BAD_CONFIG',
      'auth.password',
    ],
    [
      'a plugin that is not known',
      'clouds: {a: {auth_type: v3oidc, auth: {auth_url: "http://k"}}}',
      {},
      'OPENSTACK_BAD_CONFIG',
      'v3oidc',
    ],
    [
      'a key without a certificate',
      `clouds: {a: {key: k.pem, auth: {auth_url: "http://k", username: u, password: ${PASSWORD}}}}`,
      {},
      'OPENSTACK_BAD_CONFIG',
      'cert is missing',
    ],
    [
      'a certificate without a key',
      `clouds: {a: {cert: clouds.yaml, auth: {auth_url: "http://k", username: u, password: ${PASSWORD}}}}`,
      {},
      'OPENSTACK_BAD_CONFIG',
      'no private key',
    ],
    [
      'a CA that is not there',
      `clouds: {a: {cacert: ca.pem, auth: {auth_url: "http://k", username: u, password: ${PASSWORD}}}}`,
      {},
      'OPENSTACK_BAD_CONFIG',
      'ca.pem',
    ],
  ] as const)('%s is a fault that says so', async (_, text, choice, code, word) => {
    const fault = await faultOf(read({ 'clouds.yaml': text }, choice));
    expect(fault).toMatchObject({ code, effect: 'none', retryable: false });
    expect(fault.message).toContain(word);
    expect(JSON.stringify(fault)).not.toContain(PASSWORD);
  });

  it.each([
    ['', true],
    ['verify: true, ', true],
    ['verify: false, ', false],
    ['insecure: true, ', false],
    ['insecure: "False", ', true],
  ])('"%s" verifies certificates: %s', async (setting, verify) => {
    const auth = `{auth_url: "https://k", username: u, password: ${PASSWORD}}`;
    const cloud = await read({ 'clouds.yaml': `clouds: {a: {${setting}auth: ${auth}}}` });
    expect(cloud).toMatchObject({ verify });
  });

  it('a cloud that is printed shows no secret', async () => {
    const cloud = await read({ 'clouds.yaml': CLOUDS }, { cloud: 'one' });
    expect(JSON.stringify(cloud) + inspect(cloud, { depth: 9 })).not.toContain(PASSWORD);
  });
});

describe('the variables of an RC file', () => {
  const RC = {
    OS_AUTH_URL: 'http://k:5000/v3',
    OS_USERNAME: 'u',
    OS_PASSWORD: PASSWORD,
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_NAME: 'p',
    OS_PROJECT_DOMAIN_ID: 'default',
    OS_REGION_NAME: 'R',
    OS_INTERFACE: 'admin',
    OS_IDENTITY_API_VERSION: '3',
  };

  it('make a cloud where none is named', async () => {
    const cloud = await read({ 'clouds.yaml': CLOUDS }, {}, RC);
    expect(cloud).toMatchObject({ name: 'envvars', region: 'R', interface: 'admin' });
    expect(asked(cloud).scope).toEqual({ project: { name: 'p', domain: { id: 'default' } } });
  });

  it('count less than a cloud that is named', async () => {
    const cloud = await read({ 'clouds.yaml': CLOUDS }, {}, { ...RC, OS_CLOUD: 'one' });
    expect(cloud.name).toBe('one');
  });

  it('know the old name of the interface', async () => {
    const { OS_INTERFACE: _, ...rest } = RC;
    const cloud = await read({}, {}, { ...rest, OS_ENDPOINT_TYPE: 'internalURL' });
    expect(cloud.interface).toBe('internal');
  });
});
