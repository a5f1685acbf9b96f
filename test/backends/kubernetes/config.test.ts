import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clusterAccess } from '../../../backends/kubernetes/config.ts';

const TOKEN = 'planted-token-7f3a';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function kubeconfig(name: string, content: object | string): string {
  const file = join(folder, name);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(file, text);
  return file;
}

const cluster = (name: string, more: object = {}, user: object = { token: TOKEN }) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': name,
  clusters: [{ name, cluster: { server: `https://${name}.example:6443`, ...more } }],
  users: [{ name, user }],
  contexts: [{ name, context: { cluster: name, user: name, namespace: `${name}-space` } }],
});

it('goes by KUBECONFIG, whose files are merged and may be missing', async () => {
  const files = [
    join(folder, 'none'),
    kubeconfig('a', cluster('blue')),
    kubeconfig('b', cluster('green')),
  ];
  const env = { KUBECONFIG: files.join(delimiter) };
  const access = await clusterAccess({}, env);
  expect([access.context, access.server.href, access.namespace]).toEqual([
    ...['blue', 'https://blue.example:6443/', 'blue-space'],
  ]);
  const other = await clusterAccess({ context: 'green' }, env);
  expect(other.server.host).toBe('green.example:6443');
});

it('signs in as the user of the context, and hides the token', async () => {
  const access = await clusterAccess({ kubeconfig: kubeconfig('a', cluster('blue')) }, {});
  expect(await access.headers()).toEqual({ Authorization: `Bearer ${TOKEN}` });
  expect(access.secrets.map((secret) => secret.reveal())).toEqual([TOKEN]);
  expect(inspect(access, { depth: 9 })).not.toContain(TOKEN);
});

it('takes certificates from the file, and keeps the key a secret', async () => {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const user = {
    'client-certificate-data': encode('the certificate'),
    'client-key-data': encode('the private key'),
  };
  const ca = { 'certificate-authority-data': encode('the authority') };
  const access = await clusterAccess(
    { kubeconfig: kubeconfig('a', cluster('blue', ca, user)) },
    {},
  );
  expect(access.ca).toBe('the authority');
  expect(access.tls.cert).toBe('the certificate');
  expect(access.tls.key?.reveal()).toBe('the private key');
  expect(inspect(access, { depth: 9 })).not.toContain('the private key');
});

it('verifies certificates unless the kubeconfig says otherwise', async () => {
  const open = (more: object) =>
    clusterAccess({ kubeconfig: kubeconfig('a', cluster('blue', more)) }, {});
  expect((await open({})).tls.rejectUnauthorized).toBeUndefined();
  const careless = await open({ 'insecure-skip-tls-verify': true });
  expect(careless.tls.rejectUnauthorized).toBe(false);
});

it.each([
  ['there is none', () => ({ KUBECONFIG: join(folder, 'none') }), {}],
  ['it is no YAML', () => ({ KUBECONFIG: kubeconfig('a', '{{{') }), {}],
  [
    'it has no such context',
    () => ({ KUBECONFIG: kubeconfig('a', cluster('b')) }),
    { context: 'c' },
  ],
  [
    'it names no server',
    () => ({ KUBECONFIG: kubeconfig('a', { ...cluster('b'), clusters: [] }) }),
    {},
  ],
])('says so when %s', async (_, env, options) => {
  await expect(clusterAccess(options, env())).rejects.toMatchObject({
    fault: { code: 'KUBERNETES_BAD_CONFIG', effect: 'none' },
  });
});

it('never repeats what a credential plugin says', async () => {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', `echo ${TOKEN} >&2; exit 1`],
    interactiveMode: 'Never',
  };
  const file = kubeconfig('a', cluster('blue', {}, { exec }));
  const refused = await clusterAccess({ kubeconfig: file }, {}).catch((thrown) => thrown);
  expect(refused).toMatchObject({ fault: { code: 'KUBERNETES_BAD_CONFIG' } });
  expect(inspect(refused.fault)).not.toContain(TOKEN);
});
