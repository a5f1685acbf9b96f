/** What a check of meaning is: it sees resolved sections and reports by the path of the written form. */
import { machineNames } from '../../model/machine-names.ts';
import type { FaultTarget, MachineFlavor, Rack, Site } from '../../model/scenario.ts';
import type { ProblemCode } from '../codes.ts';
import type { ProblemDetail } from '../problems.ts';
import type { SectionName, Sections } from '../schema.ts';
import type { Path } from '../tree.ts';

/** Reports a problem at the path of the value that shows it best. */
export type Report = (
  code: ProblemCode,
  path: Path,
  message: string,
  detail?: ProblemDetail,
) => void;

/** Runs only when all sections it needs could be read. */
export interface Check<Needs extends SectionName = SectionName> {
  readonly needs: readonly Needs[];
  readonly run: (sections: Required<Pick<Sections, Needs>>, report: Report) => void;
}

/** Keeps the types of the sections that a check names; it is only run when all of them are there. */
export function check<Needs extends SectionName>(
  needs: readonly Needs[],
  run: Check<Needs>['run'],
): Check {
  return { needs, run: run as unknown as Check['run'] };
}

/** Machines of some flavors, over all racks. */
export function countMachines(site: Site, flavors: readonly string[]): number {
  return sum(site.racks, (rack) => countInRack(rack, flavors));
}

export function countInRack(rack: Rack, flavors: readonly string[]): number {
  return sum(rack.machines, (m) => (flavors.includes(m.flavor) ? m.count : 0));
}

export function sum<T>(items: Iterable<T>, value: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += value(item);
  return total;
}

/** The flavors that are defined, of those named. */
export function flavorsOf(site: Site, names: readonly string[]): readonly MachineFlavor[] {
  return names.filter((n) => Object.hasOwn(site.flavors, n)).map((n) => site.flavors[n]);
}

/** CPUs that an operating system sees. */
export const cpusOf = (flavor: MachineFlavor): number => flavor.cores * flavor.threads;

/** Components that stand in a site, whose names are known before a run. */
export type SiteTarget = 'machine' | 'host-os' | 'disk' | 'nic' | 'switch' | 'pdu';

export const isSiteTarget = (target: FaultTarget): target is SiteTarget =>
  ['machine', 'host-os', 'disk', 'nic', 'switch', 'pdu'].includes(target);

/** How many components of a kind there are. */
export function countComponents(site: Site, target: SiteTarget): number {
  if (target === 'pdu') return sum(site.racks, (r) => r.pdus);
  if (target === 'switch') return sum(site.racks, (r) => r.switches);
  return sum(Object.keys(site.flavors), (flavor) => {
    const parts = partsOf(site.flavors[flavor], target);
    return parts * countMachines(site, [flavor]);
  });
}

/** Disks or NICs of one machine; 1 for the machine itself. */
function partsOf({ disks, nics }: MachineFlavor, target: SiteTarget): number {
  if (target === 'disk') return sum(disks, (d) => d.count);
  return target === 'nic' ? sum(nics, (n) => n.count) : 1;
}

/** Names of all components of a kind, by place, as model/scenario.ts defines them. */
export function* componentNames(site: Site, target: SiteTarget): Generator<string> {
  for (const rack of site.racks) {
    if (target === 'pdu' || target === 'switch') {
      const count = target === 'pdu' ? rack.pdus : rack.switches;
      for (let i = 1; i <= count; i++) yield `${rack.name}-${target}-${i}`;
      continue;
    }
    for (const group of rack.machines) {
      const { flavor } = group;
      const parts = Object.hasOwn(site.flavors, flavor) ? partsOf(site.flavors[flavor], target) : 0;
      for (const machine of machineNames(rack.name, group)) {
        if (target === 'machine' || target === 'host-os') yield machine;
        else for (let k = 1; k <= parts; k++) yield `${machine}-${target}-${k}`;
      }
    }
  }
}
