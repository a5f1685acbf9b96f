import { afterAll, beforeAll } from 'vitest';
import { backendContract, type Step } from '../backends/contract.ts';
import { PortProxy } from '../backends/port-proxy.ts';
import {
  FAKE_NODE,
  type IronicBackend,
  openIronic,
  removeNodes,
  startIronic,
} from './ironic-lab.ts';
import { done } from './metal-lab.ts';

const LIFE: readonly Step[] = [
  { verb: 'create', to: 'new+unknown' },
  { verb: 'commission', to: 'ready+unknown' },
  { verb: 'power_off', to: 'ready+off' },
  // Fake hardware deploys without being switched on.
  { verb: 'deploy', to: 'deployed+off' },
  { verb: 'power_on', to: 'deployed+on' },
  { verb: 'reboot', to: 'deployed+on' },
  { verb: 'release', to: 'ready+on' },
  { verb: 'delete', to: 'absent' },
];

let url: URL;
let proxy: PortProxy;
let other: IronicBackend;

beforeAll(async () => {
  url = await startIronic();
  proxy = new PortProxy(url);
  await proxy.open();
  other = openIronic(url);
}, 900_000);

afterAll(async () => {
  await new Promise<void>((closed) => other.close(closed));
  await proxy.close();
});

backendContract('ironic', {
  layer: 'bare-metal',
  kind: 'machine',
  params: FAKE_NODE,
  life: LIFE,
  before: LIFE.slice(0, 3),
  slow: {
    verb: 'deploy',
    from: 'ready+off',
    during: ['ready+off', 'allocated+off', 'deploying+off'],
    to: 'deployed+off',
  },
  illegal: 'deploy',
  patience_s: 60,
  open: async () => openIronic(proxy.through(url)),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => void (await done(other, entity, verb)),
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: () => removeNodes(url, 'contract-'),
});
