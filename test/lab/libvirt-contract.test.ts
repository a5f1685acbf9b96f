import { afterAll, beforeAll } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { hypervisorPaths } from '../../lab/libvirt/daemons.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { SocketProxy } from '../backends/port-proxy.ts';
import {
  ask,
  guestParams,
  openLibvirt,
  proxyPath,
  removeDomains,
  startLab,
} from './libvirt-lab.ts';

const LIFE: readonly Step[] = [
  { verb: 'define', to: 'shutoff' },
  { verb: 'create', to: 'running' },
  { verb: 'suspend', to: 'paused' },
  { verb: 'resume', to: 'running' },
  { verb: 'managed_save', to: 'saved' },
  { verb: 'restore', to: 'running' },
  { verb: 'reboot', to: 'running' },
  { verb: 'shutdown', to: 'shutoff' },
  { verb: 'create', to: 'running' },
  { verb: 'destroy', to: 'shutoff' },
  { verb: 'undefine', to: 'absent' },
];

const START_TIMEOUT_MS = 600_000;
const path = proxyPath('contract');
const proxy = new SocketProxy(path, { path: hypervisorPaths().socket });
/** A client of its own, for what is done behind the backend's back. */
let other: LibvirtBackend;

beforeAll(async () => {
  await startLab();
  await proxy.open();
  other = openLibvirt();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await new Promise<void>((closed) => other.close(closed));
  await proxy.close();
});

backendContract('libvirt', {
  layer: 'hypervisor',
  kind: 'domain',
  get params() {
    return guestParams();
  },
  life: LIFE,
  before: LIFE.slice(0, 2),
  slow: { verb: 'managed_save', from: 'running', during: ['running', 'paused'], to: 'saved' },
  illegal: 'create',
  patience_s: 180,
  open: async () => openLibvirt({ uri: `qemu+unix:///system?socket=${path}` }),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    const outcome = await ask(other, entity, verb);
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  },
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: () => removeDomains('contract-'),
});
