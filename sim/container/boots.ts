/**
 * Counts how often the system under a runtime was booted, so that a runtime that is reached again
 * can tell whether its containers outlived the outage.
 */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

/** States of a server (or parts of them) in which its guest has ended. */
const GUEST_ENDED = [
  'stopped',
  'error',
  'shelved',
  'active.powering-off',
  'active.rebooting',
  'active.rebooting_hard',
  'active.rebuilding',
  'active.resize_migrating',
] as const;

/** States of a domain in which its guest has ended. */
const DOMAIN_ENDED = ['shutoff', 'crashed', 'rebooting'] as const;

export class Boots {
  readonly #world: SimWorld;
  readonly #serverKind: number;
  /** Guests of a server that have ended so far. */
  readonly #ended: EntityMap;

  constructor(world: SimWorld) {
    const { engine } = world;
    this.#world = world;
    this.#ended = new EntityMap(world.engine);
    this.#serverKind = engine.model.kindId('server');
    for (const state of GUEST_ENDED) {
      engine.onEnter('server', state, (server) => this.#count(server));
    }
    for (const state of DOMAIN_ENDED) {
      engine.onEnter('domain', state, (domain) => {
        const server = engine.dependentOf(domain, this.#serverKind);
        if (server >= 0) this.#count(server);
      });
    }
  }

  /** A number that changes with every boot of a host OS or a server. */
  of(host: number): number {
    const { engine, services } = this.#world;
    if (engine.kindIdOf(host) === this.#serverKind) return this.#ended.get(host);
    return services.hosts ? services.hosts.bootOf(host) : 0;
  }

  #count(server: number): void {
    this.#ended.set(server, this.#ended.get(server) + 1);
  }
}
