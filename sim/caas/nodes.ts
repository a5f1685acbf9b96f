/**
 * Nodes: they join when the system of their server or machine is up, and leave with their server.
 */
import { NO_ROW } from '../../engine/engine.ts';
import { hashString } from '../../engine/random.ts';
import type { CloudServers, ServerRequest } from './cloud-servers.ts';
import type { KubeContext } from './context.ts';
import type { Kubelet } from './kubelet.ts';
import { removeImage } from './node-images.ts';
import { NodeLifecycle } from './node-lifecycle.ts';
import type { PodWatch } from './pod-watch.ts';
import type { ClusterRecord, NodeRecord } from './records.ts';
import type { Scheduler } from './scheduler.ts';

export interface NodeEvents {
  /** A node is Ready, for the first time or again. */
  ready(node: NodeRecord, isFirst: boolean, row: number): void;
  /** A node joined or left its cluster. */
  membership(cluster: ClusterRecord, row: number): void;
}

/** Thousandths of a CPU and bytes that pods may request on a node. */
interface Allocatable {
  readonly cpu_m: number;
  readonly memory_bytes: number;
}

/** Memory the kubelet keeps free (hard eviction threshold memory.available<100Mi). */
const EVICTION_RESERVE_bytes = 100 * 1024 ** 2;

export class Nodes {
  readonly #k: KubeContext;
  readonly #servers: CloudServers;
  readonly #kubelet: Kubelet;
  readonly #scheduler: Scheduler;
  readonly #watch: PodWatch;
  readonly #events: NodeEvents;
  readonly #join: number;
  readonly #clusterOfRuntime: (ClusterRecord | undefined)[] = [];
  readonly #hostOfRuntime: number[] = [];
  readonly #workers: number[] = [];

  constructor(
    context: KubeContext,
    parts: {
      readonly servers: CloudServers;
      readonly kubelet: Kubelet;
      readonly scheduler: Scheduler;
      readonly watch: PodWatch;
    },
    events: NodeEvents,
  ) {
    this.#k = context;
    this.#servers = parts.servers;
    this.#kubelet = parts.kubelet;
    this.#scheduler = parts.scheduler;
    this.#watch = parts.watch;
    this.#events = events;
    const { world, engine, kind } = context;
    this.#join = world.scheduler.handler((runtime, uid, row) => {
      if (engine.isAlive(runtime, uid) && engine.dependentOf(runtime, kind.node) < 0) {
        this.#createNode(runtime, row);
      }
    });
    this.#registerJoining();
    this.#registerMachines();
    this.#registerRuntimes();
    this.#publishQuantities();
    new NodeLifecycle(context, (node, row) => this.#onReady(node, row));
    engine.onEnter('node', 'schedulable', (entity, row) => {
      const node = context.nodes[entity];
      if (node) this.#scheduler.retry(node.cluster, node, row);
    });
  }

  /** Asks the cloud for one more worker of a cluster whose nodes are servers. */
  addWorker(cluster: ClusterRecord, cause: number): ServerRequest | undefined {
    const { nodes, name } = cluster.spec;
    if (nodes.type !== 'servers') return undefined;
    const index = this.#k.clusters.indexOf(cluster);
    this.#workers[index] = (this.#workers[index] ?? 0) + 1;
    return this.#servers.request(
      `${name}-worker-${this.#workers[index]}`,
      nodes,
      {
        active: (server, row) => this.#startRuntime(cluster, server, row),
        lost: (server, row) => {
          this.#leaveWith(server, row);
          return true;
        },
      },
      cause,
    );
  }

  /** A node leaves its cluster for good, and its server is deleted. */
  removeWorker(node: NodeRecord, cause: number): void {
    const { host } = node;
    this.#leaveWith(host, cause);
    this.#servers.release(host, cause);
  }

  /** A worker that has not joined is given up, with whatever there is of it. */
  withdrawWorker(worker: ServerRequest, cause: number): void {
    if (worker.server >= 0) this.#leaveWith(worker.server, cause);
    this.#servers.withdraw(worker, cause);
  }

  #onReady(node: NodeRecord, row: number): void {
    this.#kubelet.resync(node, row);
    this.#watch.resync(node.pods, row);
    this.#scheduler.retry(node.cluster, node, row);
    const isFirst = !node.hasJoined;
    node.hasJoined = true;
    this.#events.ready(node, isFirst, row);
  }

  // ---------------------------------------------------------------- joining and leaving

  #registerMachines(): void {
    const { world, engine, clusters } = this.#k;
    const onHost = (host: number, row: number): void => {
      const { bareMetal } = world.services;
      if (!bareMetal) return;
      const flavor = bareMetal.flavorOf(host);
      for (const cluster of clusters) {
        const { nodes } = cluster.spec;
        if (nodes.type !== 'machines' || !nodes.on.includes(flavor)) continue;
        this.#startRuntime(cluster, host, row);
        return;
      }
    };
    engine.onEnter('host-os', 'running', onHost);
    engine.onEnter('host-os', 'degraded', onHost);
  }

  #startRuntime(cluster: ClusterRecord, host: number, row: number): void {
    const runtime = this.#k.world.services.containers!.startRuntime(host, row);
    if (this.#clusterOfRuntime[runtime] === cluster) return;
    this.#clusterOfRuntime[runtime] = cluster;
    this.#hostOfRuntime[runtime] = host;
    if (this.#k.engine.isServing(runtime)) this.#joinSoon(runtime, row);
  }

  #registerJoining(): void {
    const { engine, kind } = this.#k;
    engine.onEnter('container-runtime', 'ready', (runtime, row) => {
      if (!this.#clusterOfRuntime[runtime]) return;
      if (engine.dependentOf(runtime, kind.node) < 0) this.#joinSoon(runtime, row);
    });
    engine.onRemoved('container-runtime', (runtime) => {
      this.#clusterOfRuntime[runtime] = undefined;
    });
  }

  #joinSoon(runtime: number, row: number): void {
    const { world, engine } = this.#k;
    const { distribution } = world.profile.get('node.provision');
    const purpose = hashString('node.provision');
    const delay_s = world.drawKeyed(distribution, purpose, engine.keyOf(runtime), 0);
    world.scheduler.after(delay_s, this.#join, runtime, engine.uidOf(runtime), row);
  }

  #createNode(runtime: number, row: number): void {
    const { engine, world, kind, nodes, nodeOfRuntime } = this.#k;
    const cluster = this.#clusterOfRuntime[runtime]!;
    const host = this.#hostOfRuntime[runtime];
    const entity = engine.create(kind.node, engine.names[host], row);
    const node: NodeRecord = {
      entity,
      uid: engine.uidOf(entity),
      cluster,
      host,
      runtime,
      ...this.#allocatableOf(cluster, host),
      pods: new Set(),
      podsOf: new Map(),
      images: new Set(),
      cpuUsed_m: 0,
      memoryUsed_bytes: 0,
      podsUsed: 0,
      boot: world.services.containers!.bootOf(runtime),
      isKubeletStopped: false,
      hasJoined: false,
      kubeletUp: false,
      toleration: NO_ROW,
      evicted_s: Number.NaN,
      unneededSince_s: Number.NaN,
    };
    nodes[entity] = node;
    nodeOfRuntime[runtime] = node;
    cluster.nodes.push(node);
    engine.link(host, entity, row);
    engine.link(runtime, entity, row);
    if (cluster.autoscaler) engine.link(cluster.autoscaler.entity, entity, row);
    addAllocatable(node, 1);
    this.#events.membership(cluster, row);
  }

  #allocatableOf({ spec: { nodes } }: ClusterRecord, host: number): Allocatable {
    const { world } = this.#k;
    const { site, stack } = world.scenario;
    if (nodes.type === 'servers') {
      const { vcpus, ram_bytes } = stack.openstack!.flavors[nodes.flavor];
      return { cpu_m: vcpus * 1000, memory_bytes: ram_bytes - EVICTION_RESERVE_bytes };
    }
    const flavor = site.flavors[world.services.bareMetal!.flavorOf(host)];
    return {
      cpu_m: flavor.cores * flavor.threads * 1000,
      memory_bytes: flavor.memory_bytes - EVICTION_RESERVE_bytes,
    };
  }

  /** Its server is about to go: the cloud controller deletes the Node, the pod GC its pods. */
  #leaveWith(host: number, row: number): void {
    const { engine, world, kind, event, nodes, nodeOfRuntime } = this.#k;
    const runtime = engine.dependentOf(host, kind['container-runtime']);
    if (runtime < 0) return;
    const node = nodeOfRuntime[runtime];
    if (node) {
      for (const pod of node.pods) engine.send(pod.entity, event.force_delete, row);
      node.kubeletUp = false;
      const { cluster } = node;
      cluster.nodes.splice(cluster.nodes.indexOf(node), 1);
      for (const image of [...node.images]) removeImage(node, image);
      engine.send(node.entity, event.delete, row);
      nodes[node.entity] = undefined;
      nodeOfRuntime[runtime] = undefined;
      addAllocatable(node, -1);
      this.#k.forget(node.entity, row);
      this.#events.membership(cluster, row);
    }
    this.#clusterOfRuntime[runtime] = undefined;
    world.services.containers!.removeRuntime(runtime, row);
  }

  /** A kubelet reports what its runtime tells it. */
  #registerRuntimes(): void {
    const { engine, event, nodeOfRuntime } = this.#k;
    for (const state of ['down', 'stopped', 'network_not_ready']) {
      engine.onEnter('container-runtime', state, (runtime, row) => {
        const node = nodeOfRuntime[runtime];
        if (node) engine.send(node.entity, event.runtime_down, row);
      });
    }
    engine.onEnter('container-runtime', 'ready', (runtime, row) => {
      const node = nodeOfRuntime[runtime];
      if (node) engine.send(node.entity, event.runtime_up, row);
    });
  }

  #publishQuantities(): void {
    const { world, nodes } = this.#k;
    const publish = (name: string, of: (node: NodeRecord) => number) => {
      world.quantities.set(name, (entity) => {
        const node = nodes[entity];
        return node ? of(node) : Number.NaN;
      });
    };
    publish('node.pods', (node) => node.podsUsed);
    publish('node.allocatable_pods', (node) => node.cluster.spec.max_pods_per_node);
    publish('node.cpu_requests', (node) => node.cpuUsed_m / 1000);
    publish('node.allocatable_cpu', (node) => node.cpu_m / 1000);
    publish('node.memory_requests_bytes', (node) => node.memoryUsed_bytes);
    publish('node.allocatable_memory_bytes', (node) => node.memory_bytes);
  }
}

/** A node joins (1) or leaves (-1) what its cluster can allocate. */
function addAllocatable({ cluster, cpu_m, memory_bytes }: NodeRecord, sign: 1 | -1): void {
  const { lines, spec } = cluster;
  lines.cpu_requests.addCapacity(sign * cpu_m);
  lines.memory_requests_bytes.addCapacity(sign * memory_bytes);
  lines.pods.addCapacity(sign * spec.max_pods_per_node);
}
