import { afterAll, beforeAll } from 'vitest';
import type { KubernetesBackend } from '../../backends/kubernetes/driver.ts';
import { kubernetesPaths } from '../../lab/kubernetes/daemons.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { PortProxy } from '../backends/port-proxy.ts';
import {
  ask,
  closed,
  controllers,
  openKubernetes,
  removeAll,
  START_TIMEOUT_MS,
  startLab,
  workload,
} from './kubernetes-lab.ts';

const LIFE: readonly Step[] = [
  { verb: 'scale', to: 'complete+Available' },
  { verb: 'pause', to: 'paused+Available' },
  { verb: 'resume', to: 'complete+Available' },
  { verb: 'restart', to: 'complete+Available' },
  { verb: 'delete', to: 'absent' },
];
const WHOLE = 'complete+Available';

const proxy = new PortProxy({ path: kubernetesPaths().gate });
/** A client of its own, for what is done behind the backend's back. */
let other: KubernetesBackend;

beforeAll(async () => {
  await startLab();
  await proxy.open();
  other = await openKubernetes();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await closed(other);
  await proxy.close();
});

backendContract('kubernetes', {
  layer: 'caas',
  kind: 'deployment',
  params: { manifest: workload('contract'), replicas: 1 },
  life: LIFE,
  before: LIFE.slice(0, 1),
  // The controller manager is stopped meanwhile.
  slow: { verb: 'restart', from: WHOLE, during: [WHOLE], to: WHOLE },
  brake: controllers,
  illegal: 'pause',
  patience_s: 60,
  open: () => openKubernetes({}, proxy.port),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    const outcome = await ask(other, 'deployment', entity, verb);
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  },
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: () => removeAll('contract-'),
});
