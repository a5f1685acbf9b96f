import { z } from 'zod';
import type { KindParams } from '../verb-params.ts';
import type { Act } from './context.ts';
import { type Item, idOf, listAll } from './lookup.ts';
import { type NetworkRow, rowState } from './network-rows.ts';

const interfaces = z.object({
  networks: z
    .array(z.string())
    .default([])
    .describe('Networks that it joins, by name or UUID; it leaves all others, by default all.'),
});

export const ROUTER_PARAMS = {
  create: z.object({
    ...interfaces.shape,
    external_network: z
      .string()
      .optional()
      .describe('Network that a new router leads out to, by name or UUID, with SNAT.'),
  }),
  update: interfaces,
} as const satisfies KindParams;

/** Routers with their interfaces: OVN makes a logical router of each. */
export const routerRow: NetworkRow = {
  kind: 'logical-router',
  collection: 'router',
  stateOf: rowState,
  attributesOf: (item) => ({
    external_network: gatewayOf(item),
    admin_up: item['admin_state_up'],
  }),
  create: async (act) => {
    const { external_network: outside } = act.params(ROUTER_PARAMS.create);
    if (outside === undefined) return { name: act.entity };
    const network_id = await idOf(act.session, 'network', outside, { signal: act.signal });
    return { name: act.entity, external_gateway_info: { network_id } };
  },
  settle: async (act, router) => {
    const wanted = await subnetsOf(act);
    const had = await interfacesOf(act, router);
    for (const id of wanted.filter((each) => !had.includes(each))) {
      await change(act, router, 'add', id);
    }
    for (const id of had.filter((each) => !wanted.includes(each))) {
      await change(act, router, 'remove', id);
    }
  },
  empty: async (act, router) => {
    for (const id of await interfacesOf(act, router)) await change(act, router, 'remove', id);
  },
};

async function change(
  act: Act,
  router: Item,
  what: 'add' | 'remove',
  subnet_id: string,
): Promise<void> {
  const path = `/routers/${router['id']}/${what}_router_interface`;
  await act.change('network', { method: 'PUT', path, body: { subnet_id } });
}

async function subnetsOf(act: Act): Promise<readonly string[]> {
  const { session, signal } = act;
  const found: string[] = [];
  for (const name of act.params(ROUTER_PARAMS.update).networks) {
    const network_id = await idOf(session, 'network', name, { signal });
    const subnets = await listAll(session, 'subnet', { query: { network_id }, signal });
    found.push(...subnets.map(({ id }) => String(id)));
  }
  return found;
}

/** Subnets that it has a leg in. */
async function interfacesOf(act: Act, router: Item): Promise<readonly string[]> {
  const query = { device_id: String(router['id']) };
  const ports = await listAll(act.session, 'port', { query, signal: act.signal });
  return ports
    .filter(({ device_owner }) => String(device_owner).includes('router_interface'))
    .flatMap(({ fixed_ips }) => (fixed_ips as { subnet_id: string }[]).map((ip) => ip.subnet_id));
}

function gatewayOf(item: Item): unknown {
  const info = item['external_gateway_info'] as { network_id?: string } | null;
  return info?.network_id;
}
