import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EchoServer } from './echo-server.ts';
import { type Plant, saying, secretOf, step } from './planted.ts';

/** MAAS: the two secret parts of an API key. */
export const plantMaas: Plant = async (folder, manner) => {
  const [key, token] = ['maas-key', 'maas-token'].map(secretOf);
  const secrets = [key, token];
  const operation = step('machine/planted', 'commission', 'ready');
  if (manner === 'misread') {
    const file = join(folder, 'api-key');
    writeFileSync(file, `consumer:${token}:${key}:one-too-many`);
    const options = { url: 'http://127.0.0.1:1/MAAS', api_key_file: file };
    return { secrets, options, isHeard: false, operation };
  }
  const seen = (hostname: string) => ({
    ...{ system_id: 'abc', hostname, status: 0, power_state: saying(secrets), cpu_count: 4 },
    ...{ status_name: saying(secrets), owner: saying(secrets), memory: 4096 },
    ...{ zone: { name: `zone ${key}` }, pool: { name: saying(secrets) } },
    blockdevice_set: [{ id: 1, name: `sda ${key}`, size: 1e9, model: saying(secrets) }],
  });
  const server = await new EchoServer(({ method, path, said }) => {
    const all = `${said} ${saying(secrets)}`;
    if (manner === 'refuses') return { status: 401, body: all };
    if (method !== 'GET') return { status: 409, body: { power_type: [all] } };
    if (path.endsWith('/version/')) return { body: { version: '3.4.2' } };
    if (path.endsWith('/users/')) return { body: { username: all } };
    if (path.endsWith('/maas/')) return { body: JSON.stringify(all) };
    if (path.endsWith('/machines/')) return { body: [seen('planted'), seen(`node-${key}`)] };
    return { body: seen('planted') };
  }).open();
  const env = { MAAS_API_URL: `${server.url}/MAAS`, MAAS_API_KEY: `consumer:${token}:${key}` };
  return { secrets, env, isHeard: true, operation, close: () => server.close() };
};
