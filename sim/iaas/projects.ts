/** Projects, flavors and images of the scenario, made when the control plane runs; and the quotas. */
import type { OpenStackStack, Quota, ServerFlavor } from '../../model/scenario.ts';
import type { QuotaResource } from '../services.ts';
import type { SimWorld } from '../world.ts';
import type { Demand } from './resources.ts';

/** A flavor with what placement is asked for. */
export interface Flavor extends Demand {
  readonly name: string;
  /** Size of the root disk, wherever it is. */
  readonly rootDisk_bytes: number;
  entity: number;
}

/** A project with what it uses of its quota. */
export interface Project {
  readonly name: string;
  readonly quota: Quota;
  entity: number;
  servers: number;
  vcpus: number;
  ram_bytes: number;
  volumes: number;
}

/** The Ceph pool that glance keeps images in, when there is one of that name. */
const IMAGES_POOL = 'images';

export class Catalog {
  readonly flavors: readonly Flavor[];
  readonly projects: readonly Project[];
  /** Entity of each image by name. */
  readonly images = new Map<string, number>();
  readonly #world: SimWorld;
  readonly #openstack: OpenStackStack;
  readonly #flavorIndex = new Map<string, number>();
  readonly #projectIndex = new Map<string, number>();
  #isMade = false;

  constructor(world: SimWorld, openstack: OpenStackStack) {
    this.#world = world;
    this.#openstack = openstack;
    const isLocal = openstack.volume_pool === undefined;
    this.flavors = Object.entries(openstack.flavors).map(([name, spec]) =>
      flavorOf(name, spec, isLocal),
    );
    this.projects = Object.entries(openstack.projects).map(([name, quota]) => {
      return { name, quota, entity: -1, servers: 0, vcpus: 0, ram_bytes: 0, volumes: 0 };
    });
    this.flavors.forEach((flavor, i) => {
      this.#flavorIndex.set(flavor.name, i);
    });
    this.projects.forEach((project, i) => {
      this.#projectIndex.set(project.name, i);
    });
    this.#install();
  }

  /** Index of a flavor or project by name; -1 when there is none. */
  flavor(name: string): number {
    return this.#flavorIndex.get(name) ?? -1;
  }

  project(name: string): number {
    return this.#projectIndex.get(name) ?? -1;
  }

  /** Whether a project may have so much more. */
  allows(project: Project, servers: number, demand: Demand, volumes: number): boolean {
    return this.exceeded(project, servers, demand, volumes).length === 0;
  }

  /** The quotas that a project would exceed with so much more. */
  exceeded(
    project: Project,
    servers: number,
    demand: Demand,
    volumes: number,
  ): readonly QuotaResource[] {
    const { quota } = project;
    const exceeded: QuotaResource[] = [];
    if (project.servers + servers > quota.servers) exceeded.push('instances');
    if (project.vcpus + demand.vcpus > quota.vcpus) exceeded.push('cores');
    if (project.ram_bytes + demand.ram_bytes > quota.ram_bytes) exceeded.push('ram');
    if (project.volumes + volumes > quota.volumes) exceeded.push('volumes');
    return exceeded;
  }

  /** Adds to (`sign` 1) or takes from (-1) what a project uses. */
  use(project: Project, servers: number, demand: Demand, volumes: number, sign: 1 | -1): void {
    project.servers += sign * servers;
    project.vcpus += sign * demand.vcpus;
    project.ram_bytes += sign * demand.ram_bytes;
    project.volumes += sign * volumes;
  }

  // ---------------------------------------------------------------- what operators set up

  #install(): void {
    const { engine, scheduler } = this.#world;
    const { control } = this.#openstack;
    if (control.length === 0) {
      scheduler.soon(scheduler.handler(() => this.#make(-1)));
    } else {
      const deployed = (host: number, row: number): void => {
        const flavor = this.#world.services.bareMetal!.flavorOf(host);
        if (control.includes(flavor)) this.#make(row);
      };
      engine.onEnter('host-os', 'running', deployed);
      engine.onEnter('host-os', 'degraded', deployed);
    }
    engine.onEnter('pool', 'active', (pool, row) => {
      if (engine.names[pool] === IMAGES_POOL && this.#isMade) this.#makeImages(row);
    });
  }

  #make(row: number): void {
    if (this.#isMade) return;
    this.#isMade = true;
    for (const project of this.projects) {
      project.entity = this.#world.create('project', project.name, [], row);
    }
    for (const flavor of this.flavors) {
      flavor.entity = this.#world.create('flavor', flavor.name, [], row);
    }
    this.#makeImages(row);
  }

  /** Uploads the images, into Ceph when it has a pool for them. */
  #makeImages(row: number): void {
    const { engine, scenario, services } = this.#world;
    const wantsPool = scenario.stack.ceph?.pools.some((pool) => pool.name === IMAGES_POOL);
    const pool = wantsPool ? services.ceph!.poolOf(IMAGES_POOL) : -1;
    if (this.images.size > 0 || (wantsPool && (pool < 0 || !engine.isServing(pool)))) return;
    for (const [name, { size_bytes }] of Object.entries(this.#openstack.images)) {
      const image = this.#world.create('image', name, [], row);
      this.images.set(name, image);
      if (wantsPool) {
        const data = services.ceph!.createImage(IMAGES_POOL, name, size_bytes, row);
        engine.link(data, image, row);
      }
      this.#world.send(image, 'upload', row);
    }
  }
}

function flavorOf(name: string, spec: ServerFlavor, isLocal: boolean): Flavor {
  return {
    name,
    vcpus: spec.vcpus,
    ram_bytes: spec.ram_bytes,
    disk_bytes: isLocal ? spec.disk_bytes : 0,
    rootDisk_bytes: spec.disk_bytes,
    entity: -1,
  };
}
