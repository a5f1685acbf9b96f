import type { z } from 'zod';
import { byUuid } from '../ovsdb/transaction.ts';
import type { Databases } from './databases.ts';
import { ovnFault } from './faults.ts';
import { ABSENT, acting, type OvnKind, type Seen, type VerbContext } from './kind.ts';
import { given, map, OVN_PARAMS, paramsOf } from './params.ts';
import { changed, nameOf, referred } from './row-kind.ts';
import type { NbRow, SbRow } from './shape.ts';
import { plug, unplug } from './vif.ts';

const KIND = 'port';
const PARAMS = OVN_PARAMS.port;
const REQUESTED = 'requested-chassis';

/** Logical switch ports that a virtual interface is bound to; those of routers belong to the router. */
export const port: OvnKind = {
  kind: KIND,
  touched: ({ table, row }) => {
    if (table === 'Logical_Switch_Port') return [row['name'] as string];
    return table === 'Port_Binding' ? [row['logical_port'] as string] : [];
  },
  *names({ northbound }) {
    for (const { name, type } of northbound.rows('Logical_Switch_Port'))
      if (type === '') yield name;
  },
  observe,
  verbs: { create, update, bind, unbind, delete: remove },
  // A port is bound when its host has done its part, which it may never do.
  order: { interrupts: { unbind: ['bind'], delete: ['bind'] } },
};

function observe(name: string, databases: Databases, passing: string | undefined): Seen {
  const row = find(name, databases);
  if (!row) return ABSENT;
  const binding = bindingOf(name, databases);
  const at = chassisOf(binding, databases);
  const [on] = databases.northbound.where('Logical_Switch', 'ports', row._uuid);
  const attributes = {
    addresses: row.addresses.join(', '),
    ...given({
      switch: on && nameOf(on, 'name'),
      chassis: at?.name,
      tunnel_key: binding?.tunnel_key,
    }),
  };
  const state = passing ?? stateOf(row, binding, at, databases);
  return { state, ...(at ? { reason: at.name } : {}), attributes };
}

/** `up` in both databases, as who waits for `ovn-nbctl wait-until` sees it. */
function stateOf(
  row: PortRow,
  binding: BindingRow | undefined,
  at: SbRow<'Chassis'> | undefined,
  databases: Databases,
): string {
  if (!at) return 'DOWN';
  if (binding?.up === false || row.up !== true) return 'binding';
  return databases.probes.isDead(at.name) ? 'stale' : 'ACTIVE';
}

type PortRow = NbRow<'Logical_Switch_Port'>;
type BindingRow = SbRow<'Port_Binding'>;

async function create(context: VerbContext): Promise<void> {
  const { name, databases } = context;
  const params = paramsOf(context.action, PARAMS.create);
  if (find(name, databases)) throw ovnFault('OVN_EXISTS', `${KIND} ${name}`);
  const by = `${KIND} ${name}`;
  const { _uuid } = referred(databases, 'Logical_Switch', 'name', params.switch, by);
  await changed(context, (change) => {
    const row = change.insert('Logical_Switch_Port', { name, ...columns(params, databases) });
    change.mutate('Logical_Switch', byUuid(_uuid), [['ports', 'insert', row]]);
  });
}

async function update(context: VerbContext): Promise<void> {
  const { name, databases } = context;
  const params = paramsOf(context.action, PARAMS.update);
  const { _uuid } = known(name, databases);
  await changed(context, (change) =>
    change.update('Logical_Switch_Port', byUuid(_uuid), columns(params, databases)),
  );
}

function columns(params: z.infer<typeof PARAMS.update>, databases: Databases) {
  const { addresses, port_security, options, enabled, external_ids, dhcp } = params;
  const dhcpv4_options =
    dhcp === undefined
      ? undefined
      : referred(databases, 'DHCP_Options', 'external_ids:name', dhcp, KIND)._uuid;
  return given({
    ...{ addresses, port_security, enabled, dhcpv4_options },
    ...{ options: map(options), external_ids: map(external_ids) },
  });
}

/**
 * Requests the port on a chassis, plugs its interface in where that chassis' Open vSwitch is known,
 * and waits until the chassis has claimed it and it is up.
 */
async function bind(context: VerbContext): Promise<void> {
  const { name, databases, attempt } = context;
  const { chassis } = paramsOf(context.action, PARAMS.bind);
  const row = known(name, databases);
  if (chassis !== undefined && !databases.southbound.where('Chassis', 'name', chassis)[0]) {
    throw ovnFault('OVN_UNKNOWN', `chassis ${chassis}, for ${KIND} ${name}`);
  }
  context.passing('binding');
  await request(context, row, chassis);
  const host = chassis === undefined ? undefined : databases.hosts.get(chassis);
  if (host) {
    await unplug(context, chassis);
    await plug(context, host);
  }
  const isBound = () => {
    const binding = bindingOf(name, databases);
    const at = chassisOf(binding, databases);
    const isThere = at !== undefined && (chassis === undefined || at.name === chassis);
    return isThere && binding?.up !== false && find(name, databases)?.up === true;
  };
  await databases.until(`${KIND} ${name} to be bound`, isBound, attempt.signal);
}

/** Withdraws the request, takes the interface out where it can, and waits until no chassis has it. */
async function unbind(context: VerbContext): Promise<void> {
  const { name, databases, attempt } = context;
  const row = known(name, databases);
  if (chassisOf(bindingOf(name, databases), databases)) context.passing('unbinding');
  await request(context, row, undefined);
  await unplug(context);
  const isFree = () =>
    !chassisOf(bindingOf(name, databases), databases) && find(name, databases)?.up !== true;
  await databases.until(`${KIND} ${name} to be released`, isFree, attempt.signal);
}

async function remove(context: VerbContext): Promise<void> {
  const { name, databases } = context;
  const row = find(name, databases);
  if (!row) return;
  context.passing('deleting');
  await unplug(context);
  await changed(context, (change) => {
    for (const { _uuid } of databases.northbound.where('Logical_Switch', 'ports', row._uuid)) {
      change.mutate('Logical_Switch', byUuid(_uuid), [['ports', 'delete', row._uuid]]);
    }
  });
}

async function request(
  { databases, attempt }: VerbContext,
  row: PortRow,
  chassis: string | undefined,
): Promise<void> {
  if (row.options.get(REQUESTED) === chassis) return;
  await databases.nb.transact((change) => {
    change.mutate('Logical_Switch_Port', byUuid(row._uuid), [
      ['options', 'delete', [REQUESTED]],
      ...(chassis === undefined
        ? []
        : [['options', 'insert', new Map([[REQUESTED, chassis]])] as const]),
    ]);
  }, acting(attempt));
}

function known(name: string, databases: Databases): PortRow {
  const row = find(name, databases);
  if (!row) throw ovnFault('OVN_UNKNOWN', `${KIND} ${name}`);
  return row;
}

function find(name: string, { northbound }: Databases): PortRow | undefined {
  return northbound.where('Logical_Switch_Port', 'name', name)[0];
}

function bindingOf(name: string, { southbound }: Databases): BindingRow | undefined {
  return southbound.where('Port_Binding', 'logical_port', name)[0];
}

function chassisOf(binding: BindingRow | undefined, { southbound }: Databases) {
  return binding?.chassis ? southbound.row('Chassis', binding.chassis) : undefined;
}
