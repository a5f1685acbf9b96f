/** Numbers of events and states, looked up once, and the records of all objects by entity. */
import type { Engine } from '../../engine/engine.ts';
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

export class KubeContext {
  readonly world: SimWorld;
  readonly engine: Engine;
  readonly event: Readonly<Record<EventName, number>>;
  readonly kind: Readonly<Record<KindName, number>>;
  readonly pods: (PodRecord | undefined)[] = [];
  readonly nodes: (NodeRecord | undefined)[] = [];
  readonly podOfSandbox: (PodRecord | undefined)[] = [];
  readonly podOfContainer: (PodRecord | undefined)[] = [];
  readonly nodeOfRuntime: (NodeRecord | undefined)[] = [];
  readonly clusters: ClusterRecord[] = [];
  readonly #masks = new Map<string, Uint8Array>();
  readonly #forget: number;

  constructor(world: SimWorld) {
    this.world = world;
    this.engine = world.engine;
    const { model } = world.engine;
    this.event = Object.fromEntries(EVENTS.map((e) => [e, model.eventId(e)])) as never;
    this.kind = Object.fromEntries(KINDS.map((k) => [k, model.kindId(k)])) as never;
    this.#forget = world.scheduler.handler((entity, uid, cause) => {
      if (this.engine.isAlive(entity, uid)) this.engine.remove(entity, cause);
    });
  }

  /** A mask over state numbers: the states of a kind that any of the patterns means. */
  mask(kind: KindName, ...patterns: readonly string[]): Uint8Array {
    const key = `${kind}/${patterns.join(' ')}`;
    let mask = this.#masks.get(key);
    if (!mask) {
      const masks = patterns.map((pattern) => this.engine.statesMatching(kind, pattern));
      mask = masks[0].map((_, s) => (masks.some((m) => m[s] === 1) ? 1 : 0));
      this.#masks.set(key, mask);
    }
    return mask;
  }

  /** Removes an entity once everything that goes on at this instant about it is over. */
  forget(entity: number, cause: number): void {
    this.world.scheduler.soon(this.#forget, entity, this.engine.uid[entity], cause);
  }

  /** Index of a counter of a kind, for `counter`. */
  slot(kind: KindName, name: string): number {
    const { kinds } = this.engine.model;
    return kinds[this.kind[kind]].slotNames.indexOf(name);
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
      uid: engine.uid[entity],
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
