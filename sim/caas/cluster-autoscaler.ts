/**
 * The cluster autoscaler: asks for servers when pods are pending that a new node would take, and
 * removes a node whose pods have fitted elsewhere for some time.
 */
import { NO_HANDLE } from '../../engine/scheduler.ts';
import type { ServerRequest } from './cloud-servers.ts';
import { constantOf, type KubeContext } from './context.ts';
import type { Nodes } from './nodes.ts';
import type { ClusterRecord, NodeAutoscaler, NodeRecord, PodRecord } from './records.ts';

/** A node below this share of use (the larger of CPU and memory) is a candidate for removal. */
const UTILISATION_THRESHOLD = 0.5;

interface Room {
  cpu_m: number;
  memory_bytes: number;
  pods: number;
}

export class ClusterAutoscaler implements NodeAutoscaler {
  readonly entity: number;
  readonly #k: KubeContext;
  readonly #cluster: ClusterRecord;
  readonly #min: number;
  readonly #max: number;
  readonly #nodes: Nodes;
  readonly #unneededTime_s: number;
  readonly #isIdle: Uint8Array;
  readonly #isAtMax: Uint8Array;
  readonly #isReady: Uint8Array;
  readonly #look: number;
  readonly #plan: number;
  readonly #giveUp: number;
  #handle = NO_HANDLE;
  #token = -1;
  /** Nodes asked for that have not joined yet. */
  #upcoming: ServerRequest[] = [];
  #victim: NodeRecord | undefined;

  constructor(
    k: KubeContext,
    cluster: ClusterRecord,
    limits: { readonly min: number; readonly max: number },
    nodes: Nodes,
    cause: number,
  ) {
    this.#k = k;
    this.#cluster = cluster;
    this.#min = limits.min;
    this.#max = limits.max;
    this.#nodes = nodes;
    this.#unneededTime_s = constantOf(k, 'cluster-autoscaler.unneeded_time');
    this.#isIdle = k.mask('cluster-autoscaler', 'idle');
    this.#isAtMax = k.mask('cluster-autoscaler', 'at_max');
    this.#isReady = k.mask('node', 'Ready');
    const { scheduler } = k.world;
    this.#look = scheduler.handler(() => this.#lookForUnneeded());
    this.#plan = scheduler.handler((_a, token) => this.#grow(token));
    this.#giveUp = scheduler.handler((_a, token) => this.#expire(token));
    this.entity = k.engine.create(k.kind['cluster-autoscaler'], cluster.spec.name, cause);
  }

  // ---------------------------------------------------------------- growing

  /** A pod found no node. */
  podsPending(row: number): void {
    this.#k.engine.send(this.entity, this.#k.event.pods_pending, row);
  }

  /** Fewer pods may be pending than before. */
  pendingChanged(row: number): void {
    const { engine, event } = this.#k;
    if (this.#cluster.unschedulable.size > 0) return;
    if (this.#isAtMax[engine.state[this.entity]]) engine.send(this.entity, event.done, row);
  }

  /** Its verb `scale_up`: it looks at its next scan. */
  scaleUp(token: number): void {
    this.#token = token;
    const { world } = this.#k;
    this.#spare(token);
    const { distribution } = world.profile.get('cluster-autoscaler.scan_interval');
    const delay_s = world.drawKeyed(distribution, 1, this.#k.engine.keyOf(this.entity), token);
    world.scheduler.after(delay_s, this.#plan, 0, token);
  }

  /** A node of the cluster is Ready for the first time. */
  nodeJoined({ host }: NodeRecord): void {
    const left = this.#upcoming.filter(({ server }) => server !== host);
    if (left.length === this.#upcoming.length) return;
    this.#upcoming = left;
    if (left.length === 0) this.#answer(this.#k.event.done);
  }

  #grow(token: number): void {
    const { engine, event } = this.#k;
    if (!engine.isRequested(this.entity, token)) return;
    const needed = this.#nodesNeeded();
    const room = this.#max - this.#cluster.nodes.length - this.#upcoming.length;
    if (needed === 0) {
      this.#answer(event.no_fit);
    } else if (room <= 0) {
      this.#answer(event.at_max);
    } else {
      const count = Math.min(needed, room);
      for (let i = 0; i < count; i++) {
        const worker = this.#nodes.addWorker(this.#cluster, token);
        if (worker) this.#upcoming.push(worker);
      }
      const patience_s = constantOf(this.#k, 'cluster-autoscaler.max_node_provision_time');
      this.#k.world.scheduler.after(patience_s, this.#giveUp, 0, token);
    }
  }

  #expire(token: number): void {
    if (!this.#k.engine.isRequested(this.entity, token)) return;
    // Nodes that have not registered after max-node-provision-time are removed from the group.
    for (const worker of this.#upcoming) this.#nodes.withdrawWorker(worker, token);
    this.#upcoming = [];
    this.#answer(this.#k.event.fault);
  }

  #answer(event: number): void {
    this.#k.engine.complete(this.entity, this.#token, event);
  }

  /** First fit of the pending pods, largest first, into empty nodes of the group's size. */
  #nodesNeeded(): number {
    const empty = this.#template();
    if (!empty) return 0;
    const pending = [...this.#cluster.unschedulable].filter((pod) => !pod.pinned);
    pending.sort((a, b) => b.template.cpu_m - a.template.cpu_m);
    const rooms: Room[] = [];
    for (const pod of pending) {
      if (place(pod, rooms)) continue;
      const room = { ...empty };
      if (place(pod, [room])) rooms.push(room);
    }
    return rooms.length;
  }

  /** What a new node has left beside its daemons. */
  #template(): Room | undefined {
    const [node] = this.#cluster.nodes;
    if (!node) return undefined;
    const room = roomOf(node, this.#cluster.spec.max_pods_per_node, true);
    for (const pod of node.pods) if (pod.owner.isDaemon) place(pod, [room]);
    return room;
  }

  // ---------------------------------------------------------------- shrinking

  /** Pods came to or left a node. */
  utilisationChanged(node: NodeRecord): void {
    const isIdle = utilisation(node) < UTILISATION_THRESHOLD;
    if (!isIdle) {
      node.unneededSince_s = Number.NaN;
    } else if (Number.isNaN(node.unneededSince_s)) {
      node.unneededSince_s = this.#k.engine.now;
      this.#lookIn(this.#unneededTime_s);
    }
  }

  /** It is idle (again): is a node unneeded, is a pod still pending? */
  idle(row: number): void {
    if (this.#cluster.unschedulable.size > 0) this.podsPending(row);
    else this.#lookIn(0);
  }

  /** Its verb `scale_down`: the node is drained, then its server is deleted. */
  scaleDown(token: number): void {
    const { engine, event } = this.#k;
    this.#token = token;
    const victim = this.#unneeded();
    this.#victim = victim;
    if (victim) engine.send(victim.entity, event.drain, token);
    else this.#k.world.answerIn(0, this.entity, token, event.fault);
  }

  /** A drain of its is over. */
  nodeDrained(node: NodeRecord, row: number): void {
    if (node !== this.#victim) return;
    this.#victim = undefined;
    this.#nodes.removeWorker(node, row);
    this.#answer(this.#k.event.done);
  }

  /** Pods are pending: the node that was to go is needed after all. */
  #spare(cause: number): void {
    if (this.#victim) this.#k.engine.send(this.#victim.entity, this.#k.event.uncordon, cause);
    this.#victim = undefined;
  }

  #lookIn(delay_s: number): void {
    if (this.#handle !== NO_HANDLE || this.#cluster.nodes.length <= this.#min) return;
    this.#handle = this.#k.world.scheduler.after(delay_s, this.#look);
  }

  #lookForUnneeded(): void {
    this.#handle = NO_HANDLE;
    const { engine, event } = this.#k;
    if (!this.#isIdle[engine.state[this.entity]]) return;
    if (this.#unneeded()) {
      engine.send(this.entity, event.node_unneeded, -1);
      return;
    }
    let first_s = Number.POSITIVE_INFINITY;
    for (const { unneededSince_s } of this.#cluster.nodes) {
      const due_s = unneededSince_s + this.#unneededTime_s;
      if (due_s > engine.now && due_s < first_s) first_s = due_s;
    }
    if (first_s < Number.POSITIVE_INFINITY) this.#lookIn(first_s - engine.now);
  }

  /** A node that was unneeded for long enough and whose pods fit on the others. */
  #unneeded(): NodeRecord | undefined {
    if (this.#cluster.nodes.length <= this.#min) return undefined;
    const { engine } = this.#k;
    return this.#cluster.nodes.find(
      (node) =>
        engine.now - node.unneededSince_s >= this.#unneededTime_s &&
        this.#isReady[engine.state[node.entity]] === 1 &&
        this.#fitsElsewhere(node),
    );
  }

  #fitsElsewhere(node: NodeRecord): boolean {
    const { engine } = this.#k;
    const limit = this.#cluster.spec.max_pods_per_node;
    const others = this.#cluster.nodes.filter(
      (other) => other !== node && this.#isReady[engine.state[other.entity]] === 1,
    );
    const rooms = others.map((other) => roomOf(other, limit, false));
    for (const pod of node.pods) {
      if (!pod.owner.isDaemon && !pod.finished && !place(pod, rooms)) return false;
    }
    return true;
  }
}

function utilisation(node: NodeRecord): number {
  return Math.max(node.cpuUsed_m / node.cpu_m, node.memoryUsed_bytes / node.memory_bytes);
}

function roomOf(node: NodeRecord, limit: number, isEmpty: boolean): Room {
  return {
    cpu_m: node.cpu_m - (isEmpty ? 0 : node.cpuUsed_m),
    memory_bytes: node.memory_bytes - (isEmpty ? 0 : node.memoryUsed_bytes),
    pods: limit - (isEmpty ? 0 : node.podsUsed),
  };
}

/** Puts a pod into the first room that takes it. */
function place(pod: PodRecord, rooms: readonly Room[]): boolean {
  const { cpu_m, memory_bytes } = pod.template;
  const room = rooms.find((r) => r.cpu_m >= cpu_m && r.memory_bytes >= memory_bytes && r.pods >= 1);
  if (!room) return false;
  room.cpu_m -= cpu_m;
  room.memory_bytes -= memory_bytes;
  room.pods--;
  return true;
}
