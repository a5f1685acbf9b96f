import { byUuid } from '../ovsdb/transaction.ts';
import type { Databases } from './databases.ts';
import { ovnFault } from './faults.ts';
import { ABSENT, acting, type OvnKind, type Seen, type VerbContext } from './kind.ts';
import { OVN_PARAMS, paramsOf } from './params.ts';
import { changed } from './row-kind.ts';
import type { NbRow } from './shape.ts';

const KIND = 'gateway';
/** northd makes a port of type chassisredirect for each distributed gateway port. */
const REDIRECT = 'cr-';

/** Distributed gateway ports: router ports with gateway chassis, named as the router port. */
export const gateway: OvnKind = {
  kind: KIND,
  touched({ table, row }, { northbound }) {
    const name = row['name'] as string;
    const bound = String(row['logical_port']);
    if (table === 'Logical_Router_Port') return [name];
    if (table === 'Port_Binding') {
      return bound.startsWith(REDIRECT) ? [bound.slice(REDIRECT.length)] : [];
    }
    if (table !== 'Gateway_Chassis') return [];
    const uuid = row['_uuid'] as string;
    return northbound.where('Logical_Router_Port', 'gateway_chassis', uuid).map((p) => p.name);
  },
  *names({ northbound }) {
    for (const row of northbound.rows('Logical_Router_Port')) {
      if (row.gateway_chassis.length > 0) yield row.name;
    }
  },
  observe,
  verbs: { claim, delete: remove },
  order: { interrupts: { delete: ['claim'] } },
};

function observe(name: string, databases: Databases, passing: string | undefined): Seen {
  const row = find(name, databases);
  if (!row || row.gateway_chassis.length === 0) return ABSENT;
  const at = carrier(name, databases);
  const chosen = candidates(row, databases);
  const [router] = databases.northbound.where('Logical_Router', 'ports', row._uuid);
  const attributes = {
    chassis: chosen.map(({ chassis_name, priority }) => `${chassis_name}:${priority}`).join(' '),
    networks: row.networks.join(' '),
    ...(router ? { router: router.name } : {}),
  };
  const names = chosen.map(({ chassis_name }) => chassis_name);
  return {
    state: passing ?? stateOf(at, names, databases),
    ...(at === undefined ? {} : { reason: at }),
    attributes,
  };
}

function stateOf(at: string | undefined, chosen: readonly string[], databases: Databases): string {
  const { probes, southbound } = databases;
  const isOut = (name: string) =>
    probes.isDead(name) || southbound.where('Chassis', 'name', name).length === 0;
  if (at === undefined) return 'unbound';
  if (chosen.every(isOut)) return 'down';
  return probes.isDead(at) ? 'detecting' : 'active';
}

/** Gives the port its chassis, where they are given, and waits until one of them has claimed it. */
async function claim(context: VerbContext): Promise<void> {
  const { name, databases, attempt } = context;
  const { chassis } = paramsOf(context.action, OVN_PARAMS.gateway.claim);
  const row = find(name, databases);
  if (!row) throw ovnFault('OVN_UNKNOWN', `router port ${name}`);
  if (!chassis && row.gateway_chassis.length === 0) {
    throw ovnFault('OVN_BAD_PARAMS', `${name}: chassis is missing`);
  }
  context.passing('claiming');
  if (chassis) {
    await databases.nb.transact((change) => {
      const rows = Object.entries(chassis).map(([chassis_name, priority]) =>
        change.insert('Gateway_Chassis', {
          ...{ name: `${name}-${chassis_name}`, chassis_name, priority },
        }),
      );
      change.update('Logical_Router_Port', byUuid(row._uuid), { gateway_chassis: rows });
    }, acting(attempt));
  }
  const isClaimed = () => {
    const at = carrier(name, databases);
    return at !== undefined && !databases.probes.isDead(at) && (!chassis || at in chassis);
  };
  await databases.until(`${KIND} ${name} to be claimed`, isClaimed, attempt.signal);
}

/** The router port stays, without gateway chassis: it is distributed again. */
async function remove(context: VerbContext): Promise<void> {
  const { name, databases } = context;
  const row = find(name, databases);
  if (!row || row.gateway_chassis.length === 0) return;
  context.passing('deleting');
  await changed(context, (change) =>
    change.update('Logical_Router_Port', byUuid(row._uuid), { gateway_chassis: [] }),
  );
}

function find(name: string, { northbound }: Databases): NbRow<'Logical_Router_Port'> | undefined {
  return northbound.where('Logical_Router_Port', 'name', name)[0];
}

/** The chassis of a gateway by priority, the highest first. */
function candidates({ gateway_chassis }: NbRow<'Logical_Router_Port'>, { northbound }: Databases) {
  return [...northbound.rowsOf('Gateway_Chassis', gateway_chassis)].sort(
    (a, b) => b.priority - a.priority || (a.chassis_name < b.chassis_name ? -1 : 1),
  );
}

/** The chassis that has claimed a gateway. */
function carrier(name: string, { southbound }: Databases): string | undefined {
  const [binding] = southbound.where('Port_Binding', 'logical_port', `${REDIRECT}${name}`);
  return binding?.chassis ? southbound.row('Chassis', binding.chassis)?.name : undefined;
}
