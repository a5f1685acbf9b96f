/**
 * The kubelets: they start the pods bound to their nodes step by step (claim, sandbox, image,
 * container), start ended containers again with a back-off, and end pods that are being deleted.
 * A kubelet that is down does nothing; when it is back it looks at each of its pods anew.
 */
import { BackOff } from './back-off.ts';
import type { KubeContext } from './context.ts';
import { addImage, removeImage } from './node-images.ts';
import { type NodeRecord, type PodRecord, Step } from './records.ts';

export class Kubelet {
  readonly #k: KubeContext;
  readonly #begin: number;
  readonly #attached: number;
  readonly #attach;
  readonly #sync;
  readonly #backOff: BackOff;
  readonly #present: Uint8Array;
  readonly #pulling: Uint8Array;
  readonly #sandboxReady: Uint8Array;
  readonly #sandboxCreating: Uint8Array;
  readonly #containerLives: Uint8Array;
  readonly #containerRuns: Uint8Array;
  readonly #oomKilled: Uint8Array;
  readonly #completed: Uint8Array;
  readonly #isStarted: Uint8Array;
  readonly #sandboxChanged: Uint8Array;
  readonly #terminate: number;

  constructor(context: KubeContext) {
    const { world } = context;
    this.#k = context;
    this.#sync = world.timing('pod.sync');
    this.#attach = world.timing('pod.attach_volume');
    this.#backOff = new BackOff(context);
    this.#present = context.mask('container-image', 'present');
    this.#pulling = context.mask('container-image', 'pulling');
    this.#sandboxReady = context.mask('sandbox', 'SANDBOX_READY');
    this.#sandboxCreating = context.mask('sandbox', 'creating');
    this.#containerLives = context.mask('container', 'CONTAINER_RUNNING', 'CONTAINER_UNKNOWN');
    this.#containerRuns = context.mask('container', 'CONTAINER_RUNNING');
    this.#oomKilled = context.mask('container', 'CONTAINER_EXITED.OOMKilled');
    this.#completed = context.mask('container', 'CONTAINER_EXITED.Completed');
    this.#isStarted = context.mask('pod', 'Running.Started');
    this.#sandboxChanged = context.mask('pod', 'Running.SandboxChanged');
    this.#terminate = world.verbId('pod', 'terminate');
    this.#begin = world.scheduler.handler((entity, token) => {
      const pod = this.#working(entity, token);
      if (pod) this.#prepare(pod);
    });
    this.#attached = world.scheduler.handler((entity, token) => {
      const pod = this.#working(entity, token);
      if (!pod) return;
      pod.isAttached = true;
      this.#prepare(pod);
    });
    this.#registerVerbs();
    this.#registerSandboxes();
    this.#registerContainers();
    this.#registerImagesAndClaims();
  }

  /** The kubelet of a node is back: every pod is looked at anew. */
  resync(node: NodeRecord, row: number): void {
    const { engine, event } = this.#k;
    for (const pod of node.pods) {
      if (pod.terminating) {
        if (pod.token >= 0) this.#end(pod, row);
      } else if (pod.token >= 0) {
        if (pod.step === Step.ENDED) this.#restart(pod, pod.token);
        else if (pod.step !== Step.BACK_OFF) this.#prepare(pod);
      } else if (this.#isStarted[engine.state[pod.entity]]) {
        if (!this.#hasSandbox(pod)) engine.send(pod.entity, event.sandbox_changed, row);
        else if (!this.#containerLives[engine.state[pod.container]]) this.#reportExit(pod, row);
        else engine.send(pod.entity, event.node_reachable, row);
      }
    }
  }

  // ---------------------------------------------------------------- verbs of pods

  #registerVerbs(): void {
    const { world, pods, event } = this.#k;
    world.onVerb('pod', 'start', (entity, token) => {
      this.#take(pods[entity]!, token, Step.SYNC);
      world.scheduler.after(world.draw(entity, this.#sync), this.#begin, entity, token);
    });
    world.onVerb('pod', 'restart', (entity, token) => this.#restart(pods[entity]!, token));
    world.onVerb('pod', 'back_off', (entity, token) => {
      const pod = pods[entity]!;
      this.#take(pod, token, Step.BACK_OFF);
      world.scheduler.after(this.#backOff.ofRestart_s(pod), this.#begin, entity, token);
    });
    world.onVerb('pod', 'image_back_off', (entity, token) => {
      world.answerIn(this.#backOff.ofImage_s(pods[entity]!), entity, token, event.done);
    });
    world.onVerb('pod', 'terminate', (entity, token) => {
      const pod = pods[entity]!;
      pod.terminating = true;
      this.#take(pod, token, Step.NONE);
      this.#end(pod, token);
    });
  }

  #take(pod: PodRecord, token: number, step: Step): void {
    pod.token = token;
    pod.step = step;
  }

  /** The pod whose request `token` is still being worked on. */
  #working(entity: number, token: number): PodRecord | undefined {
    return this.#k.engine.isRequested(entity, token) ? this.#k.pods[entity] : undefined;
  }

  #answer(pod: PodRecord, event: number): void {
    const { token } = pod;
    pod.token = -1;
    pod.step = Step.NONE;
    this.#k.engine.complete(pod.entity, token, event);
  }

  // ---------------------------------------------------------------- starting

  /** Volumes first: a claim has to be bound, and attached to the node. */
  #prepare(pod: PodRecord): void {
    const { engine, world } = this.#k;
    if (!pod.node!.kubeletUp) {
      pod.step = Step.STALLED;
      return;
    }
    if (pod.claim >= 0 && !engine.isServing(pod.claim)) {
      pod.step = Step.CLAIM;
      return;
    }
    if (pod.claim >= 0 && !pod.isAttached) {
      pod.step = Step.ATTACH;
      const delay_s = world.draw(pod.entity, this.#attach);
      world.scheduler.after(delay_s, this.#attached, pod.entity, pod.token);
      return;
    }
    this.#needSandbox(pod);
  }

  #needSandbox(pod: PodRecord): void {
    const { engine, event, podOfSandbox } = this.#k;
    pod.step = Step.SANDBOX;
    if (pod.sandbox >= 0) {
      const state = engine.state[pod.sandbox];
      if (this.#sandboxReady[state]) {
        this.#needImage(pod, engine.lastRowOf(pod.sandbox));
        return;
      }
      if (this.#sandboxCreating[state]) return;
      this.#dropSandbox(pod, pod.token);
    }
    const sandbox = engine.create(this.#k.kind.sandbox, this.#attemptName(pod), pod.token);
    pod.sandbox = sandbox;
    podOfSandbox[sandbox] = pod;
    engine.link(pod.node!.runtime, sandbox, pod.token);
    engine.send(sandbox, event.run, pod.token);
  }

  #needImage(pod: PodRecord, row: number): void {
    const { engine, event, world } = this.#k;
    const image = world.services.containers!.imageOf(pod.node!.runtime, pod.template.image, row);
    const state = engine.state[image];
    if (this.#present[state]) {
      this.#createContainer(pod, row);
      return;
    }
    pod.step = Step.IMAGE;
    if (!this.#pulling[state]) engine.send(image, event.pull, row);
  }

  #createContainer(pod: PodRecord, row: number): void {
    const { engine, event, podOfContainer } = this.#k;
    if (pod.container >= 0 && this.#containerRuns[engine.state[pod.container]]) {
      this.#started(pod, row);
      return;
    }
    this.#dropContainer(pod, row);
    const container = engine.create(this.#k.kind.container, this.#attemptName(pod), row);
    pod.attempts++;
    pod.container = container;
    podOfContainer[container] = pod;
    engine.link(pod.sandbox, container, row);
    pod.step = Step.CREATE;
    engine.send(container, event.create, row);
  }

  #started(pod: PodRecord, row: number): void {
    pod.started_s = this.#k.engine.now;
    this.#answer(pod, this.#k.event.done);
    pod.owner.podStarted(pod, row);
  }

  #attemptName(pod: PodRecord): string {
    const name = this.#k.engine.names[pod.entity];
    return pod.attempts === 0 ? name : `${name}-${pod.attempts}`;
  }

  #dropContainer(pod: PodRecord, cause: number): void {
    if (pod.container < 0) return;
    this.#k.podOfContainer[pod.container] = undefined;
    this.#k.forget(pod.container, cause);
    pod.container = -1;
  }

  /** Removes what is left of a sandbox and its container, without another word to the runtime. */
  #dropSandbox(pod: PodRecord, cause: number): void {
    this.#dropContainer(pod, cause);
    if (pod.sandbox < 0) return;
    this.#k.podOfSandbox[pod.sandbox] = undefined;
    this.#k.forget(pod.sandbox, cause);
    pod.sandbox = -1;
    pod.attempts++;
  }

  /** A pod that has ended needs its sandbox no more; its container is kept for its logs. */
  finished(pod: PodRecord, row: number): void {
    const { engine, event } = this.#k;
    if (pod.node?.kubeletUp && this.#hasSandbox(pod)) engine.send(pod.sandbox, event.stop, row);
  }

  /** Forgets a pod that is gone, with whatever its node may still hold of it. */
  forget(pod: PodRecord, cause: number): void {
    this.#dropSandbox(pod, cause);
  }

  #hasSandbox(pod: PodRecord): boolean {
    return pod.sandbox >= 0 && this.#sandboxReady[this.#k.engine.state[pod.sandbox]] === 1;
  }

  // ---------------------------------------------------------------- starting again

  #restart(pod: PodRecord, token: number): void {
    const { engine, event } = this.#k;
    this.#take(pod, token, Step.ENDED);
    if (!pod.node!.kubeletUp) return;
    if (pod.container >= 0 && this.#containerLives[engine.state[pod.container]]) {
      pod.step = Step.END_CONTAINER;
      engine.send(pod.container, event.exited_error, token);
      return;
    }
    this.#startAgain(pod);
  }

  #startAgain(pod: PodRecord): void {
    const { engine, event } = this.#k;
    if (this.#sandboxChanged[engine.state[pod.entity]]) {
      this.#prepare(pod);
      return;
    }
    if (this.#backOff.isFirstRestart(pod)) this.#prepare(pod);
    else this.#answer(pod, event.back_off);
  }

  /** A container ended by itself: restarted, or the end of its pod. */
  #reportExit(pod: PodRecord, row: number): void {
    const { engine, event } = this.#k;
    const state = engine.state[pod.container];
    const isWell = this.#completed[state] === 1;
    let report: number;
    if (!pod.owner.restarts) report = isWell ? event.succeeded : event.failed;
    else if (this.#oomKilled[state]) report = event.oom_killed;
    else report = isWell ? event.exited : event.exited_error;
    engine.send(pod.entity, report, row);
  }

  // ---------------------------------------------------------------- ending

  /** Goes on with the end of a pod, by what is left of it. */
  #end(pod: PodRecord, row: number): void {
    const { engine, event, world } = this.#k;
    if (!pod.node) {
      this.#answer(pod, event.done);
      return;
    }
    if (!pod.node.kubeletUp) {
      pod.step = Step.STALLED;
    } else if (pod.container >= 0 && this.#containerLives[engine.state[pod.container]]) {
      pod.step = Step.STOP_CONTAINER;
      engine.send(pod.container, event.stop, row);
    } else if (this.#hasSandbox(pod)) {
      pod.step = Step.STOP_SANDBOX;
      engine.send(pod.sandbox, event.stop, row);
    } else if (pod.sandbox >= 0) {
      pod.step = Step.REMOVE_SANDBOX;
      this.#dropContainer(pod, row);
      engine.send(pod.sandbox, event.remove, row);
    } else {
      pod.step = Step.NONE;
      world.answerLater(pod.entity, pod.token, this.#terminate);
    }
  }

  // ---------------------------------------------------------------- what the runtime reports

  #registerSandboxes(): void {
    const { engine, event, podOfSandbox } = this.#k;
    engine.onEnter('sandbox', 'SANDBOX_READY', (sandbox, row) => {
      const pod = podOfSandbox[sandbox];
      if (!pod) return;
      if (engine.edges.find(sandbox, pod.entity) === 0) engine.link(sandbox, pod.entity, row);
      if (pod.step === Step.SANDBOX && pod.node!.kubeletUp) this.#needImage(pod, row);
    });
    engine.onEnter('sandbox', 'failed', (sandbox) => {
      const pod = podOfSandbox[sandbox];
      if (pod?.step === Step.SANDBOX) this.#answer(pod, event.fault);
    });
    engine.onEnter('sandbox', 'SANDBOX_NOTREADY', (sandbox, row) => {
      const pod = podOfSandbox[sandbox];
      if (!pod?.node?.kubeletUp) return;
      if (pod.step === Step.STOP_SANDBOX) this.#end(pod, row);
      else if (pod.terminating) return;
      else if (pod.token >= 0 && pod.step !== Step.BACK_OFF) this.#prepare(pod);
      else if (!pod.finished) engine.send(pod.entity, event.sandbox_changed, row);
    });
    engine.onEnter('sandbox', 'absent', (sandbox, row) => {
      const pod = podOfSandbox[sandbox];
      if (!pod) return;
      podOfSandbox[sandbox] = undefined;
      pod.sandbox = -1;
      if (pod.step === Step.REMOVE_SANDBOX) this.#end(pod, row);
    });
  }

  #registerContainers(): void {
    const { engine, event, podOfContainer } = this.#k;
    engine.onEnter('container', 'CONTAINER_CREATED', (container, row) => {
      const pod = podOfContainer[container];
      if (pod?.step !== Step.CREATE || !pod.node!.kubeletUp) return;
      pod.step = Step.START;
      engine.send(container, event.start, row);
    });
    engine.onEnter('container', 'CONTAINER_RUNNING', (container, row) => {
      const pod = podOfContainer[container];
      if (pod?.step === Step.START && pod.node!.kubeletUp) this.#started(pod, row);
    });
    engine.onEnter('container', 'failed', (container) => {
      const pod = podOfContainer[container];
      if (pod?.step === Step.CREATE) this.#answer(pod, event.fault);
    });
    engine.onEnter('container', 'CONTAINER_EXITED', (container, row) => {
      const pod = podOfContainer[container];
      if (!pod?.node?.kubeletUp) return;
      if (pod.step === Step.STOP_CONTAINER) this.#end(pod, row);
      else if (pod.step === Step.END_CONTAINER) this.#startAgain(pod);
      else if (pod.step === Step.START) this.#answer(pod, event.fault);
      else if (pod.token < 0 && !pod.finished) this.#reportExit(pod, row);
    });
  }

  #nameOfImage(image: number): string {
    return this.#k.world.services.containers!.imageName(image);
  }

  #registerImagesAndClaims(): void {
    const { engine, event, nodeOfRuntime, kind } = this.#k;
    const nodeOf = (image: number) =>
      nodeOfRuntime[engine.providerOf(image, kind['container-runtime'])];
    const waiting = (image: number, visit: (pod: PodRecord) => void): void => {
      const node = nodeOf(image);
      if (!node?.kubeletUp) return;
      const name = this.#nameOfImage(image);
      for (const pod of node.pods) {
        if (pod.step === Step.IMAGE && pod.template.image === name) visit(pod);
      }
    };
    for (const state of ['removing', 'absent']) {
      engine.onEnter('container-image', state, (image) => {
        const node = nodeOf(image);
        if (node) removeImage(node, this.#nameOfImage(image));
      });
    }
    engine.onEnter('container-image', 'present', (image, row) => {
      const node = nodeOf(image);
      if (node) addImage(node, this.#nameOfImage(image));
      waiting(image, (pod) => {
        pod.imageFailures = 0;
        this.#createContainer(pod, row);
      });
    });
    engine.onEnter('container-image', 'failed', (image) => {
      waiting(image, (pod) => {
        pod.imageFailures++;
        this.#answer(pod, event.image_pull_failed);
      });
    });
    engine.onEnter('pvc', 'Bound.usable', (claim) => {
      engine.forEachDependent(claim, kind.pod, (entity) => {
        const pod = this.#k.pods[entity];
        if (pod?.step === Step.CLAIM) this.#prepare(pod);
      });
    });
  }
}
