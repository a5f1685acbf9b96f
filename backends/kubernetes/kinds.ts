/** The kinds of `model/caas/` and where the API keeps them. */
import { kubernetesFault } from './faults.ts';
import type { AnyObject } from './objects.ts';

export interface Resource {
  readonly apiVersion: string;
  /** As in a manifest. */
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

function resource(apiVersion: string, kind: string, plural: string, namespaced = true): Resource {
  return { apiVersion, kind, plural, namespaced };
}

/** By the kind of the model. */
export const RESOURCES = {
  node: resource('v1', 'Node', 'nodes', false),
  pod: resource('v1', 'Pod', 'pods'),
  deployment: resource('apps/v1', 'Deployment', 'deployments'),
  'replica-set': resource('apps/v1', 'ReplicaSet', 'replicasets'),
  'stateful-set': resource('apps/v1', 'StatefulSet', 'statefulsets'),
  'daemon-set': resource('apps/v1', 'DaemonSet', 'daemonsets'),
  job: resource('batch/v1', 'Job', 'jobs'),
  service: resource('v1', 'Service', 'services'),
  pvc: resource('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  hpa: resource('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  pdb: resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
} as const satisfies Record<string, Resource>;

export type Kind = keyof typeof RESOURCES;
export const KINDS = Object.keys(RESOURCES) as readonly Kind[];

export function isKind(kind: string): kind is Kind {
  return kind in RESOURCES;
}

/** Objects that tell of others, without a kind of their own. */
export const ENDPOINT_SLICES = resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');
export const EVENTS = resource('v1', 'Event', 'events');
export const CONTROLLER_REVISIONS = resource(
  'apps/v1',
  'ControllerRevision',
  'controllerrevisions',
);

const DEFAULT_NAMESPACE = 'default';

/** `NAME`, or `NAMESPACE/NAME` outside of the namespace `default`. */
export function entityOf(object: AnyObject): string {
  const { name = '', namespace } = object.metadata ?? {};
  return namespace === undefined || namespace === DEFAULT_NAMESPACE ? name : `${namespace}/${name}`;
}

export interface ObjectName {
  readonly name: string;
  /** Undefined for objects of the whole cluster. */
  readonly namespace?: string;
}

/** Throws `KUBERNETES_BAD_PARAMS` for what is no name of an object of that kind. */
export function parseEntity({ kind, namespaced }: Resource, entity: string): ObjectName {
  const parts = entity.split('/');
  const isName = parts.length <= (namespaced ? 2 : 1) && parts.every((each) => NAME.test(each));
  if (!isName) throw kubernetesFault('KUBERNETES_BAD_PARAMS', `${entity} is no name of a ${kind}`);
  if (!namespaced) return { name: entity };
  const [name, namespace = DEFAULT_NAMESPACE] = parts.reverse();
  return { name, namespace };
}

/** Names of objects, a little wider than RFC 1123: the API server has the last word. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$/;
