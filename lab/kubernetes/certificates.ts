import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';

/** Who signs in to the API server, by the name of its files: CN and O of its certificate. */
const USERS = {
  admin: '/O=system:masters/CN=lab-admin',
  'controller-manager': '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
  kubelet: '/O=system:nodes/CN=system:node:lab-node',
} as const;

export type User = keyof typeof USERS;

/** Names under which the API server is reached: from outside, from pods, and within its node. */
const SERVER_NAMES = [
  ...['IP:127.0.0.1', 'IP:10.96.0.1', 'IP:10.99.0.1', 'DNS:localhost'],
  ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map((name) => `DNS:${name}`),
].join(',');

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const DAYS = '30';

/** Makes a certificate authority, the server's certificate and one for each user, all new. */
export async function makeCertificates(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name: string) => join(folder, name);
  await openssl([
    ...['req', '-x509', ...KEY, '-days', DAYS, '-subj', '/CN=strata-lab-ca'],
    ...['-keyout', at('ca.key'), '-out', at('ca.crt')],
  ]);
  await signed(folder, 'apiserver', '/CN=kube-apiserver', `subjectAltName=${SERVER_NAMES}`);
  for (const [name, subject] of Object.entries(USERS)) {
    await signed(folder, name, subject, 'extendedKeyUsage=clientAuth');
  }
  await openssl(['genrsa', '-out', at('service-accounts.key'), '2048']);
  await openssl([
    'rsa',
    '-in',
    at('service-accounts.key'),
    '-pubout',
    '-out',
    at('service-accounts.pub'),
  ]);
}

async function signed(folder: string, name: string, subject: string, extension: string) {
  const at = (file: string) => join(folder, file);
  await openssl([
    ...['req', '-x509', ...KEY, '-days', DAYS, '-subj', subject, '-addext', extension],
    ...[
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-CA',
      at('ca.crt'),
      '-CAkey',
      at('ca.key'),
    ],
    ...['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)],
  ]);
}

async function openssl(args: readonly string[]): Promise<void> {
  await command('openssl', args);
}

/** A kubeconfig for a user; certificates by path. */
export function writeKubeconfig(folder: string, user: User, server: string, file: string): void {
  const at = (name: string) => join(folder, name);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server, 'certificate-authority': at('ca.crt') } }],
    users: [
      {
        name: user,
        user: { 'client-certificate': at(`${user}.crt`), 'client-key': at(`${user}.key`) },
      },
    ],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user } }],
    'current-context': 'lab',
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
