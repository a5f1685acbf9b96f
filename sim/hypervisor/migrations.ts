/** Live migrations: the domain changes its hypervisor at the switch-over, or stays where it was. */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';
import type { Removal } from './removal.ts';

export class Migrations {
  readonly #world: SimWorld;
  readonly #removal: Removal;
  readonly #migrationKind: number;
  readonly #domainKind: number;
  readonly #hypervisorKind: number;
  readonly #poolKind: number;
  readonly #volumeKind: number;
  readonly #running: number;
  readonly #hostKind: number;
  readonly #target: EntityMap;
  /** The migration of a domain that is under way. */
  readonly #migrationOf: EntityMap;
  /** By migration: how long its memory takes over the links of both hosts. */
  readonly #transfer_s = new Map<number, number>();
  readonly #start: number;
  readonly #fail: number;
  /** Migrations under way; few at any time. */
  readonly #active: number[] = [];
  #count = 0;

  constructor(world: SimWorld, removal: Removal) {
    const { model } = world.engine;
    this.#world = world;
    this.#target = new EntityMap(world.engine);
    this.#migrationOf = new EntityMap(world.engine);
    this.#removal = removal;
    this.#migrationKind = model.kindId('migration');
    this.#domainKind = model.kindId('domain');
    this.#hostKind = model.kindId('host-os');
    this.#hypervisorKind = model.kindId('hypervisor');
    this.#poolKind = model.kindId('storage-pool');
    this.#volumeKind = model.kindId('storage-volume');
    this.#running = model.stateId('domain/running');
    this.#start = model.eventId('start');
    this.#fail = model.eventId('fail');
    this.#followMigrations();
    this.#followHosts();
    // All of a guest's memory crosses the network at least once.
    for (const verb of ['perform', 'postcopy']) {
      const id = world.verbId('migration', verb);
      world.onVerb('migration', verb, (migration, token) => {
        world.answerLater(migration, token, id, this.#transfer_s.get(migration));
      });
    }
  }

  /** Bits per second of the fastest port of a host: one migration uses one connection. */
  #speedOf(hypervisor: number): number {
    const { engine, services, scenario } = this.#world;
    const hostOs = engine.providerOf(hypervisor, this.#hostKind);
    const { nics } = scenario.site.flavors[services.bareMetal!.flavorOf(hostOs)];
    if (nics.length === 0) return Number.POSITIVE_INFINITY;
    return Math.max(...nics.map((nic) => nic.speed_bps));
  }

  begin(domain: number, target: number, cause: number, memory_bytes: number): number {
    const { engine } = this.#world;
    if (engine.state[domain] !== this.#running) return -1;
    const migration = engine.create(this.#migrationKind, `migration-${++this.#count}`, cause);
    engine.link(domain, migration, cause);
    this.#target.set(migration, target);
    this.#migrationOf.set(domain, migration);
    this.#active.push(migration);
    const source = engine.providerOf(domain, this.#hypervisorKind);
    const speed_bps = Math.min(this.#speedOf(source), this.#speedOf(target));
    this.#transfer_s.set(migration, (8 * memory_bytes) / speed_bps);
    engine.send(migration, this.#start, cause);
    return migration;
  }

  #followMigrations(): void {
    const { engine } = this.#world;
    const { model } = engine;
    const tell = (state: string, event: string): void => {
      const id = model.eventId(event);
      engine.onEnter('migration', state, (migration, row) => {
        engine.send(this.#domainOf(migration), id, row);
      });
    };
    const migrate = model.eventId('migrate');
    engine.onEnter('migration', 'preparing', (migration, row) => {
      const domain = this.#domainOf(migration);
      // It may have been stopped since it was asked for.
      if (engine.state[domain] === this.#running) engine.send(domain, migrate, row);
      else engine.send(migration, this.#fail, row);
    });
    tell('finishing', 'suspended');
    const migrated = model.eventId('migrated');
    engine.onEnter('migration', 'confirming', (migration, row) => {
      const domain = this.#domainOf(migration);
      this.#move(domain, this.#target.get(migration), row);
      engine.send(domain, migrated, row);
    });
    tell('failed', 'migration_failed');
    tell('cancelled', 'migration_failed');
    for (const state of ['completed', 'failed', 'cancelled']) {
      engine.onEnter('migration', state, (migration, row) => {
        this.#active.splice(this.#active.indexOf(migration), 1);
        const domain = this.#domainOf(migration);
        if (this.#migrationOf.get(domain) === migration) this.#migrationOf.set(domain, -1);
        this.#transfer_s.delete(migration);
        this.#removal.remove(migration, row);
      });
    }
  }

  /** A migration fails with its target, and with whatever ends its domain. */
  #followHosts(): void {
    const { engine } = this.#world;
    for (const state of ['unreachable', 'failed', 'stopped']) {
      engine.onEnter('hypervisor', state, (hypervisor, row) => {
        for (const migration of this.#active) {
          if (this.#target.get(migration) === hypervisor) engine.send(migration, this.#fail, row);
        }
      });
    }
    for (const state of ['nostate', 'crashed', 'destroying', 'shutdown', 'shutoff']) {
      engine.onEnter('domain', state, (domain, row) => {
        const migration = this.#migrationOf.get(domain);
        if (migration >= 0) engine.send(migration, this.#fail, row);
      });
    }
  }

  #domainOf(migration: number): number {
    return this.#world.engine.providerOf(migration, this.#domainKind);
  }

  /** Links first and unlinks then, so that the domain never stands without a hypervisor. */
  #move(domain: number, target: number, cause: number): void {
    const { engine } = this.#world;
    const source = engine.providerOf(domain, this.#hypervisorKind);
    if (source === target) return;
    engine.link(target, domain, cause);
    engine.unlink(source, domain);
    const pool = engine.dependentOf(target, this.#poolKind);
    const { edges } = engine;
    for (let e = edges.firstIn(domain); e; e = edges.nextIn(e)) {
      const volume = edges.provider(e);
      if (engine.kindIdOf(volume) !== this.#volumeKind || pool < 0) continue;
      const sourcePool = engine.providerOf(volume, this.#poolKind);
      engine.link(pool, volume, cause);
      engine.unlink(sourcePool, volume);
    }
  }
}
