import { afterAll, beforeAll } from 'vitest';
import type { CriBackend } from '../../backends/cri/driver.ts';
import { containerdPaths } from '../../lab/containerd/daemon.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { SocketProxy } from '../backends/port-proxy.ts';
import {
  ask,
  closed,
  hold,
  openCri,
  proxyPath,
  removeSandboxes,
  SANDBOX,
  SLOWNESS,
  START_TIMEOUT_MS,
  startLab,
} from './containerd-lab.ts';

const LIFE: readonly Step[] = [
  { verb: 'run', to: 'SANDBOX_READY' },
  { verb: 'stop', to: 'SANDBOX_NOTREADY' },
  { verb: 'remove', to: 'absent' },
];

const path = proxyPath('contract');
const proxy = new SocketProxy(path, { path: containerdPaths('containerd').socket });
/** A client of its own, for what is done behind the backend's back. */
let other: CriBackend;

beforeAll(async () => {
  await startLab();
  await proxy.open();
  other = openCri();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await closed(other);
  await proxy.close();
});

backendContract('cri', {
  layer: 'container',
  kind: 'sandbox',
  params: SANDBOX,
  life: LIFE,
  before: [],
  // A sandbox waits for its network.
  slow: { verb: 'run', from: 'absent', during: ['absent'], to: 'SANDBOX_READY' },
  brake: hold,
  illegal: 'stop',
  patience_s: 20 * SLOWNESS,
  open: async () => openCri({ endpoint: `unix://${path}`, limits: { connect_s: 1 } }),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    const outcome = await ask(other, 'sandbox', entity, verb);
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  },
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: () => removeSandboxes('contract-'),
});
