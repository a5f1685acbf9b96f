/** What the simulated OpenStack offers the layers above it, and the quantities it keeps. */
import type { BootRequest, OverQuota, ServerService } from '../services.ts';
import { Tally } from '../tally.ts';
import { Actions } from './actions.ts';
import type { Nova } from './nova.ts';
import { FLAVOR, HOST, NOTHING, PROJECT, VOLUMES, VOLUMES_DUE } from './servers-table.ts';

export function offerServers(nova: Nova): void {
  const { world } = nova;
  const servers = new Servers(nova);
  world.services.servers = servers;
  const { quantities } = world;
  quantities.set('hypervisor.vcpus_used', (h) => servers.usageOf(h).vcpus);
  quantities.set('hypervisor.vcpus_limit', (h) => servers.usageOf(h).vcpusLimit);
  quantities.set('hypervisor.memory_bytes_used', (h) => servers.usageOf(h).ram_bytes);
  quantities.set('hypervisor.memory_bytes_limit', (h) => servers.usageOf(h).ramLimit_bytes);
  const projectOf = (entity: number) => nova.catalog.projects.find((p) => p.entity === entity)!;
  quantities.set('project.servers_used', (p) => projectOf(p).servers);
  quantities.set('project.servers_quota', (p) => projectOf(p).quota.servers);
  quantities.set('project.vcpus_used', (p) => projectOf(p).vcpus);
  quantities.set('project.vcpus_quota', (p) => projectOf(p).quota.vcpus);
}

const NO_USAGE = {
  vcpus: Number.NaN,
  vcpusLimit: Number.NaN,
  ram_bytes: Number.NaN,
  ramLimit_bytes: Number.NaN,
};

class Servers implements ServerService {
  readonly #nova: Nova;
  readonly #actions: Actions;
  readonly #serverKind: number;
  readonly #delete: number;
  /** Deletions that wait for the API. */
  readonly #undeleted: { server: number; uid: number; cause: number }[] = [];
  readonly #overQuotas = new Tally<OverQuota>();
  refused = 0;

  constructor(nova: Nova) {
    this.#nova = nova;
    this.#actions = new Actions(nova);
    this.#serverKind = nova.engine.model.kindId('server');
    this.#delete = nova.engine.model.eventId('delete');
    const retry = (): void => {
      for (const { server, uid, cause } of this.#undeleted.splice(0)) {
        if (nova.engine.isAlive(server, uid)) this.delete(server, cause);
      }
    };
    nova.engine.onEnter('host-os', 'running', retry);
    nova.engine.onEnter('host-os', 'degraded', retry);
  }

  get overQuotas() {
    return this.#overQuotas.all;
  }

  get noValidHosts() {
    return this.#nova.noValidHosts.all;
  }

  boot(request: BootRequest): number {
    const { engine, catalog, table, volumes, isApiUp } = this.#nova;
    const flavor = catalog.flavor(request.flavor);
    const index = catalog.project(request.project);
    const project = catalog.projects[index];
    const volumeCount = volumes.isBackend ? 1 + (request.volumes ?? 0) : 0;
    if (flavor < 0 || index < 0 || !isApiUp) {
      this.refused++;
      return NOTHING;
    }
    const exceeded = catalog.exceeded(project, 1, catalog.flavors[flavor], volumeCount);
    if (exceeded.length > 0) {
      this.refused++;
      const found = { project: project.name, exceeded, first_s: engine.now };
      this.#overQuotas.note([project.name, ...exceeded].join(' '), () => found);
      return NOTHING;
    }
    catalog.use(project, 1, catalog.flavors[flavor], volumeCount, 1);
    const server = engine.create(this.#serverKind, request.name, request.cause);
    const row = table.add(server, request.network);
    table.cells[row + FLAVOR] = flavor;
    table.cells[row + PROJECT] = index;
    table.cells[row + VOLUMES] = volumeCount;
    table.cells[row + VOLUMES_DUE] = volumeCount;
    if (project.entity >= 0) engine.link(project.entity, server, request.cause);
    const image = catalog.images.get(request.image);
    if (image !== undefined) engine.link(image, server, request.cause);
    return server;
  }

  delete(server: number, cause: number): void {
    const { engine, isApiUp } = this.#nova;
    if (isApiUp) engine.send(server, this.#delete, cause);
    else this.#undeleted.push({ server, uid: engine.uidOf(server), cause });
  }

  act(server: number, action: Parameters<ServerService['act']>[1], cause: number): boolean {
    return this.#actions.start(server, action, cause);
  }

  hypervisorOf(server: number): number {
    const { table, computes } = this.#nova;
    const host = table.cells[table.of(server) + HOST];
    return host === NOTHING ? NOTHING : computes.hypervisors[host];
  }

  vcpusOf(server: number): number {
    return this.#nova.flavorOf(this.#nova.table.of(server)).vcpus;
  }

  usageOf(hypervisor: number) {
    const { computes } = this.#nova;
    const host = computes.hostOf(hypervisor);
    if (host === NOTHING) return NO_USAGE;
    const { placement } = computes;
    return {
      vcpus: placement.usedVcpus(host),
      vcpusLimit: placement.vcpusLimit(host),
      ram_bytes: placement.usedRam_bytes(host),
      ramLimit_bytes: placement.ramLimit_bytes(host),
    };
  }
}
