import { afterAll, beforeAll } from 'vitest';
import { backendContract, type Step } from '../backends/contract.ts';
import { PortProxy } from '../backends/port-proxy.ts';
import { removeDomains } from './libvirt-lab.ts';
import { done } from './metal-lab.ts';
import {
  defineSystem,
  openRedfish,
  qemuOf,
  type RedfishBackend,
  startRedfish,
} from './redfish-lab.ts';

const SYSTEM = 'redfish-contract';
const LIFE: readonly Step[] = [
  { verb: 'enlist', to: 'new+off' },
  { verb: 'power_on', to: 'new+on' },
  { verb: 'power_reset', to: 'new+on' },
  { verb: 'power_off', to: 'new+off' },
  { verb: 'forget', to: 'absent' },
];

let url: URL;
let proxy: PortProxy;
let other: RedfishBackend;

/** QEMU that is stopped does not end: switching it off takes until it goes on. */
function signal(name: NodeJS.Signals): void {
  const pid = qemuOf(SYSTEM);
  if (pid !== undefined) process.kill(pid, name);
}

beforeAll(async () => {
  url = await startRedfish();
  await defineSystem(SYSTEM);
  proxy = new PortProxy(url);
  await proxy.open();
  other = openRedfish();
}, 600_000);

afterAll(async () => {
  await new Promise<void>((closed) => other.close(closed));
  await proxy.close();
  await removeDomains(SYSTEM);
});

backendContract('redfish', {
  layer: 'bare-metal',
  kind: 'machine',
  get params() {
    return { url: proxy.through(url).href, system: SYSTEM };
  },
  life: LIFE,
  before: LIFE.slice(0, 2),
  slow: { verb: 'power_off', from: 'new+on', during: ['new+on', 'new+off'], to: 'new+off' },
  brake: {
    hold: async () => signal('SIGSTOP'),
    release: async () => signal('SIGCONT'),
  },
  illegal: 'power_on',
  patience_s: 60,
  open: async () => openRedfish(),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    await done(other, entity, 'enlist', { url: url.href, system: SYSTEM });
    await done(other, entity, verb);
  },
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: async () => {
    signal('SIGCONT');
    await done(other, 'clean', 'enlist', { url: url.href, system: SYSTEM });
    await done(other, 'clean', 'power_off');
  },
});
