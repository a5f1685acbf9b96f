/**
 * The compute hosts: a nova-compute on every hypervisor of the scenario's flavors, what it registers
 * with placement, and what nova believes of it (reports stay away, `service_down_time` passes).
 */

import type { MachineFlavor, OpenStackStack } from '../../model/scenario.ts';
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';
import { Placement } from './placement.ts';
import type { Inventory } from './resources.ts';
import { multipliersOf } from './scheduler.ts';

/** What others do when a host comes, goes silent, counts as down, or is fenced. */
export interface ComputeObserver {
  /** It reports, for the first time or again. */
  up(host: number, row: number): void;
  /** Its last report is older than `service_down_time`. */
  down(host: number, row: number): void;
  /** It is forced down: its servers may be evacuated. */
  fenced(host: number, row: number): void;
}

export class Computes {
  readonly placement: Placement;
  /** By host number. */
  readonly services: number[] = [];
  readonly hypervisors: number[] = [];
  readonly #hostOs: number[] = [];
  readonly #world: SimWorld;
  readonly #openstack: OpenStackStack;
  readonly #hostOfService: EntityMap;
  readonly #serviceOfHypervisor: EntityMap;
  readonly #serverKind: number;
  readonly #hostKind: number;
  readonly #observers: ComputeObserver[] = [];

  constructor(world: SimWorld, openstack: OpenStackStack) {
    const { model } = world.engine;
    this.#world = world;
    this.#hostOfService = new EntityMap(world.engine);
    this.#serviceOfHypervisor = new EntityMap(world.engine);
    this.#openstack = openstack;
    this.placement = new Placement(multipliersOf(openstack.scheduler));
    this.#serverKind = model.kindId('server');
    this.#hostKind = model.kindId('host-os');
    this.#deploy();
    this.#followState();
    this.#followStatus();
  }

  observe(observer: ComputeObserver): void {
    this.#observers.push(observer);
  }

  hostOfService(service: number): number {
    return this.#hostOfService.get(service);
  }

  /** The host number of a hypervisor, or -1. */
  hostOf(hypervisor: number): number {
    const service = this.#serviceOfHypervisor.get(hypervisor);
    return service < 0 ? -1 : this.#hostOfService.get(service);
  }

  /** Whether nova can ask the host to do something: its service reports. */
  answers(host: number): boolean {
    return this.#world.engine.isServing(this.services[host]);
  }

  /** The operating system under a host. */
  hostOsOf(host: number): number {
    return this.#hostOs[host];
  }

  /** The servers that a host manages. */
  serversOf(host: number): number[] {
    const servers: number[] = [];
    this.#world.engine.forEachDependent(this.services[host], this.#serverKind, (server) => {
      servers.push(server);
    });
    return servers;
  }

  // ---------------------------------------------------------------- deployment

  #deploy(): void {
    const { engine } = this.#world;
    const flavors = new Set(this.#openstack.compute);
    engine.onEnter('hypervisor', 'running', (hypervisor, row) => {
      if (this.#serviceOfHypervisor.get(hypervisor) >= 0) return;
      const host = engine.providerOf(hypervisor, this.#hostKind);
      if (!flavors.has(this.#world.services.bareMetal!.flavorOf(host))) return;
      const name = engine.names[hypervisor];
      const service = this.#world.create('compute-service', name, [hypervisor], row);
      this.#serviceOfHypervisor.set(hypervisor, service);
    });
    const start = this.#world.verbId('compute-service', 'start');
    const fault = engine.model.eventId('fault');
    const begin = this.#world.scheduler.handler((service, token) => {
      if (!engine.isRequested(service, token)) return;
      if (engine.isSatisfied(service)) this.#world.answerLater(service, token, start);
      else this.#world.answerIn(0, service, token, fault);
    });
    this.#world.onVerb('compute-service', 'start', (service, token) => {
      this.#world.scheduler.soon(begin, service, token);
    });
  }

  #register(service: number): number {
    const { engine, services, scenario, account } = this.#world;
    const hypervisor = engine.providerOf(service, engine.model.kindId('hypervisor'));
    const hostOs = engine.providerOf(hypervisor, this.#hostKind);
    const flavor = scenario.site.flavors[services.bareMetal!.flavorOf(hostOs)];
    const host = this.placement.add(inventoryOf(flavor, scenario.stack.hypervisor!));
    this.services[host] = service;
    this.hypervisors[host] = hypervisor;
    this.#hostOs[host] = hostOs;
    this.#hostOfService.set(service, host);
    account.addCapacity('vcpus', this.placement.vcpusLimit(host));
    account.addCapacity('memory_bytes', this.placement.ramLimit_bytes(host));
    account.addCapacity('disk_bytes', this.placement.diskLimit_bytes(host));
    return host;
  }

  // ---------------------------------------------------------------- state and status

  #followState(): void {
    const { engine, scheduler } = this.#world;
    const { model } = engine;
    const overdue = model.eventId('overdue');
    const age = this.#world.timing('compute-service.report_age');
    const expire = scheduler.handler((service, _unused, row) => {
      if (engine.lastRowOf(service) === row) engine.send(service, overdue, row);
    });
    engine.onEnter('compute-service', 'up.reporting', (service, row) => {
      let host = this.#hostOfService.get(service);
      if (host < 0) host = this.#register(service);
      this.placement.setUp(host, true);
      for (const observer of this.#observers) observer.up(host, row);
    });
    engine.onEnter('compute-service', 'up.silent', (service, row) => {
      const { service_down_s } = this.#openstack;
      const left_s = Math.max(0, service_down_s - this.#world.draw(service, age));
      scheduler.after(left_s, expire, service, 0, row);
    });
    for (const state of ['down', 'forced_down', 'starting'] as const) {
      engine.onEnter('compute-service', state, (service, row) => {
        const host = this.#hostOfService.get(service);
        if (host < 0) return;
        this.placement.setUp(host, false);
        const call = ({ down: 'down', forced_down: 'fenced', starting: undefined } as const)[state];
        if (call) for (const observer of this.#observers) observer[call](host, row);
      });
    }
  }

  #followStatus(): void {
    const { engine } = this.#world;
    const setEnabled = (isEnabled: boolean) => (service: number) => {
      const host = this.#hostOfService.get(service);
      if (host >= 0) this.placement.setEnabled(host, isEnabled);
    };
    engine.onEnter('compute-service', 'enabled', setEnabled(true));
    engine.onEnter('compute-service', 'disabled', setEnabled(false));
  }
}

function inventoryOf(
  flavor: MachineFlavor,
  ratios: {
    cpu_ratio: number;
    ram_ratio: number;
    disk_ratio: number;
    reserved_memory_bytes: number;
  },
): Inventory {
  // The system disks are a mirror: what one of them holds is there once.
  const system = flavor.disks.filter((disk) => disk.use === 'system');
  return {
    vcpus: flavor.cores * flavor.threads,
    ram_bytes: flavor.memory_bytes,
    reserved_ram_bytes: Math.min(ratios.reserved_memory_bytes, flavor.memory_bytes),
    disk_bytes: system.reduce((sum, disk) => sum + disk.size_bytes, 0),
    cpu_ratio: ratios.cpu_ratio,
    ram_ratio: ratios.ram_ratio,
    disk_ratio: ratios.disk_ratio,
  };
}
