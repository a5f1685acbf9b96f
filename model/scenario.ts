import type { DriverName } from './drivers.ts';

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

/** Distributions that replace those of a built-in profile, by `kind.verb` or `kind.delay`. */
export interface ProfileOverlay {
  readonly extends: string;
  readonly timings: Readonly<Record<string, Distribution>>;
  /** Probability that a verb ends in a fault, by `kind.verb`. */
  readonly fault_ratio: Readonly<Record<string, number>>;
}

/** A distribution of seconds (or of a plain number where the context says so). */
export type Distribution =
  | { readonly type: 'constant'; readonly value: number }
  | { readonly type: 'uniform'; readonly min: number; readonly max: number }
  | { readonly type: 'exponential'; readonly mean: number }
  /** `median` = exp(mu); `sigma` = standard deviation of the logarithm. */
  | { readonly type: 'lognormal'; readonly median: number; readonly sigma: number }
  | { readonly type: 'weibull'; readonly scale: number; readonly shape: number }
  | { readonly type: 'gamma'; readonly shape: number; readonly scale: number }
  /** Inverse-CDF sampling over sorted observations, linear between them. */
  | { readonly type: 'empirical'; readonly values: readonly number[] };

// ---------------------------------------------------------------- site

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

// ---------------------------------------------------------------- stack

/** What runs where. A part that is absent does not exist in the run. */
export interface Stack {
  readonly operating_system?: OperatingSystemStack;
  readonly hypervisor?: HypervisorStack;
  readonly ovn?: OvnStack;
  readonly ceph?: CephStack;
  readonly openstack?: OpenStackStack;
  readonly containers?: ContainerStack;
  readonly kubernetes: readonly KubernetesCluster[];
  readonly juju: readonly JujuModel[];
}

export interface OperatingSystemStack {
  /** For example `ubuntu-24.04` or `debian-12`. */
  readonly release: string;
  readonly kernel: string;
  /** systemd units that every host runs besides those of its roles. */
  readonly services: readonly string[];
}

export interface HypervisorStack {
  /** Machine flavors whose machines are hypervisors. */
  readonly on: readonly string[];
  /** Virtual CPUs sold per physical thread (nova's `cpu_allocation_ratio`). */
  readonly cpu_ratio: number;
  readonly ram_ratio: number;
  readonly disk_ratio: number;
  readonly reserved_memory_bytes: number;
}

export interface OvnStack {
  readonly chassis: readonly string[];
  /** Flavors that may be gateway chassis. */
  readonly gateways: readonly string[];
}

export interface CephStack {
  readonly mons: { readonly on: readonly string[]; readonly count: number };
  readonly mgrs: { readonly on: readonly string[]; readonly count: number };
  /** Flavors whose data disks become OSDs. */
  readonly osds: { readonly on: readonly string[] };
  readonly mds: { readonly on: readonly string[]; readonly count: number };
  readonly rgw: { readonly on: readonly string[]; readonly count: number };
  /** Seconds before a down OSD is marked out (`mon_osd_down_out_interval`). */
  readonly down_out_interval_s: number;
  readonly nearfull_ratio: number;
  readonly backfillfull_ratio: number;
  readonly full_ratio: number;
  readonly rules: readonly CrushRule[];
  readonly pools: readonly CephPool[];
  readonly buckets: readonly string[];
}

export interface CrushRule {
  readonly name: string;
  /** CRUSH bucket type that separates the copies. */
  readonly failure_domain: 'osd' | 'host' | 'rack';
  readonly device_class?: 'hdd' | 'ssd' | 'nvme';
}

export interface CephPool {
  readonly name: string;
  readonly application: 'rbd' | 'cephfs' | 'rgw';
  readonly pg_num: number;
  /** Copies; for an erasure-coded pool k + m. */
  readonly size: number;
  readonly min_size: number;
  readonly erasure?: { readonly k: number; readonly m: number };
  /** Name of one of `rules`. */
  readonly rule: string;
  /** The failure domain whose loss the pool is meant to survive; an invariant holds it to that. */
  readonly survives: 'osd' | 'host' | 'rack';
  /** Bytes stored at the start, before replication. */
  readonly stored_bytes: number;
}

export interface OpenStackStack {
  /** Flavors whose machines run the API services. */
  readonly control: readonly string[];
  /** Flavors whose machines run nova-compute. */
  readonly compute: readonly string[];
  readonly flavors: Readonly<Record<string, ServerFlavor>>;
  readonly images: Readonly<Record<string, { readonly size_bytes: number }>>;
  readonly networks: Readonly<Record<string, TenantNetwork>>;
  readonly projects: Readonly<Record<string, Quota>>;
  readonly scheduler: NovaScheduler;
  /** Pool that holds the servers' root disks and volumes; none: the host's own disk. */
  readonly volume_pool?: string;
  /** Seconds without a report before a compute service counts as down (`service_down_time`). */
  readonly service_down_s: number;
  /** Whether an operator (or masakari) evacuates servers of a dead host. */
  readonly evacuate: boolean;
}

export interface ServerFlavor {
  readonly vcpus: number;
  readonly ram_bytes: number;
  readonly disk_bytes: number;
}

export interface TenantNetwork {
  readonly cidr: string;
  readonly external: boolean;
}

export interface Quota {
  readonly servers: number;
  readonly vcpus: number;
  readonly ram_bytes: number;
  readonly volumes: number;
}

export interface NovaScheduler {
  /** At most this many allocation candidates are weighed (`max_placement_results`). */
  readonly max_candidates: number;
  readonly ram_weight: number;
  readonly cpu_weight: number;
  readonly disk_weight: number;
  /** Hosts are drawn at random from this many best ones (`host_subset_size`). */
  readonly host_subset_size: number;
}

export interface ContainerStack {
  /** Machine flavors that run containers themselves (Kubernetes nodes run them in any case). */
  readonly on: readonly string[];
  readonly images: Readonly<Record<string, { readonly size_bytes: number }>>;
}

export interface KubernetesCluster {
  readonly name: string;
  /** Nodes are servers of `flavor` in `project`, or bare-metal machines of the flavors `on`. */
  readonly nodes:
    | {
        readonly type: 'servers';
        readonly project: string;
        readonly flavor: string;
        readonly image: string;
        readonly network: string;
        readonly count: number;
        /** Cluster autoscaling adds nodes up to this many. */
        readonly max: number;
      }
    | { readonly type: 'machines'; readonly on: readonly string[] };
  readonly max_pods_per_node: number;
  /** Seconds without a heartbeat before a node is Unknown (`node-monitor-grace-period`). */
  readonly node_monitor_grace_s: number;
  /** Seconds before pods on a lost node are evicted (default toleration: 300). */
  readonly pod_eviction_s: number;
  readonly deployments: readonly K8sWorkload[];
  readonly stateful_sets: readonly K8sWorkload[];
  readonly daemon_sets: readonly K8sWorkload[];
  readonly jobs: readonly K8sJob[];
}

export interface K8sWorkload {
  readonly name: string;
  readonly replicas: number;
  readonly image: string;
  readonly cpu: number;
  readonly memory_bytes: number;
  /** A service with this name selects the pods. */
  readonly service: boolean;
  /** Pods that may be voluntarily unavailable at a time (PDB `maxUnavailable`); absent: no PDB. */
  readonly max_unavailable?: number;
  /** Size of a persistent volume claim for each pod (stateful sets). */
  readonly claim_bytes?: number;
  readonly autoscale?: { readonly min: number; readonly max: number; readonly cpu_target: number };
}

export interface K8sJob {
  readonly name: string;
  readonly image: string;
  readonly completions: number;
  readonly every_s?: number;
  readonly runtime: Distribution;
  readonly cpu: number;
  readonly memory_bytes: number;
}

export interface JujuModel {
  readonly name: string;
  /** Units are placed on servers (a `machine` model) or as pods in a cluster (a `caas` model). */
  readonly on:
    | {
        readonly type: 'servers';
        readonly project: string;
        readonly flavor: string;
        readonly image: string;
        readonly network: string;
      }
    | { readonly type: 'kubernetes'; readonly cluster: string };
  readonly applications: readonly JujuApplication[];
  readonly relations: readonly (readonly [string, string])[];
}

export interface JujuApplication {
  readonly name: string;
  readonly charm: string;
  readonly units: number;
}

// ---------------------------------------------------------------- workload

export interface Workload {
  readonly servers: readonly ServerWorkload[];
  /** A trace in the OpenDC format: a folder with tasks.parquet and fragments.parquet. */
  readonly trace?: { readonly path: string; readonly format: 'opendc'; readonly project: string };
  /** Requests made in order by an operator; the same list runs live with `strata apply`. */
  readonly operations: readonly Operation[];
  /** The domains, when a scenario works on the hypervisor itself (without OpenStack). */
  readonly domains: readonly DomainSpec[];
}

export interface ServerWorkload {
  readonly name: string;
  readonly project: string;
  readonly image: string;
  readonly network: string;
  /** Servers created at the start; they live as long as those that arrive later. */
  readonly initial: number;
  readonly arrivals?: ArrivalProcess;
  /** Seconds from active until deletion; absent: for ever. */
  readonly lifetime?: Distribution;
  /** Relative weight of each flavor. */
  readonly flavors: Readonly<Record<string, number>>;
  /** Mean CPU utilisation of a server while it is active, 0..1. */
  readonly cpu_utilisation: Distribution;
  /** Extra volumes per server. */
  readonly volumes: number;
  /** Relative weights of day-2 actions on a server over its life, and how often one happens. */
  readonly actions: {
    readonly every?: Distribution;
    readonly weights: Readonly<Partial<Record<ServerAction, number>>>;
  };
}

export type ServerAction =
  | 'reboot'
  | 'stop_start'
  | 'pause_unpause'
  | 'suspend_resume'
  | 'resize'
  | 'live_migrate'
  | 'migrate'
  | 'rebuild'
  | 'shelve_unshelve'
  | 'snapshot'
  | 'rescue_unrescue';

export type ArrivalProcess =
  | { readonly type: 'poisson'; readonly rate_per_s: number; readonly growth_per_year: number }
  /** Rate = mean * (1 + amplitude * cos(2 pi (t - peak) / period)), by thinning. */
  | {
      readonly type: 'diurnal';
      readonly rate_per_s: number;
      readonly amplitude: number;
      readonly peak_s: number;
      readonly period_s: number;
      readonly growth_per_year: number;
    }
  /** Bursts arrive as a Poisson process; each asks for `size` servers at once. */
  | {
      readonly type: 'bursts';
      readonly rate_per_s: number;
      readonly size: Distribution;
      readonly growth_per_year: number;
    };

export interface Operation {
  /** `kind/name`, as in the recording. */
  readonly entity: string;
  /** An event that the entity's machine accepts, such as `start`. */
  readonly do: string;
  /** The state to reach before the next operation. */
  readonly until: string;
  readonly within_s: number;
  /** What a real system is told beyond the verb, such as the size of a pool to create. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Earliest time of this operation, seconds from the start. */
  readonly at_s: number;
}

export interface DomainSpec {
  readonly name: string;
  readonly vcpus: number;
  readonly memory_bytes: number;
  /** Name of the machine it runs on; absent: the first hypervisor. */
  readonly host?: string;
  /** What a real domain boots, as files on its hypervisor; a simulated one needs none. */
  readonly boot?: { readonly kernel?: string; readonly initrd?: string; readonly cmdline?: string };
}

// ---------------------------------------------------------------- faults, maintenance, objectives

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
      readonly of: 'vcpus' | 'memory' | 'local_disk' | 'storage' | 'power' | 'pods';
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
