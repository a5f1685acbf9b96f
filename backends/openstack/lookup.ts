import { isIP } from 'node:net';
import type { Service } from './catalog.ts';
import { hasStatus, isObject, openstackFault } from './faults.ts';
import { allPages } from './pages.ts';
import type { OpenstackSession } from './session.ts';

export type Item = Readonly<Record<string, unknown>>;

/** How a thing is called, where that is not its `name`. */
interface Naming {
  readonly nameOf?: (item: Item) => string;
}

/** Where a service keeps its things of one kind. */
export interface Collection extends Naming {
  readonly service: Service;
  readonly path: string;
  /** The path of the list with all fields, if it differs. */
  readonly detail?: string;
  /** The key of a list, and that of one item; glance has no key for one. */
  readonly many: string;
  readonly one?: string;
  /** The query that finds a name; matches are compared again, since some services match parts. */
  readonly named: (name: string) => Readonly<Record<string, string>>;
  /** What lists ask for besides. */
  readonly query?: Readonly<Record<string, string>>;
}

const byName = (name: string) => ({ name });

export const COLLECTIONS = {
  project: {
    service: 'identity',
    path: '/projects',
    many: 'projects',
    one: 'project',
    named: byName,
  },
  flavor: {
    service: 'compute',
    path: '/flavors',
    detail: '/flavors/detail',
    many: 'flavors',
    one: 'flavor',
    named: () => ({ is_public: 'none' }),
    query: { is_public: 'none' },
  },
  image: { service: 'image', path: '/images', many: 'images', named: byName },
  server: {
    service: 'compute',
    path: '/servers',
    detail: '/servers/detail',
    many: 'servers',
    one: 'server',
    // nova takes a regular expression.
    named: (name) => ({ name: `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$` }),
  },
  volume: {
    service: 'volume',
    path: '/volumes',
    detail: '/volumes/detail',
    many: 'volumes',
    one: 'volume',
    named: byName,
  },
  snapshot: {
    service: 'volume',
    path: '/snapshots',
    detail: '/snapshots/detail',
    many: 'snapshots',
    one: 'snapshot',
    named: byName,
  },
  backup: {
    service: 'volume',
    path: '/backups',
    detail: '/backups/detail',
    many: 'backups',
    one: 'backup',
    named: byName,
  },
  network: {
    service: 'network',
    path: '/networks',
    many: 'networks',
    one: 'network',
    named: byName,
  },
  subnet: { service: 'network', path: '/subnets', many: 'subnets', one: 'subnet', named: byName },
  router: { service: 'network', path: '/routers', many: 'routers', one: 'router', named: byName },
  port: { service: 'network', path: '/ports', many: 'ports', one: 'port', named: byName },
  'floating-ip': {
    service: 'network',
    path: '/floatingips',
    many: 'floatingips',
    one: 'floatingip',
    named: (name) => ({ [isIP(name) === 0 ? 'description' : 'floating_ip_address']: name }),
    // It has no name; who names one writes that into the description.
    nameOf: (item) => String(item['description'] || item['floating_ip_address']),
  },
  'security-group': {
    service: 'network',
    path: '/security-groups',
    many: 'security_groups',
    one: 'security_group',
    named: byName,
  },
} as const satisfies Readonly<Record<string, Collection>>;

export type CollectionName = keyof typeof COLLECTIONS;

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/** Finds one thing by name or UUID; undefined when there is none. Throws when several match. */
export async function find(
  session: OpenstackSession,
  name: CollectionName,
  wanted: string,
  options: FindOptions = {},
): Promise<Item | undefined> {
  const collection: Collection = COLLECTIONS[name];
  if (isUuid(wanted)) {
    const found = await byId(session, name, wanted, options.signal);
    if (found) return found;
  }
  const query = { ...options.query, ...collection.named(wanted) };
  const { service, many } = collection;
  const path = collection.detail ?? collection.path;
  const listed = await allPages(session, service, path, many, query, options.signal);
  const { nameOf = ownName } = collection;
  const matches = listed.filter(
    (item) => [item['id'], nameOf(item)].includes(wanted) || item['floating_ip_address'] === wanted,
  );
  if (matches.length <= 1) return matches[0];
  const ids = matches.map(({ id }) => id).join(', ');
  throw openstackFault('OPENSTACK_AMBIGUOUS_NAME', `${name} ${wanted}: ${ids}`);
}

export interface FindOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Undefined when there is none. */
export async function byId(
  session: OpenstackSession,
  name: CollectionName,
  id: string,
  signal?: AbortSignal,
): Promise<Item | undefined> {
  const { service, path, one }: Collection = COLLECTIONS[name];
  try {
    const answer = await session.get(service, `${path}/${encodeURIComponent(id)}`, {}, signal);
    const item = one === undefined ? answer : answer[one];
    if (isObject(item)) return item;
  } catch (thrown) {
    if (hasStatus(thrown, 404)) return undefined;
    throw thrown;
  }
  throw openstackFault('OPENSTACK_MALFORMED', `${name} ${id}: no "${one}" in the answer`, {
    effect: 'none',
  });
}

/** The UUID of what must be there. Throws OPENSTACK_NOT_FOUND. */
export async function idOf(
  session: OpenstackSession,
  name: CollectionName,
  wanted: string,
  options: FindOptions = {},
): Promise<string> {
  const found = await find(session, name, wanted, options);
  if (found) return String(found['id']);
  throw openstackFault('OPENSTACK_NOT_FOUND', `${name} ${wanted}`);
}

/** Everything of one kind. */
export function listAll(
  session: OpenstackSession,
  name: CollectionName,
  options: FindOptions = {},
): Promise<readonly Item[]> {
  const { service, path, detail, many, query }: Collection = COLLECTIONS[name];
  const all = { ...query, ...options.query };
  return allPages(session, service, detail ?? path, many, all, options.signal);
}

/**
 * Names for things, as entities are called: their own name where it is theirs alone, else the
 * UUID. In the order of the list.
 */
export function entityNames(
  items: readonly Item[],
  { nameOf = ownName }: Naming = {},
): readonly string[] {
  const counts = new Map<string, number>();
  const names = items.map(nameOf);
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return items.map(({ id }, i) =>
    names[i] !== '' && counts.get(names[i]) === 1 ? names[i] : String(id),
  );
}

function ownName({ name }: Item): string {
  return String(name ?? '');
}
