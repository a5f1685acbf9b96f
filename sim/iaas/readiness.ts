/** When the cloud takes servers for the first time. */
import type { SimWorld } from '../world.ts';

/**
 * Calls `ready` once, with the row that completed it: every image is active, every compute service is
 * up, and the pool of the servers' volumes, if they have one, serves. Without OpenStack it is never
 * called. Ask while layers are installed.
 */
export function whenCloudTakesServers(world: SimWorld, ready: (row: number) => void): void {
  const { engine, scenario } = world;
  const { openstack } = scenario.stack;
  if (!openstack) return;
  const groups = scenario.site.racks.flatMap((rack) => rack.machines);
  const missing = {
    hosts: groups.reduce((n, g) => n + (openstack.compute.includes(g.flavor) ? g.count : 0), 0),
    images: Object.keys(openstack.images).length,
    pools: openstack.volume_pool === undefined ? 0 : 1,
  };
  let isReady = false;
  const note = (what: keyof typeof missing, row: number): void => {
    if (isReady) return;
    if (missing[what] > 0) missing[what]--;
    isReady = missing.hosts + missing.images + missing.pools === 0;
    if (isReady) ready(row);
  };
  engine.onEnter('image', 'active', (_image, row) => note('images', row));
  engine.onEnter('compute-service', 'up', (_service, row) => note('hosts', row));
  engine.onEnter('pool', 'active', (pool, row) => {
    if (engine.names[pool] === openstack.volume_pool) note('pools', row);
  });
}
