import { z } from 'zod';
import type { KindParams } from '../verb-params.ts';
import { type Act, everywhere } from './context.ts';
import { type Item, idOf, listAll } from './lookup.ts';
import type { NetworkRow } from './network-rows.ts';

const target = z.object({
  port: z.string().optional().describe('Port that gets what is sent there, by name or UUID.'),
  server: z
    .string()
    .optional()
    .describe(
      'Server that gets it by its first port, where there is no `port`; nobody without either.',
    ),
  logical_ip: z.string().optional().describe('Address of the port, when it has several.'),
});

export const FLOATING_IP_PARAMS = {
  create: z.object({
    external_network: z
      .string()
      .describe('Network outside that gives the address, by name or UUID.'),
    external_ip: z
      .string()
      .optional()
      .describe('This very address, where the user may choose; neutron chooses by default.'),
    ...target.shape,
  }),
  update: target,
} as const satisfies KindParams;

/** Floating IPs: of each that leads to a port OVN makes a NAT rule (`dnat_and_snat`). */
export const floatingIpRow: NetworkRow = {
  kind: 'nat',
  collection: 'floating-ip',
  // DOWN is one that leads nowhere yet.
  stateOf: ({ status }) => (status === 'ERROR' ? 'rejected' : 'active'),
  attributesOf: (item) => ({
    type: 'dnat_and_snat',
    external_ip: item['floating_ip_address'],
    logical_ip: item['fixed_ip_address'],
    port: item['port_id'],
    router: item['router_id'],
    external_network: item['floating_network_id'],
  }),
  create: async (act) => {
    const { external_network, external_ip } = act.params(FLOATING_IP_PARAMS.create);
    const { session, signal } = act;
    return {
      description: act.entity,
      floating_network_id: await idOf(session, 'network', external_network, { signal }),
      ...(external_ip !== undefined && { floating_ip_address: external_ip }),
    };
  },
  settle: async (act, item) => {
    const port_id = await portOf(act);
    const { logical_ip } = act.params(FLOATING_IP_PARAMS.update);
    const isThere =
      (item['port_id'] ?? null) === port_id &&
      (logical_ip === undefined || item['fixed_ip_address'] === logical_ip);
    if (isThere) return;
    const floatingip = { port_id, ...(port_id && logical_ip && { fixed_ip_address: logical_ip }) };
    const path = `/floatingips/${item['id']}`;
    await act.change('network', { method: 'PUT', path, body: { floatingip } });
  },
};

async function portOf(act: Act): Promise<string | null> {
  const { port, server } = act.params(FLOATING_IP_PARAMS.update);
  const { session, signal } = act;
  if (port !== undefined) return idOf(session, 'port', port, { signal });
  if (server === undefined) return null;
  const device_id = await idOf(session, 'server', server, {
    ...{ query: await everywhere(session), signal },
  });
  const [first] = await listAll(session, 'port', { query: { device_id }, signal });
  if (!first) throw act.badParams(`server ${server} has no port`);
  return String((first as Item)['id']);
}
