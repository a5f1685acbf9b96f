import { condition, controllerOf, isBeingDeleted, type Node, type Pod } from '../objects.ts';
import type { Related } from './related.ts';

/** What a drain by this driver has come to; nothing of it stands in the API. */
export type Drain = 'draining' | 'drained' | undefined;

/** Readiness and scheduling, as `model/caas/node.ts` has them. */
export function nodeState(node: Node, related: Related, drain: Drain): string {
  return `${readiness(node, related)}+${scheduling(node, drain)}`;
}

function readiness(node: Node, related: Related): string {
  const ready = condition(node.status?.conditions, 'Ready');
  if (ready === undefined) return 'registering';
  if (ready.status === 'True') return 'Ready';
  if (ready.status === 'False') return 'NotReady';
  const stay = related.podsOn(node.metadata?.name ?? '').filter(isEvictable);
  return stay.some((pod) => !isBeingDeleted(pod)) ? 'Unknown.tolerated' : 'Unknown.evicted';
}

function scheduling(node: Node, drain: Drain): string {
  if (!node.spec?.unschedulable) return 'schedulable';
  return drain ?? 'cordoned';
}

const MIRROR = 'kubernetes.io/config.mirror';

/** Whether a drain takes the pod away: those of daemon sets come back, static ones are the kubelet's. */
export function isEvictable(pod: Pod): boolean {
  if (pod.metadata?.annotations?.[MIRROR] !== undefined) return false;
  return controllerOf(pod)?.kind !== 'DaemonSet';
}
