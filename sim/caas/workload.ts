/**
 * What the controllers of deployments, sets and jobs have in common: pods of theirs, a service and
 * a budget, and a work queue of one: whatever happens at an instant leads to one reconciliation.
 */
import { NO_ROW } from '../../engine/engine.ts';
import { Budget } from './budget.ts';
import type { KubeContext } from './context.ts';
import { Endpoints } from './endpoints.ts';
import type { ClusterRecord, PodOwner, PodRecord, PodTemplate } from './records.ts';

export interface WorkloadSpec {
  readonly name: string;
  readonly image: string;
  readonly cpu: number;
  readonly memory_bytes: number;
  readonly service?: boolean;
  readonly max_unavailable?: number;
}

export function templateOf(spec: WorkloadSpec): PodTemplate {
  return {
    image: spec.image,
    cpu_m: Math.round(spec.cpu * 1000),
    memory_bytes: spec.memory_bytes,
  };
}

/** Runs `reconcile` of workloads once for all that happened at an instant. */
export class WorkQueue {
  readonly #workloads: (Workload | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #handler: number;
  readonly #context: KubeContext;

  constructor(context: KubeContext) {
    this.#context = context;
    this.#handler = context.world.scheduler.handler((index, _unused, row) => {
      this.#workloads[index]?.run(row);
    });
  }

  add(workload: Workload): number {
    const index = this.#free.pop() ?? this.#workloads.length;
    this.#workloads[index] = workload;
    return index;
  }

  remove(index: number): void {
    this.#workloads[index] = undefined;
    this.#free.push(index);
  }

  push(index: number, row: number): void {
    this.#context.world.scheduler.soon(this.#handler, index, 0, row);
  }

  pushLater(index: number, delay_s: number, row: number): void {
    this.#context.world.scheduler.after(delay_s, this.#handler, index, 0, row);
  }
}

export abstract class Workload implements PodOwner {
  abstract readonly entity: number;
  readonly cluster: ClusterRecord;
  readonly name: string;
  readonly template: PodTemplate;
  readonly pods = new Set<PodRecord>();
  readonly restarts: boolean = true;
  readonly isDaemon: boolean = false;
  endpoints: Endpoints | undefined;
  budget: Budget | undefined;
  /** Pods that the API lists as ready. */
  ready = 0;
  protected readonly k: KubeContext;
  /** The request its entity waits for, or -1. */
  protected token = NO_ROW;
  readonly #queue: WorkQueue;
  readonly #index: number;
  readonly #counted = new Set<PodRecord>();
  #isQueued = false;

  constructor(k: KubeContext, queue: WorkQueue, cluster: ClusterRecord, spec: WorkloadSpec) {
    this.k = k;
    this.cluster = cluster;
    this.name = `${cluster.spec.name}-${spec.name}`;
    this.template = templateOf(spec);
    this.#queue = queue;
    this.#index = queue.add(this);
  }

  /** Brings what there is closer to what is wanted. */
  protected abstract reconcile(row: number): void;

  /** The number of pods wanted. */
  abstract get replicas(): number;

  /** Creates what belongs to it: its service, and its budget. The first request is under way. */
  protected createCompanions(spec: WorkloadSpec, cause: number): void {
    this.request(this.k.engine.lastRowOf(this.entity));
    if (spec.service) this.endpoints = new Endpoints(this.k, this.name, cause);
    if (spec.max_unavailable === undefined) return;
    this.budget = new Budget(
      this.k,
      { entity: this.entity, name: this.name, maxUnavailable: spec.max_unavailable },
      () => this.replicas,
      () => this.ready,
      cause,
    );
  }

  /** Its entity asks for something: the answer is given when that is reached. */
  request(token: number): void {
    this.token = token;
    this.mark(token);
  }

  /** Something changed: reconcile at the end of this instant. */
  mark(row: number): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#queue.push(this.#index, row);
  }

  /** Reconciles again after some seconds. */
  protected markIn(delay_s: number, row: number): void {
    this.#queue.pushLater(this.#index, delay_s, row);
  }

  run(row: number): void {
    this.#isQueued = false;
    this.reconcile(row);
  }

  podChanged(pod: PodRecord, row: number): void {
    if (pod.isListed) this.#counted.add(pod);
    else this.#counted.delete(pod);
    this.ready = this.#counted.size;
    this.mark(row);
  }

  podGone(pod: PodRecord, row: number): void {
    this.pods.delete(pod);
    this.#counted.delete(pod);
    this.ready = this.#counted.size;
    this.mark(row);
  }

  podStarted(_pod: PodRecord, _row: number): void {}

  protected isReady(pod: PodRecord): boolean {
    return this.#counted.has(pod);
  }

  /** Answers the request of its entity; false when none waits. */
  protected answer(event: number): boolean {
    const { token } = this;
    const { engine } = this.k;
    if (token === NO_ROW || !engine.isRequested(this.entity, token)) return false;
    this.token = NO_ROW;
    engine.complete(this.entity, token, event);
    return true;
  }

  /** Its object is gone: so are its service and its budget. */
  dispose(row: number): void {
    const { event } = this.k;
    for (const companion of [this.endpoints?.entity, this.budget?.entity]) {
      if (companion === undefined) continue;
      this.k.engine.send(companion, event.delete, row);
      this.k.forget(companion, row);
    }
    this.k.forget(this.entity, row);
    this.#queue.remove(this.#index);
  }

  /** Deletes every pod; `done` is answered when none is left. */
  protected deleteAll(row: number): void {
    for (const pod of this.pods) this.k.deletePod(pod, row);
    if (this.pods.size === 0) this.answer(this.k.event.done);
  }
}
