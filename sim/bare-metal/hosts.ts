/** A deployed machine carries a host OS: created with the first deployment, on and off with it. */
import { successorsOf } from '../../model/bare-metal/maas.ts';
import type { SimWorld } from '../world.ts';
import type { MachineStates } from './machine-states.ts';
import type { Site } from './site.ts';

export function installHosts(world: SimWorld, site: Site, states: MachineStates): void {
  const { engine } = world;
  const { model } = engine;
  const diskKind = model.kindId('disk');
  const nicKind = model.kindId('nic');
  const powerOn = model.eventId('power_on');
  const powerLoss = model.eventId('power_loss');

  const create = (machine: number, cause: number): number => {
    const providers = [machine];
    engine.forEachDependent(machine, diskKind, (disk) => {
      if (site.diskGroupOf(disk).use === 'system') providers.push(disk);
    });
    engine.forEachDependent(machine, nicKind, (nic) => {
      providers.push(nic);
    });
    const host = world.create('host-os', engine.names[machine], providers, cause);
    site.setHostOs(machine, host);
    return host;
  };

  engine.onEnter('machine', 'deployed', (machine, row) => {
    let host = site.hostOsOf(machine);
    if (host < 0) host = create(machine, row);
    if (states.isOn(engine.state[machine])) engine.send(host, powerOn, row);
  });

  engine.onEnter('machine', 'on', (machine, row) => {
    const host = site.hostOsOf(machine);
    if (host >= 0 && states.isIn(engine.state[machine], 'deployed')) {
      engine.send(host, powerOn, row);
    }
  });

  const stop = (machine: number, row: number): void => {
    const host = site.hostOsOf(machine);
    if (host >= 0) engine.send(host, powerLoss, row);
  };
  for (const power of ['off', 'unpowered', 'dead']) engine.onEnter('machine', power, stop);
  for (const status of successorsOf('deployed')) engine.onEnter('machine', status, stop);
}
