import { condition, isBeingDeleted, isNodeReady, isTrue, type Pod } from '../objects.ts';
import type { Related } from './related.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** Phase as kubectl shows it, and readiness, as `model/caas/pod.ts` has them. */
export function podState(pod: Pod, related: Related): string {
  const phase = podPhase(pod);
  return `${phase}+${readiness(pod, phase, related)}`;
}

export function podPhase(pod: Pod): string {
  if (isBeingDeleted(pod)) return 'Terminating';
  switch (pod.status?.phase) {
    case 'Running':
      return `Running.${running(statusesOf(pod))}`;
    case 'Succeeded':
      return 'Succeeded';
    case 'Failed':
      return `Failed.${FAILURES[pod.status.reason ?? ''] ?? 'Error'}`;
    case 'Unknown':
      return 'Unknown';
    default:
      return `Pending.${pending(pod)}`;
  }
}

/** `status.reason` of a failed pod. */
const FAILURES: Readonly<Record<string, string>> = {
  Evicted: 'Evicted',
  DeadlineExceeded: 'DeadlineExceeded',
};

function pending(pod: Pod): string {
  if (!pod.spec?.nodeName) {
    const scheduled = condition(pod.status?.conditions, 'PodScheduled');
    const isRefused = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
    return isRefused ? 'Unschedulable' : 'Scheduling';
  }
  const reasons = statusesOf(pod).flatMap(({ state }) => state?.waiting?.reason ?? []);
  for (const reason of reasons) {
    const known = WAITING[reason];
    if (known) return known;
  }
  return 'ContainerCreating';
}

/** Reasons of a container that waits to be started for the first time (kubelet). */
const WAITING: Readonly<Record<string, string>> = {
  ErrImagePull: 'ErrImagePull',
  ErrImageNeverPull: 'ErrImagePull',
  InvalidImageName: 'ErrImagePull',
  ImageInspectError: 'ErrImagePull',
  RegistryUnavailable: 'ErrImagePull',
  ImagePullBackOff: 'ImagePullBackOff',
  CreateContainerConfigError: 'CreateContainerError',
  CreateContainerError: 'CreateContainerError',
  RunContainerError: 'CreateContainerError',
  PreCreateHookError: 'CreateContainerError',
  PreStartHookError: 'CreateContainerError',
  PostStartHookError: 'CreateContainerError',
};

/** Several containers: the one that is worst off speaks for the pod. */
const WORST_FIRST = ['CrashLoopBackOff', 'OOMKilled', 'Error', 'Completed', 'Started'] as const;

function running(statuses: readonly ContainerStatus[]): string {
  const found = new Set(statuses.map(containerWord));
  return WORST_FIRST.find((word) => found.has(word)) ?? 'Started';
}

function containerWord({ lastState, state }: ContainerStatus): (typeof WORST_FIRST)[number] {
  if (state?.running) return 'Started';
  if (state?.waiting?.reason === 'CrashLoopBackOff') return 'CrashLoopBackOff';
  const ended = state?.terminated ?? lastState?.terminated;
  if (ended === undefined) return 'Started';
  if (ended.reason === 'OOMKilled') return 'OOMKilled';
  return ended.exitCode === 0 ? 'Completed' : 'Error';
}

function readiness(pod: Pod, phase: string, related: Related): string {
  if (phase !== 'Running.Started') return 'NotReady';
  if (isTrue(pod.status?.conditions, 'Ready')) return 'Ready';
  const node = related.node(pod.spec?.nodeName ?? '');
  const isSilent = condition(node?.status?.conditions, 'Ready')?.status === 'Unknown';
  return isSilent && !isNodeReady(node) ? 'NodeLost' : 'NotReady';
}

function statusesOf(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}
