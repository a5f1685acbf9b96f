import { describe, expect, it } from 'vitest';
import { Lower, running } from './lower-layers.ts';

const HOST = 'host-os/r1-node-1';

describe('hosts', () => {
  it('run their units and know their kernel', () => {
    const site = running();
    expect(site.names('systemd-unit').filter((n) => n.startsWith('r1-node-1-'))).toEqual([
      'r1-node-1-ssh',
      'r1-node-1-chrony',
    ]);
    expect(site.states('package')).toEqual(['installed']);
  });

  it('count their boots, so that others know what outlived an outage', () => {
    const site = running();
    const { hosts } = site.world.services;
    const host = site.find(HOST);
    expect(hosts!.bootOf(host)).toBe(0);
    site.send(HOST, 'reboot').pass(60);
    expect(hosts!.bootOf(host)).toBe(1);
    site.send('switch/r1-switch-1', 'fail').send('switch/r1-switch-2', 'fail').pass(5);
    site.send('switch/r1-switch-1', 'repair').pass(5);
    expect(hosts!.bootOf(host)).toBe(1);
  });

  it('a kernel panic is followed by a reset; units start again', () => {
    const site = running();
    site.send(HOST, 'panic').pass(1);
    expect(site.state(HOST)).toBe('panicked');
    expect(site.state('systemd-unit/r1-node-1-ssh')).toBe('unreachable');
    site.pass(60);
    expect(site.state(HOST)).toBe('running');
    expect(site.history('systemd-unit/r1-node-1-ssh').slice(-5)).toEqual([
      'active',
      'unreachable',
      'inactive',
      'activating.start',
      'active',
    ]);
  });

  it('a hang is ended by the watchdog', () => {
    const site = running();
    site.send(HOST, 'hang').pass(1);
    expect(site.state(HOST)).toBe('hung');
    expect(site.pass(120).state(HOST)).toBe('running');
  });

  it('an update brings a kernel that is in use after the reboot', () => {
    const site = running();
    site.send(HOST, 'update').pass(300);
    expect(site.state('package/r1-node-1-linux-image')).toBe('reboot-required');
    site.send(HOST, 'reboot').pass(60);
    expect(site.state('package/r1-node-1-linux-image')).toBe('installed');
    expect(site.why('package/r1-node-1-linux-image').slice(0, 3)).toEqual([
      'package/installed',
      'host-os/running',
      'host-os/booting',
    ]);
  });

  it('a failed unit degrades its host until it is repaired', () => {
    const site = running();
    for (let i = 0; i < 6; i++) site.send('systemd-unit/r1-node-1-ssh', 'fail').pass(1);
    expect(site.state('systemd-unit/r1-node-1-ssh')).toBe('failed');
    expect(site.state(HOST)).toBe('degraded');
    site.send('systemd-unit/r1-node-1-ssh', 'repair').pass(5);
    expect(site.state(HOST)).toBe('running');
  });
});

describe('the root mirror', () => {
  it('one disk: degraded until the replacement is in sync', () => {
    const site = running();
    site.send('disk/r1-node-1-disk-1', 'fail').pass(1);
    expect(site.state(HOST)).toBe('degraded');
    site.send('disk/r1-node-1-disk-1', 'repair').pass(10);
    expect(site.state(HOST)).toBe('degraded');
    expect(site.pass(600).state(HOST)).toBe('running');
  });

  it('both disks: the system is gone and cannot boot until one is replaced', () => {
    const site = running();
    site.send('disk/r1-node-1-disk-1', 'fail').send('disk/r1-node-1-disk-2', 'fail').pass(500);
    expect(['panicked', 'booting']).toContain(site.state(HOST));
    expect(site.state('hypervisor/r1-node-1')).toBe('unreachable');
    site.send('disk/r1-node-1-disk-2', 'repair').pass(120);
    expect(site.state(HOST)).toBe('degraded');
  });

  it('a disk that failed before the deployment counts as well', () => {
    const site = new Lower().pass(10).send('disk/r1-node-1-disk-1', 'fail').pass(600);
    expect(site.state(HOST)).toBe('degraded');
    expect(site.send('disk/r1-node-1-disk-1', 'repair').pass(600).state(HOST)).toBe('running');
    expect(site.send('disk/r1-node-1-disk-1', 'fail').pass(1).state(HOST)).toBe('degraded');
  });

  it('a data disk is no business of the system', () => {
    const site = running();
    site.send('disk/r1-node-1-disk-3', 'fail').pass(10);
    expect(site.state(HOST)).toBe('running');
  });
});
