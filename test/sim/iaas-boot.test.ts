import { describe, expect, it } from 'vitest';
import { DATACENTER, LAB, MODEL, OPENSTACK } from './cloud.ts';
import {
  active,
  allocated,
  boot,
  expectNothingLeft,
  hostOf,
  IAAS,
  LOCAL,
  nova,
  running,
  VOLUMES,
} from './nova.ts';

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
    expect(nova(cloud).overQuotas).toMatchObject([
      { project: 'shop', exceeded: ['cores'], times: 1 },
      { project: 'shop', exceeded: ['volumes'], times: 1 },
      { project: 'shop', exceeded: ['instances', 'cores', 'volumes'], times: 1 },
    ]);
    expect(boot(cloud, 'f')).toBe(-1);
    expect(nova(cloud).overQuotas[2].times).toBe(2);
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
