/**
 * The node lifecycle controller: nodes whose heartbeats stop become Unknown after the grace period,
 * and their pods are evicted when they tolerate that no longer. When most of a cluster is silent the
 * controller takes itself for the one that is cut off, and evicts nobody.
 */
import { NO_ROW } from '../../engine/engine.ts';
import type { KubeContext } from './context.ts';
import type { ClusterRecord, NodeRecord } from './records.ts';

/** Defaults of kube-controller-manager: nodes tainted per second, normally and under disruption. */
const EVICTION_RATE_per_s = 0.1;
const SECONDARY_EVICTION_RATE_per_s = 0.01;
/** unhealthy-zone-threshold: with this share not Ready (and more than two) a zone is disrupted. */
const UNHEALTHY_ZONE_RATIO = 0.55;
const UNHEALTHY_ZONE_NODES = 2;
/** large-cluster-size-threshold: up to this size a disrupted zone evicts nothing. */
const LARGE_CLUSTER_NODES = 50;

const CLOCK_ROUNDING_s = 1e-6;

/** How many nodes may be tainted per second, by how many of how many are silent. */
export function evictionRate_per_s(silent: number, nodes: number): number {
  if (silent >= nodes) return 0;
  const isDisrupted = silent > UNHEALTHY_ZONE_NODES && silent / nodes >= UNHEALTHY_ZONE_RATIO;
  if (!isDisrupted) return EVICTION_RATE_per_s;
  return nodes > LARGE_CLUSTER_NODES ? SECONDARY_EVICTION_RATE_per_s : 0;
}

export class NodeLifecycle {
  readonly #k: KubeContext;
  readonly #isUnknown: Uint8Array;
  readonly #expire: number;

  /** `ready` is called when a node becomes Ready, for the first time or again. */
  constructor(context: KubeContext, ready: (node: NodeRecord, row: number) => void) {
    const { engine, event, nodes, world } = context;
    this.#k = context;
    this.#isUnknown = context.mask('node', 'Unknown');
    this.#expire = world.scheduler.handler((entity, token) => this.#onExpired(entity, token));
    this.#registerHeartbeats();
    world.onVerb('node', 'tolerate', (entity, token) => {
      const node = nodes[entity];
      if (!node) return;
      node.toleration = token;
      this.#review(node.cluster);
    });
    engine.onEnter('node', 'Ready', (entity, row) => {
      const node = nodes[entity];
      if (!node) return;
      node.kubeletUp = true;
      ready(node, row);
      this.#review(node.cluster);
    });
    engine.onEnter('node', 'Unknown', (entity, row) => {
      for (const pod of nodes[entity]?.pods ?? []) {
        engine.send(pod.entity, event.node_unreachable, row);
      }
    });
    engine.onEnter('node', 'Unknown.evicted', (entity, row) => {
      for (const pod of nodes[entity]?.pods ?? []) {
        if (!pod.owner.isDaemon && !pod.finished) context.deletePod(pod, row);
      }
    });
  }

  // ---------------------------------------------------------------- heartbeats

  #registerHeartbeats(): void {
    const { world, engine, event, nodes } = this.#k;
    const period = world.timing('node.monitor_period');
    const age = world.timing('node.heartbeat_age');
    const reconnect = world.timing('node.reconnect');
    const register = world.verbId('node', 'register');
    const stop = engine.model.eventId('kubelet_stop');
    world.onVerb('node', 'register', (entity, token) => {
      const node = nodes[entity];
      if (!engine.isSatisfied(entity)) {
        world.answerIn(this.#grace_s(entity), entity, token, event.heartbeat_missed);
      } else if (node && this.#neverStopped(node)) {
        world.answerIn(world.draw(entity, reconnect), entity, token, event.done);
      } else {
        world.answerLater(entity, token, register);
      }
    });
    // The grace period counts from the last heartbeat; the controller looks every few seconds.
    world.onVerb('node', 'monitor', (entity, token) => {
      const left_s = Math.max(0, this.#grace_s(entity) - world.draw(entity, age));
      world.answerIn(left_s + world.draw(entity, period), entity, token, event.heartbeat_missed);
    });
    for (const state of ['NotReady', 'unreporting', 'Unknown', 'registering']) {
      engine.onEnter('node', state, (entity, _row, cause) => {
        const node = nodes[entity];
        if (!node) return;
        node.kubeletUp = false;
        if (cause === stop) node.isKubeletStopped = true;
      });
    }
  }

  #grace_s(entity: number): number {
    return this.#k.nodes[entity]?.cluster.spec.node_monitor_grace_s ?? 0;
  }

  /** Whether the kubelet has run on while its node was not heard of. */
  #neverStopped(node: NodeRecord): boolean {
    const boot = this.#k.world.services.containers!.bootOf(node.runtime);
    const ranOn = node.hasJoined && !node.isKubeletStopped && boot === node.boot;
    node.boot = boot;
    node.isKubeletStopped = false;
    return ranOn;
  }

  // ---------------------------------------------------------------- taints and evictions

  /** A node went silent or came back: may the silent ones be tainted? */
  #review(cluster: ClusterRecord): void {
    const { engine, world } = this.#k;
    const silent = cluster.nodes.filter((node) => this.#isUnknown[engine.state[node.entity]]);
    const rate_per_s = evictionRate_per_s(silent.length, cluster.nodes.length);
    const isCutOff = silent.length >= cluster.nodes.length;
    for (const node of silent) {
      if (!engine.isRequested(node.entity, node.toleration)) continue;
      if (isCutOff) node.evicted_s = Number.NaN;
      if (rate_per_s === 0 || !Number.isNaN(node.evicted_s)) continue;
      const taint_s = Math.max(engine.now, cluster.nextTaint_s);
      cluster.nextTaint_s = taint_s + 1 / rate_per_s;
      node.evicted_s = taint_s + cluster.spec.pod_eviction_s;
      const delay_s = node.evicted_s - engine.now;
      world.scheduler.after(delay_s, this.#expire, node.entity, node.toleration);
    }
  }

  #onExpired(entity: number, token: number): void {
    const { engine, event, nodes } = this.#k;
    const node = nodes[entity];
    // Untainted meanwhile, or tainted again later.
    if (!node || !(engine.now >= node.evicted_s - CLOCK_ROUNDING_s)) return;
    node.evicted_s = Number.NaN;
    node.toleration = NO_ROW;
    engine.complete(entity, token, event.done);
  }
}
