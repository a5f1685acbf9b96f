/**
 * Starts the workloads of a scenario: domains and operations at once, servers when the cloud can
 * take them (its images are active and compute services are up).
 */
import { Operator } from '../../engine/operator.ts';
import type { DomainSpec } from '../../model/scenario.ts';
import type { EnergyDriver } from '../energy.ts';
import type { SimWorld } from '../world.ts';
import { ServerWorkloadDriver } from './servers.ts';

export class WorkloadDriver {
  readonly operator: Operator;
  readonly #world: SimWorld;
  readonly #servers: readonly ServerWorkloadDriver[];
  readonly #domains = new Map<string, number>();
  #pendingHosts = 0;
  #started = false;
  #onReady: (cause: number) => void = () => {};

  constructor(world: SimWorld, energy: EnergyDriver) {
    this.#world = world;
    const { workload } = world.scenario;
    this.#servers = workload.servers.map((spec) => {
      energy.setUtilisation(spec.name, spec.cpu_utilisation);
      return new ServerWorkloadDriver(world, spec);
    });
    this.operator = new Operator(world.engine, workload.operations, (name) => this.#find(name));
  }

  /** `ready` is called once, when the cloud takes servers. */
  start(ready: () => void): void {
    const { engine, scenario } = this.#world;
    this.#placeDomains();
    this.#onReady = (cause) => {
      for (const driver of this.#servers) driver.start(cause);
      ready();
    };
    if (!scenario.stack.openstack) return;
    const { compute, images } = scenario.stack.openstack;
    this.#pendingHosts = this.#machinesOf(compute);
    let pendingImages = Object.keys(images).length;
    engine.onEnter('image', 'active', (_image, row) => {
      pendingImages--;
      if (pendingImages === 0) this.#startWhenReady(row, this.#pendingHosts, 0);
    });
    engine.onEnter('compute-service', 'up', (_service, row) => {
      if (this.#pendingHosts > 0) this.#pendingHosts--;
      this.#startWhenReady(row, this.#pendingHosts, pendingImages);
    });
    engine.onEnter('server', 'active', (server) => {
      for (const driver of this.#servers) driver.onActive(server);
    });
  }

  #startWhenReady(cause: number, hosts: number, images: number): void {
    if (this.#started || hosts > 0 || images > 0) return;
    this.#started = true;
    this.#onReady(cause);
  }

  #machinesOf(flavors: readonly string[]): number {
    const groups = this.#world.scenario.site.racks.flatMap((rack) => rack.machines);
    return groups.reduce((sum, g) => sum + (flavors.includes(g.flavor) ? g.count : 0), 0);
  }

  /**
   * A domain of the scenario is placed on the hypervisor of its machine, or on the first one, as soon
   * as it is ready; operations begin when all are.
   */
  #placeDomains(): void {
    const { engine, scenario } = this.#world;
    let waiting = scenario.workload.domains;
    if (waiting.length === 0) return;
    engine.onEnter('hypervisor', 'running', (hypervisor, row) => {
      if (waiting.length === 0) return;
      const isHere = ({ host }: DomainSpec) =>
        (host ?? engine.names[hypervisor]) === engine.names[hypervisor];
      for (const { name } of waiting.filter(isHere)) {
        this.#domains.set(`domain/${name}`, this.#world.create('domain', name, [hypervisor], row));
      }
      waiting = waiting.filter((spec) => !isHere(spec));
      if (waiting.length === 0) this.operator.start();
    });
  }

  #find(name: string): number {
    return this.#domains.get(name) ?? -1;
  }
}
