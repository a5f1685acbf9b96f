/** The machines of a site, put together from what each layer's backend says of its own hosts. */
import type { Observation } from '../../engine/contract.ts';

/** What a host does, by the layer that says so. */
export type Role =
  | 'hypervisor'
  | 'chassis'
  | 'mon'
  | 'mgr'
  | 'mds'
  | 'rgw'
  | 'osd'
  | 'compute'
  | 'node';

export interface DiskSize {
  readonly class: 'hdd' | 'ssd' | 'nvme';
  readonly size_bytes: number;
}

export interface Host {
  readonly name: string;
  rack: string;
  cores?: number;
  threads?: number;
  memory_bytes?: number;
  readonly roles: Set<Role>;
  /** Disks that are OSDs. */
  readonly data: DiskSize[];
  /** Other disks, as bare metal lists them. */
  readonly disks: DiskSize[];
}

const DEFAULT_RACK = 'r1';
const DISK_CLASSES = ['hdd', 'ssd', 'nvme'] as const;

type Attributes = NonNullable<Observation['attributes']>;

/** Hosts by name, in the order of their names. */
export function hostsOf(observations: readonly Observation[]): readonly Host[] {
  const hosts = new Map<string, Host>();
  const host = (name: string): Host => {
    const known = hosts.get(name);
    if (known) return known;
    const made = { name, rack: DEFAULT_RACK, roles: new Set<Role>(), data: [], disks: [] };
    hosts.set(name, made);
    return made;
  };
  for (const seen of observations) READERS[seen.kind]?.(host, seen.entity, seen.attributes ?? {});
  return [...hosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Reader = (host: (name: string) => Host, entity: string, attributes: Attributes) => void;

/** By kind; a kind that says nothing of hosts has none. */
const READERS: Readonly<Record<string, Reader>> = {
  machine: (host, entity, attributes) => {
    const found = host(entity);
    measure(found, attributes);
    found.rack = text(attributes, 'rack') ?? text(attributes, 'zone') ?? found.rack;
  },
  disk(host, _entity, attributes) {
    const machine = text(attributes, 'machine');
    const size_bytes = number(attributes, 'size_bytes');
    if (machine === undefined || !size_bytes) return;
    host(machine).disks.push({ class: classOf(text(attributes, 'type')), size_bytes });
  },
  'host-os': (host, entity, attributes) => {
    const found = host(text(attributes, 'hostname') ?? entity);
    measure(found, attributes);
    found.threads ??= number(attributes, 'threads_per_core');
    // Of several disks only the sum of their sizes is told.
    const size_bytes = number(attributes, 'disk_bytes');
    if (number(attributes, 'disks') !== 1 || !size_bytes || found.disks.length > 0) return;
    found.disks.push({ class: 'ssd', size_bytes });
  },
  hypervisor(host, entity, attributes) {
    const found = host(entity);
    found.roles.add('hypervisor');
    measure(found, attributes);
    found.threads ??= number(attributes, 'threads_per_core');
  },
  chassis(host, entity, attributes) {
    host(text(attributes, 'hostname') ?? entity).roles.add('chassis');
  },
  osd(host, _entity, attributes) {
    const name = text(attributes, 'host');
    if (name === undefined) return;
    const found = host(name);
    found.roles.add('osd');
    found.rack = text(attributes, 'rack') ?? found.rack;
    const size_bytes = number(attributes, 'size_bytes');
    if (!size_bytes) return;
    found.data.push({ class: classOf(text(attributes, 'device_class')), size_bytes });
  },
  'compute-service': (host, entity, attributes) => {
    const found = host(entity);
    found.roles.add('compute');
    found.roles.add('hypervisor');
    found.cores ??= number(attributes, 'vcpus');
    found.threads ??= found.cores === undefined ? undefined : 1;
    found.memory_bytes ??= number(attributes, 'memory_bytes');
  },
  node(host, entity, attributes) {
    const found = host(entity);
    found.roles.add('node');
    const cpu_m = number(attributes, 'cpu_m');
    if (cpu_m !== undefined && found.cores === undefined) {
      found.cores = Math.max(1, Math.floor(cpu_m / 1000));
      found.threads = 1;
    }
    found.memory_bytes ??= number(attributes, 'memory_bytes');
    found.rack = text(attributes, 'zone') ?? found.rack;
  },
};

function measure(host: Host, attributes: Attributes): void {
  host.cores ??= number(attributes, 'cores');
  host.memory_bytes ??= number(attributes, 'memory_bytes');
}

function classOf(name: string | undefined): DiskSize['class'] {
  return DISK_CLASSES.find((each) => name?.toLowerCase().includes(each)) ?? 'ssd';
}

export function number(attributes: Attributes, name: string): number | undefined {
  const value = attributes[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function text(attributes: Attributes, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
