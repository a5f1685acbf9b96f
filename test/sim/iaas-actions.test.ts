import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServerAction } from '../../model/scenario.ts';
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

/** What each action leads through; the host's status stays UP all the way. */
const ACTIONS: Readonly<Record<ServerAction, readonly string[]>> = {
  reboot: ['active.rebooting', 'active.reboot_pending', 'active.reboot_started', 'active.idle'],
  stop_start: ['active.powering-off', 'stopped.idle', 'stopped.powering-on', 'active.idle'],
  pause_unpause: ['active.pausing', 'paused.idle', 'paused.unpausing', 'active.idle'],
  suspend_resume: ['active.suspending', 'suspended.idle', 'suspended.resuming', 'active.idle'],
  resize: [
    'active.resize_prep',
    'active.resize_migrating',
    'active.resize_migrated',
    'active.resize_finish',
    'resized.idle',
    'active.idle',
  ],
  live_migrate: ['active.migrating', 'active.idle'],
  migrate: [
    'active.resize_prep',
    'active.resize_migrating',
    'active.resize_migrated',
    'active.resize_finish',
    'resized.idle',
    'active.idle',
  ],
  rebuild: [
    'active.rebuilding',
    'active.rebuild_block_device_mapping',
    'active.rebuild_spawning',
    'active.idle',
  ],
  shelve_unshelve: [
    'active.shelving',
    'active.shelving_image_uploading',
    'shelved.shelving_offloading',
    'shelved_offloaded.idle',
    'shelved_offloaded.unshelving',
    'shelved_offloaded.spawning',
    'active.idle',
  ],
  snapshot: [
    'active.image_snapshot_pending',
    'active.image_snapshot',
    'active.image_pending_upload',
    'active.image_uploading',
    'active.idle',
  ],
  rescue_unrescue: ['active.rescuing', 'rescued.idle', 'rescued.unrescuing', 'active.idle'],
};

describe('day-2 actions', () => {
  it.each(Object.entries(ACTIONS))('%s', (action, expected) => {
    const cloud = running(LOCAL);
    const server = active(cloud);
    const before = hostOf(cloud, server);
    const since_s = cloud.engine.now;
    cloud.pass(1);
    expect(nova(cloud).act(server, action as ServerAction, -1)).toBe(true);
    cloud.pass(200);
    expect(cloud.history(server, since_s + 0.5)).toEqual(expected.map((state) => `${state}+UP`));
    const moves = ['resize', 'migrate', 'live_migrate'].includes(action);
    if (moves) expect(hostOf(cloud, server)).not.toBe(before);
    expect(cloud.count('domain')).toEqual({ running: 1 });
    expect(cloud.count('port')).toEqual({ ACTIVE: 1 });
    expect(allocated(cloud).vcpus).toBe(action === 'resize' ? 8 : 1);
    nova(cloud).delete(server, -1);
    expectNothingLeft(cloud.pass(60));
  });

  it('a server on volumes is offloaded at once when it is shelved', () => {
    const cloud = running(VOLUMES);
    const server = active(cloud);
    const since_s = cloud.engine.now;
    nova(cloud).act(server, 'shelve_unshelve', -1);
    cloud.pass(200);
    expect(cloud.history(server, since_s)).not.toContain('active.shelving_image_uploading+UP');
    expect(cloud.stateOf(server)).toBe('active.idle+UP');
  });

  it('a live migration is no outage: the server serves all the way', () => {
    const cloud = running(LOCAL);
    const server = active(cloud);
    let outages = 0;
    cloud.engine.onEveryEntry('server', () => {
      if (!cloud.engine.isServing(server)) outages++;
    });
    nova(cloud).act(server, 'live_migrate', -1);
    cloud.pass(60);
    expect(outages).toBe(0);
  });

  it('is refused in a state that does not allow it', () => {
    const cloud = running(LOCAL);
    const server = boot(cloud, 'vm-1');
    expect(nova(cloud).act(server, 'reboot', -1)).toBe(false);
    cloud.pass(60);
    expect(nova(cloud).act(server, 'reboot', -1)).toBe(true);
    cloud.pass(0);
    expect(nova(cloud).act(server, 'stop_start', -1)).toBe(false);
  });

  it('a resize or migration without another host leaves the server as it was', () => {
    const cloud = running({ ...LOCAL, racks: 1, compute_per_rack: 1 });
    const server = active(cloud);
    for (const action of ['resize', 'migrate', 'live_migrate'] as const) {
      expect(nova(cloud).act(server, action, -1)).toBe(true);
      cloud.pass(60);
      expect(cloud.stateOf(server)).toBe('active.idle+UP');
      expect(allocated(cloud).vcpus).toBe(1);
    }
    nova(cloud).delete(server, -1);
    expectNothingLeft(cloud.pass(60));
  });

  it('a resize can be reverted: old host, old size', () => {
    const cloud = running(LOCAL);
    const server = active(cloud);
    const before = hostOf(cloud, server);
    cloud.send('server/vm-1', 'resize').pass(12);
    expect(cloud.stateOf(server)).toBe('resized.idle+UP');
    expect(hostOf(cloud, server)).not.toBe(before);
    expect(allocated(cloud).vcpus).toBe(2);
    cloud.send('server/vm-1', 'revert_resize').pass(30);
    expect(cloud.stateOf(server)).toBe('active.idle+UP');
    expect(hostOf(cloud, server)).toBe(before);
    expect(allocated(cloud).vcpus).toBe(1);
  });
});

describe('deleting', () => {
  it('leaves nothing, whenever it comes', () => {
    const cloud = running(VOLUMES);
    const moments = fc.record({
      action: fc.constantFrom(...(Object.keys(ACTIONS) as ServerAction[]), 'none' as const),
      boot_s: fc.double({ min: 0, max: 12, noNaN: true }),
      act_s: fc.double({ min: 0, max: 12, noNaN: true }),
    });
    let asked = 0;
    fc.assert(
      fc.property(moments, ({ action, boot_s, act_s }) => {
        const server = boot(cloud, `vm-${asked++}`, { volumes: 1 });
        cloud.pass(boot_s);
        if (action !== 'none') nova(cloud).act(server, action, -1);
        cloud.pass(act_s);
        nova(cloud).delete(server, -1);
        cloud.pass(120);
        expectNothingLeft(cloud);
      }),
      { numRuns: 150 },
    );
    expect(cloud.count('rbd-image')).toEqual({ available: 1 });
  });

  it('from a dead host does not wait for it', () => {
    const cloud = running({ openstack: { ...OPENSTACK, evacuate: false } });
    const server = active(cloud);
    cloud.send(`machine/${hostOf(cloud, server)}`, 'fail').pass(120);
    nova(cloud).delete(server, -1);
    expectNothingLeft(cloud.pass(30));
  });
});
