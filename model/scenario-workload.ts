/** What is asked of the stack while a scenario runs. */
import type { Distribution } from './scenario-timing.ts';

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
  /** An event that the entity's machine accepts, such as `start`, or a verb of `driver-verbs.ts`. */
  readonly do: string;
  /** The state to reach before the next operation. Absent of a verb, which ends by itself. */
  readonly until?: string;
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
