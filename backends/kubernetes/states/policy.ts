/** Services, claims, autoscalers and disruption budgets, as `model/caas/` has them. */
import {
  type Autoscaler,
  type Budget,
  type Claim,
  condition,
  isBeingDeleted,
  isNodeReady,
  isTrue,
  type Service,
} from '../objects.ts';
import type { Related } from './related.ts';

/** By the endpoints that are ready, and whether their nodes are. */
export function serviceState(service: Service, related: Related): string {
  if (service.spec?.type === 'ExternalName') return 'available';
  const { name = '', namespace = '' } = service.metadata ?? {};
  const ready = related
    .slicesOf(namespace, name)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false);
  if (ready.length === 0) return 'no_endpoints';
  const answering = ready.filter(
    ({ nodeName }) => nodeName === undefined || isNodeReady(related.node(nodeName)),
  );
  if (answering.length === ready.length) return 'available';
  return answering.length === 0 ? 'blackholed' : 'degraded';
}

export function claimState(claim: Claim): string {
  if (isBeingDeleted(claim)) return 'Terminating';
  switch (claim.status?.phase) {
    case 'Bound':
      return isResizing(claim) ? 'Bound.resizing' : 'Bound.usable';
    case 'Lost':
      return 'Lost';
    default:
      return 'Pending';
  }
}

function isResizing({ status }: Claim): boolean {
  return (
    isTrue(status?.conditions, 'Resizing') || isTrue(status?.conditions, 'FileSystemResizePending')
  );
}

export function autoscalerState({ status }: Autoscaler): string {
  const conditions = status?.conditions;
  if (conditions === undefined || conditions.length === 0) return 'steady';
  const isOff = (type: string) => condition(conditions, type)?.status === 'False';
  if (isOff('ScalingActive') || isOff('AbleToScale')) return 'inactive';
  const { currentReplicas = 0, desiredReplicas = 0 } = status ?? {};
  if (desiredReplicas > currentReplicas) return 'scaling_up';
  if (desiredReplicas < currentReplicas) return 'scaling_down';
  if (condition(conditions, 'AbleToScale')?.reason === 'ScaleDownStabilized') return 'stabilizing';
  return isTrue(conditions, 'ScalingLimited') ? 'limited' : 'steady';
}

export function budgetState({ status }: Budget): string {
  const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0 } = status ?? {};
  if (status?.observedGeneration === undefined || currentHealthy < desiredHealthy) {
    return 'InsufficientPods';
  }
  return disruptionsAllowed > 0 ? 'SufficientPods' : 'NoDisruptionAllowed';
}
