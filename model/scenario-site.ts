/** The buildings of a scenario: racks, power, machines. */

export interface Site {
  readonly region: string;
  readonly flavors: Readonly<Record<string, MachineFlavor>>;
  readonly racks: readonly Rack[];
}

export interface MachineFlavor {
  readonly cores: number;
  /** Threads per core; the CPUs an operating system sees = cores x threads. */
  readonly threads: number;
  readonly memory_bytes: number;
  readonly disks: readonly DiskGroup[];
  readonly nics: readonly NicGroup[];
  readonly power: PowerModel;
}

export interface DiskGroup {
  readonly class: 'hdd' | 'ssd' | 'nvme';
  readonly size_bytes: number;
  readonly count: number;
  /** `system` disks hold the operating system, `data` disks become OSDs. */
  readonly use: 'system' | 'data';
}

export interface NicGroup {
  readonly speed_bps: number;
  readonly count: number;
}

/** Power drawn at CPU utilisation u in 0..1: idle + (max - idle) * curve(u). */
export interface PowerModel {
  readonly idle_w: number;
  readonly max_w: number;
  readonly curve: 'linear' | 'sqrt' | 'cubic';
}

export interface Rack {
  readonly name: string;
  /** Power feeds: each machine has one cord in each PDU and stays up while any PDU feeds it. */
  readonly pdus: number;
  /** Top-of-rack switches: each machine is reachable while any of them serves. */
  readonly switches: number;
  readonly power_limit_w: number;
  /** Machines of each flavor, in the order written. */
  readonly machines: readonly MachineGroup[];
}

/** The machines of one flavor in a rack. */
export interface MachineGroup {
  readonly flavor: string;
  readonly count: number;
  /** Names of all of them, where they have names of their own. */
  readonly names?: readonly string[];
}
