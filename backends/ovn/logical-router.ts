import type { z } from 'zod';
import { byUuid, type Transaction } from '../ovsdb/transaction.ts';
import type { NamedUuid } from '../ovsdb/values.ts';
import type { Databases } from './databases.ts';
import { given, map, OVN_PARAMS } from './params.ts';
import { referred, rowKind } from './row-kind.ts';
import type { NbRow } from './shape.ts';

const PARAMS = OVN_PARAMS['logical-router'];
type RouterSpec = z.infer<typeof PARAMS.create>;
type PortSpec = NonNullable<RouterSpec['ports']>[number];

/** Logical routers with their ports, the switches these lead to, and static routes. */
export const logicalRouter = rowKind({
  kind: 'logical-router',
  table: 'Logical_Router',
  named: 'name',
  params: PARAMS,
  create(change, name, params, databases) {
    const ports = (params.ports ?? []).map((port) => insertPort(change, name, port, databases));
    const { options, external_ids } = params;
    const columns = given({ options: map(options), external_ids: map(external_ids) });
    const static_routes = insertRoutes(change, params.routes);
    change.insert('Logical_Router', { name, ports, static_routes, ...columns });
  },
  update(change, [row], params, databases) {
    const there = new Set(portsOf(row, databases).map(({ name }) => name));
    const wanted = params.ports ?? [];
    const added = wanted
      .filter(({ name }) => !there.has(name))
      .map((port) => insertPort(change, row.name, port, databases));
    for (const { name, mac, networks } of wanted.filter((port) => there.has(port.name))) {
      change.update('Logical_Router_Port', [['name', '==', name]], { mac, networks });
    }
    if (added.length > 0) {
      change.mutate('Logical_Router', byUuid(row._uuid), [['ports', 'insert', added]]);
    }
    const { options, external_ids, routes } = params;
    const static_routes = routes && insertRoutes(change, routes);
    const columns = { static_routes, options: map(options), external_ids: map(external_ids) };
    change.update('Logical_Router', byUuid(row._uuid), given(columns));
  },
  delete(change, [row], databases) {
    for (const port of portsOf(row, databases)) removePeer(change, port.name, databases);
    change.delete('Logical_Router', byUuid(row._uuid));
  },
  attributes: ([row], databases) => ({
    uuid: row._uuid,
    ports: row.ports.length,
    routes: row.static_routes.length,
    networks: portsOf(row, databases)
      .flatMap(({ networks }) => networks)
      .sort()
      .join(' '),
  }),
});

function portsOf(row: NbRow<'Logical_Router'>, { northbound }: Databases) {
  return northbound.rowsOf('Logical_Router_Port', row.ports);
}

/** A router's port, and on its switch the port that leads to it: `SWITCH-ROUTER`, as is usual. */
function insertPort(
  change: Transaction,
  router: string,
  { name, mac, networks, switch: peer }: PortSpec,
  databases: Databases,
): NamedUuid {
  if (peer !== undefined) {
    const row = referred(databases, 'Logical_Switch', 'name', peer, `port ${name} of ${router}`);
    const port = change.insert('Logical_Switch_Port', {
      ...{ name: `${peer}-${router}`, type: 'router', addresses: ['router'] },
      options: new Map([['router-port', name]]),
    });
    change.mutate('Logical_Switch', byUuid(row._uuid), [['ports', 'insert', port]]);
  }
  return change.insert('Logical_Router_Port', { name, mac, networks });
}

/** Takes the switch's port away that led to a router's port. */
function removePeer(change: Transaction, port: string, { northbound }: Databases): void {
  for (const peer of northbound.where('Logical_Switch_Port', 'options:router-port', port)) {
    for (const its of northbound.where('Logical_Switch', 'ports', peer._uuid)) {
      change.mutate('Logical_Switch', byUuid(its._uuid), [['ports', 'delete', peer._uuid]]);
    }
  }
}

function insertRoutes(change: Transaction, routes: RouterSpec['routes']): readonly NamedUuid[] {
  return (routes ?? []).map(({ prefix, nexthop, output_port = null }) =>
    change.insert('Logical_Router_Static_Route', { ip_prefix: prefix, nexthop, output_port }),
  );
}
