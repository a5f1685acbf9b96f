/** Jobs: run once, or again and again by a cron job, with a history of the last ones. */
import { hashString } from '../../engine/random.ts';
import type { K8sJob } from '../../model/scenario.ts';
import type { KubeContext } from './context.ts';
import type { ClusterRecord, PodRecord } from './records.ts';
import { Workload, type WorkQueue } from './workload.ts';

/** Defaults of backoffLimit, successfulJobsHistoryLimit and failedJobsHistoryLimit. */
const BACKOFF_LIMIT = 6;
const HISTORY = { succeeded: 3, failed: 1 } as const;
/** Failed pods are replaced after 10 s, 20 s, 40 s, ... up to six minutes. */
const RETRY_FIRST_s = 10;
const RETRY_MAX_s = 360;

/** Creates the runs of one job of the scenario. */
export class JobSource {
  readonly #k: KubeContext;
  readonly #queue: WorkQueue;
  readonly #cluster: ClusterRecord;
  readonly #spec: K8sJob;
  readonly #register: (job: Job) => void;
  readonly #succeeded: Job[] = [];
  readonly #failed: Job[] = [];
  readonly #tick: number;
  /** Handler that ends a container: its work is done. */
  readonly exit: number;
  #runs = 0;

  /** `register` is told of every run. */
  constructor(
    k: KubeContext,
    queue: WorkQueue,
    register: (job: Job) => void,
    cluster: ClusterRecord,
    spec: K8sJob,
  ) {
    this.#k = k;
    this.#queue = queue;
    this.#register = register;
    this.#cluster = cluster;
    this.#spec = spec;
    this.#tick = k.world.scheduler.handler((_a, _b, cause) => this.#run(cause));
    const { engine, event, podOfContainer } = k;
    this.exit = k.world.scheduler.handler((container, uid, row) => {
      if (!engine.isAlive(container, uid) || !podOfContainer[container]) return;
      engine.send(container, event.exited, row);
    });
  }

  /** The first run: at once, or after one period for a cron job. */
  start(cause: number): void {
    this.#k.world.scheduler.after(this.#spec.every_s ?? 0, this.#tick, 0, 0, cause);
  }

  #run(cause: number): void {
    const { every_s } = this.#spec;
    // A run is due by the clock, not because of the one before.
    const row = this.#runs === 0 ? cause : -1;
    const job = new Job(this.#k, this.#queue, this, this.#cluster, this.#spec, ++this.#runs, row);
    this.#register(job);
    if (every_s) this.#k.world.scheduler.after(every_s, this.#tick, 0, 0, -1);
  }

  /** A run ended: the oldest ones beyond the history limit are deleted. */
  ended(job: Job, isWell: boolean, row: number): void {
    const list = isWell ? this.#succeeded : this.#failed;
    list.push(job);
    if (list.length <= (isWell ? HISTORY.succeeded : HISTORY.failed)) return;
    this.#k.engine.send(list.shift()!.entity, this.#k.event.delete, row);
  }
}

/** One run. */
export class Job extends Workload {
  readonly entity: number;
  override readonly restarts = false;
  readonly #source: JobSource;
  readonly #spec: K8sJob;
  readonly #isDeleting: Uint8Array;
  readonly #isActive: Uint8Array;
  readonly #hasSucceeded: Uint8Array;
  readonly #failures = new Set<PodRecord>();
  readonly #successes = new Set<PodRecord>();
  #madePods = 0;
  #waitUntil_s = 0;

  constructor(
    k: KubeContext,
    queue: WorkQueue,
    source: JobSource,
    cluster: ClusterRecord,
    spec: K8sJob,
    run: number,
    cause: number,
  ) {
    super(k, queue, cluster, { ...spec, name: `${spec.name}-${run}` });
    this.#source = source;
    this.#spec = spec;
    this.#isDeleting = k.mask('job', 'deleting');
    this.#isActive = k.mask('job', 'Active');
    this.#hasSucceeded = k.mask('pod', 'Succeeded');
    this.entity = k.engine.create(k.kind.job, this.name, cause);
    this.createCompanions(spec, cause);
  }

  get replicas(): number {
    return this.#spec.completions;
  }

  /** Its container works for as long as the scenario says. */
  override podStarted(pod: PodRecord, row: number): void {
    const { world, engine } = this.k;
    const purpose = hashString('job.runtime');
    const length_s = world.drawKeyed(this.#spec.runtime, purpose, engine.keyOf(pod.entity), 0);
    const { container } = pod;
    world.scheduler.after(length_s, this.#source.exit, container, engine.uidOf(container), row);
  }

  override podChanged(pod: PodRecord, row: number): void {
    if (pod.finished && !this.#successes.has(pod) && !this.#failures.has(pod)) {
      const isWell = this.#hasSucceeded[this.k.engine.state[pod.entity]] === 1;
      (isWell ? this.#successes : this.#failures).add(pod);
      if (!isWell) this.#waitUntil_s = this.k.engine.now + this.#retry_s();
    }
    super.podChanged(pod, row);
  }

  protected reconcile(row: number): void {
    const state = this.k.engine.state[this.entity];
    if (this.#isDeleting[state]) {
      this.deleteAll(row);
    } else if (!this.#isActive[state]) {
      // Suspended or ended: what still runs is deleted, what has finished is kept.
      for (const pod of this.pods) if (!pod.finished) this.k.deletePod(pod, row);
    } else if (this.#successes.size >= this.#spec.completions) {
      if (this.answer(this.k.event.done)) this.#source.ended(this, true, row);
    } else if (this.#failures.size > BACKOFF_LIMIT) {
      if (this.answer(this.k.event.fault)) this.#source.ended(this, false, row);
    } else {
      this.#keepOneRunning(row);
    }
  }

  #retry_s(): number {
    return Math.min(RETRY_MAX_s, RETRY_FIRST_s * 2 ** (this.#failures.size - 1));
  }

  /** parallelism is 1: the next pod follows when the one before has ended. */
  #keepOneRunning(row: number): void {
    for (const pod of this.pods) if (!pod.finished) return;
    const { engine } = this.k;
    if (engine.now < this.#waitUntil_s) {
      this.markIn(this.#waitUntil_s - engine.now, row);
      return;
    }
    const name = `${this.name}-${++this.#madePods}`;
    const request = { cluster: this.cluster, owner: this, name, template: this.template };
    this.pods.add(this.k.createPod(request, row));
  }
}
