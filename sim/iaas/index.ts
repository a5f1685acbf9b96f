/** The simulated OpenStack: keystone's projects, glance's images, placement, nova, cinder. */
import type { SimWorld } from '../world.ts';
import { installBuilding } from './building.ts';
import { installMoves } from './moves.ts';
import { Nova } from './nova.ts';
import { installPower } from './power.ts';
import { installHostFailure, installRebuild } from './rebuild.ts';
import { offerServers } from './service.ts';

/** Registers the layer; a scenario without `stack.openstack` has none. */
export function installIaas(world: SimWorld): void {
  const { openstack } = world.scenario.stack;
  if (!openstack) return;
  const nova = new Nova(world, openstack);
  installBuilding(nova);
  installPower(nova);
  installMoves(nova);
  installRebuild(nova);
  installHostFailure(nova);
  offerServers(nova);
}
