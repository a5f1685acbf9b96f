import { afterAll, beforeAll } from 'vitest';
import { backendContract, type Step } from '../contract.ts';
import { PortProxy } from '../port-proxy.ts';
import {
  live,
  type MaasBackend,
  machineParams,
  openMaas,
  startServer,
} from './region-under-test.ts';

const LIFE: readonly Step[] = [
  { verb: 'create', to: 'new+unknown' },
  { verb: 'commission', to: 'ready+off' },
  { verb: 'test', to: 'ready+off' },
  { verb: 'allocate', to: 'allocated+off' },
  { verb: 'deploy', to: 'deployed+on' },
  { verb: 'lock', to: 'deployed+on' },
  { verb: 'unlock', to: 'deployed+on' },
  { verb: 'power_off', to: 'deployed+off' },
  { verb: 'power_on', to: 'deployed+on' },
  { verb: 'enter_rescue_mode', to: 'rescue_mode+on' },
  { verb: 'exit_rescue_mode', to: 'deployed+on' },
  { verb: 'power_off', to: 'deployed+off' },
  { verb: 'mark_broken', to: 'broken+off' },
  { verb: 'mark_fixed', to: 'deployed+off' },
  { verb: 'erase', to: 'ready+off' },
  { verb: 'deploy', to: 'deployed+on' },
  { verb: 'release', to: 'ready+off' },
  { verb: 'delete', to: 'absent' },
];

const server = startServer();
const { hardware } = server.region;
let url: URL;
let proxy: PortProxy;
/** A client of its own, for what is done behind the backend's back. */
let other: MaasBackend;

beforeAll(async () => {
  url = await server.listen();
  proxy = new PortProxy(url);
  await proxy.open();
  other = openMaas(url);
});

afterAll(async () => {
  await new Promise<void>((closed) => other.close(closed));
  await proxy.close();
  await server.close();
});

backendContract('maas', {
  layer: 'bare-metal',
  kind: 'machine',
  get params() {
    return machineParams();
  },
  life: LIFE,
  before: LIFE.slice(0, 2),
  slow: {
    verb: 'deploy',
    from: 'ready+off',
    during: ['ready+off', 'allocated+off', 'deploying+off', 'deploying+on'],
    to: 'deployed+on',
  },
  brake: { hold: async () => hardware.hold(), release: async () => hardware.letGo() },
  illegal: 'commission',
  patience_s: 10,
  open: async () => openMaas(proxy.through(url)),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => void (await live(other, entity, [verb])),
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: async () => server.region.machines.clear(),
});
