/** The ports of servers: made in neutron, bound to the chassis of the server's host. */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';
import type { Computes } from './computes.ts';
import type { Finished } from './guests.ts';
import {
  BINDING,
  BINDING_REQUEST,
  HOST,
  NOTHING,
  PORT,
  SERVER,
  type ServerTable,
} from './servers-table.ts';

export class Network {
  readonly #world: SimWorld;
  readonly #table: ServerTable;
  readonly #computes: Computes;
  readonly #chassisKind: number;
  readonly #active: number;
  readonly #bind: number;
  readonly #unbind: number;
  /** By port: the record of its server. */
  readonly #rowOf: EntityMap;
  /** What may follow a binding, by the number that is in the record of a server. */
  readonly #followers: Finished[] = [];

  constructor(world: SimWorld, table: ServerTable, computes: Computes) {
    const { engine } = world;
    const { model } = engine;
    this.#world = world;
    this.#rowOf = new EntityMap(world.engine);
    this.#table = table;
    this.#computes = computes;
    this.#chassisKind = model.kindId('chassis');
    this.#active = model.stateId('port/ACTIVE');
    this.#bind = model.eventId('bind');
    this.#unbind = model.eventId('unbind');
    engine.onEnter('port', 'ACTIVE', (port) => this.#settle(port, true));
    engine.onEnter('port', 'binding_failed', (port) => this.#settle(port, false));
  }

  /** Registers what follows when a port is bound, or cannot be; returns its number for `bind`. */
  follower(finished: Finished): number {
    return this.#followers.push(finished) - 1;
  }

  /**
   * Makes the port of a server, unbound; a site without an SDN has none. False when the network has
   * no address left for it.
   */
  createPort(server: number, cause: number): boolean {
    const { engine, services, scenario } = this.#world;
    const row = this.#table.of(server);
    if (!services.sdn || !scenario.stack.ovn || this.#table.cells[row + PORT] !== NOTHING) {
      return true;
    }
    const name = `${engine.names[server]}-port`;
    const port = services.sdn.createPort(name, this.#table.networkOf(row), cause);
    if (port === NOTHING) return false;
    this.#table.cells[row + PORT] = port;
    this.#rowOf.set(port, row);
    engine.link(port, server, cause);
    return true;
  }

  /** Binds the port of a server to its host; the follower is told whether it is up there. */
  bind(server: number, token: number, follower: number): void {
    const { engine, services } = this.#world;
    const finished = this.#followers[follower];
    const row = this.#table.of(server);
    const port = this.#table.cells[row + PORT];
    if (port === NOTHING) {
      finished(server, token, true);
      return;
    }
    const chassis = services.sdn!.chassisOf(this.#computes.hostOsOf(this.#table.cells[row + HOST]));
    const old = engine.providerOf(port, this.#chassisKind);
    if (chassis < 0) {
      finished(server, token, false);
      return;
    }
    if (old === chassis && engine.state[port] === this.#active) {
      finished(server, token, true);
      return;
    }
    this.#relink(port, old, chassis, token);
    this.#table.cells[row + BINDING] = follower;
    this.#table.cells[row + BINDING_REQUEST] = token;
    engine.send(port, this.#bind, token);
  }

  /** The guest moved while it ran: its port follows without an interruption. */
  follow(server: number, cause: number): void {
    const { engine, services } = this.#world;
    const row = this.#table.of(server);
    const port = this.#table.cells[row + PORT];
    if (port === NOTHING) return;
    const chassis = services.sdn!.chassisOf(this.#computes.hostOsOf(this.#table.cells[row + HOST]));
    if (chassis >= 0)
      this.#relink(port, engine.providerOf(port, this.#chassisKind), chassis, cause);
  }

  /** Takes the port from its host. */
  unbind(server: number, cause: number): void {
    const { engine } = this.#world;
    const port = this.#table.cells[this.#table.of(server) + PORT];
    if (port === NOTHING) return;
    engine.send(port, this.#unbind, cause);
    const chassis = engine.providerOf(port, this.#chassisKind);
    if (chassis >= 0) engine.unlink(chassis, port);
  }

  deletePort(server: number, cause: number): void {
    const row = this.#table.of(server);
    const port = this.#table.cells[row + PORT];
    if (port === NOTHING) return;
    this.#table.cells[row + PORT] = NOTHING;
    this.#rowOf.set(port, NOTHING);
    this.#table.cells[row + BINDING] = NOTHING;
    this.#world.services.sdn!.deletePort(port, cause);
  }

  #relink(port: number, from: number, to: number, cause: number): void {
    if (from === to) return;
    const { engine } = this.#world;
    engine.link(to, port, cause);
    if (from >= 0) engine.unlink(from, port);
  }

  #settle(port: number, isUp: boolean): void {
    const row = this.#rowOf.get(port);
    if (row === NOTHING) return;
    const { cells } = this.#table;
    const follower = cells[row + BINDING];
    if (follower === NOTHING) return;
    cells[row + BINDING] = NOTHING;
    const token = cells[row + BINDING_REQUEST];
    const server = cells[row + SERVER];
    if (this.#world.engine.isRequested(server, token)) {
      this.#followers[follower](server, token, isUp);
    }
  }
}
