/** The simulated SDN: OVN on hosts, the logical networks of the cloud, ports and gateways. */
import type { SimWorld } from '../world.ts';
import { installChassis } from './chassis.ts';
import { installGateways } from './gateways.ts';
import { installPorts } from './ports.ts';
import { Topology } from './topology.ts';

export function installSdn(world: SimWorld): void {
  const { engine } = world;
  const remove = engine.model.eventId('delete');
  const roles = installChassis(world);
  const topology = new Topology(world);
  installGateways(world, roles, topology);
  installPorts(world);
  world.services.sdn = {
    switchOf: (network) => topology.switchOf(network),
    createPort: (name, network, cause) =>
      world.create('port', name, [topology.switchOf(network)], cause),
    deletePort: (port, cause) => engine.send(port, remove, cause),
    chassisOf: (hostOs) => roles.chassisOf(hostOs),
  };
}
