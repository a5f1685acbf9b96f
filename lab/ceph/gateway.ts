import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { z } from 'zod';
import type { Session } from '../../backends/ceph/session.ts';
import { command } from '../command.ts';
import type { LabRun } from '../system.ts';
import { gatewayUrl, RGW } from './conf.ts';
import { startCephDaemon } from './daemons.ts';
import { giveKey } from './keys.ts';
import type { LabNetwork } from './network.ts';
import { cephPaths } from './paths.ts';
import { until } from './until.ts';

/** The S3 user that the lab makes, with its profile in the credentials file. */
export const S3_USER = 'strata';
const VALID_DAYS = 30;

/** Starts radosgw with a certificate of the lab's own authority, and makes an S3 user. */
export async function startGateway(
  run: LabRun,
  network: LabNetwork,
  session: Session,
): Promise<string> {
  await makeCertificate(network.inside);
  const caps = ['mon', 'allow rw', 'osd', 'allow rwx', 'mgr', 'allow rw'];
  await giveKey(session, `client.rgw.${RGW}`, `rgw.${RGW}`, caps);
  await startCephDaemon(run, 'rgw', RGW);
  await until('the gateway answers', () => gatewayAnswers(gatewayUrl(network)));
  await makeUser();
  return gatewayUrl(network);
}

/** Whether somebody answers HTTP there, with a certificate of the lab's authority. */
export function gatewayAnswers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { ca: readFileSync(cephPaths().ca), timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(true);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

async function makeCertificate(address: string): Promise<void> {
  const { ca, certificate, certificateKey, base } = cephPaths();
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const caKey = `${base}/ca.key`;
  const days = ['-days', String(VALID_DAYS)];
  await command('openssl', [
    ...['req', '-x509', ...curve, ...days, '-subj', '/CN=Strata lab'],
    ...['-keyout', caKey, '-out', ca],
  ]);
  await command('openssl', [
    ...['req', '-x509', ...curve, ...days, '-subj', `/CN=${address}`],
    ...['-addext', `subjectAltName=IP:${address}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-CA', ca, '-CAkey', caKey, '-keyout', certificateKey, '-out', certificate],
  ]);
}

const userForm = z.object({
  keys: z.array(z.object({ access_key: z.string(), secret_key: z.string() })).min(1),
});

async function makeUser(): Promise<void> {
  const { conf, adminKeyring, credentials } = cephPaths();
  const as = ['--conf', conf, '--keyring', adminKeyring, '--name', 'client.admin'];
  const wanted = ['--uid', S3_USER, '--display-name', 'Strata lab'];
  const said = await command('radosgw-admin', ['user', 'create', ...wanted, ...as]);
  const [{ access_key, secret_key }] = userForm.parse(JSON.parse(said.toString())).keys;
  const text = `[default]\naws_access_key_id = ${access_key}\naws_secret_access_key = ${secret_key}\n`;
  writeFileSync(credentials, text, { mode: 0o600 });
}
