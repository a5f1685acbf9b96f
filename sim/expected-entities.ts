/** How many entities a scenario will have at once, roughly: for memory that is taken beforehand. */
import type { Scenario } from '../model/scenario.ts';

/** Beside its parts: the machine, its system, units and package, and what most stacks put on it. */
const PER_MACHINE = 10;
/** The server, its domain, its port, a volume and its image. */
const PER_SERVER = 5;

/** An estimate from the counts that the scenario names; what it leaves out are small numbers. */
export function expectedEntities({ site, stack, workload }: Scenario): number {
  const machines = site.racks.flatMap((rack) => rack.machines);
  const ofMachines = machines.reduce((sum, { flavor, count }) => {
    const { disks, nics } = site.flavors[flavor];
    const parts = [...disks, ...nics].reduce((n, group) => n + group.count, 0);
    return sum + count * (PER_MACHINE + parts);
  }, 0);
  const servers = workload.servers.reduce((sum, { initial }) => sum + initial, 0);
  const groups = stack.ceph?.pools.reduce((sum, { pg_num }) => sum + pg_num, 0) ?? 0;
  return Math.ceil(ofMachines + servers * PER_SERVER + groups);
}
