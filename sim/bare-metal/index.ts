/** The simulated bare-metal layer: a site with MAAS, and operators who put its machines to use. */
import type { SimWorld } from '../world.ts';
import { installHosts } from './hosts.ts';
import { installMaas } from './maas.ts';
import { MachineStates } from './machine-states.ts';
import { installProvisioning } from './provisioning.ts';
import { Site } from './site.ts';

/** Registers the layer; the site is built at time 0, when every layer is installed. */
export function installBareMetal(world: SimWorld): void {
  const site = new Site(world);
  const states = new MachineStates(world.engine.model);
  installMaas(world, states);
  installHosts(world, site, states);
  installProvisioning(world, site, states);
  world.services.bareMetal = site;
  world.scheduler.soon(world.scheduler.handler(() => site.build()));
}
