/** What the simulated hypervisors offer the layers above them. */
export interface HypervisorService {
  /** The hypervisor of a host OS, or -1. */
  hypervisorOf(hostOs: number): number;
  /** Allocates a volume in the default pool of a hypervisor: `available`, or `error`. */
  createVolume(name: string, hypervisor: number, cause: number): number;
  /**
   * Defines a domain with its local volumes on a hypervisor: `shutoff`, or `absent` when libvirt
   * does not take it. Send it `start` then.
   */
  createDomain(
    name: string,
    hypervisor: number,
    localVolumes: readonly number[],
    cause: number,
  ): number;
  /**
   * Ends a domain whatever it does, undefines and removes it with its local volumes and snapshots.
   * One whose host does not answer goes as soon as the host is back.
   */
  deleteDomain(domain: number, cause: number): void;
  /** Removes a domain at once, with its volumes and snapshots: its host never comes back. */
  forgetDomain(domain: number, cause: number): void;
  /**
   * Live-migrates a running domain, local volumes included. It ends with the domain in `running`,
   * by `migrated` on the target or by `migration_failed` where it was; the migration is removed
   * then. It takes at least as long as the guest's memory over the slower of both hosts' links.
   * Returns the migration, or -1 when the domain does not run.
   */
  migrate(domain: number, target: number, cause: number, memory_bytes: number): number;
  /** Takes a snapshot of a domain; it is removed when it is `deleted`, or with the domain. */
  createSnapshot(name: string, domain: number, cause: number): number;
}
