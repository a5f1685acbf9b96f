/** What a scenario wants of Ceph, laid out over the machines of its site before any of them runs. */
import { machineNames } from '../../model/machine-names.ts';
import type { CephPool, CephStack, DiskGroup, Site } from '../../model/scenario.ts';
import {
  buildCrushMap,
  type CrushRuleSpec,
  type CrushSite,
  erasureRule,
  replicatedRule,
} from './crush/build.ts';
import { type CrushMap, ruleId } from './crush/map.ts';

/** A machine with its place; names are those of model/scenario.ts. */
export interface PlannedMachine {
  readonly name: string;
  readonly flavor: string;
  /** Index into `site.racks`. */
  readonly rack: number;
}

/** A data disk that is to become an OSD. Its id is its place in the plan. */
export interface PlannedOsd {
  readonly id: number;
  readonly machine: string;
  readonly disk: string;
  readonly rack: number;
  readonly deviceClass: DiskGroup['class'];
  readonly bytes: number;
}

const TIB = 2 ** 40;

/** Every machine of a site, rack by rack. */
export function planMachines(site: Site): PlannedMachine[] {
  return site.racks.flatMap((rack, index) =>
    rack.machines.flatMap((group) =>
      machineNames(rack.name, group).map((name) => ({ name, flavor: group.flavor, rack: index })),
    ),
  );
}

/** The OSDs of a site: one for each data disk of the machines of some flavors. */
export function planOsds(site: Site, on: readonly string[]): PlannedOsd[] {
  const osds: PlannedOsd[] = [];
  for (const { name: machine, flavor, rack } of planMachines(site)) {
    if (!on.includes(flavor)) continue;
    let disk = 0;
    for (const group of site.flavors[flavor].disks) {
      for (let i = 0; i < group.count; i++) {
        disk++;
        if (group.use !== 'data') continue;
        osds.push({
          id: osds.length,
          machine,
          disk: `${machine}-disk-${disk}`,
          rack,
          deviceClass: group.class,
          bytes: group.size_bytes,
        });
      }
    }
  }
  return osds;
}

/**
 * The machines on which a kind of daemon runs: `count` of those with one of the flavors, each one in
 * the rack that has the fewest of them so far, as an operator would spread them.
 */
export function planDaemons(site: Site, on: readonly string[], count: number): string[] {
  const perRack = site.racks.map((): PlannedMachine[] => []);
  for (const machine of planMachines(site)) {
    if (on.includes(machine.flavor)) perRack[machine.rack].push(machine);
  }
  const chosen: string[] = [];
  for (let round = 0; chosen.length < count; round++) {
    const ofRound = perRack.filter((machines) => round < machines.length);
    if (ofRound.length === 0) break;
    for (const machines of ofRound) {
      if (chosen.length < count) chosen.push(machines[round].name);
    }
  }
  return chosen;
}

/** A CRUSH map of the site's racks, hosts and OSDs, with the rules that the pools use. */
export interface PlannedCrush {
  readonly map: CrushMap;
  /** Number of the rule of a pool, or -1 when no OSD is of the class it wants. */
  ruleOf(pool: CephPool): number;
}

export function planCrush(site: Site, ceph: CephStack, osds: readonly PlannedOsd[]): PlannedCrush {
  const classes = new Set<string>(osds.map((osd) => osd.deviceClass));
  const specs = new Map<string, CrushRuleSpec>();
  for (const pool of ceph.pools) {
    const rule = ceph.rules.find((r) => r.name === pool.rule);
    if (!rule || (rule.device_class && !classes.has(rule.device_class))) continue;
    const make = pool.erasure ? erasureRule : replicatedRule;
    const name = crushRuleName(pool);
    specs.set(name, make(name, rule.failure_domain, rule.device_class));
  }
  const map = buildCrushMap(crushSite(site, osds), [...specs.values()]);
  return {
    map,
    ruleOf: (pool) => (specs.has(crushRuleName(pool)) ? ruleId(map, crushRuleName(pool)) : -1),
  };
}

/** A rule of CRUSH is either replicated or erasure-coded; one of a scenario may be used for both. */
function crushRuleName(pool: CephPool): string {
  return pool.erasure ? `${pool.rule}-erasure` : pool.rule;
}

function crushSite(site: Site, osds: readonly PlannedOsd[]): CrushSite {
  const racks = site.racks.map((rack) => ({
    name: rack.name,
    hosts: new Map<string, { id: number; weight: number; class: string }[]>(),
  }));
  for (const { id, machine, rack, deviceClass, bytes } of osds) {
    const { hosts } = racks[rack];
    const disks = hosts.get(machine) ?? [];
    disks.push({ id, weight: bytes / TIB, class: deviceClass });
    hosts.set(machine, disks);
  }
  return {
    racks: racks
      .filter((rack) => rack.hosts.size > 0)
      .map(({ name, hosts }) => ({
        name,
        hosts: [...hosts].map(([host, disks]) => ({ name: host, osds: disks })),
      })),
  };
}
