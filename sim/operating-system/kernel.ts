/** The kernel of every host: upgraded with the system, in use after the next boot. */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';
import type { BootCounter } from './boot.ts';

export function installKernel(world: SimWorld, boots: BootCounter): void {
  if (!world.scenario.stack.operating_system) return;
  const { engine } = world;
  const { model } = engine;
  const packageKind = model.kindId('package');
  const installed = model.eventId('is_installed');
  const publish = model.eventId('publish');
  const upgrade = model.eventId('upgrade');
  const needsReboot = model.eventId('needs_reboot');
  const booted = model.eventId('booted');
  const duration = world.timing('package.upgrade');

  const bootSeen = new EntityMap(engine);

  // Comes with the image that was deployed; after a boot the newest one on disk is in use.
  const running = (host: number, row: number): void => {
    if (bootSeen.get(host) === boots.of(host)) return;
    bootSeen.set(host, boots.of(host));
    const kernel = engine.dependentOf(host, packageKind);
    if (kernel >= 0) {
      engine.send(kernel, booted, row);
      return;
    }
    const name = `${engine.names[host]}-linux-image`;
    engine.send(world.create('package', name, [host], row), installed, row);
  };
  engine.onEnter('host-os', 'running', running);
  engine.onEnter('host-os', 'degraded', running);

  engine.onEnter('host-os', 'updating', (host, row) => {
    const kernel = engine.dependentOf(host, packageKind);
    if (kernel < 0) return;
    engine.send(kernel, publish, row);
    engine.send(kernel, upgrade, row);
  });

  world.onVerb('package', 'upgrade', (kernel, token) => {
    world.answerIn(world.draw(kernel, duration), kernel, token, needsReboot);
  });
}
