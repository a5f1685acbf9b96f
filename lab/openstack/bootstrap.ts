/** What an operator makes after the installation: services in keystone, then things to use. */

import type { Service } from '../../backends/openstack/catalog.ts';
import { allPages } from '../../backends/openstack/pages.ts';
import type { OpenstackSession } from '../../backends/openstack/session.ts';
import { apiUrl } from './paths.ts';

/** Types and addresses by the name of the service's user. */
const CATALOG: Readonly<Record<string, { readonly type: string; readonly url: string }>> = {
  glance: { type: 'image', url: apiUrl('glance') },
  placement: { type: 'placement', url: apiUrl('placement') },
  nova: { type: 'compute', url: apiUrl('nova', '/v2.1') },
  neutron: { type: 'network', url: apiUrl('neutron') },
  cinder: { type: 'block-storage', url: apiUrl('cinder', '/v3/$(project_id)s') },
};

type Item = Record<string, unknown>;

/** Registers every service and its user, and the project `demo` with a plain user. */
export async function registerServices(session: OpenstackSession, password: string): Promise<void> {
  const identity = (collection: string, one: string, name: string, more: Item = {}) =>
    ensure(session, 'identity', `/${collection}`, collection, one, { name, ...more });
  const domain_id = 'default';
  const service = await identity('projects', 'project', 'service', { domain_id });
  const roles = [
    await identity('roles', 'role', 'service'),
    await identity('roles', 'role', 'admin'),
  ];
  for (const [name, { type, url }] of Object.entries(CATALOG)) {
    const user = await identity('users', 'user', name, { domain_id, password });
    for (const role of roles) await grant(session, service, user, role);
    const { id } = await identity('services', 'service', name, { type });
    await registerEndpoints(session, String(id), url);
  }
  const demo = await identity('projects', 'project', 'demo', { domain_id });
  const user = await identity('users', 'user', 'demo', { domain_id, password });
  for (const name of ['member', 'reader']) {
    await grant(session, demo, user, await identity('roles', 'role', name));
  }
}

async function registerEndpoints(session: OpenstackSession, service_id: string, url: string) {
  const found = await allPages(session, 'identity', '/endpoints', 'endpoints', { service_id });
  for (const side of ['public', 'internal', 'admin']) {
    if (found.some((each) => each['interface'] === side)) continue;
    const endpoint = { service_id, interface: side, region_id: 'RegionOne', url };
    await session.call('identity', { method: 'POST', path: '/endpoints', body: { endpoint } });
  }
}

async function grant(session: OpenstackSession, project: Item, user: Item, role: Item) {
  const path = `/projects/${project['id']}/users/${user['id']}/roles/${role['id']}`;
  await session.call('identity', { method: 'PUT', path });
}

const FLAVORS = [
  /** Of no disk but the image's own: a guest of the real host boots, and is copied, quickly. */
  { name: 'm1.pico', vcpus: 1, ram: 128, disk: 0 },
  { name: 'm1.nano', vcpus: 1, ram: 128, disk: 1 },
  { name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 },
  { name: 'm1.small', vcpus: 2, ram: 1024, disk: 5 },
  { name: 'm1.large', vcpus: 4, ram: 4096, disk: 20 },
  /** Fits no host. */
  { name: 'm1.huge', vcpus: 64, ram: 262_144, disk: 20 },
];

/** The fake hosts never look into it. */
const IMAGE_BYTES = 1 << 20;

/** Flavors, an image and a network, so that servers can be made at once. */
export async function seed(session: OpenstackSession): Promise<void> {
  for (const flavor of FLAVORS) {
    await ensure(session, 'compute', '/flavors', 'flavors', 'flavor', flavor, '/detail');
  }
  await ensureImage(session, 'blank', new Uint8Array(IMAGE_BYTES), {
    disk_format: 'raw',
    container_format: 'bare',
  });
  const network = await ensure(session, 'network', '/networks', 'networks', 'network', {
    name: 'lab-net',
  });
  await ensure(session, 'network', '/subnets', 'subnets', 'subnet', {
    name: 'lab-subnet',
    network_id: network['id'],
    ip_version: 4,
    cidr: '10.1.0.0/24',
  });
}

/** An image with its data; returns its UUID. */
export async function ensureImage(
  session: OpenstackSession,
  name: string,
  data: Uint8Array,
  properties: Item,
): Promise<string> {
  const image = await ensure(session, 'image', '/images', 'images', '', {
    ...{ name, visibility: 'public' },
    ...properties,
  });
  if (image['status'] === 'queued') {
    await session.call('image', {
      method: 'PUT',
      path: `/images/${image['id']}/file`,
      headers: { 'content-type': 'application/octet-stream' },
      data,
    });
  }
  return String(image['id']);
}

/** An availability zone with one host. */
export async function ensureZone(
  session: OpenstackSession,
  name: string,
  host: string,
): Promise<void> {
  const wanted = { name, availability_zone: name };
  const zone = await ensure(
    session,
    'compute',
    '/os-aggregates',
    'aggregates',
    'aggregate',
    wanted,
  );
  if (Array.isArray(zone['hosts']) && zone['hosts'].includes(host)) return;
  const path = `/os-aggregates/${zone['id']}/action`;
  await session.call('compute', { method: 'POST', path, body: { add_host: { host } } });
}

/** Finds something by its name, or makes it. `one` is the key of the body, if it has one. */
async function ensure(
  session: OpenstackSession,
  service: Service,
  path: string,
  collection: string,
  one: string,
  wanted: Item,
  detail = '',
): Promise<Item> {
  const all = await allPages(session, service, path + detail, collection);
  const found = all.find(({ name }) => name === wanted['name']);
  if (found) return found;
  const body = one === '' ? wanted : { [one]: wanted };
  const { value } = await session.call(service, { method: 'POST', path, body });
  return (one === '' ? value : (value as Item)[one]) as Item;
}
