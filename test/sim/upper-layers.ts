/**
 * A world with only the container, CaaS and orchestration layers in it: the cloud below is a stand-in
 * whose servers become active a second after they are asked for, and do what a test sends them.
 */
import { Engine } from '../../engine/engine.ts';
import type { InvariantMonitor } from '../../engine/invariants.ts';
import { standardModel } from '../../engine/standard-model.ts';
import type { KubernetesCluster, Scenario, Stack } from '../../model/scenario.ts';
import { installCaas } from '../../sim/caas/index.ts';
import { installContainer } from '../../sim/container/index.ts';
import { installOrchestration } from '../../sim/orchestration/index.ts';
import { Profile, type ProfileTimings, type Timing } from '../../sim/profile.ts';
import { LAB_CAAS } from '../../sim/profiles/lab/caas.ts';
import { LAB_CONTAINER } from '../../sim/profiles/lab/container.ts';
import { LAB_ORCHESTRATION } from '../../sim/profiles/lab/orchestration.ts';
import type {
  BareMetalService,
  BootRequest,
  CephService,
  ServerService,
} from '../../sim/services.ts';
import { SimWorld } from '../../sim/world.ts';
import { RowList } from '../support/rows.ts';

const SECOND: Timing = { distribution: { type: 'constant', value: 1 }, source: 'stand-in' };

const SERVERS = {
  type: 'servers',
  project: 'p',
  flavor: 'worker',
  image: 'linux',
  network: 'net',
} as const;

/** A cluster of three workers with four CPUs, unless said otherwise. */
export function cluster(
  spec: Partial<Omit<KubernetesCluster, 'nodes'>> & { count?: number; max?: number } = {},
): KubernetesCluster {
  const { count = 3, max = count, ...rest } = spec;
  return {
    name: 'k',
    nodes: { ...SERVERS, count, max },
    max_pods_per_node: 20,
    node_monitor_grace_s: 40,
    pod_eviction_s: 300,
    deployments: [],
    stateful_sets: [],
    daemon_sets: [],
    jobs: [],
    ...rest,
  };
}

export function workload(name: string, replicas: number, more: object = {}) {
  return {
    name,
    replicas,
    image: 'app',
    cpu: 0.5,
    memory_bytes: 256e6,
    service: true,
    ...more,
  };
}

function scenarioOf(stack: Partial<Stack>, machines: Readonly<Record<string, number>>): Scenario {
  const openstack = {
    compute: [],
    images: { linux: { size_bytes: 1e9 } },
    flavors: { worker: { vcpus: 4, ram_bytes: 8e9, disk_bytes: 1e10 } },
  } as unknown as Stack['openstack'];
  const ceph = { pools: [{ name: 'volumes', application: 'rbd' }] } as unknown as Stack['ceph'];
  const containers = { on: [], images: { app: { size_bytes: 1e8 } } } as const;
  return {
    name: 'test',
    seed: 1,
    site: {
      region: 'r',
      flavors: Object.fromEntries(
        Object.keys(machines).map((f) => [f, { cores: 8, threads: 2, memory_bytes: 64e9 }]),
      ),
      racks: [{ machines: Object.entries(machines).map(([flavor, count]) => ({ flavor, count })) }],
    },
    stack: { openstack, ceph, containers, kubernetes: [], juju: [], ...stack },
  } as unknown as Scenario;
}

export class Upper {
  readonly engine: Engine;
  readonly world: SimWorld;
  readonly rows = new RowList();
  readonly servers: number[] = [];
  /** Servers that may still be asked for; after that they are refused. */
  quota = 100;
  readonly #remove: number;
  #monitor: InvariantMonitor | undefined;

  /** `machines`: how many hosts of each machine flavor there are; they boot at once. */
  constructor(
    stack: Partial<Stack>,
    seed = 1,
    timings: ProfileTimings = {},
    machines: Readonly<Record<string, number>> = {},
  ) {
    const model = standardModel();
    this.engine = new Engine({ model, recorder: this.rows });
    const names = [...model.verbNames, ...model.delayNames];
    const stub = Object.fromEntries(names.map((name) => [name, SECOND]));
    const own = { ...LAB_CONTAINER, ...LAB_CAAS, ...LAB_ORCHESTRATION, ...timings };
    const profile = new Profile('test', new Map(Object.entries({ ...stub, ...own })));
    const scenario = scenarioOf(stack, machines);
    this.world = new SimWorld({ engine: this.engine, scenario, profile, seed });
    this.#remove = this.world.scheduler.handler((entity, _, cause) => {
      this.engine.remove(entity, cause);
    });
    const servers: Pick<ServerService, 'boot' | 'delete'> = {
      boot: (request) => this.#boot(request),
      delete: (server, cause) => this.#delete(server, cause),
    };
    this.world.services.servers = servers as ServerService;
    const ceph: Pick<CephService, 'createImage' | 'deleteImage'> = {
      createImage: (_pool, name, _size, cause) => this.world.create('rbd-image', name, [], cause),
      deleteImage: (image, cause) => this.engine.remove(image, cause),
    };
    this.world.services.ceph = ceph as CephService;
    installContainer(this.world);
    installCaas(this.world);
    installOrchestration(this.world);
    this.world.send(this.world.create('image', 'linux', []), 'upload');
    this.#bootMachines(machines);
  }

  #bootMachines(machines: Readonly<Record<string, number>>): void {
    const boots = new Map<number, number>();
    this.engine.onEnter('host-os', 'booting', (host) => {
      boots.set(host, (boots.get(host) ?? 0) + 1);
    });
    this.world.services.hosts = { bootOf: (host) => boots.get(host) ?? 0 };
    const bareMetal: Pick<BareMetalService, 'flavorOf'> = {
      flavorOf: (host) => this.engine.names[host].replace(/-\d+$/, ''),
    };
    this.world.services.bareMetal = bareMetal as BareMetalService;
    for (const [flavor, count] of Object.entries(machines)) {
      for (let n = 1; n <= count; n++) {
        this.send(this.world.create('host-os', `${flavor}-${n}`, []), 'power_on');
      }
    }
  }

  #boot(request: BootRequest): number {
    if (this.quota-- <= 0) return -1;
    const server = this.world.create('server', request.name, [], request.cause);
    this.servers.push(server);
    return server;
  }

  #delete(server: number, cause: number): void {
    this.world.scheduler.soon(this.#remove, server, 0, cause);
    this.servers.splice(this.servers.indexOf(server), 1);
  }

  /** Holds invariants after every instant from now on. */
  watch(monitor: InvariantMonitor): void {
    this.#monitor = monitor;
    monitor.follow();
  }

  /** Runs for so many more seconds. */
  run(seconds: number): this {
    const { engine } = this;
    const until_s = engine.now + seconds;
    if (this.#monitor) {
      while (engine.scheduler.step(until_s)) {
        if (engine.scheduler.isSettled) this.#monitor.checkTouched();
      }
    }
    engine.run(until_s);
    return this;
  }

  send(entity: number, event: string): this {
    this.world.send(entity, event);
    return this;
  }

  /** The entity of a kind with a name (or a beginning of it); throws when there is none. */
  find(kind: string, name: string): number {
    const found = this.all(kind).find((e) => this.engine.names[e].startsWith(name));
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found;
  }

  all(kind: string): number[] {
    const entities: number[] = [];
    this.engine.forEach(this.engine.model.kindId(kind), (e) => {
      entities.push(e);
    });
    return entities;
  }

  state(entity: number): string {
    const name = this.engine.model.stateNames[this.engine.state[entity]];
    return name.slice(name.indexOf('/') + 1);
  }

  states(kind: string): string[] {
    return this.all(kind).map((e) => this.state(e));
  }

  /** How many entities of a kind are in each state. */
  count(kind: string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const state of this.states(kind)) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  /** Names of the nodes that pods of a name (or a beginning of it) are on. */
  placesOf(prefix: string): string[] {
    const node = this.engine.model.kindId('node');
    return this.all('pod')
      .filter((pod) => this.engine.names[pod].startsWith(prefix))
      .map((pod) => this.engine.providerOf(pod, node))
      .map((n) => (n < 0 ? '-' : this.engine.names[n]));
  }

  /** The server is cut off from its host; `reboot` also ends its guest. */
  lose(server: number): this {
    return this.send(server, 'lost').run(0);
  }

  restore(server: number, reboot: boolean): this {
    if (reboot) this.send(server, 'guest_stopped').run(1.5);
    return this.send(server, 'restored').run(0);
  }
}
