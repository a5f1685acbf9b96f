/** What happens when parts of OVN die, as the driver sees it. Prints how long each change took. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Observation } from '../../engine/contract.ts';
import { command } from '../../lab/command.ts';
import { CHASSIS, nodeFolder } from '../../lab/ovn/paths.ts';
import { divergences } from './machine-holds.ts';
import {
  close,
  daemonPid,
  killChassis,
  must,
  type OvnBackend,
  openOvn,
  probesUp,
  removeAll,
  reviveChassis,
  reviveController,
  START_TIMEOUT_MS,
  startLab,
} from './ovn-lab.ts';

const PREFIX = `fail-${process.pid}-`;
const SWITCH = `${PREFIX}net`;
const PORT = `${PREFIX}vm`;
const GATEWAY = `${PREFIX}gw`;
const PATIENCE_MS = 60_000;

let ovn: OvnBackend;
/** Every change that was reported of a kind, and when. */
let seen: { readonly at_s: number; readonly change: Observation }[] = [];
const heard: Observation[] = [];
let unwatch = () => {};

beforeAll(async () => {
  await startLab();
  ovn = openOvn({ silent_s: 1 });
  unwatch = ovn.watch((change) => {
    heard.push(change);
    seen.push({ at_s: performance.now() / 1000, change });
  });
  await must(ovn, 'logical-switch', SWITCH, 'create');
  await must(ovn, 'port', PORT, 'create', { switch: SWITCH });
}, START_TIMEOUT_MS);

afterAll(async () => {
  unwatch();
  await close(ovn);
  await removeAll(PREFIX);
});

/**
 * Does something, and waits until each entity was last reported in a state. What was reported on the
 * way there must be what its machine allows; it is printed with its times.
 */
async function seeing(
  act: () => unknown,
  expected: Readonly<Record<string, string>>,
): Promise<void> {
  seen = [];
  const began_s = performance.now() / 1000;
  await act();
  for (const [name, state] of Object.entries(expected)) {
    await expect
      .poll(() => statesOf(name).at(-1), { timeout: PATIENCE_MS, interval: 50, message: name })
      .toBe(state);
    const times = seen
      .filter(({ change }) => `${change.kind}/${change.entity}` === name)
      .map(({ at_s, change }) => `${words(change)} +${(at_s - began_s).toFixed(2)} s`);
    console.log(`measured: ${name}: ${times.join(', ')}`);
  }
}

function statesOf(name: string): readonly string[] {
  return seen.flatMap(({ change }) =>
    `${change.kind}/${change.entity}` === name ? [words(change)] : [],
  );
}

/** A state, and for what is placed the chassis that it is on. */
function words({ kind, state, reason }: Observation): string {
  return reason === undefined || kind === 'chassis' ? state : `${state} ${reason}`;
}

describe.sequential('OVN', () => {
  const port = `port/${PORT}`;
  const gateway = `gateway/${GATEWAY}`;

  it('binds a port where its interface is plugged, and releases it', async () => {
    const bind = () => must(ovn, 'port', PORT, 'bind', { chassis: 'hv1' });
    await seeing(bind, { [port]: 'ACTIVE hv1' });
    expect(statesOf(port)).toEqual(['binding', 'binding hv1', 'ACTIVE hv1']);
    await seeing(() => must(ovn, 'port', PORT, 'unbind'), { [port]: 'DOWN' });
    expect(statesOf(port)).toEqual(['unbinding hv1', 'unbinding', 'DOWN']);
    await bind();
  });

  it('claims a gateway on the chassis of highest priority', async () => {
    const router = `${PREFIX}router`;
    const ports = [{ name: GATEWAY, mac: '0a:00:00:00:0f:01', networks: ['198.51.100.1/24'] }];
    await must(ovn, 'logical-router', router, 'create', { ports });
    const chassis = { hv1: 30, hv2: 20, hv3: 10 };
    const claim = () => must(ovn, 'gateway', GATEWAY, 'claim', { chassis });
    await seeing(claim, { [gateway]: 'active hv1' });
    expect(await ovn.driver.observe('gateway', GATEWAY)).toMatchObject({
      attributes: { router, chassis: 'hv1:30 hv2:20 hv3:10' },
    });
    // Probes begin with the first gateway: until they are up nobody is missed.
    for (const each of CHASSIS) {
      const others = CHASSIS.length - 1;
      await expect.poll(() => probesUp(each), { timeout: PATIENCE_MS }).toBe(others);
    }
    expect(statesOf('chassis/hv1')).toEqual([]);
  });

  it('moves the gateway of a chassis that dies; its ports stay up, and are stale', async () => {
    await seeing(() => killChassis('hv1'), {
      'chassis/hv1': 'dead',
      [port]: 'stale hv1',
      [gateway]: 'active hv2',
    });
  });

  it('goes on creating while a chassis is dead, though hv_cfg waits for it', async () => {
    const other = `${PREFIX}meanwhile`;
    expect(await must(ovn, 'logical-switch', other, 'create')).toMatchObject({ state: 'active' });
  });

  it('gives everything back to a chassis that is back', async () => {
    await seeing(() => reviveChassis('hv1'), {
      'chassis/hv1': 'up',
      [port]: 'ACTIVE hv1',
      [gateway]: 'active hv1',
    });
  });

  it('forgets a dead chassis only when it is deregistered; its ports are down then', async () => {
    await seeing(() => killChassis('hv1'), { 'chassis/hv1': 'dead', [gateway]: 'active hv2' });
    const deregister = () => must(ovn, 'chassis', 'hv1', 'deregister');
    await seeing(deregister, { 'chassis/hv1': 'absent', [port]: 'DOWN' });
    await seeing(() => reviveChassis('hv1'), {
      'chassis/hv1': 'up',
      [port]: 'ACTIVE hv1',
      [gateway]: 'active hv1',
    });
    await must(ovn, 'chassis', 'hv1', 'register');
  });

  it('sees a controller that is killed only by its silence: nothing else changes', async () => {
    process.kill(daemonPid('hv1-controller'), 'SIGKILL');
    const change = () =>
      must(ovn, 'logical-switch', SWITCH, 'update', { external_ids: { a: 'b' } });
    await seeing(change, { 'chassis/hv1': 'controller_failed' });
    expect(statesOf(port)).toEqual([]);
    expect(statesOf(gateway)).toEqual([]);
    await reviveController('hv1');
    expect(await must(ovn, 'chassis', 'hv1', 'resume')).toMatchObject({ state: 'up' });
  });

  it('loses the chassis at once when its controller exits in order', async () => {
    const control = join(nodeFolder('hv1'), `ovn-controller.${daemonPid('hv1-controller')}.ctl`);
    const exit = () => command('ovn-appctl', ['-t', control, 'exit']);
    await seeing(exit, { 'chassis/hv1': 'absent', [port]: 'DOWN' });
    await seeing(() => reviveController('hv1'), { 'chassis/hv1': 'up', [port]: 'ACTIVE hv1' });
    await must(ovn, 'gateway', GATEWAY, 'delete');
  });

  it('finds a chassis dead that died before anybody probed it', async () => {
    killChassis('hv3');
    // Only candidates of a gateway are probed.
    const chassis = { hv1: 30, hv2: 20, hv3: 10 };
    const claim = () => must(ovn, 'gateway', GATEWAY, 'claim', { chassis });
    await seeing(claim, { [gateway]: 'active hv1', 'chassis/hv3': 'dead' });
    await seeing(() => reviveChassis('hv3'), { 'chassis/hv3': 'up' });
    await must(ovn, 'gateway', GATEWAY, 'delete');
  });

  it('reported nothing that the machines do not allow', () => {
    expect(heard.length).toBeGreaterThan(20);
    expect(divergences(heard)).toEqual([]);
  });
});
