/** Installs the simulated control planes of all layers, from the ground up. */
import { installBareMetal } from './bare-metal/index.ts';
import { installCaas } from './caas/index.ts';
import { installContainer } from './container/index.ts';
import { installHypervisor } from './hypervisor/index.ts';
import { installIaas } from './iaas/index.ts';
import { installOperatingSystem } from './operating-system/index.ts';
import { installOrchestration } from './orchestration/index.ts';
import { installSdn } from './sdn/index.ts';
import { installSds } from './sds/index.ts';
import type { SimWorld } from './world.ts';

export function installLayers(world: SimWorld): void {
  installBareMetal(world);
  installOperatingSystem(world);
  installHypervisor(world);
  installSdn(world);
  installSds(world);
  installIaas(world);
  installContainer(world);
  installCaas(world);
  installOrchestration(world);
}
