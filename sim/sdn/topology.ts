/**
 * The logical networks of the cloud: a switch for each tenant network, and for each external one a
 * router to which every tenant network is joined, with source NAT and (where chassis may carry one) a
 * gateway. The default security group of each project is an ACL on every tenant switch.
 */
import { StrataError } from '../../engine/errors.ts';
import type { SimWorld } from '../world.ts';

export class Topology {
  readonly #world: SimWorld;
  readonly #switches = new Map<string, number>();
  readonly gateways: number[] = [];

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** Creates everything, once. */
  ensure(cause: number): void {
    const { openstack } = this.#world.scenario.stack;
    if (this.#switches.size > 0 || !openstack) return;
    const names = Object.keys(openstack.networks);
    for (const name of names) {
      this.#switches.set(name, this.#world.create('logical-switch', name, [], cause));
    }
    const tenants = names.filter((name) => !openstack.networks[name].external);
    const switches = tenants.map((name) => this.#switches.get(name)!);
    for (const external of names.filter((name) => openstack.networks[name].external)) {
      this.#createRouter(external, tenants, cause);
    }
    for (const project of Object.keys(openstack.projects)) {
      this.#world.create('acl', `${project}-default`, switches, cause);
    }
  }

  /** Throws SDN_UNKNOWN_NETWORK. */
  switchOf(network: string): number {
    this.ensure(-1);
    const found = this.#switches.get(network);
    if (found === undefined) {
      const known = [...this.#switches.keys()].join(', ');
      throw new StrataError(
        'SDN_UNKNOWN_NETWORK',
        `no network '${network}'; there are: ${known}`,
        'add it to stack.openstack.networks',
      );
    }
    return found;
  }

  #createRouter(external: string, tenants: readonly string[], cause: number): void {
    const joined = [external, ...tenants].map((name) => this.#switches.get(name)!);
    const router = this.#world.create('logical-router', `${external}-router`, joined, cause);
    const row = this.#world.engine.lastRowOf(router);
    for (const tenant of tenants) {
      this.#world.create('nat', `${external}-snat-${tenant}`, [router], row);
    }
    if (!this.#world.scenario.stack.ovn?.gateways.length) return;
    this.gateways.push(this.#world.create('gateway', `${external}-gateway`, [router], row));
  }
}
