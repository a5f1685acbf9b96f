/** The simulated operating systems: boots, root mirrors, units and kernels of hosts. */
import type { SimWorld } from '../world.ts';
import { BootCounter, installBoot } from './boot.ts';
import { installKernel } from './kernel.ts';
import { installMirror } from './mirror.ts';
import type { HostService } from './service.ts';
import { installUnits } from './units.ts';

export function installOperatingSystem(world: SimWorld): void {
  const boots = new BootCounter(world);
  installBoot(world, boots);
  installMirror(world);
  installUnits(world);
  installKernel(world, boots);
  const service: HostService = { bootOf: (hostOs) => boots.of(hostOs) };
  world.services.hosts = service;
}
