import { afterAll, beforeAll } from 'vitest';
import { OpenstackBackend } from '../../backends/openstack/driver.ts';
import { PORTS, stackAddress } from '../../lab/openstack/paths.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { PortProxy } from '../backends/port-proxy.ts';
import {
  closed,
  holdComputes,
  labCloud,
  openOpenstack,
  reach,
  removeAll,
  SERVER,
  START_TIMEOUT_MS,
  startCloud,
} from './openstack-lab.ts';

const ACTIVE = 'active.idle+UP';
const STOPPED = 'stopped.idle+UP';
const LIFE: readonly Step[] = [
  { verb: 'create', to: ACTIVE },
  { verb: 'stop', to: STOPPED },
  { verb: 'start', to: ACTIVE },
  { verb: 'suspend', to: 'suspended.idle+UP' },
  { verb: 'resume', to: ACTIVE },
  { verb: 'reboot', to: ACTIVE },
  { verb: 'delete', to: 'absent' },
];

/** Every answer comes over HTTP from a busy machine: what others do in 0.2 s may take it longer. */
const SLOWER = 8;

const service = (port: number) => new URL(`http://${stackAddress()}:${port}`);
const addresses = {
  identity: service(PORTS.keystone),
  compute: service(PORTS.nova),
  image: service(PORTS.glance),
  volume: service(PORTS.cinder),
  placement: service(PORTS.placement),
  network: service(PORTS.neutron),
};
type Service = keyof typeof addresses;
const proxies = Object.fromEntries(
  Object.entries(addresses).map(([name, url]) => [name, new PortProxy(url)]),
) as Record<Service, PortProxy>;
const PATHS = { identity: '/v3', compute: '/v2.1', image: '', placement: '', network: '' };
/** A client of its own, for what is done behind the backend's back. */
let other: OpenstackBackend;
let project: string | undefined;

beforeAll(async () => {
  await startCloud();
  await Promise.all(Object.values(proxies).map((proxy) => proxy.open()));
  other = await openOpenstack();
  project = (await other.driver.session.whoAmI()).projectId;
}, START_TIMEOUT_MS);

afterAll(async () => {
  await closed(other);
  await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
});

/** The lab's cloud, with every service behind a proxy. */
async function throughProxies(): Promise<OpenstackBackend> {
  const at = (name: Service, path: string) =>
    `http://127.0.0.1:${proxies[name].through(addresses[name]).port}${path}`;
  const endpoints = Object.fromEntries(
    Object.entries(PATHS).map(([name, path]) => [name, at(name as keyof typeof PATHS, path)]),
  );
  return new OpenstackBackend({
    ...(await labCloud()),
    auth_url: at('identity', '/v3'),
    endpoints: { ...endpoints, volume: at('volume', `/v3/${project}`) },
  });
}

backendContract('openstack', {
  layer: 'iaas',
  kind: 'server',
  params: SERVER,
  life: LIFE,
  before: LIFE.slice(0, 1),
  slow: { verb: 'stop', from: ACTIVE, during: [ACTIVE, 'active.powering-off+UP'], to: STOPPED },
  brake: {
    hold: async () => holdComputes('SIGSTOP'),
    release: async () => holdComputes('SIGCONT'),
  },
  illegal: 'stop',
  patience_s: 60,
  open: throughProxies,
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000 * SLOWER)),
  behindItsBack: async (entity, { verb }) => {
    await reach(other, 'server', entity, verb);
  },
  disconnect: async () => {
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
  },
  reconnect: async () => {
    await Promise.all(Object.values(proxies).map((proxy) => proxy.open()));
  },
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: () => removeAll(other, 'contract-', 'server'),
});
