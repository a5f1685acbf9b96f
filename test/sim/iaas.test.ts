import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Stream } from '../../engine/random.ts';
import type { NovaScheduler, ServerAction } from '../../model/scenario.ts';
import { Placement } from '../../sim/iaas/placement.ts';
import type { Demand, Inventory } from '../../sim/iaas/resources.ts';
import { multipliersOf, Scheduler } from '../../sim/iaas/scheduler.ts';
import type { ServerService } from '../../sim/services.ts';
import {
  CEPH,
  Cloud,
  type CloudOptions,
  DATACENTER,
  LAB,
  MODEL,
  OPENSTACK,
  pool,
  scenarioOf,
} from './cloud.ts';

const IAAS = new Set(['project', 'flavor', 'image', 'compute-service', 'volume', 'server']);

const LOCAL: CloudOptions = { openstack: OPENSTACK };
const VOLUMES: CloudOptions = {
  ceph: { ...CEPH, pools: [pool({}), pool({ name: 'images', pg_num: 8, stored_bytes: 0 })] },
  openstack: { ...OPENSTACK, volume_pool: 'volumes' },
};

const running = (options: CloudOptions, timings = LAB): Cloud =>
  new Cloud(scenarioOf(options), timings).pass(900);
const nova = (cloud: Cloud): ServerService => cloud.world.services.servers!;

function boot(cloud: Cloud, name: string, changes: { flavor?: string; volumes?: number } = {}) {
  const request = { project: 'shop', flavor: 'small', image: 'debian', network: 'lan', cause: -1 };
  return nova(cloud).boot({ ...request, name, ...changes });
}

/** A server that has become active. */
function active(cloud: Cloud, name = 'vm-1', changes: Parameters<typeof boot>[2] = {}): number {
  const server = boot(cloud, name, changes);
  cloud.until(() => cloud.stateOf(server) === 'active.idle+UP', 300);
  return server;
}

const hostOf = (cloud: Cloud, server: number): string =>
  cloud.engine.names[nova(cloud).hypervisorOf(server)];

/** What is allocated on all hosts. */
function allocated(cloud: Cloud): { vcpus: number; ram_bytes: number } {
  const usages = cloud.all('hypervisor').map((h) => nova(cloud).usageOf(h));
  return {
    vcpus: usages.reduce((sum, u) => sum + u.vcpus, 0),
    ram_bytes: usages.reduce((sum, u) => sum + u.ram_bytes, 0),
  };
}

/** Nothing of any server is left: entities, allocations, quota. */
function expectNothingLeft(cloud: Cloud): void {
  for (const kind of ['server', 'domain', 'port', 'volume', 'migration']) {
    expect(cloud.count(kind), kind).toEqual({});
  }
  expect(allocated(cloud)).toEqual({ vcpus: 0, ram_bytes: 0 });
  expect(cloud.world.account.usage('vcpus').used).toBe(0);
  const { quantities } = cloud.world;
  const project = cloud.find('project/shop');
  expect(quantities.get('project.servers_used')!(project)).toBe(0);
  expect(quantities.get('project.vcpus_used')!(project)).toBe(0);
}

describe('timings', () => {
  it.each([
    ['lab', LAB],
    ['datacenter', DATACENTER],
  ] as const)('%s knows every verb', (_, timings) => {
    const keys = [...MODEL.verbNames, ...MODEL.delayNames];
    const missing = keys.filter((k) => IAAS.has(k.split('.')[0]) && !timings[k]?.source);
    expect(missing).toEqual([]);
  });
});

describe('booting', () => {
  it('goes through the steps of nova, with its port and its guest on the same host', () => {
    const cloud = running(LOCAL);
    const server = active(cloud);
    expect(cloud.history(server)).toEqual([
      'building.scheduling+UP',
      'building.idle+UP',
      'building.networking+UP',
      'building.block_device_mapping+UP',
      'building.spawning+UP',
      'active.idle+UP',
    ]);
    const { engine } = cloud;
    const kind = (name: string) => MODEL.kindId(name);
    const host = hostOf(cloud, server);
    const domain = engine.providerOf(server, kind('domain'));
    const port = engine.providerOf(server, kind('port'));
    expect(engine.names[engine.providerOf(domain, kind('hypervisor'))]).toBe(host);
    expect(engine.names[engine.providerOf(port, kind('chassis'))]).toBe(host);
    expect(engine.names[engine.providerOf(server, kind('compute-service'))]).toBe(host);
    expect(engine.names[engine.providerOf(server, kind('image'))]).toBe('debian');
    expect(nova(cloud).vcpusOf(server)).toBe(1);
    expect(allocated(cloud)).toEqual({ vcpus: 1, ram_bytes: 2 ** 31 });
  });

  it('makes and attaches volumes in Ceph, where there is a pool for them', () => {
    const cloud = running(VOLUMES);
    active(cloud, 'vm-1', { volumes: 2 });
    expect(cloud.count('volume')).toEqual({ 'in-use+up': 3 });
    expect(cloud.count('rbd-image')).toEqual({ available: 4 });
    expect(cloud.count('image')).toEqual({ 'active+up': 1 });
    expect(cloud.history(cloud.find('volume/vm-1-root'))).toEqual([
      'creating+up',
      'available+up',
      'reserved+up',
      'attaching+up',
      'in-use+up',
    ]);
  });

  it('finds no valid host for what fits none, and ends in error without a trace', () => {
    const cloud = running(LOCAL);
    const server = boot(cloud, 'giant', { flavor: 'huge' });
    cloud.pass(60);
    expect(cloud.history(server)).toEqual(['building.scheduling+UP', 'error.idle+UP']);
    const hosts = cloud.all('hypervisor').length;
    const short = { vcpus: hosts, memory: 0, disk: 0 };
    expect(nova(cloud).noValidHosts).toMatchObject([{ flavor: 'huge', hosts, short }]);
    nova(cloud).delete(server, -1);
    expectNothingLeft(cloud.pass(30));
  });

  it('ends in error when its volume cannot be created, instead of waiting for it', () => {
    const cloud = running(VOLUMES);
    const server = boot(cloud, 'vm-1');
    cloud.until(() => cloud.stateOf(server) === 'building.block_device_mapping+UP', 60);
    const { model } = cloud.engine;
    cloud.engine.send(cloud.find('volume/vm-1-root'), model.eventId('fault'), -1);
    cloud.pass(300);
    expect(cloud.history(server).slice(-2)).toEqual([
      'building.block_device_mapping+UP',
      'error.idle+UP',
    ]);
    nova(cloud).delete(server, -1);
    expectNothingLeft(cloud.pass(60));
  });

  it('ends in error when its network has no address left, and leaves its own to others', () => {
    // A /29: eight addresses without network, broadcast, gateway and metadata port.
    const networks = { lan: { cidr: '10.0.0.0/29', external: false } };
    const cloud = running({ openstack: { ...OPENSTACK, networks } });
    const servers = [1, 2, 3, 4, 5, 6].map((n) => boot(cloud, `vm-${n}`));
    cloud.pass(300);
    expect(cloud.count('server')).toEqual({ 'active.idle+UP': 4, 'error.idle+UP': 2 });
    expect(cloud.count('port')).toEqual({ ACTIVE: 4 });
    const failed = servers.filter((server) => cloud.stateOf(server) === 'error.idle+UP');
    expect(cloud.history(failed[0]).slice(-2)).toEqual(['building.networking+UP', 'error.idle+UP']);
    expect(cloud.world.services.sdn!.addressShortages).toMatchObject([
      { network: 'lan', cidr: '10.0.0.0/29', addresses: 4, times: 2 },
    ]);
    for (const server of servers) nova(cloud).delete(server, -1);
    expectNothingLeft(cloud.pass(60));
    for (const n of [7, 8, 9, 10, 11]) boot(cloud, `vm-${n}`);
    cloud.pass(300);
    expect(cloud.count('server')).toEqual({ 'active.idle+UP': 4, 'error.idle+UP': 1 });
  });

  it('is refused over quota, by servers, CPUs and volumes', () => {
    const tight = { servers: 2, vcpus: 9, ram_bytes: 2 ** 40, volumes: 3 };
    const cloud = running({
      ...VOLUMES,
      openstack: { ...VOLUMES.openstack!, projects: { shop: tight } },
    });
    expect(boot(cloud, 'a', { flavor: 'large' })).toBeGreaterThanOrEqual(0);
    expect(boot(cloud, 'b', { flavor: 'large' })).toBe(-1);
    expect(boot(cloud, 'c', { volumes: 2 })).toBe(-1);
    expect(boot(cloud, 'd', { volumes: 1 })).toBeGreaterThanOrEqual(0);
    expect(boot(cloud, 'e')).toBe(-1);
    expect(nova(cloud).refused).toBe(3);
  });

  it('tries other hosts when one fails to build, and gives up after three', () => {
    const failing = (ratio: number) => ({
      ...LAB,
      'server.spawn': { ...LAB['server.spawn'], fault_ratio: ratio },
    });
    const cloud = running(LOCAL, failing(1));
    const server = boot(cloud, 'vm-1');
    cloud.pass(120);
    const tries = cloud.history(server).filter((s) => s === 'building.spawning+UP');
    expect(tries).toHaveLength(3);
    expect(cloud.stateOf(server)).toBe('error.idle+UP');
    expect(allocated(cloud).vcpus).toBe(0);
    expect(cloud.count('domain')).toEqual({});
    nova(cloud).delete(server, -1);
    expectNothingLeft(cloud.pass(30));

    const flaky = running(LOCAL, failing(0.3));
    for (let i = 0; i < 30; i++) boot(flaky, `vm-${i}`);
    flaky.pass(300);
    const { 'active.idle+UP': up, 'error.idle+UP': failed = 0 } = flaky.count('server');
    expect(up + failed).toBe(30);
    expect(flaky.count('domain')).toEqual({ running: up });
    expect(allocated(flaky).vcpus).toBe(up);
  });

  it('does not answer without a control plane; deletions wait for it', () => {
    const cloud = running(LOCAL);
    const server = active(cloud);
    for (const rack of ['r1', 'r2', 'r3']) cloud.send(`machine/${rack}-control-1`, 'fail');
    cloud.pass(10);
    expect(boot(cloud, 'vm-2')).toBe(-1);
    expect(nova(cloud).act(server, 'reboot', -1)).toBe(false);
    nova(cloud).delete(server, -1);
    cloud.pass(60);
    expect(cloud.stateOf(server)).toBe('active.idle+UP');
    cloud.send('machine/r2-control-1', 'repair').until(() => cloud.stateOf(server) === 'removed');
  });
});

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

// ---------------------------------------------------------------- placement and weighers

const GIB = 2 ** 30;
const SIZES: readonly Inventory[] = [1, 2].map((n) => ({
  vcpus: 16 * n,
  ram_bytes: 64 * GIB * n,
  reserved_ram_bytes: 4 * GIB,
  disk_bytes: 400 * GIB,
  cpu_ratio: 4,
  ram_ratio: 1,
  disk_ratio: 1,
}));
const DEMANDS: readonly Demand[] = [
  { vcpus: 1, ram_bytes: 2 * GIB, disk_bytes: 20 * GIB },
  { vcpus: 4, ram_bytes: 8 * GIB, disk_bytes: 40 * GIB },
  { vcpus: 20, ram_bytes: 30 * GIB, disk_bytes: 0 },
];

/** Hosts as a plain list, and nova's rules written down without any index. */
class PlainNova {
  readonly hosts: { size: Inventory; used: Demand; isUp: boolean; isEnabled: boolean }[] = [];

  select(demand: Demand, config: NovaScheduler, ignored: readonly number[]): number {
    const found = this.hosts
      .map((host, number) => ({ ...host, number }))
      .filter((h) => h.isEnabled && this.#fits(h.size, h.used, demand))
      .slice(0, config.max_candidates)
      .filter((h) => h.isUp && !ignored.includes(h.number));
    const weigher = (value: (h: (typeof found)[0]) => number, multiplier: number) => {
      const values = found.map((h) => Math.max(0, value(h)));
      const most = Math.max(...values);
      return values.map((v) => (most > 0 ? multiplier * (v / most) : 0));
    };
    const ram = weigher(
      (h) => h.size.ram_bytes - h.size.reserved_ram_bytes - h.used.ram_bytes,
      config.ram_weight,
    );
    const cpu = weigher((h) => h.size.vcpus * h.size.cpu_ratio - h.used.vcpus, config.cpu_weight);
    const disk = weigher((h) => h.size.disk_bytes - h.used.disk_bytes, config.disk_weight);
    const weights = found.map((_, i) => cpu[i] + ram[i] + disk[i]);
    return found[weights.indexOf(Math.max(...weights))]?.number ?? -1;
  }

  #fits(size: Inventory, used: Demand, demand: Demand): boolean {
    return (
      demand.vcpus <= size.vcpus &&
      used.vcpus + demand.vcpus <= size.vcpus * size.cpu_ratio &&
      used.ram_bytes + demand.ram_bytes <= size.ram_bytes - size.reserved_ram_bytes &&
      used.disk_bytes + demand.disk_bytes <= size.disk_bytes
    );
  }
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('boot' as const), n: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('move' as const), n: fc.nat(999) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete' as const), n: fc.nat(999) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('up' as const), n: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('enable' as const), n: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), n: fc.nat(1) }) },
);

const weight = fc.constantFrom(1, 1, 0, 2.5, -1);
const configs = fc
  .record({ max_candidates: fc.constantFrom(3, 40, 1000), ram: weight, cpu: weight, disk: weight })
  .map(
    ({ max_candidates, ram, cpu, disk }): NovaScheduler => ({
      max_candidates,
      ram_weight: ram,
      cpu_weight: cpu,
      disk_weight: disk,
      host_subset_size: 1,
    }),
  );

/** The simulated nova and the plain one, side by side. */
class Twins {
  readonly plain = new PlainNova();
  readonly placement: Placement;
  readonly scheduler: Scheduler;
  readonly servers: { host: number; demand: Demand }[] = [];
  readonly config: NovaScheduler;

  constructor(config: NovaScheduler, hosts: number) {
    this.config = config;
    this.placement = new Placement(multipliersOf(config));
    this.scheduler = new Scheduler(this.placement, config, Stream.fromSeed(1));
    for (let i = 0; i < hosts; i++) this.add(SIZES[i % 2]);
  }

  add(size: Inventory): void {
    this.placement.add(size);
    const used = { vcpus: 0, ram_bytes: 0, disk_bytes: 0 };
    this.plain.hosts.push({ size, used, isUp: true, isEnabled: true });
  }

  select(demand: Demand, ignored: readonly number[] = []): number {
    const chosen = this.scheduler.select(demand, ignored);
    expect(chosen).toBe(this.plain.select(demand, this.config, ignored));
    return chosen;
  }

  change(host: number, demand: Demand, sign: 1 | -1): void {
    this.placement.allocate(host, demand, sign);
    const { used } = this.plain.hosts[host];
    this.plain.hosts[host].used = {
      vcpus: used.vcpus + sign * demand.vcpus,
      ram_bytes: used.ram_bytes + sign * demand.ram_bytes,
      disk_bytes: used.disk_bytes + sign * demand.disk_bytes,
    };
  }

  boot(demand: Demand): void {
    const host = this.select(demand);
    if (host < 0) return;
    this.change(host, demand, 1);
    this.servers.push({ host, demand });
  }

  move(n: number): void {
    const server = this.servers[n % this.servers.length];
    if (!server) return;
    const host = this.select(server.demand, [server.host]);
    if (host < 0) return;
    this.change(host, server.demand, 1);
    this.change(server.host, server.demand, -1);
    server.host = host;
  }

  delete(n: number): void {
    if (this.servers.length === 0) return;
    const [{ host, demand }] = this.servers.splice(n % this.servers.length, 1);
    this.change(host, demand, -1);
  }

  toggle(n: number, what: 'isUp' | 'isEnabled'): void {
    const number = n % this.plain.hosts.length;
    const host = this.plain.hosts[number];
    host[what] = !host[what];
    if (what === 'isUp') this.placement.setUp(number, host.isUp);
    else this.placement.setEnabled(number, host.isEnabled);
  }
}

describe('placement and nova-scheduler', () => {
  it('choose the host that the rules choose without an index, after any history', () => {
    fc.assert(
      fc.property(
        configs,
        fc.integer({ min: 1, max: 90 }),
        fc.array(step, { minLength: 20, maxLength: 250 }),
        (config, hosts, steps) => {
          const twins = new Twins(config, hosts);
          for (const { do: what, n } of steps) {
            if (what === 'boot') twins.boot(DEMANDS[n]);
            else if (what === 'move') twins.move(n);
            else if (what === 'delete') twins.delete(n);
            else if (what === 'up') twins.toggle(n, 'isUp');
            else if (what === 'enable') twins.toggle(n, 'isEnabled');
            else twins.add(SIZES[n]);
          }
          for (let host = 0; host < twins.plain.hosts.length; host++) {
            const { used } = twins.plain.hosts[host];
            expect(twins.placement.usedVcpus(host)).toBe(used.vcpus);
            expect(used.vcpus).toBeLessThanOrEqual(twins.placement.vcpusLimit(host));
            expect(used.ram_bytes).toBeLessThanOrEqual(twins.placement.ramLimit_bytes(host));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('fill a cloud to the last host and say so', () => {
    const twins = new Twins({ ...OPENSTACK.scheduler, max_candidates: 40 }, 100);
    let booted = 0;
    while (twins.scheduler.select(DEMANDS[2], []) >= 0) {
      twins.boot(DEMANDS[2]);
      booted++;
    }
    // Two of 30 GiB fit 60 GiB; the large hosts have 124 GiB for four. 20 vCPUs need the large ones.
    expect(booted).toBe(50 * 4);
  });

  it('a host that failed to build is a last resort, until it builds', () => {
    const twins = new Twins(OPENSTACK.scheduler, 6);
    const first = twins.scheduler.select(DEMANDS[0], []);
    twins.scheduler.noteBuild(first, true);
    expect(twins.scheduler.select(DEMANDS[0], [])).not.toBe(first);
    twins.scheduler.noteBuild(first, false);
    expect(twins.scheduler.select(DEMANDS[0], [])).toBe(first);
  });

  it('draw from the best hosts when host_subset_size says so', () => {
    const twins = new Twins({ ...OPENSTACK.scheduler, host_subset_size: 3 }, 40);
    const chosen = new Set<number>();
    for (let i = 0; i < 100; i++) chosen.add(twins.scheduler.select(DEMANDS[0], []));
    expect([...chosen].sort((a, b) => a - b)).toEqual([1, 3, 5]);
  });
});
