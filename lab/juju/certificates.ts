import { join } from 'node:path';
import { command } from '../command.ts';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const DAYS = '365';

/** An authority of the controller's own and a certificate for the name that Juju's clients ask for. */
export async function makeCertificates(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  const begin = ['req', '-x509', ...KEY, '-days', DAYS];
  await command('openssl', [
    ...[...begin, '-subj', '/CN=strata-lab-juju-ca'],
    ...['-keyout', at('ca.key'), '-out', at('ca.crt')],
  ]);
  await command('openssl', [
    ...[...begin, '-subj', '/CN=juju-apiserver'],
    ...['-addext', 'subjectAltName=DNS:juju-apiserver'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-CA', at('ca.crt'), '-CAkey', at('ca.key')],
    ...['-keyout', at('server.key'), '-out', at('server.crt')],
  ]);
}
