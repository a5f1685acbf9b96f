/** What a check of meaning is: it sees resolved sections and reports by the path of the written form. */
import type { MachineFlavor, Rack, Site } from '../../model/scenario.ts';
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

/** Names of all machines, RACK-FLAVOR-N, as runs give them. */
export function* machineNames(site: Site): Generator<string> {
  for (const rack of site.racks) {
    for (const { flavor, count } of rack.machines) {
      for (let i = 1; i <= count; i++) yield `${rack.name}-${flavor}-${i}`;
    }
  }
}
