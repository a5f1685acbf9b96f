/** What runs on the machines of a scenario, layer by layer. */
import type { Distribution } from './scenario-timing.ts';

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
