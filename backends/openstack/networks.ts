import { z } from 'zod';
import type { KindParams } from '../verb-params.ts';
import type { Act } from './context.ts';
import { type Item, listAll } from './lookup.ts';
import { type NetworkRow, post, rowState } from './network-rows.ts';

const subnet = z.object({
  cidr: z
    .string()
    .optional()
    .describe('Address range of its subnet, such as `192.0.2.0/24`; without one it gets none.'),
  gateway_ip: z
    .string()
    .optional()
    .describe('Gateway of a new subnet; its first address by default.'),
  dns_servers: z.array(z.string()).default([]).describe('Name servers of a new subnet.'),
});

/** Of one that is there, only a subnet that it lacks is made. */
export const NETWORK_PARAMS = {
  create: z.object({
    ...subnet.shape,
    mtu: z.number().int().positive().optional().describe('MTU, bytes; neutron chooses by default.'),
    external: z.boolean().default(false).describe('Whether it leads out of the cloud.'),
    physical_network: z
      .string()
      .optional()
      .describe('Physical network that hosts know; without one it is a virtual network.'),
    vlan: z
      .number()
      .int()
      .min(1)
      .max(4094)
      .optional()
      .describe('VLAN on the physical network; untagged by default.'),
  }),
  update: subnet,
} as const satisfies KindParams;

/** Networks with their subnet: OVN makes a logical switch of each. */
export const networkRow: NetworkRow = {
  kind: 'logical-switch',
  collection: 'network',
  stateOf: rowState,
  attributesOf: (item) => ({
    mtu: item['mtu'],
    external: item['router:external'],
    network_type: item['provider:network_type'],
    segment: item['provider:segmentation_id'],
    admin_up: item['admin_state_up'],
  }),
  create: async (act) => {
    const given = act.params(NETWORK_PARAMS.create);
    const physical = given.physical_network;
    return {
      name: act.entity,
      ...(given.mtu !== undefined && { mtu: given.mtu }),
      ...(given.external && { 'router:external': true }),
      ...(physical !== undefined && {
        'provider:physical_network': physical,
        'provider:network_type': given.vlan === undefined ? 'flat' : 'vlan',
        ...(given.vlan !== undefined && { 'provider:segmentation_id': given.vlan }),
      }),
    };
  },
  detailsOf: async (session, { id, signal }) => {
    const subnets = await listAll(session, 'subnet', {
      ...(id !== undefined && { query: { network_id: id } }),
      signal,
    });
    // A scenario knows one address range: of several the first.
    const sorted = [...subnets].sort((a, b) => (String(a['cidr']) > String(b['cidr']) ? -1 : 1));
    return new Map(
      sorted.map(({ network_id, cidr, gateway_ip }) => [String(network_id), { cidr, gateway_ip }]),
    );
  },
  settle: ensureSubnet,
};

async function ensureSubnet(act: Act, network: Item): Promise<void> {
  const { cidr, gateway_ip, dns_servers } = act.params(NETWORK_PARAMS.update);
  if (cidr === undefined) return;
  const query = { network_id: String(network['id']) };
  const subnets = await listAll(act.session, 'subnet', { query, signal: act.signal });
  if (subnets.some((each) => each['cidr'] === cidr)) return;
  await post(act, '/subnets', 'subnet', {
    name: act.entity,
    network_id: network['id'],
    ip_version: cidr.includes(':') ? 6 : 4,
    cidr,
    dns_nameservers: dns_servers,
    ...(gateway_ip !== undefined && { gateway_ip }),
  });
}
