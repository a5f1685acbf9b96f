/** `stack.openstack` and the servers there are, of what an OpenStack cloud lists. */
import type { Observation } from '../../engine/contract.ts';
import { number, text } from './hosts.ts';
import { exactBytes, Names } from './names.ts';
import type { ImportedSite } from './site.ts';

const NETWORK = 'imported';
const UNLIMITED = 1_000_000;

export interface ImportedCloud {
  readonly stack: Record<string, unknown>;
  readonly servers: Record<string, unknown>;
}

export function openstackOf(
  seen: readonly Observation[],
  site: ImportedSite,
  remarks: string[],
): ImportedCloud | undefined {
  const compute = site.flavorsWith('compute');
  const flavors = seen.filter(({ kind }) => kind === 'flavor');
  if (compute.length === 0 || flavors.length === 0) return undefined;
  const images = seen.filter(({ kind }) => kind === 'image');
  const projects = seen.filter(({ kind }) => kind === 'project');
  const names = { flavors: new Names(), images: new Names(), projects: new Names() };
  remarks.push(
    'stack.openstack: networks, quotas and the pool of volumes are not imported; set them by hand.',
  );
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
      networks: { [NETWORK]: { cidr: '10.0.0.0/8' } },
      projects: Object.fromEntries(
        projects.map(({ entity }) => [
          names.projects.of(entity),
          { servers: UNLIMITED, vcpus: UNLIMITED, ram: '1PiB', volumes: UNLIMITED },
        ]),
      ),
    },
    servers: serversOf(seen, images, projects, names),
  };
}

/** One group of servers for each project and image. */
function serversOf(
  seen: readonly Observation[],
  images: readonly Observation[],
  projects: readonly Observation[],
  names: { readonly flavors: Names; readonly images: Names; readonly projects: Names },
): Record<string, unknown> {
  const groups = new Map<
    string,
    { project: string; image: string; flavors: Map<string, number> }
  >();
  for (const { kind, attributes = {} } of seen) {
    if (kind !== 'server') continue;
    const project = named(projects, text(attributes, 'project')) ?? projects[0]?.entity;
    const image = named(images, text(attributes, 'image')) ?? images[0]?.entity;
    const flavor = text(attributes, 'flavor');
    if (project === undefined || image === undefined || flavor === undefined) continue;
    const key = `${project}\n${image}`;
    const group = groups.get(key) ?? { project, image, flavors: new Map() };
    const name = names.flavors.of(flavor);
    group.flavors.set(name, (group.flavors.get(name) ?? 0) + 1);
    groups.set(key, group);
  }
  const groupNames = new Names();
  return Object.fromEntries(
    [...groups.values()].map(({ project, image, flavors }) => [
      groupNames.unique(project),
      {
        project: names.projects.of(project),
        image: names.images.of(image),
        network: NETWORK,
        initial: [...flavors.values()].reduce((sum, count) => sum + count, 0),
        flavors: Object.fromEntries(flavors),
      },
    ]),
  );
}

/** The entity that has this name or this `id`. */
function named(all: readonly Observation[], key: string | undefined): string | undefined {
  const found = all.find(
    ({ entity, attributes = {} }) => entity === key || text(attributes, 'id') === key,
  );
  return found?.entity;
}
