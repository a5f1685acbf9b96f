/**
 * Addresses of a subnet that neutron gives to servers: all but those of the network, the broadcast,
 * the gateway (the first one, by default) and OVN's metadata port.
 *
 * Source: neutron's IPAM (`generate_pools`) and the OVN driver's metadata port for each network.
 */
export function serverAddresses(cidr: string): number {
  const [address, prefix] = cidr.split('/');
  const isV6 = address.includes(':');
  const addresses = 2 ** ((isV6 ? 128 : 32) - Number(prefix));
  // IPv6 has no broadcast address; neutron leaves out the subnet-router anycast address.
  const reserved = isV6 ? 1 : 2;
  return Math.max(0, addresses - reserved - GATEWAY - METADATA_PORT);
}

const GATEWAY = 1;
const METADATA_PORT = 1;
