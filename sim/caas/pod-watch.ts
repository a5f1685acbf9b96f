/**
 * Watches every pod and tells those whom its changes concern: its owner, the endpoints of its
 * service, its disruption budget, the scheduler; and lets its readiness probe run.
 */
import type { KubeContext } from './context.ts';
import type { Kubelet } from './kubelet.ts';
import type { NodeRecord, PodRecord } from './records.ts';
import type { Scheduler } from './scheduler.ts';

/** What matters of a pod's state, as bits. */
const LISTED = 1;
const ANSWERS = 2;
const FINISHED = 4;
const TERMINATING = 8;
const DELETED = 16;
/** Runs, and its readiness probe has not succeeded yet. */
const TO_PROBE = 32;
/** Listed as ready and not answering. */
const STALE = 64;

export class PodWatch {
  readonly #k: KubeContext;
  readonly #kubelet: Kubelet;
  readonly #scheduler: Scheduler;
  readonly #bits: Uint8Array;
  readonly #readiness;
  readonly #probeFailure;
  readonly #probed: number;
  readonly #probeFailed: number;
  /** Called when a pod has left a node. */
  onLeft: (node: NodeRecord, row: number) => void = () => {};

  constructor(context: KubeContext, kubelet: Kubelet, scheduler: Scheduler) {
    const { world } = context;
    this.#k = context;
    this.#kubelet = kubelet;
    this.#scheduler = scheduler;
    this.#bits = bitsOf(context);
    this.#readiness = world.timing('pod.readiness');
    this.#probeFailure = world.timing('pod.probe_failure');
    this.#probed = world.scheduler.handler((entity, uid, row) => this.#onProbed(entity, uid, row));
    this.#probeFailed = world.scheduler.handler((entity, uid, row) => {
      const pod = this.#probing(entity, uid, STALE);
      if (pod) context.engine.send(entity, context.event.not_ready, row);
    });
    const { engine } = context;
    engine.onEveryEntry('pod', (entity, row, _event, from) => {
      const pod = context.pods[entity];
      if (pod) this.#changed(pod, row, this.#bits[from], this.#bits[engine.state[entity]]);
    });
    // A pod whose probe found it cut off is probed again when what it needs is back.
    engine.onEnter('sandbox', 'SANDBOX_READY', (sandbox) => {
      const pod = context.podOfSandbox[sandbox];
      if (pod) this.#probeSoon(pod, engine.lastRowOf(sandbox));
    });
    engine.onEnter('pvc', 'Bound.usable', (claim, row) => {
      engine.forEachDependent(claim, context.kind.pod, (entity) => {
        const pod = context.pods[entity];
        if (pod) this.#probeSoon(pod, row);
      });
    });
  }

  /** The kubelet of a node is back: pods that run there are probed again. */
  resync(pods: Iterable<PodRecord>, row: number): void {
    for (const pod of pods) this.#probeSoon(pod, row);
  }

  #changed(pod: PodRecord, row: number, was: number, is: number): void {
    const changed = was ^ is;
    if (changed === 0) return;
    pod.isListed = (is & LISTED) !== 0;
    if (changed & (LISTED | ANSWERS)) {
      pod.owner.endpoints?.podChanged(pod, was & LISTED, is & LISTED, row);
    }
    if (is & changed & TO_PROBE) this.#probeSoon(pod, row);
    if (is & changed & STALE) this.#expectFailure(pod, row);
    if (is & changed & TERMINATING) {
      pod.terminating = true;
      this.#scheduler.leave(pod);
    }
    if (is & changed & FINISHED) {
      this.#scheduler.finish(pod);
      this.#kubelet.finished(pod, row);
      this.#freed(pod, row);
    }
    if (is & changed & DELETED) this.#gone(pod, row);
    else if (changed & (LISTED | FINISHED | TERMINATING)) {
      pod.owner.podChanged(pod, row);
      pod.owner.budget?.settle(row);
    }
  }

  #gone(pod: PodRecord, row: number): void {
    pod.terminating = true;
    pod.cluster.unschedulable.delete(pod);
    this.#scheduler.release(pod);
    this.#kubelet.forget(pod, row);
    this.#k.pods[pod.entity] = undefined;
    this.#k.forget(pod.entity, row);
    this.#freed(pod, row);
    pod.owner.podGone(pod, row);
    pod.owner.budget?.settle(row);
    pod.cluster.autoscaler?.pendingChanged(row);
    if (pod.node) this.onLeft(pod.node, row);
  }

  #freed(pod: PodRecord, row: number): void {
    if (pod.node) this.#scheduler.retry(pod.cluster, pod.node, row);
  }

  #probeSoon(pod: PodRecord, row: number): void {
    const { engine, world } = this.#k;
    if (!(this.#bits[engine.state[pod.entity]] & TO_PROBE)) return;
    const delay_s = world.draw(pod.entity, this.#readiness);
    world.scheduler.after(delay_s, this.#probed, pod.entity, pod.uid, row);
  }

  #onProbed(entity: number, uid: number, row: number): void {
    const pod = this.#probing(entity, uid, TO_PROBE);
    if (pod && this.#k.engine.isSatisfied(entity)) {
      this.#k.engine.send(entity, this.#k.event.ready, row);
    }
  }

  /** While the kubelet lives its probes fail, and the pod leaves its service. */
  #expectFailure(pod: PodRecord, row: number): void {
    const { world } = this.#k;
    const delay_s = world.draw(pod.entity, this.#probeFailure);
    world.scheduler.after(delay_s, this.#probeFailed, pod.entity, pod.uid, row);
  }

  #probing(entity: number, uid: number, bit: number): PodRecord | undefined {
    const pod = this.#k.pods[entity];
    if (pod?.uid !== uid || !pod.node?.kubeletUp) return undefined;
    return this.#bits[this.#k.engine.state[entity]] & bit ? pod : undefined;
  }
}

function bitsOf(context: KubeContext): Uint8Array {
  const bits = new Uint8Array(context.engine.model.stateNames.length);
  const add = (bit: number, ...patterns: readonly string[]) => {
    context.mask('pod', ...patterns).forEach((match, s) => {
      if (match) bits[s] |= bit;
    });
  };
  add(LISTED, 'Ready', 'Stale');
  add(ANSWERS, 'Ready');
  add(STALE, 'Stale');
  add(FINISHED, 'Succeeded', 'Failed');
  add(TERMINATING, 'Terminating');
  add(DELETED, 'deleted');
  add(TO_PROBE, 'Running.Started+NotReady');
  return bits;
}
