/**
 * The control plane of Kubernetes, put together: scheduler, kubelets, node lifecycle, controllers,
 * autoscalers. It is taken to be hosted: its API is always there.
 */
import type { K8sWorkload, KubernetesCluster } from '../../model/scenario.ts';
import type { PodService } from '../services.ts';
import type { SimWorld } from '../world.ts';
import { BarePods } from './bare-pods.ts';
import { Claims } from './claims.ts';
import { cloudServersOf } from './cloud-servers.ts';
import { ClusterAutoscaler } from './cluster-autoscaler.ts';
import { KubeContext } from './context.ts';
import { DaemonSet } from './daemon-sets.ts';
import { Deployment } from './deployments.ts';
import { Drains } from './drains.ts';
import type { FailedScheduling } from './failed-scheduling.ts';
import { Hpa } from './hpa.ts';
import { JobSource } from './jobs.ts';
import { Kubelet } from './kubelet.ts';
import { Nodes } from './nodes.ts';
import { PodWatch } from './pod-watch.ts';
import type { ClusterRecord, NodeRecord } from './records.ts';
import { Scheduler } from './scheduler.ts';
import type { ClusterService } from './service.ts';
import { StatefulSet } from './stateful-sets.ts';
import { type Saturation, UnschedulablePods } from './unschedulable-pods.ts';
import { type Workload, WorkQueue } from './workload.ts';

/** Verbs by which the objects of controllers ask for reconciliation. */
const WORKLOAD_VERBS = [
  ['deployment', 'scale'],
  ['deployment', 'roll_out'],
  ['deployment', 'delete'],
  ['stateful-set', 'reconcile'],
  ['stateful-set', 'delete'],
  ['daemon-set', 'reconcile'],
  ['daemon-set', 'delete'],
  ['job', 'run'],
  ['job', 'delete'],
] as const;

export class Kubernetes implements ClusterService {
  readonly pods: PodService;
  readonly #world: SimWorld;
  readonly #k: KubeContext;
  readonly #scheduler: Scheduler;
  readonly #queue: WorkQueue;
  readonly #claims: Claims;
  readonly #nodes: Nodes;
  readonly #workloads: (Workload | undefined)[] = [];
  readonly #hpas: (Hpa | undefined)[] = [];
  readonly #autoscalers: (ClusterAutoscaler | undefined)[] = [];
  readonly #hpaOfDeployment: (Hpa | undefined)[] = [];
  readonly #daemonSets = new Map<ClusterRecord, DaemonSet[]>();
  /** Who waits for a cluster to be ready, by its name. */
  readonly #waiting = new Map<string, ((row: number) => void)[]>();
  readonly #settle: number;

  constructor(world: SimWorld) {
    this.#world = world;
    const k = new KubeContext(world);
    this.#k = k;
    this.#queue = new WorkQueue(k);
    this.#claims = new Claims(k);
    const scheduler = new Scheduler(k);
    const kubelet = new Kubelet(k);
    this.#scheduler = scheduler;
    const watch = new PodWatch(k, kubelet, scheduler);
    const servers = cloudServersOf(world);
    const parts = { servers, kubelet, scheduler, watch };
    this.#nodes = new Nodes(k, parts, {
      ready: (node, isFirst, row) => this.#onNodeReady(node, isFirst, row),
      membership: (cluster, row) => {
        for (const set of this.#daemonSets.get(cluster) ?? []) set.nodesChanged(row);
      },
    });
    const drains = new Drains(k, (node, row) => node.cluster.autoscaler?.nodeDrained(node, row));
    watch.onLeft = (node, row) => drains.podGone(node, row);
    this.pods = new BarePods(k);
    this.#settle = world.scheduler.handler((index, _unused, row) => {
      this.#apply(k.clusters[index], row);
    });
    this.#registerWorkloads();
    this.#registerAutoscalers();
    this.#publishBudgets();
  }

  /** Brings the clusters of the scenario up, as soon as the cloud takes servers. */
  start(): void {
    for (const spec of this.#world.scenario.stack.kubernetes) {
      const cluster: ClusterRecord = {
        spec,
        nodes: [],
        nodesWithImage: new Map(),
        lines: this.#world.account.addCluster(spec.name),
        unschedulable: new UnschedulablePods(this.#world.account),
        autoscaler: undefined,
        nextTaint_s: 0,
        nextNode: 0,
        applied: false,
      };
      this.#k.clusters.push(cluster);
      if (spec.nodes.type !== 'servers') continue;
      const { count, max } = spec.nodes;
      cloudServersOf(this.#world).whenReady((row) => {
        if (max > count) this.#createAutoscaler(cluster, { min: count, max }, row);
        for (let n = 0; n < count; n++) this.#nodes.addWorker(cluster, row);
      });
    }
  }

  whenReady(cluster: string, start: (row: number) => void): void {
    const waiting = this.#waiting.get(cluster) ?? [];
    waiting.push(start);
    this.#waiting.set(cluster, waiting);
  }

  get failedSchedulings(): readonly FailedScheduling[] {
    return this.#scheduler.failed.all;
  }

  saturations(): Saturation[] {
    return this.#k.clusters.map(({ spec, unschedulable }) => unschedulable.saturationOf(spec.name));
  }

  drain(hostOs: number, cause: number): void {
    this.#tellNodeOn(hostOs, this.#k.event.drain, cause);
  }

  uncordon(hostOs: number, cause: number): void {
    this.#tellNodeOn(hostOs, this.#k.event.uncordon, cause);
  }

  #tellNodeOn(host: number, event: number, cause: number): void {
    for (const { nodes } of this.#k.clusters) {
      const node = nodes.find((each) => each.host === host);
      if (node) this.#world.engine.send(node.entity, event, cause);
    }
  }

  #createAutoscaler(
    cluster: ClusterRecord,
    limits: { readonly min: number; readonly max: number },
    row: number,
  ): void {
    const autoscaler = new ClusterAutoscaler(this.#k, cluster, limits, this.#nodes, row);
    cluster.autoscaler = autoscaler;
    this.#autoscalers[autoscaler.entity] = autoscaler;
  }

  #onNodeReady(node: NodeRecord, isFirst: boolean, row: number): void {
    const { cluster } = node;
    if (isFirst) cluster.autoscaler?.nodeJoined(node);
    if (cluster.applied) return;
    const index = this.#k.clusters.indexOf(cluster);
    const joined = cluster.nodes.filter((n) => n.hasJoined).length;
    if (joined >= expectedNodes(this.#world, cluster.spec)) {
      this.#apply(cluster, row);
    } else if (joined === 1) {
      // Operators do not wait for ever for the last node.
      const { distribution } = this.#world.profile.get('node.cluster_settle');
      const patience_s = this.#world.drawKeyed(distribution, 2, index, 0);
      this.#world.scheduler.after(patience_s, this.#settle, index, 0, row);
    }
  }

  /** kubectl apply of everything the scenario runs in a cluster. */
  #apply(cluster: ClusterRecord, row: number): void {
    if (cluster.applied) return;
    cluster.applied = true;
    const { spec } = cluster;
    const daemonSets = spec.daemon_sets.map(
      (set) => new DaemonSet(this.#k, this.#queue, cluster, set, row),
    );
    this.#daemonSets.set(cluster, daemonSets);
    for (const set of daemonSets) this.#add(set);
    for (const set of spec.stateful_sets) {
      this.#add(new StatefulSet(this.#k, this.#queue, this.#claims, cluster, set, row));
    }
    for (const set of spec.deployments) this.#deploy(cluster, set, row);
    for (const job of spec.jobs) {
      const register = (run: Workload) => this.#add(run);
      new JobSource(this.#k, this.#queue, register, cluster, job).start(row);
    }
    for (const startOther of this.#waiting.get(spec.name) ?? []) startOther(row);
  }

  #deploy(cluster: ClusterRecord, spec: K8sWorkload, row: number): void {
    const deployment = new Deployment(this.#k, this.#queue, cluster, spec, row);
    this.#add(deployment);
    const { autoscale, replicas, cpu } = spec;
    if (!autoscale) return;
    // The replicas of the scenario are what meets the target on an average day.
    const mean = replicas * cpu * autoscale.cpu_target;
    const hpa = new Hpa(this.#k, deployment, autoscale, mean, row);
    this.#hpas[hpa.entity] = hpa;
    this.#hpaOfDeployment[deployment.entity] = hpa;
    deployment.onReadyChanged = (cause) => hpa.podsChanged(cause);
  }

  #add(workload: Workload): void {
    this.#workloads[workload.entity] = workload;
  }

  // ---------------------------------------------------------------- verbs and hooks

  #registerWorkloads(): void {
    const { engine } = this.#world;
    for (const [kind, verb] of WORKLOAD_VERBS) {
      this.#world.onVerb(kind, verb, (entity, token) => {
        this.#workloads[entity]?.request(token);
        if (verb === 'scale') this.#hpaOfDeployment[entity]?.look(token);
      });
    }
    for (const kind of ['deployment', 'stateful-set', 'daemon-set', 'job'] as const) {
      engine.onEnter(kind, 'deleted', (entity, row) => this.#dispose(entity, row));
    }
    engine.onEnter('job', 'Suspended', (entity, row) => this.#workloads[entity]?.mark(row));
  }

  #dispose(entity: number, row: number): void {
    const hpa = this.#hpaOfDeployment[entity];
    if (hpa) {
      hpa.dispose(row);
      this.#hpas[hpa.entity] = undefined;
      this.#hpaOfDeployment[entity] = undefined;
    }
    const workload = this.#workloads[entity];
    this.#workloads[entity] = undefined;
    if (!workload) return;
    const daemonSets = this.#daemonSets.get(workload.cluster) ?? [];
    this.#daemonSets.set(
      workload.cluster,
      daemonSets.filter((set) => set !== workload),
    );
    workload.dispose(row);
  }

  #registerAutoscalers(): void {
    const world = this.#world;
    const { engine } = world;
    const { event } = this.#k;
    const verb = world.verbId('hpa', 'scale_up');
    const sync = world.timing('hpa.sync');
    const scaling = this.#k.mask('hpa', 'scaling_up', 'scaling_down');
    const down = this.#k.mask('hpa', 'scaling_down');
    world.onVerb('hpa', 'scale_up', (entity, token) => {
      if (!this.#hpas[entity]?.isAtMax) world.answerLater(entity, token, verb);
      else world.answerIn(world.draw(entity, sync), entity, token, event.limited);
    });
    engine.onEnter('hpa', 'steady', (entity, row, _event, from) => {
      const hpa = this.#hpas[entity];
      if (scaling[from]) hpa?.act(down[from] === 1, row);
      else hpa?.look(row);
    });
    engine.onEnter('hpa', 'limited', (entity, row) => this.#hpas[entity]?.look(row));

    world.onVerb('cluster-autoscaler', 'scale_up', (entity, token) => {
      this.#autoscalers[entity]?.scaleUp(token);
    });
    world.onVerb('cluster-autoscaler', 'scale_down', (entity, token) => {
      this.#autoscalers[entity]?.scaleDown(token);
    });
    engine.onEnter('cluster-autoscaler', 'idle', (entity, row) => {
      this.#autoscalers[entity]?.idle(row);
    });
  }

  #publishBudgets(): void {
    const { quantities, engine } = this.#world;
    const kinds = [this.#k.kind.deployment, this.#k.kind['stateful-set']];
    const budgetOf = (entity: number) => {
      const owner = Math.max(...kinds.map((kind) => engine.providerOf(entity, kind)));
      const budget = this.#workloads[owner]?.budget;
      return budget?.entity === entity ? budget : undefined;
    };
    quantities.set(
      'pdb.voluntarily_disrupted',
      (entity) => budgetOf(entity)?.voluntarilyDisrupted ?? Number.NaN,
    );
    quantities.set('pdb.max_unavailable', (e) => budgetOf(e)?.maxUnavailable ?? Number.NaN);
  }
}

/** Nodes a cluster of the scenario has from the start. */
function expectedNodes(world: SimWorld, { nodes }: KubernetesCluster): number {
  if (nodes.type === 'servers') return nodes.count;
  const groups = world.scenario.site.racks.flatMap((rack) => rack.machines);
  return groups.reduce(
    (sum, { flavor, count }) => sum + (nodes.on.includes(flavor) ? count : 0),
    0,
  );
}
