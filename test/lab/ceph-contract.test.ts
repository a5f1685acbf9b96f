import { afterAll, beforeAll } from 'vitest';
import type { CephBackend } from '../../backends/ceph/driver.ts';
import { OSDS } from '../../lab/ceph/conf.ts';
import { HOLDER } from '../../lab/ceph/daemons.ts';
import { setReachable } from '../../lab/ceph/network.ts';
import { runningDaemons } from '../../lab/lifecycle.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { act, closed, openCeph, removePools, START_TIMEOUT_MS, startLab } from './ceph-lab.ts';

const PARAMS = {
  pg_num: 4,
  rule: 'replicated_rack',
  application: 'rbd',
  var: 'min_size',
  val: 1,
  field: 'max_objects',
  quota: 1000,
  yes_i_really_really_mean_it: true,
};

const LIFE: readonly Step[] = [
  { verb: 'create', to: 'active+ok' },
  { verb: 'delete', to: 'absent' },
  { verb: 'create', to: 'active+ok' },
  { verb: 'set', to: 'active+ok' },
  { verb: 'set_quota', to: 'active+ok' },
  { verb: 'enable_application', to: 'active+ok' },
  { verb: 'delete', to: 'absent' },
];

/** A client within the cluster's namespaces, for what is done behind the backend's back. */
let other: CephBackend;

beforeAll(async () => {
  await startLab();
  const holder = runningDaemons('ceph').find(({ name }) => name === HOLDER)!;
  other = openCeph({ wrapper: `nsenter --target ${holder.pid} --net --` });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await setReachable(true);
  await closed(other);
});

/** No placement group becomes active while the OSDs stand still. */
function signalOsds(signal: NodeJS.Signals): void {
  const osds = new Set(OSDS.map((id) => `osd.${id}`));
  for (const { name, pid } of runningDaemons('ceph')) if (osds.has(name)) process.kill(pid, signal);
}

backendContract('ceph', {
  layer: 'sds',
  kind: 'pool',
  params: PARAMS,
  life: LIFE,
  before: [],
  slow: { verb: 'create', from: 'absent', during: ['absent', 'creating+ok'], to: 'active+ok' },
  brake: {
    hold: async () => signalOsds('SIGSTOP'),
    release: async () => signalOsds('SIGCONT'),
  },
  illegal: 'set',
  patience_s: 60,
  open: async () => {
    const backend = openCeph();
    await backend.driver.observe('pool', 'rbd'); // connected: the suite's moments are short
    return backend;
  },
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    await act(other, 'pool', entity, verb, PARAMS);
  },
  disconnect: () => setReachable(false),
  reconnect: () => setReachable(true),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: async () => {
    await setReachable(true);
    await removePools('contract-');
  },
});
