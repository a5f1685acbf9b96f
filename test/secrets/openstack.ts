import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EchoServer, type Reply } from './echo-server.ts';
import { type Plant, saying, secretOf, step } from './planted.ts';

const TYPES = ['compute', 'network', 'image', 'block-storage', 'placement'] as const;

/** OpenStack: the user's password, and the token that keystone gives for it. */
const plantCloud =
  (operation: ReturnType<typeof step>): Plant =>
  async (folder, manner) => {
    const [password, token] = ['openstack-password', 'openstack-token'].map(secretOf);
    const secrets = [password, token];
    const file = join(folder, 'clouds.yaml');
    const planted = { secrets, operation, env: { OS_CLIENT_CONFIG_FILE: file } };
    if (manner === 'misread') {
      writeFileSync(file, `clouds:\n  c:\n    auth: { password: '${password}' }\n   x: [`);
      return { ...planted, isHeard: false };
    }
    const server = await new EchoServer(({ method, path, said }, url) => {
      // It gives out no token to whom it refuses.
      const all = `${said} ${saying(manner === 'refuses' ? [password] : secrets)}`;
      if (path.endsWith('/auth/tokens') && manner === 'serves') return signedIn(url, token, all);
      const code = manner === 'refuses' ? 401 : 403;
      const refusal = { [all]: { code, message: all }, error: { code, message: all, title: all } };
      if (manner === 'refuses' || method !== 'GET') return { status: code, body: refusal };
      if (/\/(v2.1|v3|v2|placement)?\/?$/.test(path)) {
        const [version, min_version] = path.includes('block') ? ['3.70', '3.0'] : ['2.93', '2.1'];
        return { body: { version: { version, min_version, status: 'CURRENT' } } };
      }
      return { body: listed(path, all) };
    }).open();
    const auth = { auth_url: `${server.url}/v3`, username: 'u', project_name: 'p', password };
    // YAML reads JSON as well.
    writeFileSync(file, JSON.stringify({ clouds: { c: { auth, region_name: 'R' } } }));
    return { ...planted, isHeard: true, close: () => server.close() };
  };

function signedIn(url: string, token: string, said: string): Reply {
  const catalog = TYPES.map((type) => ({
    type,
    endpoints: [{ interface: 'public', region_id: 'R', url: `${url}/${type}/v2.1` }],
  }));
  const roles = [{ name: 'admin' }, { name: said }];
  const body = { token: { project: { id: 'p1' }, user: { name: said }, roles, catalog } };
  return { status: 201, headers: { 'x-subject-token': token }, body };
}

/** One thing of whatever is asked for, whose every text repeats what was said. */
function listed(path: string, said: string): object {
  const [last, before] = path.split('/').reverse();
  const kind = (last === 'detail' ? before : last).replaceAll('-', '_');
  const item = {
    ...{
      id: '1',
      name: said,
      status: said,
      description: said,
      host: said,
      hypervisor_hostname: said,
    },
    ...{ vcpus: 2, ram: 2048, disk: 10, size: 1, enabled: true, is_public: true },
  };
  return { [kind]: [item], links: [] };
}

export const plantOpenstack = plantCloud(
  step('flavor/planted', 'delete', 'deleted', { vcpus: 1, memory_bytes: 2 ** 30 }),
);
export const plantNeutron = plantCloud(
  step('logical-switch/planted', 'delete', 'deleted', { cidr: '10.0.0.0/24' }),
);
