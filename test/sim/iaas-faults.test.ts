import { describe, expect, it } from 'vitest';
import { OPENSTACK } from './cloud.ts';
import {
  active,
  allocated,
  boot,
  expectNothingLeft,
  hostOf,
  LOCAL,
  nova,
  running,
  VOLUMES,
} from './nova.ts';

describe('when things fail', () => {
  const evacuated = [
    'active.idle+UNKNOWN',
    'active.idle+DOWN',
    'active.rebuilding+DOWN',
    'active.rebuild_block_device_mapping+DOWN',
    'active.rebuild_spawning+DOWN',
    'active.rebuild_spawning+UP',
    'active.idle+UP',
  ];

  it.each([
    ['local disks', LOCAL],
    ['volumes', VOLUMES],
  ] as const)('a dead host: lost at once, down after a minute, evacuated (%s)', (_, options) => {
    const cloud = running(options);
    const server = active(cloud);
    cloud.pass(1);
    const since_s = cloud.engine.now;
    const host = hostOf(cloud, server);
    cloud.send(`machine/${host}`, 'fail');
    expect(cloud.stateOf(server)).toBe('active.idle+UNKNOWN');
    cloud.until(() => cloud.state(`compute-service/${host}`) !== 'up.silent+enabled');
    expect(cloud.engine.now - since_s).toBeGreaterThan(50);
    expect(cloud.engine.now - since_s).toBeLessThanOrEqual(60);
    cloud.pass(120);
    expect(cloud.history(server, since_s)).toEqual(evacuated);
    expect(hostOf(cloud, server)).not.toBe(host);
    expect(cloud.count('domain')).toEqual({ running: 1 });
    cloud.send(`machine/${host}`, 'repair').pass(600);
    expect(cloud.state(`compute-service/${host}`)).toBe('up.reporting+enabled');
    expect(allocated(cloud).vcpus).toBe(1);
    nova(cloud).delete(server, -1);
    expectNothingLeft(cloud.pass(60));
  });

  it('a dead nova-compute: the guests run on, whether or not there is evacuation', () => {
    const cloud = running(LOCAL);
    const server = active(cloud);
    const host = hostOf(cloud, server);
    const since_s = cloud.pass(1).engine.now;
    cloud.send(`compute-service/${host}`, 'crash').pass(1800);
    expect(cloud.state(`compute-service/${host}`)).toBe('down+enabled');
    expect(cloud.history(server, since_s)).toEqual(['active.idle+SILENT']);
    expect(cloud.engine.isServing(server)).toBe(true);
    expect(cloud.count('domain')).toEqual({ running: 1 });
    expect(hostOf(cloud, active(cloud, 'vm-2'))).not.toBe(host);
    cloud.send(`compute-service/${host}`, 'start').pass(60);
    expect(cloud.stateOf(server)).toBe('active.idle+UP');
    nova(cloud).delete(server, -1);
    cloud.pass(60);
    expect(cloud.count('domain')).toEqual({ running: 1 });
  });

  it('without evacuation the servers come back with their host', () => {
    const cloud = running({ openstack: { ...OPENSTACK, evacuate: false } });
    const servers = Array.from({ length: 12 }, (_, i) => boot(cloud, `vm-${i}`));
    cloud.pass(60);
    const host = hostOf(cloud, servers[0]);
    const hit = servers.filter((server) => hostOf(cloud, server) === host);
    nova(cloud).act(hit[1], 'pause_unpause', -1);
    cloud.send(`machine/${host}`, 'fail').pass(300);
    expect(cloud.state(`compute-service/${host}`)).toBe('down+enabled');
    expect(cloud.stateOf(hit[0])).toBe('active.idle+UNKNOWN');
    cloud.send(`machine/${host}`, 'repair').pass(900);
    expect(cloud.count('server')).toEqual({ 'active.idle+UP': 12 });
    expect(cloud.count('domain')).toEqual({ running: 12 });
  });

  it('a host that reboots: its servers are started again', () => {
    const cloud = running({ openstack: { ...OPENSTACK, evacuate: false } });
    const server = active(cloud);
    cloud.send(`host-os/${hostOf(cloud, server)}`, 'reboot').pass(5);
    expect(cloud.stateOf(server)).toBe('active.idle+UNKNOWN');
    cloud.pass(300);
    expect(cloud.stateOf(server)).toBe('active.idle+UP');
  });

  it('no room to evacuate to: error, and revived when the host is back', () => {
    const cloud = running({ ...LOCAL, racks: 1, compute_per_rack: 1 });
    const server = active(cloud);
    const host = hostOf(cloud, server);
    cloud.send(`machine/${host}`, 'fail').pass(300);
    expect(cloud.stateOf(server)).toMatch(/^error\.idle/);
    cloud.send(`machine/${host}`, 'repair').pass(900);
    expect(cloud.stateOf(server)).toBe('active.idle+UP');
    expect(cloud.count('domain')).toEqual({ running: 1 });
  });

  it('a guest that dies is stopped in the database too; whoever starts it starts the server', () => {
    const cloud = running(LOCAL);
    const server = active(cloud);
    cloud.pass(1);
    const since_s = cloud.engine.now;
    cloud.send(`domain/${cloud.engine.names[cloud.all('domain')[0]]}`, 'crash').pass(60);
    expect(cloud.history(server, since_s)).toEqual([
      'active.idle+UNKNOWN',
      'active.powering-off+UNKNOWN',
      'stopped.idle+UNKNOWN',
      'stopped.idle+UP',
    ]);
    cloud.send(`domain/${cloud.engine.names[cloud.all('domain')[0]]}`, 'start').pass(30);
    expect(cloud.stateOf(server)).toBe('active.idle+UP');
  });

  it('a stop that the host never heard of fails when the host counts as down', () => {
    const cloud = running({ openstack: { ...OPENSTACK, evacuate: false } });
    const server = active(cloud);
    cloud
      .send(`machine/${hostOf(cloud, server)}`, 'fail')
      .send('server/vm-1', 'stop')
      .pass(10);
    expect(cloud.stateOf(server)).toMatch(/^active\.powering-off/);
    cloud.pass(120);
    expect(cloud.stateOf(server)).toBe('active.idle+UNKNOWN');
  });

  it('a pool that hangs takes the servers on its volumes with it, and gives them back', () => {
    const cloud = running(VOLUMES);
    const server = active(cloud);
    for (const rack of ['r1', 'r2']) {
      for (const n of [1, 2]) cloud.send(`machine/${rack}-storage-${n}`, 'fail');
    }
    cloud.pass(120);
    expect(cloud.stateOf(server)).toBe('active.idle+UNKNOWN');
    expect(cloud.count('volume')).toEqual({ 'in-use+down': 1 });
    const late = boot(cloud, 'late');
    cloud.pass(600);
    expect(cloud.stateOf(late)).toBe('building.block_device_mapping+UP');
    for (const rack of ['r1', 'r2']) {
      for (const n of [1, 2]) cloud.send(`machine/${rack}-storage-${n}`, 'repair');
    }
    cloud.pass(900);
    expect(cloud.count('server')).toEqual({ 'active.idle+UP': 2 });
  });
});
