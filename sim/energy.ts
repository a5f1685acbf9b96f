/**
 * What running domains make of the machines under them: CPU utilisation, power and energy.
 *
 * Demand is counted in thousandths of a CPU (Kubernetes' millicores), so that a machine's capacity
 * is 1000 for each thread and no clock rate is needed.
 */

import { grown } from '../engine/grow.ts';
import { hashString } from '../engine/random.ts';
import type { Distribution } from '../model/scenario.ts';
import type { Line } from './account.ts';
import { EntityMap } from './entity-map.ts';
import { type MeteredHost, PowerMeter } from './power/meter.ts';
import type { SimWorld } from './world.ts';

export const MILLI_PER_CPU = 1000;

/** Metrics of the recording. */
export const ENERGY_METRICS = ['cpu_utilisation_ratio', 'power_w'] as const;

export interface EnergyOptions {
  /** Seconds between samples in the recording; 0: none. */
  readonly sample_s: number;
  /** CPU use of a domain nobody set, as a share of its virtual CPUs. */
  readonly defaultUtilisation: Distribution;
}

export class EnergyDriver {
  readonly #world: SimWorld;
  readonly #options: EnergyOptions;
  readonly #machines: readonly number[];
  readonly #indexOfMachine: EntityMap;
  readonly #indexOfHypervisor: EntityMap;
  readonly #demand: Float64Array;
  readonly #utilisationPurpose = hashString('domain.cpu_utilisation');
  readonly #sample: number;
  readonly #serverKind: number;
  readonly #hypervisorKind: number;
  readonly meter: PowerMeter;
  readonly #powerLine: Line;
  #power_w = 0;
  /** Two numbers for each domain, by ordinal: 1 + its host's index while it runs, and its demand. */
  #running = new Float64Array(512);
  /** Two numbers for each server, by ordinal: 1 + its number in the recording, and its share. */
  #shares = new Float64Array(512);
  /** By server name: utilisation that a workload has set. */
  readonly #utilisation = new Map<string, Distribution>();

  /** Create it once the machines of the site exist. */
  constructor(world: SimWorld, options: EnergyOptions) {
    this.#world = world;
    this.#indexOfMachine = new EntityMap(world.engine);
    this.#indexOfHypervisor = new EntityMap(world.engine);
    this.#options = options;
    this.#powerLine = world.account.line('power_w');
    this.#serverKind = world.engine.model.kindId('server');
    this.#hypervisorKind = world.engine.model.kindId('hypervisor');
    this.#machines = world.services.bareMetal?.machines ?? [];
    this.meter = new PowerMeter(this.#hosts(), world.engine.now);
    this.#demand = new Float64Array(this.#machines.length);
    this.#machines.forEach((machine, i) => {
      this.#indexOfMachine.set(machine, i);
    });
    this.#sample = world.scheduler.handler(() => this.#onSample());
    this.#notePower();
    this.#follow();
    if (options.sample_s > 0) world.scheduler.after(options.sample_s, this.#sample);
  }

  /** The host index under a hypervisor, or -1. */
  hostIndex(hypervisor: number): number {
    const known = this.#indexOfHypervisor.get(hypervisor);
    if (known >= 0) return known;
    const { engine, services } = this.#world;
    const hostOs = engine.providerOf(hypervisor, engine.model.kindId('host-os'));
    const machine = hostOs < 0 ? -1 : services.bareMetal!.machineOf(hostOs);
    const index = machine < 0 ? -1 : this.#indexOfMachine.get(machine);
    this.#indexOfHypervisor.set(hypervisor, index);
    return index;
  }

  /** Domains whose server has this name prefix use this share of their virtual CPUs. */
  setUtilisation(workload: string, utilisation: Distribution): void {
    this.#utilisation.set(workload, utilisation);
  }

  /** Changes what runs on a host by `delta` thousandths of a CPU. */
  addDemand(host: number, delta_milli: number): void {
    if (host < 0) return;
    this.#demand[host] += delta_milli;
    this.meter.setDemand(host, this.#demand[host], this.#world.engine.now);
    this.#notePower();
  }

  /** Keeps the site's power in the account of resources. */
  #notePower(): void {
    const power_w = this.meter.sitePower_w();
    this.#powerLine.use(power_w - this.#power_w);
    this.#power_w = power_w;
  }

  #hosts(): MeteredHost[] {
    const { services, scenario, engine } = this.#world;
    const racks = new Map<number, number>();
    return this.#machines.map((machine) => {
      const flavor = scenario.site.flavors[services.bareMetal!.flavorOf(machine)];
      const rack = services.bareMetal!.rackOf(machine);
      if (!racks.has(rack)) racks.set(rack, racks.size);
      const capacity_mhz = flavor.cores * flavor.threads * MILLI_PER_CPU;
      const powered = engine.isServing(machine);
      return { capacity_mhz, power: flavor.power, rack: racks.get(rack)!, powered };
    });
  }

  #follow(): void {
    const { engine } = this.#world;
    const power = (on: boolean) => (machine: number) => {
      const host = this.#indexOfMachine.get(machine);
      if (host < 0) return;
      this.meter.setPowered(host, on, engine.now);
      this.#notePower();
    };
    engine.onEnter('machine', 'on', power(true));
    for (const state of ['off', 'unpowered', 'dead'])
      engine.onEnter('machine', state, power(false));
    engine.onEnter('domain', 'running', (domain) => this.#onRunning(domain));
    for (const state of ['shutoff', 'paused', 'crashed', 'nostate', 'saved', 'absent']) {
      engine.onEnter('domain', state, (domain) => this.#onStopped(domain));
    }
  }

  #onRunning(domain: number): void {
    const { engine, services } = this.#world;
    const at = engine.ordinalOf(domain) * 2;
    if (at >= this.#running.length) this.#running = grown(this.#running, at * 2);
    if (this.#running[at] > 0) return;
    const server = engine.dependentOf(domain, this.#serverKind);
    if (server < 0 || !services.servers) return;
    const host = this.hostIndex(engine.providerOf(domain, this.#hypervisorKind));
    const demand = this.#shareOf(server) * services.servers.vcpusOf(server) * MILLI_PER_CPU;
    this.#running[at] = host + 1;
    this.#running[at + 1] = demand;
    this.addDemand(host, demand);
  }

  /** Drawn once for each server, so it is kept. */
  #shareOf(server: number): number {
    const { engine } = this.#world;
    const at = engine.ordinalOf(server) * 2;
    const owner = engine.uidOf(server) + 1;
    if (at >= this.#shares.length) this.#shares = grown(this.#shares, at * 2);
    if (this.#shares[at] === owner) return this.#shares[at + 1];
    const name = engine.names[server];
    const workload = name.slice(0, name.lastIndexOf('-'));
    const distribution = this.#utilisation.get(workload) ?? this.#options.defaultUtilisation;
    const key = engine.keyOf(server);
    const share = Math.min(
      1,
      this.#world.drawKeyed(distribution, this.#utilisationPurpose, key, 0),
    );
    this.#shares[at] = owner;
    this.#shares[at + 1] = share;
    return share;
  }

  #onStopped(domain: number): void {
    const at = this.#world.engine.ordinalOf(domain) * 2;
    if (!(this.#running[at] > 0)) return;
    const host = this.#running[at] - 1;
    this.#running[at] = 0;
    this.addDemand(host, -this.#running[at + 1]);
  }

  #onSample(): void {
    const { engine, scheduler } = this.#world;
    this.meter.sample(engine.now, (host, utilisation, power_w) => {
      engine.metric(this.#machines[host], 'cpu_utilisation_ratio', utilisation);
      engine.metric(this.#machines[host], 'power_w', power_w);
    });
    scheduler.after(this.#options.sample_s, this.#sample);
  }
}
