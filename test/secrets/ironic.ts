import { EchoServer } from './echo-server.ts';
import { basicOf, type Plant, saying, secretOf, step } from './planted.ts';

/** Ironic: the password that opens it. */
export const plantIronic: Plant = async (_, manner) => {
  const password = secretOf('ironic-password');
  const secrets = [password, basicOf('admin', password)];
  const operation = step('machine/planted', 'commission', 'ready');
  const signIn = { OS_AUTH_TYPE: 'http_basic', OS_PASSWORD: password };
  if (manner === 'misread') {
    const env = { ...signIn, OS_ENDPOINT: 'http://127.0.0.1:1' }; // and no OS_USERNAME
    return { secrets, env, isHeard: false, operation };
  }
  const seen = (name: string) => ({
    ...{ uuid: 'u-1', name, provision_state: 'enroll', power_state: saying(secrets) },
    ...{ driver: saying(secrets), resource_class: saying(secrets), last_error: saying(secrets) },
    ...{ conductor_group: `group ${password}`, properties: { cpus: 4, memory_mb: 4096 } },
  });
  const server = await new EchoServer(({ method, path, said }) => {
    const error = { error_message: { faultstring: `${said} ${saying(secrets)}` } };
    if (manner === 'refuses') return { status: 401, body: error };
    if (method !== 'GET') return { status: 400, body: error };
    const version = { version: '1.80', min_version: '1.1' };
    if (path === '/v1') return { body: { version } };
    if (path === '/v1/nodes') return { body: { nodes: [seen('planted'), seen(`n ${password}`)] } };
    return { body: seen('planted') };
  }).open();
  const env = { ...signIn, OS_USERNAME: 'admin', OS_ENDPOINT: server.url };
  return { secrets, env, isHeard: true, operation, close: () => server.close() };
};
