/**
 * What running domains make of the machines under them: CPU utilisation, power and energy.
 *
 * Demand is counted in thousandths of a CPU (Kubernetes' millicores), so that a machine's capacity
 * is 1000 for each thread and no clock rate is needed.
 */
import { hashString } from '../engine/random.ts';
import type { Distribution } from '../model/scenario.ts';
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
  readonly #indexOfMachine = new Map<number, number>();
  readonly #indexOfHypervisor = new Map<number, number>();
  readonly #demand: Float64Array;
  readonly #utilisationPurpose = hashString('domain.cpu_utilisation');
  readonly #sample: number;
  readonly meter: PowerMeter;
  #power_w = 0;
  /** By domain: host index and demand while it runs. */
  readonly #running = new Map<number, { readonly host: number; demand: number }>();
  /** By server name: utilisation that a workload has set. */
  readonly #utilisation = new Map<string, Distribution>();

  /** Create it once the machines of the site exist. */
  constructor(world: SimWorld, options: EnergyOptions) {
    this.#world = world;
    this.#options = options;
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
    if (known !== undefined) return known;
    const { engine, services } = this.#world;
    const hostOs = engine.providerOf(hypervisor, engine.model.kindId('host-os'));
    const machine = hostOs < 0 ? -1 : services.bareMetal!.machineOf(hostOs);
    const index = this.#indexOfMachine.get(machine) ?? -1;
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
    this.#world.account.use('power_w', power_w - this.#power_w);
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
      if (host === undefined) return;
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
    if (this.#running.has(domain)) return;
    const { engine, services } = this.#world;
    const server = engine.dependentOf(domain, engine.model.kindId('server'));
    if (server < 0 || !services.servers) return;
    const hypervisor = engine.providerOf(domain, engine.model.kindId('hypervisor'));
    const host = this.hostIndex(hypervisor);
    const share = this.#shareOf(server);
    const demand = share * services.servers.vcpusOf(server) * MILLI_PER_CPU;
    this.#running.set(domain, { host, demand });
    this.addDemand(host, demand);
  }

  #shareOf(server: number): number {
    const { engine } = this.#world;
    const name = engine.names[server];
    const workload = name.slice(0, name.lastIndexOf('-'));
    const distribution = this.#utilisation.get(workload) ?? this.#options.defaultUtilisation;
    const key = engine.keyOf(server);
    return Math.min(1, this.#world.drawKeyed(distribution, this.#utilisationPurpose, key, 0));
  }

  #onStopped(domain: number): void {
    const running = this.#running.get(domain);
    if (!running) return;
    this.#running.delete(domain);
    this.addDemand(running.host, -running.demand);
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
