import { byUuid } from '../ovsdb/transaction.ts';
import type { Databases } from './databases.ts';
import { ovnFault } from './faults.ts';
import { ABSENT, acting, type OvnKind, type Seen, type VerbContext } from './kind.ts';

const KIND = 'chassis';

/** Chassis as the southbound database, the count `nb_cfg` and the other chassis' BFD show them. */
export const chassis: OvnKind = {
  kind: KIND,
  touched: ({ table, row }) => (TABLES.has(table) ? [row['name'] as string] : []),
  names: ({ southbound }) => new Set([...southbound.rows('Chassis')].map(({ name }) => name)),
  observe,
  verbs: { register, resume, deregister },
  // A controller that is dead neither registers nor follows.
  order: { waits: ['register', 'resume'] },
};

const TABLES: ReadonlySet<string> = new Set(['Chassis', 'Chassis_Private']);

function observe(name: string, databases: Databases, passing: string | undefined): Seen {
  const { southbound, liveness, probes } = databases;
  const [row] = southbound.where('Chassis', 'name', name);
  if (!row) return ABSENT;
  const [own] = southbound.where('Chassis_Private', 'name', name);
  const encaps = southbound.rowsOf('Encap', row.encaps);
  const attributes = {
    hostname: row.hostname,
    encaps: encaps
      .map(({ type, ip }) => `${type}:${ip}`)
      .sort()
      .join(' '),
    ports: southbound.where('Port_Binding', 'chassis', row._uuid).length,
    nb_cfg: own?.nb_cfg ?? 0,
  };
  if (passing) return { state: passing, attributes };
  if (probes.isDead(name)) return { state: 'dead', reason: 'BFD down', attributes };
  if (liveness.isSilent(name)) {
    return { state: 'controller_failed', reason: 'nb_cfg stays behind', attributes };
  }
  return { state: own ? 'up' : 'registering', attributes };
}

/** ovn-controller registers its chassis by itself: waits until it has, with its flows installed. */
async function register(context: VerbContext): Promise<void> {
  const { name, databases, attempt } = context;
  const isThere = () => observe(name, databases, undefined).state !== 'absent';
  await databases.until(`chassis ${name} to register`, isThere, attempt.signal);
  await follow(context);
}

/** Waits until the controller, started again, is current. */
async function resume(context: VerbContext): Promise<void> {
  const { name, databases } = context;
  const { state } = observe(name, databases, undefined);
  if (state === 'absent') throw unknown(name);
  if (state === 'controller_failed') context.passing('resuming');
  await follow(context);
}

async function follow(context: VerbContext): Promise<void> {
  const { name, databases, attempt } = context;
  const count = await databases.change(() => {}, acting(attempt));
  attempt.effect('done');
  const follows = () => countOf(name, databases) >= count;
  await databases.until(`chassis ${name} to follow`, follows, attempt.signal);
}

/**
 * Deletes the rows of a chassis that left none behind in order. While its ovn-controller runs that
 * would do nothing: it writes them again.
 */
async function deregister(context: VerbContext): Promise<void> {
  const { name, databases, attempt } = context;
  const { southbound } = databases;
  const [row] = southbound.where('Chassis', 'name', name);
  if (!row) return;
  await refuseAlive(context);
  const own = southbound.where('Chassis_Private', 'name', name);
  await databases.sb.transact((change) => {
    change.delete('Chassis', byUuid(row._uuid));
    for (const { _uuid } of own) change.delete('Chassis_Private', byUuid(_uuid));
  }, acting(attempt));
  attempt.effect('done');
}

/** A controller that is alive carries out the next count before it can be taken for silent. */
async function refuseAlive({ name, databases, attempt }: VerbContext): Promise<void> {
  const { liveness, southbound } = databases;
  const count = await databases.change(() => {}, { signal: attempt.signal });
  const isJudged = () =>
    liveness.isSilent(name) ||
    countOf(name, databases) >= count ||
    southbound.where('Chassis', 'name', name).length === 0;
  await databases.until(`a sign of life of chassis ${name}`, isJudged, attempt.signal);
  if (countOf(name, databases) >= count) throw ovnFault('OVN_CHASSIS_ALIVE', name);
}

function countOf(name: string, { southbound }: Databases): number {
  return southbound.where('Chassis_Private', 'name', name)[0]?.nb_cfg ?? -1;
}

function unknown(name: string) {
  return ovnFault('OVN_UNKNOWN', `${KIND} ${name}`);
}
