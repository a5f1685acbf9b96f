import type { FailedScheduling } from './failed-scheduling.ts';
import type { Saturation } from './unschedulable-pods.ts';

/** What the simulated CaaS layer offers the layer above it, beside pods. */
export interface ClusterService {
  /** Calls `start` once the nodes of a cluster are there and its own workloads are applied. */
  whenReady(cluster: string, start: (row: number) => void): void;
  /** Drains the node on a machine (`kubectl drain`), if there is one. */
  drain(hostOs: number, cause: number): void;
  /** Takes new pods on it again. */
  uncordon(hostOs: number, cause: number): void;
  /** Attempts to schedule a pod that found no node, and why. */
  readonly failedSchedulings: readonly FailedScheduling[];
  /** What waits for a node in each cluster, in the order of the scenario. */
  saturations(): Saturation[];
}
