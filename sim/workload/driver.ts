/**
 * Starts the workloads of a scenario: domains and operations at once, servers when the cloud can
 * take them.
 */
import { Operator } from '../../engine/operator.ts';
import type { DomainSpec } from '../../model/scenario.ts';
import type { EnergyDriver } from '../energy.ts';
import { whenCloudTakesServers } from '../iaas/readiness.ts';
import type { SimWorld } from '../world.ts';
import { Rehearsal } from './rehearsal.ts';
import { ServerWorkloadDriver } from './servers.ts';

export class WorkloadDriver {
  readonly operator: Operator;
  readonly #world: SimWorld;
  readonly #servers: readonly ServerWorkloadDriver[];
  readonly #domains = new Map<string, number>();

  constructor(world: SimWorld, energy: EnergyDriver) {
    this.#world = world;
    const { workload } = world.scenario;
    this.#servers = workload.servers.map((spec) => {
      energy.setUtilisation(spec.name, spec.cpu_utilisation);
      return new ServerWorkloadDriver(world, spec);
    });
    const { operations } = workload;
    this.operator = new Operator(world.engine, operations, (name) => this.#find(name));
    const rehearsal = new Rehearsal(world, operations);
    this.operator.perform = (entity, verb, ended) => {
      const { within_s } = operations[this.operator.results.length];
      rehearsal.perform(entity, verb, within_s, ended);
    };
  }

  /** `ready` is called once, when the cloud takes servers. */
  start(ready: () => void): void {
    const { engine, scenario } = this.#world;
    this.#placeDomains();
    if (!scenario.stack.openstack) return;
    whenCloudTakesServers(this.#world, (row) => {
      for (const driver of this.#servers) driver.start(row);
      ready();
    });
    engine.onEnter('server', 'active', (server) => {
      for (const driver of this.#servers) driver.onActive(server);
    });
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
