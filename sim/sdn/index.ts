/** The simulated SDN: OVN on hosts, the logical networks of the cloud, ports and gateways. */
import type { SimWorld } from '../world.ts';
import { Addresses } from './addresses.ts';
import { installChassis } from './chassis.ts';
import { installGateways } from './gateways.ts';
import { installPorts } from './ports.ts';
import { Topology } from './topology.ts';

export function installSdn(world: SimWorld): void {
  const { engine } = world;
  const remove = engine.model.eventId('delete');
  const roles = installChassis(world);
  const topology = new Topology(world);
  const addresses = new Addresses(world);
  installGateways(world, roles, topology);
  installPorts(world);
  world.services.sdn = {
    switchOf: (network) => topology.switchOf(network),
    createPort: (name, network, cause) => {
      const logicalSwitch = topology.switchOf(network);
      return addresses.take(network) ? world.create('port', name, [logicalSwitch], cause) : -1;
    },
    get addressShortages() {
      return addresses.shortages;
    },
    deletePort: (port, cause) => engine.send(port, remove, cause),
    chassisOf: (hostOs) => roles.chassisOf(hostOs),
  };
}
