/** `stack.openstack` and the servers there are, of what an OpenStack cloud and its neutron list. */
import type { Observation } from '../../engine/contract.ts';
import { serverAddresses } from '../../model/subnet.ts';
import { number, text } from './hosts.ts';
import { exactBytes, Names } from './names.ts';
import { type Network, networksOf } from './networks.ts';
import type { ImportedSite } from './site.ts';

const UNLIMITED = 1_000_000;
const UNLIMITED_BYTES = 2 ** 50;

export interface ImportedCloud {
  readonly stack: Record<string, unknown>;
  readonly servers: Record<string, unknown>;
}

/** What the cloud lists, by kind. */
interface Listed {
  readonly flavors: readonly Observation[];
  readonly images: readonly Observation[];
  readonly projects: readonly Observation[];
  readonly networks: readonly Network[];
}

/** Servers of one project that boot one image and are in one network. */
interface Group {
  readonly project: string;
  readonly image: string;
  network: Network | undefined;
  /** How many there are of each flavor. */
  readonly flavors: Map<string, number>;
}

interface CloudNames {
  readonly flavors: Names;
  readonly images: Names;
  readonly projects: Names;
}

export function openstackOf(
  seen: readonly Observation[],
  site: ImportedSite,
  remarks: string[],
): ImportedCloud | undefined {
  const compute = site.flavorsWith('compute');
  const of = (kind: string) => seen.filter((each) => each.kind === kind);
  const [flavors, images, projects] = ['flavor', 'image', 'project'].map(of);
  if (compute.length === 0 || flavors.length === 0) return undefined;
  const known: Listed = { flavors, images, projects, networks: networksOf(seen) };
  const names = { flavors: new Names(), images: new Names(), projects: new Names() };
  const groups = groupsOf(of('server'), known, remarks);
  const any = anyNetwork(groups, known, remarks);
  remarks.push('stack.openstack: the pool of volumes is not imported; set it by hand.');
  return {
    stack: {
      compute,
      flavors: Object.fromEntries(
        flavors.map(({ entity, attributes = {} }) => [
          names.flavors.of(entity),
          {
            vcpus: number(attributes, 'vcpus') ?? 1,
            ram: exactBytes(number(attributes, 'memory_bytes') ?? 2 ** 30),
            disk: exactBytes(number(attributes, 'disk_bytes') ?? 0),
          },
        ]),
      ),
      images: Object.fromEntries(
        images.map(({ entity, attributes = {} }) => [
          names.images.of(entity),
          { size: exactBytes(Math.max(1, number(attributes, 'size_bytes') ?? 1)) },
        ]),
      ),
      networks: Object.fromEntries(
        [...known.networks, ...(any ? [any] : [])].map(({ name, cidr, external }) => [
          name,
          { cidr, ...(external && { external }) },
        ]),
      ),
      projects: Object.fromEntries(
        projects.map((project) => [
          names.projects.of(project.entity),
          quotaOf(project, groups, flavors),
        ]),
      ),
    },
    servers: serversOf(groups, any, names),
  };
}

/** A quota below what is used, which OpenStack allows, is what is used. */
function quotaOf(
  { entity, attributes = {} }: Observation,
  groups: readonly Group[],
  flavors: readonly Observation[],
): Record<string, unknown> {
  const used = { servers: 0, vcpus: 0, ram: 0 };
  for (const group of groups.filter(({ project }) => project === entity)) {
    for (const [flavor, count] of group.flavors) {
      const size = flavors.find((each) => each.entity === flavor)?.attributes ?? {};
      used.servers += count;
      used.vcpus += count * (number(size, 'vcpus') ?? 1);
      used.ram += count * (number(size, 'memory_bytes') ?? 2 ** 30);
    }
  }
  const limit = (name: string, least: number, none: number) => {
    const told = number(attributes, `quota_${name}`) ?? -1;
    return Math.max(least, told < 0 ? none : told);
  };
  return {
    servers: limit('servers', used.servers, UNLIMITED),
    vcpus: limit('vcpus', used.vcpus, UNLIMITED),
    ram: exactBytes(limit('memory_bytes', used.ram, UNLIMITED_BYTES)),
    volumes: limit('volumes', 0, UNLIMITED),
  };
}

function groupsOf(
  servers: readonly Observation[],
  known: Listed,
  remarks: string[],
): readonly Group[] {
  const groups = new Map<string, Group>();
  let left = 0;
  for (const { attributes = {} } of servers) {
    const project = named(known.projects, text(attributes, 'project')) ?? known.projects[0]?.entity;
    const image = named(known.images, text(attributes, 'image')) ?? known.images[0]?.entity;
    const flavor = named(known.flavors, text(attributes, 'flavor'));
    const network = known.networks.find(({ entity }) => entity === text(attributes, 'network'));
    if (project === undefined || image === undefined || flavor === undefined) {
      left++;
      continue;
    }
    const key = [project, image, network?.name ?? ''].join('\n');
    const group = groups.get(key) ?? { project, image, network, flavors: new Map() };
    group.flavors.set(flavor, (group.flavors.get(flavor) ?? 0) + 1);
    groups.set(key, group);
  }
  if (left > 0)
    remarks.push(`workload.servers: ${left} of flavors that are not listed are left out.`);
  return [...groups.values()];
}

/** The network of those servers of which none is known, or whose own has no room for them. */
function anyNetwork(
  groups: readonly Group[],
  { networks }: Listed,
  remarks: string[],
): Network | undefined {
  for (const network of networks) {
    const its = groups.filter((group) => group.network === network);
    const servers = its.reduce((sum, group) => sum + sizeOf(group), 0);
    // Only the first address range of a network is known.
    if (servers > serverAddresses(network.cidr)) for (const group of its) group.network = undefined;
  }
  if (networks.length > 0 && groups.every(({ network }) => network)) return undefined;
  let name = 'imported';
  for (let i = 2; networks.some((each) => each.name === name); i++) name = `imported-${i}`;
  remarks.push(
    `stack.openstack.networks.${name} stands for networks that are not known; ` +
      'the driver neutron lists those there are.',
  );
  return { entity: '', name, cidr: '10.0.0.0/8', external: false };
}

function serversOf(
  groups: readonly Group[],
  any: Network | undefined,
  names: CloudNames,
): Record<string, unknown> {
  const groupNames = new Names();
  return Object.fromEntries(
    groups.map((group) => [
      groupNames.unique(group.project),
      {
        project: names.projects.of(group.project),
        image: names.images.of(group.image),
        network: (group.network ?? any)?.name,
        initial: sizeOf(group),
        flavors: Object.fromEntries(
          [...group.flavors].map(([flavor, count]) => [names.flavors.of(flavor), count]),
        ),
      },
    ]),
  );
}

function sizeOf({ flavors }: Group): number {
  return [...flavors.values()].reduce((sum, count) => sum + count, 0);
}

/** The entity that has this name or this `id`. */
function named(all: readonly Observation[], key: string | undefined): string | undefined {
  const found = all.find(
    ({ entity, attributes = {} }) => entity === key || text(attributes, 'id') === key,
  );
  return found?.entity;
}
