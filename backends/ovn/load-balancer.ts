import { isIPv6 } from 'node:net';
import type { z } from 'zod';
import { byUuid, type Transaction } from '../ovsdb/transaction.ts';
import type { NamedUuid, NewValue } from '../ovsdb/values.ts';
import type { Databases } from './databases.ts';
import type { Seen } from './kind.ts';
import { given, map, OVN_PARAMS } from './params.ts';
import { nameOf, referred, rowKind } from './row-kind.ts';
import type { NbRow } from './shape.ts';

const PARAMS = OVN_PARAMS['load-balancer'];
type BalancerSpec = z.infer<typeof PARAMS.update>;
type BalancerRow = NbRow<'Load_Balancer'>;

/** Load balancers of switches and routers; with health checks their state is that of the backends. */
export const loadBalancer = rowKind({
  kind: 'load-balancer',
  table: 'Load_Balancer',
  named: 'name',
  params: PARAMS,
  create(change, name, params, databases) {
    const vips = new Map(Object.entries(params.vips));
    const columns = optional(change, params);
    const row = change.insert('Load_Balancer', { name, vips, ...columns });
    attach(change, name, row, params, databases);
  },
  update(change, [row], params, databases) {
    const columns = { ...given({ vips: map(params.vips) }), ...optional(change, params) };
    change.update('Load_Balancer', byUuid(row._uuid), columns);
    attach(change, row.name, row._uuid, params, databases);
  },
  delete: (change, [row]) => change.delete('Load_Balancer', byUuid(row._uuid)),
  attributes: ([row], { northbound }) => ({
    uuid: row._uuid,
    vips: [...row.vips.keys()].sort().join(' '),
    backends: backendsOf(row).size,
    protocol: row.protocol ?? 'tcp',
    switches: northbound.where('Logical_Switch', 'load_balancer', row._uuid).length,
    routers: northbound.where('Logical_Router', 'load_balancer', row._uuid).length,
  }),
  state: ([row], databases) => health(row, databases),
  touched: ({ table, row }, { northbound }) => {
    if (table !== 'Service_Monitor') return [];
    const backend = endpoint(row['ip'] as string, row['port'] as number);
    return [...northbound.rows('Load_Balancer')]
      .filter((each) => backendsOf(each).has(backend))
      .map((each) => nameOf(each, 'name'));
  },
});

/** `active` unless health checks say otherwise: some backends offline, or all. */
function health(row: BalancerRow, { southbound }: Databases): Pick<Seen, 'state' | 'reason'> {
  if (row.health_check.length === 0) return { state: 'active' };
  const backends = backendsOf(row);
  const monitored = [...southbound.rows('Service_Monitor')].filter(
    ({ ip, port, protocol }) =>
      (protocol ?? 'tcp') === (row.protocol ?? 'tcp') && backends.has(endpoint(ip, port)),
  );
  // Until the first probes have ended a backend takes its share (ovn-northd(8)).
  const offline = monitored.filter(({ status }) => status === 'offline' || status === 'error');
  const reason = `${monitored.length - offline.length} of ${monitored.length} backends online`;
  if (offline.length === 0) return { state: 'active', reason };
  return { state: offline.length < monitored.length ? 'degraded' : 'offline', reason };
}

function backendsOf(row: BalancerRow): ReadonlySet<string> {
  return new Set([...row.vips.values()].flatMap((each) => each.split(',')).filter(Boolean));
}

function endpoint(ip: string, port: number): string {
  return isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function optional(change: Transaction, params: BalancerSpec) {
  const { health_checks } = params;
  const checks =
    health_checks &&
    Object.entries(health_checks).map(([vip, options]) =>
      change.insert('Load_Balancer_Health_Check', { vip, options: map(options) as NewValue }),
    );
  return given({
    protocol: params.protocol,
    ip_port_mappings: map(params.ip_port_mappings),
    health_check: checks,
  });
}

function attach(
  change: Transaction,
  name: string,
  row: NamedUuid | string,
  { switches = [], routers = [] }: BalancerSpec,
  databases: Databases,
): void {
  for (const [table, names] of [
    ['Logical_Switch', switches],
    ['Logical_Router', routers],
  ] as const) {
    for (const each of names) {
      const { _uuid } = referred(databases, table, 'name', each, name);
      change.mutate(table, byUuid(_uuid), [['load_balancer', 'insert', row]]);
    }
  }
}
