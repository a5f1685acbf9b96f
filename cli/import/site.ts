/** Racks and machine flavors of a set of hosts: hosts that are alike become one flavor. */
import type { DiskSize, Host, Role } from './hosts.ts';
import { exactBytes, machineName, Names, scenarioName } from './names.ts';

export interface ImportedSite {
  readonly site: Record<string, unknown>;
  /** Names of flavors whose machines have one of the roles. */
  flavorsWith(...roles: readonly Role[]): readonly string[];
}

/** What stands for a figure that no backend tells; a comment in the result says so. */
const UNKNOWN_CORES = 8;
const UNKNOWN_MEMORY_BYTES = 32 * 2 ** 30;
const SYSTEM_DISK: DiskSize = { class: 'ssd', size_bytes: 480e9 };

export function siteOf(hosts: readonly Host[], remarks: string[]): ImportedSite {
  const names = new Names();
  const flavors = new Map<string, { readonly name: string; readonly host: Host }>();
  const machines = machineNamesOf(hosts, remarks);
  // A rack may be called as one of its machines; the machine keeps the name.
  const rackNames = new Names(scenarioName, machines.values());
  const racks = new Map<string, Map<string, string[]>>();
  for (const host of hosts) {
    const key = flavorKey(host);
    let flavor = flavors.get(key);
    if (!flavor) {
      flavor = { name: names.unique(flavorName(host)), host };
      flavors.set(key, flavor);
    }
    const rackName = rackNames.of(host.rack);
    const rack = racks.get(rackName) ?? new Map<string, string[]>();
    rack.set(flavor.name, [...(rack.get(flavor.name) ?? []), machines.get(host) ?? host.name]);
    racks.set(rackName, rack);
  }
  for (const { name, host } of flavors.values()) remarkUnknown(name, host, remarks);
  const all = [...flavors.values()];
  return {
    site: {
      flavors: Object.fromEntries(all.map(({ name, host }) => [name, flavorOf(host)])),
      racks: [...racks]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, machines]) => ({ name, machines: Object.fromEntries(machines) })),
    },
    flavorsWith: (...roles) =>
      all.filter(({ host }) => roles.some((role) => host.roles.has(role))).map(({ name }) => name),
  };
}

/** The machines keep their names; what no name can be is made one, and said. */
function machineNamesOf(hosts: readonly Host[], remarks: string[]): ReadonlyMap<Host, string> {
  const kept = hosts.map(({ name }) => name).filter((name) => machineName(name) === name);
  const names = new Names(machineName, kept);
  return new Map(
    hosts.map((host) => {
      if (machineName(host.name) === host.name) return [host, host.name];
      const name = names.unique(host.name);
      remarks.push(`site.racks: the machine ${JSON.stringify(host.name)} is called ${name} here.`);
      return [host, name];
    }),
  );
}

function flavorKey(host: Host): string {
  return JSON.stringify([flavorOf(host), [...host.roles].sort()]);
}

function flavorName({ roles }: Host): string {
  if (roles.has('compute') || roles.has('hypervisor')) return 'compute';
  if (roles.has('osd')) return 'storage';
  if (roles.has('node')) return 'node';
  return 'machine';
}

function flavorOf(host: Host): Record<string, unknown> {
  const { cores = UNKNOWN_CORES, threads = 1, memory_bytes = UNKNOWN_MEMORY_BYTES } = host;
  const system = host.disks.length > 0 ? host.disks : [SYSTEM_DISK];
  return {
    cores,
    threads,
    memory: exactBytes(memory_bytes),
    disks: [...grouped(system, 'system'), ...grouped(host.data, 'data')],
  };
}

function grouped(disks: readonly DiskSize[], use: 'system' | 'data'): Record<string, unknown>[] {
  const counts = new Map<string, { readonly disk: DiskSize; count: number }>();
  for (const disk of disks) {
    const key = `${disk.class} ${disk.size_bytes}`;
    const group = counts.get(key);
    if (group) group.count++;
    else counts.set(key, { disk, count: 1 });
  }
  return [...counts.values()].map(({ disk, count }) => ({
    class: disk.class,
    size: exactBytes(disk.size_bytes),
    count,
    use,
  }));
}

function remarkUnknown(name: string, host: Host, remarks: string[]): void {
  const missing = [
    ...(host.cores === undefined ? ['cores'] : []),
    ...(host.memory_bytes === undefined ? ['memory'] : []),
    ...(host.disks.length === 0 ? ['system disks'] : []),
  ];
  if (missing.length === 0) return;
  remarks.push(`site.flavors.${name}: no backend tells ${missing.join(', ')}; set them by hand.`);
}
