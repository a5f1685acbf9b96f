/** Classes of resources that placement keeps, and the blocks that hosts are searched by. */

/** What one server takes of a host. */
export interface Demand {
  readonly vcpus: number;
  readonly ram_bytes: number;
  /** Of the host's own disk: 0 when the server's disks are volumes. */
  readonly disk_bytes: number;
}

/** What a host has, and how much more of it may be allocated than there is. */
export interface Inventory {
  readonly vcpus: number;
  readonly ram_bytes: number;
  readonly reserved_ram_bytes: number;
  readonly disk_bytes: number;
  readonly cpu_ratio: number;
  readonly ram_ratio: number;
  readonly disk_ratio: number;
}

/** Resource classes, in the order of their columns. */
export const VCPU = 0;
export const RAM = 1;
export const DISK = 2;
export const CLASSES = 3;

/** Hosts of a block, and blocks of a superblock. */
export const FAN = 32;
const FAN_LOG2 = 5;

/** The block of a host, or the superblock of a block. */
export function blockOf(host: number): number {
  return host >> FAN_LOG2;
}
