/** Kubernetes objects as the driver reads them: the types of the client library. */
import type {
  KubernetesObject,
  V1ControllerRevision,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Job,
  V1Node,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1Service,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';

export type AnyObject = KubernetesObject;
export type Node = V1Node;
export type Pod = V1Pod;
export type Deployment = V1Deployment;
export type ReplicaSet = V1ReplicaSet;
export type StatefulSet = V1StatefulSet;
export type DaemonSet = V1DaemonSet;
export type Job = V1Job;
export type Service = V1Service;
export type EndpointSlice = V1EndpointSlice;
export type Claim = V1PersistentVolumeClaim;
export type Autoscaler = V2HorizontalPodAutoscaler;
export type Budget = V1PodDisruptionBudget;
export type ControllerRevision = V1ControllerRevision;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** The condition of a type, such as `Ready`. */
export function condition<C extends Condition>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((each) => each.type === type);
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return condition(conditions, type)?.status === 'True';
}

/** Whether a node's kubelet reports itself ready. */
export function isNodeReady(node: Node | undefined): boolean {
  return isTrue(node?.status?.conditions, 'Ready');
}

/** The controller that owns an object, if any. */
export function controllerOf(object: AnyObject) {
  return object.metadata?.ownerReferences?.find((owner) => owner.controller);
}

export function isBeingDeleted(object: AnyObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined;
}
