/** What `cacert`, `cert`, `key` and `verify` of clouds.yaml do, against a server that asks for both. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { readCloud } from '../../../backends/openstack/clouds-yaml.ts';
import { OpenstackSession } from '../../../backends/openstack/session.ts';
import { FakeCloud, PASSWORD } from './fake-cloud.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.log('skipped: TLS of OpenStack needs the program openssl');

let folder: string;
const at = (name: string) => join(folder, name);
const cloud = new FakeCloud(() => undefined);

/** A key and a certificate of it, which another one has signed, or itself. */
function certify(name: string, signer?: string): void {
  const extensions = [
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-addext',
    `basicConstraints=CA:TRUE`,
  ];
  const signed = signer ? ['-CA', at(`${signer}.pem`), '-CAkey', at(`${signer}.key`)] : [];
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '1', '-subj', `/CN=${name}`, ...(signer ? [] : extensions.slice(2))],
    ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), ...signed],
    ...(signer ? extensions.slice(0, 2) : []),
  ]);
}

describe.skipIf(!hasOpenssl)('a cloud behind TLS', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'strata-tls-'));
    certify('ca');
    certify('server', 'ca');
    certify('client', 'ca');
    certify('stranger');
    writeFileSync(
      at('both.pem'),
      readFileSync(at('client.pem'), 'utf8') + readFileSync(at('client.key'), 'utf8'),
    );
    await cloud.open({
      ...{ cert: readFileSync(at('server.pem')), key: readFileSync(at('server.key')) },
      ...{ ca: readFileSync(at('ca.pem')), requestCert: true, rejectUnauthorized: true },
    });
  });

  afterAll(async () => {
    await cloud.close();
    rmSync(folder, { recursive: true });
  });

  /** Signs in with these settings; what came of it. */
  async function signIn(settings: string, url = cloud.url): Promise<string> {
    const auth = `{auth_url: "${url}/v3", username: u, password: ${PASSWORD}}`;
    writeFileSync(at('clouds.yaml'), `clouds: {a: {${settings}, auth: ${auth}}}`);
    const read = await readCloud({}, { OS_CLIENT_CONFIG_FILE: at('clouds.yaml') });
    const session = new OpenstackSession({ cloud: read });
    try {
      return (await session.whoAmI()).roles.join();
    } catch (thrown) {
      if (!(thrown instanceof FaultError)) throw thrown;
      expect(thrown.fault.effect).not.toBe('done');
      return thrown.fault.code;
    } finally {
      await session.close();
    }
  }

  it.each([
    ['cacert: ca.pem, cert: client.pem, key: client.key', 'member'],
    ['cacert: ca.pem, cert: both.pem', 'member'],
    ['verify: false, cert: both.pem', 'member'],
    // Node's server hangs up without saying why.
    ['cacert: ca.pem', 'OPENSTACK_CONNECTION_LOST'],
    ['cacert: ca.pem, cert: stranger.pem, key: stranger.key', 'OPENSTACK_CONNECTION_LOST'],
    ['cert: client.pem, key: client.key', 'OPENSTACK_TLS_REJECTED'],
    ['cacert: stranger.pem, cert: client.pem, key: client.key', 'OPENSTACK_TLS_REJECTED'],
  ])('%s: %s', async (settings, outcome) => {
    expect(await signIn(settings)).toBe(outcome);
  });

  it('says that a server wants a certificate, where the server says so', async () => {
    const server = spawn('openssl', [
      ...[
        's_server',
        '-accept',
        '127.0.0.1:0',
        '-Verify',
        '1',
        '-verify_return_error',
        '-tls1_2',
        '-www',
      ],
      ...['-cert', at('server.pem'), '-key', at('server.key'), '-CAfile', at('ca.pem')],
    ]);
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let said = '';
        server.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          const found = /ACCEPT .*:(\d+)/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
        server.once('exit', () => reject(new Error(said)));
      });
      const url = `https://127.0.0.1:${port}`;
      expect(await signIn('cacert: ca.pem', url)).toBe('OPENSTACK_TLS_REJECTED');
    } finally {
      server.kill();
    }
  });
});
