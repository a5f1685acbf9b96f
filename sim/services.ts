/**
 * What one simulated layer offers the layers above it. A layer's `install` fills its own part of
 * `world.services`; a layer above reads it when it acts, never at installation.
 */
import type { ServerAction } from '../model/scenario.ts';
import type { ClusterService } from './caas/service.ts';
import type { ContainerService } from './container/service.ts';
import type { HypervisorService } from './hypervisor/service.ts';
import type { HostService } from './operating-system/service.ts';

export interface Services {
  bareMetal?: BareMetalService;
  hosts?: HostService;
  hypervisor?: HypervisorService;
  sdn?: SdnService;
  ceph?: CephService;
  servers?: ServerService;
  containers?: ContainerService;
  clusters?: ClusterService;
  pods?: PodService;
}

export interface BareMetalService {
  /** Machines in the order of the scenario. */
  readonly machines: readonly number[];
  /** Name of the machine flavor of a machine or of the host OS on it. */
  flavorOf(machineOrHostOs: number): string;
  /** The rack entity of a machine or of the host OS on it. */
  rackOf(machineOrHostOs: number): number;
  /** The machine under a host OS. */
  machineOf(hostOs: number): number;
  /** The host OS of a machine, or -1 before it is deployed. */
  hostOsOf(machine: number): number;
}

export interface SdnService {
  /** The logical switch of a tenant network. */
  switchOf(network: string): number;
  /** Creates an unbound port on a network; -1 when the network has no address left. */
  createPort(name: string, network: string, cause: number): number;
  /** Networks that had no address left when one was asked for. */
  readonly addressShortages: readonly AddressShortage[];
  /** Removes a port, bound or not. */
  deletePort(port: number, cause: number): void;
  /** The chassis of a host, or -1. */
  chassisOf(hostOs: number): number;
}

/** A network that had no address left when one was asked for. */
export interface AddressShortage {
  readonly network: string;
  readonly cidr: string;
  /** Addresses for servers, in all. */
  readonly addresses: number;
  times: number;
  readonly first_s: number;
}

export interface CephService {
  createImage(pool: string, name: string, size_bytes: number, cause: number): number;
  deleteImage(image: number, cause: number): void;
  /** Changes the bytes stored in a pool (before replication). */
  addUsage(pool: string, bytes: number): void;
  /** The acting set of a PG, as OSD entities; -1 for a hole. */
  acting(pg: number): readonly number[];
  /** The entity of a pool by name, or -1 before it is created (or when there is none). */
  poolOf(name: string): number;
  /** Whether `ceph health` says HEALTH_OK. */
  readonly isHealthy: boolean;
  /** Whether all data has all of its copies; `onWhole` calls whenever that is so again. */
  readonly isWhole: boolean;
  onWhole(whole: () => void): void;
  /** How often a placement group has lost all copies of its data. */
  readonly losses: number;
  /** Placement groups that hold slots for recovery or backfill now. */
  holders(): readonly number[];
}

export interface BootRequest {
  readonly name: string;
  readonly project: string;
  readonly flavor: string;
  readonly image: string;
  readonly network: string;
  /** Extra volumes to create and attach. */
  readonly volumes?: number;
  /** Row that led to it. */
  readonly cause: number;
}

export interface ServerService {
  /** Asks nova for a server; it becomes `active`, or `error`. Returns -1 when quota refuses it. */
  boot(request: BootRequest): number;
  delete(server: number, cause: number): void;
  /** Starts a day-2 action; false when the server's state does not allow it now. */
  act(server: number, action: ServerAction, cause: number): boolean;
  /** The hypervisor a server runs on, or -1. */
  hypervisorOf(server: number): number;
  vcpusOf(server: number): number;
  /** Requests that were refused so far: over quota, or the API did not answer. */
  readonly refused: number;
  /** Those of them that a quota did not allow. */
  readonly overQuotas: readonly OverQuota[];
  /** Requests that found no valid host, and why. */
  readonly noValidHosts: readonly NoValidHost[];
  /** Virtual CPUs and bytes of memory allocated on a hypervisor, and what may be. */
  usageOf(hypervisor: number): HostUsage;
}

/** What quotas are of, as nova and cinder call it. */
export type QuotaResource = 'instances' | 'cores' | 'ram' | 'volumes';

export interface OverQuota {
  readonly project: string;
  readonly exceeded: readonly QuotaResource[];
  times: number;
  /** When it was first so. */
  readonly first_s: number;
}

/** Where the last host was lost. */
export type NoHostStep = 'placement' | 'ignored' | 'ComputeFilter';

export interface NoValidHost {
  readonly flavor: string;
  readonly step: NoHostStep;
  /** Requests of this flavor that ended so. */
  times: number;
  /** The first of them, and what it found. */
  readonly first_s: number;
  /** Registered compute hosts, and those of them that are disabled. */
  readonly hosts: number;
  readonly disabled: number;
  /** Enabled hosts without room for the flavor, by what they lack; a host may lack several. */
  readonly short: { readonly vcpus: number; readonly memory: number; readonly disk: number };
  /** Allocation candidates, and those of them that are tried already or to be left. */
  readonly candidates: number;
  readonly ignored: number;
}

export interface HostUsage {
  readonly vcpus: number;
  readonly vcpusLimit: number;
  readonly ram_bytes: number;
  readonly ramLimit_bytes: number;
}

export interface PodService {
  /** Creates a bare pod in a cluster for a Juju unit; returns the pod entity. */
  createPod(cluster: string, name: string, image: string, cause: number): number;
  deletePod(pod: number, cause: number): void;
}
