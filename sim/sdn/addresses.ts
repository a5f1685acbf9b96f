/** Addresses of the cloud's networks, one for each port of a server. */
import { serverAddresses } from '../../model/subnet.ts';
import type { AddressShortage } from '../services.ts';
import { Tally } from '../tally.ts';
import type { SimWorld } from '../world.ts';

export class Addresses {
  readonly #world: SimWorld;
  /** Addresses left, by network; of those that were asked for one. */
  readonly #left = new Map<string, number>();
  readonly #shortages = new Tally<AddressShortage>();

  constructor(world: SimWorld) {
    const { engine } = world;
    const { model } = engine;
    this.#world = world;
    const switchKind = model.kindId('logical-switch');
    engine.onEnter('port', 'deleted', (port) => {
      const network = engine.names[engine.providerOf(port, switchKind)];
      this.#left.set(network, this.#leftOf(network) + 1);
    });
  }

  /** In the order in which networks first ran out. */
  get shortages(): readonly AddressShortage[] {
    return this.#shortages.all;
  }

  /** Takes an address; false where none is left (neutron's IpAddressGenerationFailure). */
  take(network: string): boolean {
    const left = this.#leftOf(network);
    if (left > 0) this.#left.set(network, left - 1);
    else this.#noteShortage(network);
    return left > 0;
  }

  #leftOf(network: string): number {
    return this.#left.get(network) ?? serverAddresses(this.#cidrOf(network));
  }

  #cidrOf(network: string): string {
    return this.#world.scenario.stack.openstack!.networks[network].cidr;
  }

  #noteShortage(network: string): void {
    const cidr = this.#cidrOf(network);
    const addresses = serverAddresses(cidr);
    const first_s = this.#world.engine.now;
    this.#shortages.note(network, () => ({ network, cidr, addresses, first_s }));
  }
}
