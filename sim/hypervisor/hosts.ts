/** libvirtd and its default storage pool on every host that is a hypervisor. */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

/** Returns the hypervisor of each host OS. */
export function installHosts(world: SimWorld): EntityMap {
  const { engine } = world;
  const { model } = engine;
  const on = new Set(world.scenario.stack.hypervisor?.on);
  const poolKind = model.kindId('storage-pool');
  const start = model.eventId('start');
  const define = model.eventId('define');
  const hypervisorOf = new EntityMap(engine);

  const create = (host: number, row: number): void => {
    if (hypervisorOf.get(host) >= 0) return;
    const { bareMetal } = world.services;
    if (!bareMetal || !on.has(bareMetal.flavorOf(host))) return;
    const hypervisor = world.create('hypervisor', engine.names[host], [host], row);
    hypervisorOf.set(host, hypervisor);
    engine.send(hypervisor, start, row);
  };
  if (on.size > 0) {
    engine.onEnter('host-os', 'running', create);
    engine.onEnter('host-os', 'degraded', create);
  }

  engine.onEnter('hypervisor', 'running', (hypervisor, row) => {
    if (engine.dependentOf(hypervisor, poolKind) >= 0) return;
    const name = `${engine.names[hypervisor]}-default`;
    engine.send(world.create('storage-pool', name, [hypervisor], row), define, row);
  });
  // Marked for autostart: in use as soon as it is defined.
  engine.onEnter('storage-pool', 'inactive', (pool, row, _event, from) => {
    if (model.stateNames[from] === 'storage-pool/defining') engine.send(pool, start, row);
  });
  return hypervisorOf;
}
