/** Servers of the simulated OpenStack, for the tests of its parts. */
import { expect } from 'vitest';
import type { ServerService } from '../../sim/services.ts';
import { CEPH, Cloud, type CloudOptions, LAB, OPENSTACK, pool, scenarioOf } from './cloud.ts';

export const IAAS = new Set(['project', 'flavor', 'image', 'compute-service', 'volume', 'server']);

export const LOCAL: CloudOptions = { openstack: OPENSTACK };
export const VOLUMES: CloudOptions = {
  ceph: { ...CEPH, pools: [pool({}), pool({ name: 'images', pg_num: 8, stored_bytes: 0 })] },
  openstack: { ...OPENSTACK, volume_pool: 'volumes' },
};

export const running = (options: CloudOptions, timings = LAB): Cloud =>
  new Cloud(scenarioOf(options), timings).pass(900);
export const nova = (cloud: Cloud): ServerService => cloud.world.services.servers!;

export function boot(
  cloud: Cloud,
  name: string,
  changes: { flavor?: string; volumes?: number } = {},
) {
  const request = { project: 'shop', flavor: 'small', image: 'debian', network: 'lan', cause: -1 };
  return nova(cloud).boot({ ...request, name, ...changes });
}

/** A server that has become active. */
export function active(
  cloud: Cloud,
  name = 'vm-1',
  changes: Parameters<typeof boot>[2] = {},
): number {
  const server = boot(cloud, name, changes);
  cloud.until(() => cloud.stateOf(server) === 'active.idle+UP', 300);
  return server;
}

export const hostOf = (cloud: Cloud, server: number): string =>
  cloud.engine.names[nova(cloud).hypervisorOf(server)];

/** What is allocated on all hosts. */
export function allocated(cloud: Cloud): { vcpus: number; ram_bytes: number } {
  const usages = cloud.all('hypervisor').map((h) => nova(cloud).usageOf(h));
  return {
    vcpus: usages.reduce((sum, u) => sum + u.vcpus, 0),
    ram_bytes: usages.reduce((sum, u) => sum + u.ram_bytes, 0),
  };
}

/** Nothing of any server is left: entities, allocations, quota. */
export function expectNothingLeft(cloud: Cloud): void {
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
