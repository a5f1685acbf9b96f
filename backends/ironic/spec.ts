import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { readCloud } from '../openstack/clouds-yaml.ts';
import { OpenstackSession } from '../openstack/session.ts';
import { Secret } from '../secret.ts';
import type { IronicAuth } from './client.ts';
import { IronicDriver } from './driver.ts';
import { ironicFault } from './faults.ts';
import { MACHINE_PARAMS } from './params.ts';

const options = z.strictObject({
  url: z.string().optional().describe('Root of the API, `http://HOST:6385`; else OS_ENDPOINT.'),
  ca_file: z
    .string()
    .optional()
    .describe('PEM of the authority that signed its certificate; else OS_CACERT.'),
  cloud: z
    .string()
    .optional()
    .describe('Cloud of clouds.yaml whose keystone signs in; else OS_CLOUD.'),
});

/**
 * Ironic by itself, found as its own command finds it: OS_ENDPOINT and OS_AUTH_TYPE; or Ironic of a
 * cloud, as `openstack baremetal` finds it: clouds.yaml and OS_CLOUD, else OS_AUTH_URL.
 */
export const ironicSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'ironic',
  layer: 'bare-metal',
  describes: 'OpenStack Ironic: nodes from enrolment to deployment, by its REST API',
  options,
  params: { machine: MACHINE_PARAMS },
  open: async ({ url, ca_file, cloud }, env) => {
    if (cloud !== undefined || isOfCloud(env)) return ofCloud(url, cloud, env);
    const where = url ?? env['OS_ENDPOINT'];
    if (!where || !URL.canParse(where)) throw ironicFault('IRONIC_NOT_CONFIGURED', 'no URL');
    const ca = ca_file ?? env['OS_CACERT'];
    const trust = ca ? { ca: await read(ca) } : {};
    return new IronicDriver({ url: new URL(where), auth: authOf(env), env, ...trust });
  },
};

/** Whether the environment is that of a cloud; what names a standalone Ironic counts first. */
function isOfCloud(env: NodeJS.ProcessEnv): boolean {
  if (['none', 'http_basic'].includes(env['OS_AUTH_TYPE'] ?? '')) return false;
  if (env['OS_CLOUD']) return true;
  return env['OS_ENDPOINT'] === undefined && env['OS_AUTH_URL'] !== undefined;
}

/** Signed in by keystone; the cloud's configuration also says whom to trust. */
async function ofCloud(
  url: string | undefined,
  name: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<IronicDriver> {
  if (url !== undefined && !URL.canParse(url)) throw ironicFault('IRONIC_NOT_CONFIGURED', url);
  const cloud = await readCloud(name === undefined ? {} : { cloud: name }, env);
  const auth: IronicAuth = { type: 'keystone', session: new OpenstackSession({ cloud }) };
  const tls = { ...cloud.client, rejectUnauthorized: cloud.verify };
  const trust = cloud.ca === undefined ? { tls } : { tls, ca: cloud.ca };
  return new IronicDriver({ ...(url && { url: new URL(url) }), auth, env, ...trust });
}

function authOf(env: NodeJS.ProcessEnv): IronicAuth {
  const { OS_AUTH_TYPE: type = 'none', OS_USERNAME: user, OS_PASSWORD: password } = env;
  const { OS_TOKEN: token } = env;
  if (type === 'none') return { type };
  if (type === 'http_basic' && user && password) {
    return { type, user, password: new Secret(password) };
  }
  if ((type === 'token' || type === 'admin_token') && token) {
    return { type: 'token', token: new Secret(token) };
  }
  throw ironicFault('IRONIC_NOT_CONFIGURED', `OS_AUTH_TYPE=${type} without what it needs`);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw ironicFault('IRONIC_NOT_CONFIGURED', `${path}: ${(cause as Error).message}`);
  }
}
