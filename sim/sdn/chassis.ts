/** Chassis on the hosts that have one, and what becomes of the ports bound to them. */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

export interface ChassisRoles {
  /** The chassis of a host OS, or -1. */
  chassisOf(hostOs: number): number;
  isGateway(chassis: number): boolean;
}

export function installChassis(world: SimWorld): ChassisRoles {
  const { engine } = world;
  const { model } = engine;
  const { ovn } = world.scenario.stack;
  const gateways = new Set(ovn?.gateways);
  const flavors = new Set([...(ovn?.chassis ?? []), ...gateways]);
  const portKind = model.kindId('port');
  const start = model.eventId('start');
  const down = model.eventId('down');
  const chassisOf = new EntityMap(engine);
  const isGateway = new EntityMap(engine);

  const create = (host: number, row: number): void => {
    if (chassisOf.get(host) >= 0) return;
    const { bareMetal } = world.services;
    if (!bareMetal || !flavors.has(bareMetal.flavorOf(host))) return;
    const chassis = world.create('chassis', engine.names[host], [host], row);
    chassisOf.set(host, chassis);
    isGateway.set(chassis, gateways.has(bareMetal.flavorOf(host)) ? 1 : 0);
    engine.send(chassis, start, row);
  };
  if (flavors.size > 0) {
    engine.onEnter('host-os', 'running', create);
    engine.onEnter('host-os', 'degraded', create);
  }

  // A chassis that leaves in order takes its port bindings with it; a dead one does not.
  engine.onEnter('chassis', 'stopped', (chassis, row) => {
    engine.forEachDependent(chassis, portKind, (port) => engine.send(port, down, row));
  });

  return {
    chassisOf: (hostOs) => chassisOf.get(hostOs),
    isGateway: (chassis) => isGateway.get(chassis) === 1,
  };
}
