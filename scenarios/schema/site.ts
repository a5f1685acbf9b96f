/** `site`: racks, power, switches and the machines in them. */
import { z } from 'zod';
import type {
  DiskGroup,
  MachineFlavor,
  MachineGroup,
  NicGroup,
  PowerModel,
  Rack,
  Site,
} from '../../model/scenario.ts';
import { bitRate, hostName, name, named, positiveBytes, power, text, whole } from './fields.ts';

/** Most machines of a site, and racks of one entry. */
export const MACHINES_MAX = 250_000;
const RACKS_MAX = 20_000;

const disk = z
  .strictObject({
    class: z.enum(['hdd', 'ssd', 'nvme']).describe('Device class, as Ceph calls it.'),
    size: positiveBytes().describe('Capacity of each disk.'),
    count: whole(1, 1_000).default(1).describe('Disks of this sort in a machine.'),
    use: z
      .enum(['system', 'data'])
      .describe('`system` disks hold the operating system, `data` disks become OSDs.'),
  })
  .transform(({ size, ...rest }): DiskGroup => ({ ...rest, size_bytes: size }));

const nic = z
  .strictObject({
    speed: bitRate().describe('Speed of each port; the fastest one bounds live migrations.'),
    count: whole(1, 64).default(1).describe('Ports of this speed.'),
  })
  .transform(({ speed, count }): NicGroup => ({ speed_bps: speed, count }));

const powerModel = z
  .strictObject({
    idle: power().describe('Drawn when the CPUs are idle.'),
    max: power().describe('Drawn when all CPUs are busy.'),
    curve: z
      .enum(['linear', 'sqrt', 'cubic'])
      .default('linear')
      .describe('Shape between them: idle + (max - idle) * curve(utilisation).'),
  })
  .transform(({ idle, max, curve }): PowerModel => ({ idle_w: idle, max_w: max, curve }));

const machineFlavor = z
  .strictObject({
    cores: whole(1, 4_096).describe('Physical cores.'),
    threads: whole(1, 8).default(2).describe('Threads per core; CPUs = cores x threads.'),
    memory: positiveBytes().describe('Main memory.'),
    disks: z
      .array(disk)
      .max(64)
      .prefault([{ class: 'ssd', size: '480GB', count: 2, use: 'system' }])
      .describe('Groups of disks.'),
    nics: z
      .array(nic)
      .max(16)
      .prefault([{ speed: '25Gbps', count: 2 }])
      .describe('Groups of network ports.'),
    power: powerModel
      .prefault({ idle: '150W', max: '500W', curve: 'linear' })
      .describe('Electric power over CPU utilisation.'),
  })
  .transform(({ memory, ...rest }): MachineFlavor => ({ ...rest, memory_bytes: memory }));

const machineGroup = z
  .union([whole(0, MACHINES_MAX), z.array(hostName()).max(MACHINES_MAX)])
  .describe('How many, named RACK-FLAVOR-NUMBER; or a list of their own names.')
  .transform(
    (written): Omit<MachineGroup, 'flavor'> =>
      typeof written === 'number' ? { count: written } : { count: written.length, names: written },
  );

const rack = z
  .strictObject({
    name: name().describe('Name; with `count` the racks are numbered: NAME1, NAME2, ...'),
    count: whole(1, RACKS_MAX).optional().describe('So many racks alike.'),
    pdus: whole(1, 8)
      .default(2)
      .describe('Power feeds. A machine has a cord in each and runs while one feeds it.'),
    switches: whole(1, 8)
      .default(2)
      .describe('Top-of-rack switches. A machine is reachable while one of them serves.'),
    power_limit: power().prefault('20kW').describe('What the feeds of the rack can deliver.'),
    machines: named(machineGroup).describe(
      'Machines of each flavor: how many, or a list of their own names.',
    ),
  })
  .transform(({ name, count, power_limit, machines, ...rest }): Rack[] => {
    const numbered = Array.from({ length: count ?? 1 }, (_, i) => `${name}${i + 1}`);
    const groups = Object.entries(machines).map(([flavor, group]) => ({ flavor, ...group }));
    return (count === undefined ? [name] : numbered).map((rackName) => ({
      name: rackName,
      ...rest,
      power_limit_w: power_limit,
      machines: groups,
    }));
  });

export const siteSchema = z
  .strictObject({
    region: text(63).default('region-1').describe('Name of the region.'),
    flavors: named(machineFlavor).describe('Sorts of machines.'),
    racks: z.array(rack).min(1).max(RACKS_MAX).describe('Racks, in order.'),
  })
  .transform(({ racks, ...rest }): Site => ({ ...rest, racks: racks.flat() }));
