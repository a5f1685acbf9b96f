import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EchoServer } from './echo-server.ts';
import { type Plant, saying, secretOf, step } from './planted.ts';

/** Kubernetes: the token of a kubeconfig. */
export const plantKubernetes: Plant = async (folder, manner) => {
  const token = secretOf('kubernetes-token');
  const file = join(folder, 'kubeconfig');
  const planted = {
    secrets: [token],
    env: { KUBECONFIG: file },
    operation: step('deployment/default/planted', 'delete', 'deleted'),
  };
  if (manner === 'misread') {
    writeFileSync(file, `users:\n  - name: u\n    user: { token: '${token}' }\n   x: [`);
    return { ...planted, isHeard: false };
  }
  const server = await new EchoServer(({ method, path, said }) => {
    const all = `${said} ${saying([token])}`;
    const refusal = { kind: 'Status', status: 'Failure', message: all, reason: all };
    if (manner === 'refuses') return { status: 401, body: { ...refusal, code: 401 } };
    if (method !== 'GET' && !path.includes('review')) {
      return { status: 403, body: { ...refusal, code: 403 } };
    }
    if (path === '/version') return { body: { gitVersion: `v1.37.0-${all}` } };
    const items = path.endsWith('/nodes') ? [nodeNamed(`n-${token}`, all)] : [];
    const list = { kind: 'List', metadata: { resourceVersion: '1' }, items };
    const isOne = path.split('/').length > (path.startsWith('/apis/') ? 5 : 4);
    return isOne ? { status: 404, body: { ...refusal, code: 404 } } : { body: list };
  }).open();
  writeFileSync(file, JSON.stringify(kubeconfig(server.url, token)));
  return { ...planted, isHeard: true, close: () => server.close() };
};

/** The client library takes no address without TLS otherwise. */
const kubeconfig = (server: string, token: string) => ({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
  clusters: [{ name: 'k', cluster: { server, 'insecure-skip-tls-verify': true } }],
  users: [{ name: 'u', user: { token } }],
});

const nodeNamed = (name: string, said: string) => ({
  metadata: { name, uid: '1', resourceVersion: '1', labels: { zone: said } },
  status: {
    capacity: { cpu: '4', memory: '8Gi' },
    allocatable: { cpu: '4', memory: '8Gi' },
    conditions: [{ type: 'Ready', status: 'True', reason: said, message: said }],
    nodeInfo: { kubeletVersion: said, osImage: said },
  },
});
