/** Numbers of events and kinds, looked up once, and the records of all objects by entity. */
import { LayerContext } from '../container/layer-context.ts';
import type { SimWorld } from '../world.ts';
import type { ClusterRecord, NodeRecord, PodOwner, PodRecord, PodTemplate } from './records.ts';
import { Step } from './records.ts';

const EVENTS = [
  ...['done', 'fault', 'delete', 'force_delete', 'restored'],
  ...['run', 'stop', 'remove', 'create', 'start', 'pull'],
  ...['requeued', 'ready', 'not_ready', 'back_off', 'image_pull_failed'],
  ...['exited', 'exited_error', 'oom_killed', 'sandbox_changed', 'succeeded', 'failed'],
  ...['node_unreachable', 'node_reachable', 'heartbeat_missed', 'runtime_down', 'runtime_up'],
  ...['drain', 'drained', 'cordon', 'uncordon', 'nodes_changed'],
  ...['scale', 'degraded', 'scaled_to_zero', 'progressed', 'complete', 'available', 'unavailable'],
  ...['endpoints_none', 'endpoints_all', 'endpoints_some', 'endpoints_stale'],
  ...['disruption_allowed', 'disruption_exhausted', 'pods_insufficient'],
  ...['scale_up', 'scale_down', 'load_high', 'load_low', 'load_within', 'limited'],
  ...['metrics_missing', 'metrics_available'],
  ...['pods_pending', 'node_unneeded', 'at_max', 'no_fit'],
] as const;
type EventName = (typeof EVENTS)[number];

const KINDS = [
  ...['node', 'pod', 'deployment', 'replica-set', 'stateful-set', 'daemon-set', 'job'],
  ...['service', 'pvc', 'hpa', 'pdb', 'cluster-autoscaler'],
  ...['sandbox', 'container', 'container-image', 'container-runtime', 'server', 'host-os'],
] as const;
type KindName = (typeof KINDS)[number];

export interface PodRequest {
  readonly cluster: ClusterRecord;
  readonly owner: PodOwner;
  readonly name: string;
  readonly template: PodTemplate;
  readonly index?: number;
  readonly revision?: number;
  readonly pinned?: NodeRecord;
  readonly claim?: number;
  /** Entity to draw an edge from, or -1. */
  readonly ownerEntity?: number;
}

export class KubeContext extends LayerContext<KindName, EventName> {
  readonly pods: (PodRecord | undefined)[] = [];
  readonly nodes: (NodeRecord | undefined)[] = [];
  readonly podOfSandbox: (PodRecord | undefined)[] = [];
  readonly podOfContainer: (PodRecord | undefined)[] = [];
  readonly nodeOfRuntime: (NodeRecord | undefined)[] = [];
  readonly clusters: ClusterRecord[] = [];

  constructor(world: SimWorld) {
    super(world, KINDS, EVENTS);
  }

  counter(entity: number, slot: number): number {
    return this.engine.slot(entity, slot);
  }

  /** Sets a counter of a new entity to what its specification says. */
  setCounter(entity: number, slot: number, value: number): void {
    this.engine.setSlot(entity, slot, value);
  }

  createPod(request: PodRequest, cause: number): PodRecord {
    const { engine } = this;
    const entity = engine.create(this.kind.pod, request.name, cause);
    const record: PodRecord = {
      entity,
      uid: engine.uidOf(entity),
      cluster: request.cluster,
      owner: request.owner,
      template: request.template,
      index: request.index ?? 0,
      revision: request.revision ?? 0,
      pinned: request.pinned,
      claim: request.claim ?? -1,
      node: undefined,
      sandbox: -1,
      container: -1,
      attempts: 0,
      step: Step.NONE,
      token: -1,
      terminating: false,
      finished: false,
      isAttached: false,
      isSpread: false,
      isListed: false,
      failures: 0,
      imageFailures: 0,
      started_s: 0,
    };
    this.pods[entity] = record;
    const owner = request.ownerEntity ?? request.owner.entity;
    if (owner >= 0) engine.link(owner, entity, cause);
    if (record.claim >= 0) engine.link(record.claim, entity, cause);
    return record;
  }

  /** Asks for the deletion of a pod; nothing more when that was done before. */
  deletePod(pod: PodRecord, cause: number): void {
    if (!pod.terminating) this.engine.send(pod.entity, this.event.delete, cause);
  }
}

/** The value of a profile entry that is a plain number. */
export function constantOf(context: KubeContext, key: string): number {
  const { distribution } = context.world.profile.get(key);
  return context.world.drawKeyed(distribution, 0, 0, 0);
}
