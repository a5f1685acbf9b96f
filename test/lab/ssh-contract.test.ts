import { afterAll, beforeAll } from 'vitest';
import type { DriverBackend } from '../../backends/driver-backend.ts';
import type { SshDriver } from '../../backends/ssh/driver.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { TcpProxy } from '../backends/tcp-proxy.ts';
import { ask, closed, configThrough, gate, openSsh, startLab } from './ssh-lab.ts';

const START_TIMEOUT_MS = 600_000;
const PACKAGE = 'lab-1/strata-slow';
const LIFE: readonly Step[] = [
  { verb: 'install', to: 'installed' },
  { verb: 'remove', to: 'not-installed' },
];

let proxy: TcpProxy;
let config = '';
/** A client of its own, for what is done behind the backend's back. */
let other: DriverBackend<SshDriver>;

beforeAll(async () => {
  await startLab();
  proxy = new TcpProxy(gate());
  await proxy.open();
  config = configThrough(Number(proxy.through(gate()).port));
  other = openSsh();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await closed(other);
  await proxy.close();
});

async function remove(): Promise<void> {
  // What a test gave up may still be at work: apt waits for it.
  const { state } = await other.driver.observe('package', PACKAGE);
  if (state !== 'not-installed') await ask(other, 'package', PACKAGE, 'remove');
}

backendContract('ssh', {
  ...{ layer: 'operating-system', kind: 'package', params: {}, absent: 'not-installed' },
  name: () => PACKAGE,
  life: LIFE,
  before: [],
  slow: {
    ...{ verb: 'install', from: 'not-installed', to: 'installed' },
    during: ['not-installed', 'half-configured', 'installed'],
  },
  illegal: 'upgrade',
  patience_s: 60,
  open: async () => {
    const backend = openSsh(config);
    await backend.driver.observe('package', PACKAGE); // connects
    return backend;
  },
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    const outcome = await ask(other, 'package', entity, verb);
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  },
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await remove();
  },
});
