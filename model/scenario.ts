import type { DriverName } from './drivers.ts';
import type { Site } from './scenario-site.ts';
import type { Stack } from './scenario-stack.ts';
import type { Distribution, ProfileOverlay } from './scenario-timing.ts';
import type { Workload } from './scenario-workload.ts';

export type * from './scenario-site.ts';
export type * from './scenario-stack.ts';
export type * from './scenario-timing.ts';
export type * from './scenario-workload.ts';

/**
 * A scenario as the simulator and the live world read it: every value resolved, in base units that
 * its name ends with (`_s` seconds, `_bytes`, `_bps` bits per second, `_w` watts, `_per_s` events a
 * second, `ratio` a plain number). `scenarios/` parses YAML or TypeScript into this form; nothing
 * here depends on how it was written down.
 */

export interface Scenario {
  readonly version: 1;
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  /** How long a run lasts unless `--until` says otherwise. */
  readonly duration_s: number;
  /** Name of the timing profile: `lab`, `datacenter` or one defined in `profiles`. */
  readonly profile: string;
  readonly profiles: Readonly<Record<string, ProfileOverlay>>;
  /** The values of declared parameters, after `--set`. Kept for the recording's metadata. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly site: Site;
  readonly stack: Stack;
  readonly workload: Workload;
  readonly faults: Faults;
  readonly maintenance: readonly MaintenanceWindow[];
  readonly objectives: readonly Objective[];
  /** The real systems of a live run; a simulation needs none. */
  readonly live: readonly LiveSystem[];
}

/** One real system: its driver, and what the driver is told beyond its own configuration files. */
export interface LiveSystem {
  readonly driver: DriverName;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

export type FaultTarget =
  | 'disk'
  | 'machine'
  | 'nic'
  | 'switch'
  | 'pdu'
  | 'mon'
  | 'mgr'
  | 'osd'
  | 'kubelet'
  | 'domain'
  | 'pod'
  | 'host-os';

export interface Faults {
  readonly rates: readonly FaultRate[];
  readonly script: readonly ScriptedFault[];
  /** What the site must survive: at most this many faulty domains of a class at the same time. */
  readonly budget: Readonly<Partial<Record<FaultTarget | 'rack', number>>>;
}

export interface FaultRate {
  readonly target: FaultTarget;
  /** Failures per second and component; an annual failure rate of 1 %/y is 3.17e-10. */
  readonly rate_per_s: number;
  readonly repair: Distribution;
  /** Where the figure comes from. */
  readonly source?: string;
}

export interface ScriptedFault {
  readonly at_s: number;
  readonly target: FaultTarget;
  /**
   * Name of the component, or `*`-pattern of which the first match is taken. Components of a site are
   * named by their place, numbered from 1: machine and host OS `RACK-FLAVOR-N` (unless the machines
   * have names of their own), `RACK-pdu-N`,
   * `RACK-switch-N`, `MACHINE-disk-N` and `MACHINE-nic-N` (disks and NICs in the order of the
   * flavor's groups).
   */
  readonly name: string;
  /** Seconds until it is repaired or replaced; absent: never. */
  readonly heal_after_s?: number;
}

export interface MaintenanceWindow {
  readonly at_s: number;
  readonly every_s?: number;
  /** One machine at a time: `reboot` into a new kernel; `drain` live-migrates its servers first. */
  readonly action: 'reboot' | 'drain';
  /** Machine flavors. */
  readonly on: readonly string[];
}

/** Resources of the whole site, and those of each Kubernetes cluster. */
export const SITE_UTILISATIONS = ['vcpus', 'memory', 'local_disk', 'storage', 'power'] as const;
export const CLUSTER_UTILISATIONS = ['cpu_requests', 'memory_requests', 'pods'] as const;
export type SiteUtilisation = (typeof SITE_UTILISATIONS)[number];
export type ClusterUtilisation = (typeof CLUSTER_UTILISATIONS)[number];

/**
 * What a run must achieve. States are given in full (`building.spawning`) or by the leading steps of
 * one part of them: `active` means every state of which a part is `active` or starts with `active.`.
 */
export type Objective =
  /** Share of time that every entity matching `of` (kind/pattern) serves. */
  | {
      readonly name: string;
      readonly measure: 'availability';
      readonly of: string;
      readonly at_least_ratio: number;
    }
  /** Quantile of the seconds from `from` to `to` (states) of entities of a kind. */
  | {
      readonly name: string;
      readonly measure: 'latency';
      readonly of: string;
      readonly from: string;
      readonly to: string;
      readonly quantile: number;
      readonly at_most_s: number;
    }
  /** Highest utilisation of a resource. */
  | {
      readonly name: string;
      readonly measure: 'utilisation';
      readonly of: SiteUtilisation | ClusterUtilisation;
      /** Of one Kubernetes cluster; absent: of the cluster in which it is highest. */
      readonly cluster?: string;
      readonly at_most_ratio: number;
    }
  /** Number of transitions into a state. */
  | {
      readonly name: string;
      readonly measure: 'count';
      readonly of: string;
      readonly state: string;
      readonly at_most: number;
    };
