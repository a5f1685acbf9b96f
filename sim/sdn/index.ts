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
  const portKind = engine.model.kindId('port');
  const roles = installChassis(world);
  const topology = new Topology(world);
  const addresses = new Addresses(world);
  installGateways(world, roles, topology);
  installPorts(world);
  world.services.sdn = {
    switchOf: (network) => topology.switchOf(network),
    createPort: (name, network, cause) => {
      const logicalSwitch = topology.switchOf(network);
      if (!addresses.take(network)) return -1;
      const port = engine.create(portKind, name, cause);
      engine.link(logicalSwitch, port, cause);
      return port;
    },
    get addressShortages() {
      return addresses.shortages;
    },
    deletePort: (port, cause) => engine.send(port, remove, cause),
    chassisOf: (hostOs) => roles.chassisOf(hostOs),
  };
}
