/** What the simulated operating systems offer the layers above them. */
export interface HostService {
  /**
   * The number of the present boot of a host OS, -1 before its first: a process that was started in
   * another boot is gone.
   */
  bootOf(hostOs: number): number;
}
