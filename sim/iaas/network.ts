/** The ports of servers: made in neutron, bound to the chassis of the server's host. */
import { EntityMap } from '../bare-metal/entity-map.ts';
import type { SimWorld } from '../world.ts';
import type { Computes } from './computes.ts';
import type { Finished } from './guests.ts';
import { NOTHING, type ServerTable } from './servers-table.ts';

interface Binding {
  readonly token: number;
  readonly finished: Finished;
}

export class Network {
  readonly #world: SimWorld;
  readonly #table: ServerTable;
  readonly #computes: Computes;
  readonly #chassisKind: number;
  readonly #active: number;
  readonly #bind: number;
  readonly #unbind: number;
  readonly #serverOf = new EntityMap();
  readonly #waiting = new Map<number, Binding>();

  constructor(world: SimWorld, table: ServerTable, computes: Computes) {
    const { engine } = world;
    const { model } = engine;
    this.#world = world;
    this.#table = table;
    this.#computes = computes;
    this.#chassisKind = model.kindId('chassis');
    this.#active = model.stateId('port/ACTIVE');
    this.#bind = model.eventId('bind');
    this.#unbind = model.eventId('unbind');
    engine.onEnter('port', 'ACTIVE', (port) => this.#settle(port, true));
    engine.onEnter('port', 'binding_failed', (port) => this.#settle(port, false));
  }

  /**
   * Makes the port of a server, unbound; a site without an SDN has none. False when the network has
   * no address left for it.
   */
  createPort(server: number, cause: number): boolean {
    const { engine, services, scenario } = this.#world;
    const row = this.#table.of(server);
    if (!services.sdn || !scenario.stack.ovn || this.#table.port[row] !== NOTHING) return true;
    const name = `${engine.names[server]}-port`;
    const port = services.sdn.createPort(name, this.#table.network[row], cause);
    if (port === NOTHING) return false;
    this.#table.port[row] = port;
    this.#serverOf.set(port, server);
    engine.link(port, server, cause);
    return true;
  }

  /** Binds the port of a server to its host; `finished` says whether it is up there. */
  bind(server: number, token: number, finished: Finished): void {
    const { engine, services } = this.#world;
    const row = this.#table.of(server);
    const port = this.#table.port[row];
    if (port === NOTHING) {
      finished(server, token, true);
      return;
    }
    const chassis = services.sdn!.chassisOf(this.#computes.hostOsOf(this.#table.host[row]));
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
    this.#waiting.set(server, { token, finished });
    engine.send(port, this.#bind, token);
  }

  /** The guest moved while it ran: its port follows without an interruption. */
  follow(server: number, cause: number): void {
    const { engine, services } = this.#world;
    const row = this.#table.of(server);
    const port = this.#table.port[row];
    if (port === NOTHING) return;
    const chassis = services.sdn!.chassisOf(this.#computes.hostOsOf(this.#table.host[row]));
    if (chassis >= 0)
      this.#relink(port, engine.providerOf(port, this.#chassisKind), chassis, cause);
  }

  /** Takes the port from its host. */
  unbind(server: number, cause: number): void {
    const { engine } = this.#world;
    const port = this.#table.port[this.#table.of(server)];
    if (port === NOTHING) return;
    engine.send(port, this.#unbind, cause);
    const chassis = engine.providerOf(port, this.#chassisKind);
    if (chassis >= 0) engine.unlink(chassis, port);
  }

  deletePort(server: number, cause: number): void {
    const row = this.#table.of(server);
    const port = this.#table.port[row];
    if (port === NOTHING) return;
    this.#table.port[row] = NOTHING;
    this.#serverOf.set(port, NOTHING);
    this.#waiting.delete(server);
    this.#world.services.sdn!.deletePort(port, cause);
  }

  #relink(port: number, from: number, to: number, cause: number): void {
    if (from === to) return;
    const { engine } = this.#world;
    engine.link(to, port, cause);
    if (from >= 0) engine.unlink(from, port);
  }

  #settle(port: number, isUp: boolean): void {
    const server = this.#serverOf.get(port);
    const binding = server === NOTHING ? undefined : this.#waiting.get(server);
    if (!binding) return;
    this.#waiting.delete(server);
    if (this.#world.engine.isRequested(server, binding.token)) {
      binding.finished(server, binding.token, isUp);
    }
  }
}
