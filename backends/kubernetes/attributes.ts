/** What is worth knowing of an object besides its state: for import, reports and waiting. */
import type { Observation } from '../../engine/contract.ts';
import type { Kind } from './kinds.ts';
import {
  type AnyObject,
  type Autoscaler,
  type Budget,
  type Claim,
  controllerOf,
  type DaemonSet,
  type Deployment,
  type Job,
  type Node,
  type Pod,
  type ReplicaSet,
  type Service,
  type StatefulSet,
} from './objects.ts';
import { cpu_m, quantity } from './quantity.ts';

type Attributes = Record<string, string | number | boolean>;
type Value = string | number | boolean | undefined;

/** Leaves out what is undefined. */
function known(values: Readonly<Record<string, Value>>): Attributes {
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, NonNullable<Value>] => entry[1] !== undefined,
    ),
  );
}

const BY_KIND: { readonly [K in Kind]?: (object: never) => Attributes } = {
  node: ({ metadata, spec, status }: Node) =>
    known({
      cpu_m: cpu_m(status?.capacity?.['cpu']),
      memory_bytes: quantity(status?.capacity?.['memory']),
      allocatable_cpu_m: cpu_m(status?.allocatable?.['cpu']),
      allocatable_memory_bytes: quantity(status?.allocatable?.['memory']),
      pods_max: quantity(status?.allocatable?.['pods']),
      kubelet: status?.nodeInfo?.kubeletVersion,
      runtime: status?.nodeInfo?.containerRuntimeVersion,
      kernel: status?.nodeInfo?.kernelVersion,
      os: status?.nodeInfo?.osImage,
      zone: metadata?.labels?.['topology.kubernetes.io/zone'],
      provider_id: spec?.providerID,
      taints: spec?.taints?.map(taintText).join(','),
    }),
  pod: (pod: Pod) =>
    known({
      node: pod.spec?.nodeName,
      ip: pod.status?.podIP,
      owner: controllerOf(pod)?.name,
      restarts: (pod.status?.containerStatuses ?? []).reduce((n, c) => n + c.restartCount, 0),
      images: pod.spec?.containers.map(({ image }) => image).join(','),
      cpu_request_m: total(pod, 'cpu', cpu_m),
      memory_request_bytes: total(pod, 'memory', quantity),
    }),
  deployment: ({ metadata, spec, status }: Deployment) =>
    known({
      replicas: spec?.replicas,
      available: status?.availableReplicas ?? 0,
      updated: status?.updatedReplicas ?? 0,
      revision: Number(metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? 0),
      images: spec?.template.spec?.containers.map(({ image }) => image).join(','),
    }),
  'replica-set': (set: ReplicaSet) =>
    known({
      replicas: set.spec?.replicas,
      ready: set.status?.readyReplicas ?? 0,
      owner: controllerOf(set)?.name,
      revision: Number(set.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? 0),
    }),
  'stateful-set': ({ spec, status }: StatefulSet) =>
    known({
      replicas: spec?.replicas,
      ready: status?.readyReplicas ?? 0,
      service: spec?.serviceName,
      revision: status?.updateRevision,
    }),
  'daemon-set': ({ status }: DaemonSet) =>
    known({ replicas: status?.desiredNumberScheduled ?? 0, ready: status?.numberReady ?? 0 }),
  job: ({ spec, status }: Job) =>
    known({
      completions: spec?.completions,
      parallelism: spec?.parallelism,
      active: status?.active ?? 0,
      succeeded: status?.succeeded ?? 0,
      failed: status?.failed ?? 0,
    }),
  service: ({ spec }: Service) =>
    known({
      type: spec?.type,
      cluster_ip: spec?.clusterIP,
      ports: spec?.ports?.map(({ port, protocol }) => `${port}/${protocol ?? 'TCP'}`).join(','),
    }),
  pvc: ({ spec, status }: Claim) =>
    known({
      volume: spec?.volumeName,
      storage_class: spec?.storageClassName,
      requested_bytes: quantity(spec?.resources?.requests?.['storage']),
      capacity_bytes: quantity(status?.capacity?.['storage']),
    }),
  hpa: ({ spec, status }: Autoscaler) =>
    known({
      target: spec && `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
      min: spec?.minReplicas,
      max: spec?.maxReplicas,
      replicas: status?.currentReplicas,
      desired: status?.desiredReplicas,
    }),
  pdb: ({ spec, status }: Budget) =>
    known({
      min_available: spec?.minAvailable,
      max_unavailable: spec?.maxUnavailable,
      healthy: status?.currentHealthy,
      allowed: status?.disruptionsAllowed,
    }),
};

export function attributesOf(kind: Kind, object: AnyObject): Observation['attributes'] {
  const read = BY_KIND[kind] as ((object: AnyObject) => Attributes) | undefined;
  return { ...known({ uid: object.metadata?.uid }), ...read?.(object) };
}

/** `KEY=VALUE:EFFECT`, as kubectl writes it. */
export function taintText({ effect, key, value }: { effect: string; key: string; value?: string }) {
  return `${key}${value ? `=${value}` : ''}:${effect}`;
}

function total(pod: Pod, name: string, read: (text?: string) => number | undefined): number {
  const requests = pod.spec?.containers.map(({ resources }) => resources?.requests?.[name]) ?? [];
  return requests.reduce((sum, text) => sum + (read(text) ?? 0), 0);
}
