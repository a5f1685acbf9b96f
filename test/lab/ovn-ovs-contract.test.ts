import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { OvsDriver } from '../../backends/ovs/driver.ts';
import { parseRemotes } from '../../backends/ovsdb/remote.ts';
import { systemFolder } from '../../lab/folder.ts';
import { ovsRemote } from '../../lab/ovn/paths.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { SocketProxy } from '../backends/port-proxy.ts';
import { ask, close, daemonPid, must, START_TIMEOUT_MS, startLab } from './ovn-lab.ts';

type OvsBackend = DriverBackend<OvsDriver>;

/** A tunnel needs no network device, so its name may be as long as a test likes. */
const TUNNEL = {
  ...{ bridge: 'br-int', type: 'geneve' },
  options: { remote_ip: '192.0.2.99', key: '77' },
};

const LIFE: readonly Step[] = [
  { verb: 'add', to: 'up' },
  { verb: 'delete', to: 'absent' },
];

const path = join(systemFolder('ovn'), `ovs-proxy-${process.pid}.sock`);
const proxy = new SocketProxy(path, { path: ovsRemote('hv3').slice('unix:'.length) });
let other: OvsBackend;

function openOvs(remote = ovsRemote('hv3')): OvsBackend {
  return new DriverBackend(new OvsDriver({ remotes: parseRemotes(remote) }));
}

beforeAll(async () => {
  await startLab();
  rmSync(path, { force: true });
  await proxy.open();
  other = openOvs();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await close(other);
  await proxy.close();
});

backendContract('ovs', {
  layer: 'sdn',
  kind: 'interface',
  params: TUNNEL,
  life: LIFE,
  before: [],
  slow: { verb: 'add', from: 'absent', during: ['absent', 'adding'], to: 'up' },
  // An interface is quick to add; while ovs-vswitchd is stopped it is only in the database.
  brake: {
    hold: async () => {
      process.kill(daemonPid('hv3-vswitchd'), 'SIGSTOP');
    },
    release: async () => {
      process.kill(daemonPid('hv3-vswitchd'), 'SIGCONT');
    },
  },
  illegal: 'update',
  patience_s: 30,
  open: async () => openOvs(`unix:${path}`),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    const outcome = await ask(other, 'interface', entity, verb, TUNNEL);
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  },
  disconnect: () => proxy.close(),
  reconnect: () => proxy.open(),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: async () => {
    const there = (await other.driver.list()).filter(({ entity }) =>
      entity.startsWith('contract-'),
    );
    for (const { kind, entity } of there) await must(other, kind, entity, 'delete');
  },
});

describe('Open vSwitch of a host', () => {
  const bridge = `br${process.pid % 100_000}`;
  const device = `in${process.pid % 100_000}`;

  it('adds a bridge with an internal interface, and takes both away again', async () => {
    const wanted = { datapath_type: 'netdev', fail_mode: 'secure' };
    expect(await must(other, 'bridge', bridge, 'add', wanted)).toMatchObject({
      state: 'active',
      attributes: { datapath_type: 'netdev', fail_mode: 'secure', ports: 1 },
    });
    const internal = { bridge, type: 'internal', external_ids: { 'iface-id': 'nobody' }, tag: 7 };
    expect(await must(other, 'interface', device, 'add', internal)).toMatchObject({
      state: 'down',
      attributes: { bridge, type: 'internal', iface_id: 'nobody' },
    });
    expect(await ask(other, 'interface', device, 'add', internal)).toMatchObject({
      fault: { code: 'OVS_EXISTS', effect: 'none' },
    });
    expect(await must(other, 'bridge', bridge, 'delete')).toMatchObject({ state: 'absent' });
    expect(await other.driver.observe('interface', device)).toMatchObject({ state: 'absent' });
    expect(await must(other, 'bridge', bridge, 'delete')).toMatchObject({ state: 'absent' });
  });

  it('says why ovs-vswitchd cannot use a device; the row stays until it is deleted', async () => {
    const outcome = await ask(other, 'interface', 'nosuchdev0', 'add', { bridge: 'br-int' });
    expect(outcome).toMatchObject({
      fault: {
        code: 'OVS_INTERFACE_FAILED',
        upstream: expect.stringContaining('No such device'),
        effect: 'done',
      },
    });
    expect(await other.driver.observe('interface', 'nosuchdev0')).toMatchObject({ state: 'error' });
    const internal = { type: 'internal' };
    expect(await must(other, 'interface', 'nosuchdev0', 'update', internal)).toMatchObject({
      state: 'down',
    });
    await must(other, 'interface', 'nosuchdev0', 'delete');
  });

  it('refuses what the schema does not allow, before and after sending it', async () => {
    const cases = [
      [{ bridge: 'no-such-bridge' }, 'OVS_UNKNOWN'],
      [{}, 'OVS_BAD_PARAMS'],
      [{ bridge: 'br-int', tag: 4096 }, 'OVS_BAD_PARAMS'],
      [{ bridge: 'br-int', colour: 'red' }, 'OVS_BAD_PARAMS'],
    ] as const;
    for (const [params, code] of cases) {
      const outcome = await ask(other, 'interface', 'refused0', 'add', params);
      expect(outcome, code).toMatchObject({ fault: { code, effect: 'none' } });
    }
  });

  it('finds the host healthy', async () => {
    const checks = await other.driver.diagnose();
    expect(checks.map(({ check, ok }) => `${check} ${ok}`)).toEqual([
      ...['reachable true', 'version true', 'permitted true', 'healthy true'],
    ]);
    expect(checks[1].found).toContain('Open vSwitch 3.');
  });
});
