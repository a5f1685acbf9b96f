/** Deployments, replica sets, stateful sets, daemon sets and jobs, as `model/caas/` has them. */
import type { Observation } from '../../../engine/contract.ts';
import {
  condition,
  type DaemonSet,
  type Deployment,
  isBeingDeleted,
  isTrue,
  type Job,
  type ReplicaSet,
  type StatefulSet,
} from '../objects.ts';

/** Revision that the deployment controller gives its replica sets, counted from 1. */
const REVISION = 'deployment.kubernetes.io/revision';

export function deploymentState(deployment: Deployment): string {
  if (isBeingDeleted(deployment)) return 'deleting+Released';
  const { conditions } = deployment.status ?? {};
  const availability = isTrue(conditions, 'Available') ? 'Available' : 'Unavailable';
  return `${progress(deployment)}+${availability}`;
}

function progress(deployment: Deployment): string {
  const { spec, status } = deployment;
  if (spec?.paused) return 'paused';
  if (condition(status?.conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded') {
    return 'failed';
  }
  if (isComplete(deployment)) return 'complete';
  return isRollingOut(deployment) ? 'rolling_out' : 'scaling';
}

/** As `kubectl rollout status` counts: every replica is of the current template and available. */
export function isComplete({ spec, status }: Deployment): boolean {
  const wanted = spec?.replicas ?? 1;
  const { availableReplicas = 0, replicas = 0, updatedReplicas = 0 } = status ?? {};
  const isSeen = status?.observedGeneration !== undefined;
  return (
    isSeen && updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted
  );
}

/** The first revision is only scaled up; `NewReplicaSetAvailable` ends a rollout. */
function isRollingOut({ metadata, status }: Deployment): boolean {
  const { replicas = 0, updatedReplicas = 0 } = status ?? {};
  if (replicas > updatedReplicas) return true;
  const reason = condition(status?.conditions, 'Progressing')?.reason;
  return Number(metadata?.annotations?.[REVISION] ?? 1) > 1 && reason !== 'NewReplicaSetAvailable';
}

/** Whether the controller has taken in what was written last. */
export function isObserved(object: {
  readonly metadata?: { readonly generation?: number };
  readonly status?: { readonly observedGeneration?: number };
}): boolean {
  return (object.status?.observedGeneration ?? 0) >= (object.metadata?.generation ?? 0);
}

export function replicaSetState(set: ReplicaSet, before: Observation | undefined): string {
  const wanted = set.spec?.replicas ?? 1;
  const { conditions, readyReplicas = 0, replicas = 0 } = set.status ?? {};
  if (wanted === 0 && replicas === 0) return 'retired';
  if (isTrue(conditions, 'ReplicaFailure')) return 'replica_failure';
  if (isObserved(set) && readyReplicas === wanted && replicas === wanted) return 'ready';
  return wasReady(before, wanted) ? 'degraded' : 'scaling';
}

export function statefulSetState(set: StatefulSet, before: Observation | undefined): string {
  if (isBeingDeleted(set)) return 'deleting';
  const wanted = set.spec?.replicas ?? 1;
  const { currentRevision, readyReplicas = 0, replicas = 0, updateRevision } = set.status ?? {};
  const isUpdated = currentRevision === updateRevision;
  const isReady = isObserved(set) && readyReplicas === wanted && replicas === wanted;
  if (isReady && isUpdated) return 'ready';
  return isUpdated && wasReady(before, wanted) ? 'degraded' : 'progressing';
}

export function daemonSetState(set: DaemonSet, before: Observation | undefined): string {
  if (isBeingDeleted(set)) return 'deleting';
  const wanted = set.status?.desiredNumberScheduled ?? 0;
  const { numberReady = 0, updatedNumberScheduled = 0 } = set.status ?? {};
  const isUpdated = updatedNumberScheduled === wanted;
  if (isObserved(set) && numberReady === wanted && isUpdated) return 'ready';
  return isUpdated && wasReady(before, wanted) ? 'degraded' : 'progressing';
}

export function jobState(job: Job): string {
  if (isBeingDeleted(job)) return 'deleting';
  if (isTrue(job.status?.conditions, 'Complete')) return 'Complete';
  if (isTrue(job.status?.conditions, 'Failed')) return 'Failed';
  return job.spec?.suspend ? 'Suspended' : 'Active';
}

/** It was whole with as many replicas as it wants now: something broke. */
function wasReady(before: Observation | undefined, wanted: number): boolean {
  const isWhole = before?.state === 'ready' || before?.state === 'degraded';
  return isWhole && before.attributes?.['replicas'] === wanted;
}
