import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { systemFolder } from '../../lab/folder.ts';
import { northboundRemote, southboundRemote } from '../../lab/ovn/paths.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { SocketProxy } from '../backends/port-proxy.ts';
import {
  ask,
  close,
  daemonPid,
  must,
  type OvnBackend,
  openOvn,
  removeAll,
  START_TIMEOUT_MS,
  startLab,
} from './ovn-lab.ts';

const LIFE: readonly Step[] = [
  { verb: 'create', to: 'DOWN' },
  { verb: 'bind', to: 'ACTIVE' },
  { verb: 'update', to: 'ACTIVE' },
  { verb: 'unbind', to: 'DOWN' },
  { verb: 'delete', to: 'absent' },
];

const SWITCH = `contract-net-${process.pid}`;
const PARAMS = { switch: SWITCH, chassis: 'hv1' };

const proxies = [northboundRemote(), southboundRemote()].map((remote, i) => {
  const path = join(systemFolder('ovn'), `proxy${i}-${process.pid}.sock`);
  rmSync(path, { force: true });
  return new SocketProxy(path, { path: remote.slice('unix:'.length) });
});

/** A client of its own, for what is done behind the backend's back. */
let other: OvnBackend;

beforeAll(async () => {
  await startLab();
  for (const proxy of proxies) await proxy.open();
  other = openOvn();
  await must(other, 'logical-switch', SWITCH, 'create');
}, START_TIMEOUT_MS);

afterAll(async () => {
  await must(other, 'logical-switch', SWITCH, 'delete');
  await close(other);
  for (const proxy of proxies) await proxy.close();
});

backendContract('ovn', {
  layer: 'sdn',
  kind: 'port',
  params: PARAMS,
  life: LIFE,
  before: LIFE.slice(0, 1),
  slow: { verb: 'bind', from: 'DOWN', during: ['DOWN', 'binding'], to: 'ACTIVE' },
  // A port is quick to bind; one whose ovn-controller is stopped waits until that goes on.
  brake: {
    hold: async () => {
      process.kill(daemonPid('hv1-controller'), 'SIGSTOP');
    },
    release: async () => {
      process.kill(daemonPid('hv1-controller'), 'SIGCONT');
    },
  },
  illegal: 'bind',
  patience_s: 30,
  open: async () =>
    openOvn({ northbound: `unix:${proxies[0].path}`, southbound: `unix:${proxies[1].path}` }),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    const outcome = await ask(other, 'port', entity, verb, PARAMS);
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  },
  disconnect: async () => {
    for (const proxy of proxies) await proxy.close();
  },
  reconnect: async () => {
    for (const proxy of proxies) await proxy.open();
  },
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: () => removeAll(`contract-${process.pid}-`),
});
