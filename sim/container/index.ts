/** The simulated container layer: runtimes with their images, sandboxes and containers. */
import type { SimWorld } from '../world.ts';
import { Boots } from './boots.ts';
import { Images } from './images.ts';
import { Runtimes } from './runtimes.ts';
import { installSandboxes } from './sandboxes.ts';
import './service.ts';

export function installContainer(world: SimWorld): void {
  const { engine, scenario, services } = world;
  const runtimes = new Runtimes(world, new Boots(world));
  const images = new Images(world);
  installSandboxes(world);
  services.containers = {
    startRuntime: (host, cause) => runtimes.start(host, cause),
    bootOf: (runtime) => runtimes.bootOf(runtime),
    removeRuntime: (runtime, cause) => runtimes.remove(runtime, cause),
    imageOf: (runtime, image, cause) => images.of(runtime, image, cause),
    imageName: (image) => images.nameOf(image),
    imageSize_bytes: (image) => images.size_bytes(image),
  };

  const flavors = scenario.stack.containers?.on ?? [];
  if (flavors.length === 0) return;
  const onHost = (host: number, row: number): void => {
    const { bareMetal } = services;
    if (bareMetal && flavors.includes(bareMetal.flavorOf(host))) runtimes.start(host, row);
  };
  engine.onEnter('host-os', 'running', onHost);
  engine.onEnter('host-os', 'degraded', onHost);
}
