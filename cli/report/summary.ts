/** What a run came to, beside its recording, as plain data: the report is made of both. */
import type { InvariantResult } from '../../engine/invariants.ts';
import type { OperationResult } from '../../engine/operator.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Usage } from '../../sim/account.ts';
import type { FailedScheduling } from '../../sim/caas/failed-scheduling.ts';
import type { Saturation } from '../../sim/caas/unschedulable-pods.ts';
import type { BudgetExcess } from '../../sim/faults/tracker.ts';
import type { ObjectiveResult } from '../../sim/objectives.ts';
import type { AddressShortage, NoValidHost, OverQuota } from '../../sim/services.ts';

export interface RunSummary {
  /** As it was run, every value resolved. */
  readonly scenario: Scenario;
  readonly seed: number;
  /** The timing profile that was used. */
  readonly profile: string;
  readonly simulated_s: number;
  readonly wall_s: number;
  readonly transitions: number;
  /** Observations that no transition of the model allowed. */
  readonly divergences: number;
  /** SHA-256 of the recording's bytes, in hexadecimal; empty without a recording. */
  readonly traceHash: string;
  /** By layer: entities alive at the end, and transitions over the run. */
  readonly layers: Readonly<Record<string, LayerSummary>>;
  /** What became of the scenario's operations, as far as they ended. */
  readonly operations: readonly OperationResult[];
  /** In the order of the scenario's objectives. */
  readonly objectives: readonly ObjectiveResult[];
  readonly invariants: readonly InvariantResult[];
  readonly usages: readonly Usage[];
  /** Of each Kubernetes cluster: pods that waited for a node. */
  readonly saturations: readonly Saturation[];
  readonly energy: EnergySummary;
  /** Requests for servers that were refused: over quota, or the API did not answer. */
  readonly refusedServers: number;
  /** Networks that had no address left for a server. */
  readonly addressShortages: readonly AddressShortage[];
  /** Requests for which nova found no host, and why. */
  readonly noValidHosts: readonly NoValidHost[];
  readonly overQuotas: readonly OverQuota[];
  /** Attempts to schedule a pod that found no node, and why. */
  readonly failedSchedulings: readonly FailedScheduling[];
  /** When more was faulty than the scenario's fault budget allows. */
  readonly excesses: readonly BudgetExcess[];
  readonly request: RunRequest;
}

export interface LayerSummary {
  readonly entities: number;
  readonly transitions: number;
}

/** Energy of the machines, without cooling and losses of the feeds. */
export interface EnergySummary {
  readonly total_j: number;
  readonly peak_w: number;
  /** In the order of the scenario. */
  readonly racks: readonly RackEnergy[];
}

export interface RackEnergy {
  readonly name: string;
  readonly energy_j: number;
  readonly peak_w: number;
}

/** What the user asked for, as typed, so that the report can say how to repeat it. */
export interface RunRequest {
  readonly path: string;
  readonly set: readonly string[];
  readonly until?: string;
  readonly profile?: string;
  /** File of the recording; undefined when it was not kept. */
  readonly out?: string;
  readonly html?: string;
}
