import { afterAll, beforeAll, expect } from 'vitest';
import { runningDaemons, systemProcesses } from '../../lab/lifecycle.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { PortProxy } from '../backends/port-proxy.ts';
import { ask, closed, configThrough, gate, openSsh, startLab } from './ssh-lab.ts';

const START_TIMEOUT_MS = 600_000;
const PACKAGE = 'lab-1/strata-slow';
const PATIENCE_S = 120;
const LIFE: readonly Step[] = [
  { verb: 'install', to: 'installed' },
  { verb: 'remove', to: 'not-installed' },
];

let proxy: PortProxy;
let config = '';

beforeAll(async () => {
  await startLab();
  proxy = new PortProxy(gate());
  await proxy.open();
  config = configThrough(proxy.port);
}, START_TIMEOUT_MS);

afterAll(() => proxy.close());

/** What is done behind the backend's back, by a client of its own that leaves no connection. */
async function behind(verb: string): Promise<void> {
  const other = openSsh();
  try {
    const { state } = await other.driver.observe('package', PACKAGE);
    if (verb === 'remove' && state === 'not-installed') return;
    expect(await ask(other, 'package', PACKAGE, verb)).toMatchObject({ type: 'done' });
  } finally {
    await closed(other);
  }
}

/** What a test gave up goes on at the host: apt runs to its end without the connection. */
async function nobodyAtWork(): Promise<void> {
  const daemons = new Set(runningDaemons('ssh').map(({ pid }) => pid));
  const others = () => systemProcesses('ssh').filter(({ pid }) => !daemons.has(pid));
  await expect.poll(others, { timeout: PATIENCE_S * 1000, interval: 50 }).toEqual([]);
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
  patience_s: PATIENCE_S,
  open: async () => {
    const backend = openSsh(config);
    await backend.driver.observe('package', PACKAGE); // connects
    return backend;
  },
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: (_, { verb }) => behind(verb),
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: async () => {
    await nobodyAtWork();
    await behind('remove');
    await nobodyAtWork();
  },
});
