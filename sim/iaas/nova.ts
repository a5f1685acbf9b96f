/** The parts of the simulated nova, and what its verbs have in common. */
import type { Engine } from '../../engine/engine.ts';
import type { OpenStackStack } from '../../model/scenario.ts';
import type { Line } from '../account.ts';
import type { SimWorld } from '../world.ts';
import { Computes } from './computes.ts';
import { type Finished, Guests } from './guests.ts';
import { Network } from './network.ts';
import { NoValidHosts } from './no-valid-host.ts';
import { Catalog, type Flavor } from './projects.ts';
import { Scheduler } from './scheduler.ts';
import { FLAVOR, HOST, NOTHING, OLD_HOST, PROJECT, ServerTable, TARGET } from './servers-table.ts';
import { Volumes } from './volumes.ts';

export class Nova {
  readonly world: SimWorld;
  readonly engine: Engine;
  readonly openstack: OpenStackStack;
  readonly table: ServerTable;
  readonly catalog: Catalog;
  readonly computes: Computes;
  readonly scheduler: Scheduler;
  readonly guests: Guests;
  readonly network: Network;
  readonly volumes: Volumes;
  readonly noValidHosts = new NoValidHosts();
  /** Called when a volume of a server is attached or fails. */
  onVolume: (server: number, isAttached: boolean) => void = () => {};
  readonly #control: number[] = [];
  /** What waits for a silent host to come back or to count as down, by host. */
  readonly #undecided = new Map<number, ((isUp: boolean) => void)[]>();
  readonly #runningSlot: number;
  readonly #used: Readonly<Record<'vcpus' | 'ram_bytes' | 'disk_bytes', Line>>;
  /** States of a domain in which its guest is off though nobody saved it. */
  readonly isGuestOff: Uint8Array;
  readonly #fault: number;

  constructor(world: SimWorld, openstack: OpenStackStack) {
    this.world = world;
    this.engine = world.engine;
    this.openstack = openstack;
    this.table = new ServerTable(world.engine);
    this.catalog = new Catalog(world, openstack);
    this.computes = new Computes(world, openstack);
    const draws = world.random.fork('nova/host-subset');
    this.scheduler = new Scheduler(this.computes.placement, openstack.scheduler, draws);
    this.guests = new Guests(world, this.table);
    this.network = new Network(world, this.table, this.computes);
    this.volumes = new Volumes(
      world,
      openstack.volume_pool,
      this.table,
      (server, _volume, isAttached) => {
        this.onVolume(server, isAttached);
      },
    );
    this.#fault = world.engine.model.eventId('fault');
    this.#used = {
      vcpus: world.account.line('vcpus'),
      ram_bytes: world.account.line('memory_bytes'),
      disk_bytes: world.account.line('disk_bytes'),
    };
    const { slotNames } = world.engine.model.kinds[world.engine.model.kindId('server')];
    this.#runningSlot = slotNames.indexOf('running');
    const crashed = this.engine.statesMatching('domain', 'crashed');
    const shutoff = this.engine.statesMatching('domain', 'shutoff');
    this.isGuestOff = shutoff.map((off, s) => off | crashed[s]);
    this.#followControl();
    const decide = (host: number, isUp: boolean): void => {
      const waiting = this.#undecided.get(host) ?? [];
      this.#undecided.delete(host);
      for (const decided of waiting) decided(isUp);
    };
    this.computes.observe({
      up: (host) => decide(host, true),
      down: (host) => decide(host, false),
      fenced: (host) => decide(host, false),
    });
  }

  /** Whether the API answers: a host of the control plane serves, or none was asked for. */
  get isApiUp(): boolean {
    if (this.openstack.control.length === 0) return true;
    return this.#control.some((host) => this.engine.isServing(host));
  }

  #followControl(): void {
    const known = new Set<number>();
    const follow = (host: number): void => {
      const flavor = this.world.services.bareMetal!.flavorOf(host);
      if (known.has(host) || !this.openstack.control.includes(flavor)) return;
      known.add(host);
      this.#control.push(host);
    };
    this.engine.onEnter('host-os', 'running', follow);
    this.engine.onEnter('host-os', 'degraded', follow);
  }

  /** Calls `decided` when a host that does not answer reports again, or counts as down. */
  whenDecided(host: number, decided: (isUp: boolean) => void): void {
    const isSilent = this.computes.placement.isUp(host);
    if (!isSilent) decided(false);
    else this.#undecided.set(host, [...(this.#undecided.get(host) ?? []), decided]);
  }

  /** Whether nova means the guest of a server to run. */
  wantsGuest(server: number): boolean {
    return this.engine.slot(server, this.#runningSlot) === 1;
  }

  flavorOf(row: number): Flavor {
    return this.catalog.flavors[this.table.cells[row + FLAVOR]];
  }

  /** Whether the host of a server can be asked to do something to it. */
  hostAnswers(row: number): boolean {
    const host = this.table.cells[row + HOST];
    return host !== NOTHING && this.computes.answers(host);
  }

  // ---------------------------------------------------------------- allocations

  /** Takes a host's resources for a flavor. */
  allocate(host: number, flavor: Flavor): void {
    this.#account(host, flavor, 1);
  }

  release(host: number, flavor: Flavor): void {
    this.#account(host, flavor, -1);
  }

  #account(host: number, flavor: Flavor, sign: 1 | -1): void {
    this.computes.placement.allocate(host, flavor, sign);
    this.#used.vcpus.use(sign * flavor.vcpus);
    this.#used.ram_bytes.use(sign * flavor.ram_bytes);
    this.#used.disk_bytes.use(sign * flavor.disk_bytes);
  }

  /** Puts a server under the compute service of a host, taking it from the one it was under. */
  manage(server: number, host: number, cause: number): void {
    const { engine, table, computes } = this;
    const row = table.of(server);
    const old = table.cells[row + HOST];
    if (old === host) return;
    table.cells[row + HOST] = host;
    if (host !== NOTHING) engine.link(computes.services[host], server, cause);
    if (old !== NOTHING) engine.unlink(computes.services[old], server);
  }

  /** Frees the host of a server: its resources and its place under the compute service. */
  vacate(server: number, cause: number): void {
    const row = this.table.of(server);
    const host = this.table.cells[row + HOST];
    if (host === NOTHING) return;
    // What a server holds where a resize began is freed with the rest of the resize.
    if (this.table.cells[row + OLD_HOST] !== host) this.release(host, this.flavorOf(row));
    this.manage(server, NOTHING, cause);
  }

  /** Picks a host for a server and allocates its resources there; -1: no valid host. */
  claimHost(row: number, ignored: readonly number[]): number {
    const flavor = this.flavorOf(row);
    const host = this.scheduler.select(flavor, ignored);
    this.table.cells[row + TARGET] = host;
    if (host !== NOTHING) this.allocate(host, flavor);
    else this.noValidHosts.note(this.computes.placement, flavor, ignored, this.engine.now);
    return host;
  }

  /** The server goes where it was scheduled to. */
  arrive(server: number, cause: number): void {
    const row = this.table.of(server);
    const { cells } = this.table;
    if (cells[row + TARGET] === NOTHING) return;
    this.manage(server, cells[row + TARGET], cause);
    cells[row + TARGET] = NOTHING;
  }

  /** Gives a server another flavor, and its project what the difference is. */
  setFlavor(row: number, flavor: number): void {
    const { table, catalog } = this;
    const project = catalog.projects[table.cells[row + PROJECT]];
    catalog.use(project, 0, this.flavorOf(row), 0, -1);
    table.cells[row + FLAVOR] = flavor;
    catalog.use(project, 0, this.flavorOf(row), 0, 1);
  }

  /** Frees what was allocated on a host that the server never reached. */
  abandonTarget(row: number): void {
    const { cells } = this.table;
    if (cells[row + TARGET] === NOTHING) return;
    this.release(cells[row + TARGET], this.flavorOf(row));
    cells[row + TARGET] = NOTHING;
  }

  // ---------------------------------------------------------------- answers

  /** Ends a verb with its usual duration, or with `fault` when its work failed. */
  finisher(verb: string): Finished {
    const id = this.world.verbId('server', verb);
    return (server, token, reached) => {
      if (reached) this.world.answerLater(server, token, id);
      else this.world.answerIn(0, server, token, this.#fault);
    };
  }

  fail(server: number, token: number): void {
    this.world.answerIn(0, server, token, this.#fault);
  }
}
