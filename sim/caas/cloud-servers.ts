/**
 * Servers that something above the cloud needs for good: asked for until there are some, replaced
 * when they end in error, started when they were left off. What a Cluster API or Juju provisioner
 * and its health checks do.
 */
import { NO_ROW } from '../../engine/engine.ts';
import { EntityMap } from '../entity-map.ts';
import { whenCloudTakesServers } from '../iaas/readiness.ts';
import type { DrawKey, SimWorld } from '../world.ts';

export interface ServerSpec {
  readonly project: string;
  readonly flavor: string;
  readonly image: string;
  readonly network: string;
}

/** What becomes of a server that was asked for under a name. */
export interface ServerUser {
  /** It was asked for, and exists from now on. */
  asked?(server: number, row: number): void;
  /** The cloud refused it (quota). Whoever has this asks again of its own accord. */
  refused?(): void;
  /** It is active for the first time. */
  active(server: number, row: number): void;
  /** It ended in error and is about to be deleted. True: another one, under a new name. */
  lost(server: number, row: number): boolean;
}

/** A server that is wanted under a name; -1 while there is none. */
export interface ServerRequest {
  readonly server: number;
}

interface Managed extends ServerRequest {
  readonly name: string;
  readonly spec: ServerSpec;
  readonly user: ServerUser;
  tries: number;
  server: number;
  uid: number;
  isActive: boolean;
  isReleased: boolean;
}

export class CloudServers {
  readonly #world: SimWorld;
  readonly #managed: Managed[] = [];
  /** By server: which one it is of those that are managed. */
  readonly #indexOf: EntityMap;
  readonly #waiting: ((row: number) => void)[] = [];
  readonly #ask: number;
  readonly #retry: DrawKey;
  #readyRow = NO_ROW;

  constructor(world: SimWorld) {
    const { engine, scheduler } = world;
    this.#world = world;
    this.#indexOf = new EntityMap(world.engine);
    this.#retry = world.timing('server.boot_retry');
    const health = world.timing('server.health_check');
    const start = engine.model.eventId('start');
    this.#ask = scheduler.handler((index, _unused, cause) => this.#boot(index, cause));
    const started = scheduler.handler((server, uid, cause) => {
      if (engine.isAlive(server, uid)) engine.send(server, start, cause);
    });
    engine.onEnter('server', 'active', (server, row) => this.#onActive(server, row));
    engine.onEnter('server', 'error', (server, row) => this.#onError(server, row));
    engine.onEnter('server', 'stopped', (server, row) => {
      if (!this.#find(server)) return;
      const delay_s = world.draw(server, health);
      scheduler.after(delay_s, started, server, engine.uidOf(server), row);
    });
    whenCloudTakesServers(world, (row) => {
      this.#readyRow = row;
      for (const start of this.#waiting) start(row);
    });
  }

  /** Calls `start` once the cloud takes servers. */
  whenReady(start: (row: number) => void): void {
    if (this.#readyRow !== NO_ROW) start(this.#readyRow);
    else this.#waiting.push(start);
  }

  /** Asks for a server now; a refused or failed one is asked for again until it is withdrawn. */
  request(name: string, spec: ServerSpec, user: ServerUser, cause: number): ServerRequest {
    const managed: Managed = {
      name,
      spec,
      user,
      tries: 0,
      server: -1,
      uid: -1,
      isActive: false,
      isReleased: false,
    };
    this.#boot(this.#managed.push(managed) - 1, cause);
    return managed;
  }

  /** It is not wanted any more: its server is deleted, and none is asked for again. */
  withdraw(request: ServerRequest, cause: number): void {
    if (request.server >= 0) this.release(request.server, cause);
    (request as Managed).isReleased = true;
  }

  /** Deletes a server that is not needed any more. */
  release(server: number, cause: number): void {
    const managed = this.#find(server);
    if (!managed) return;
    managed.isReleased = true;
    this.#indexOf.set(server, -1);
    this.#world.services.servers!.delete(server, cause);
  }

  #boot(index: number, cause: number): void {
    const managed = this.#managed[index];
    if (managed.isReleased) return;
    const { engine, services, scheduler } = this.#world;
    const name = managed.tries === 0 ? managed.name : `${managed.name}-${managed.tries}`;
    managed.tries++;
    const server = services.servers!.boot({ name, ...managed.spec, cause });
    if (server < 0) {
      if (managed.user.refused) managed.user.refused();
      else scheduler.after(this.#retry_s(index), this.#ask, index, 0, cause);
      return;
    }
    managed.server = server;
    managed.uid = engine.uidOf(server);
    managed.isActive = false;
    this.#indexOf.set(server, index);
    managed.user.asked?.(server, engine.lastRowOf(server));
  }

  #find(server: number): Managed | undefined {
    const index = this.#indexOf.get(server);
    if (index < 0) return undefined;
    const managed = this.#managed[index];
    return managed.uid === this.#world.engine.uidOf(server) ? managed : undefined;
  }

  #onActive(server: number, row: number): void {
    const managed = this.#find(server);
    if (!managed || managed.isActive) return;
    managed.isActive = true;
    managed.user.active(server, row);
  }

  #onError(server: number, row: number): void {
    const managed = this.#find(server);
    if (!managed) return;
    const index = this.#indexOf.get(server);
    this.#indexOf.set(server, -1);
    managed.server = -1;
    const isReplaced = managed.user.lost(server, row);
    this.#world.services.servers!.delete(server, row);
    if (!isReplaced) return;
    this.#world.scheduler.after(this.#retry_s(index), this.#ask, index, 0, row);
  }

  #retry_s(index: number): number {
    const { distribution, purpose } = this.#retry;
    return this.#world.drawKeyed(distribution, purpose, index, this.#managed[index].tries);
  }
}

const managers = new WeakMap<SimWorld, CloudServers>();

/** The one manager of a world: Kubernetes and Juju share it. Ask for it while installing layers. */
export function cloudServersOf(world: SimWorld): CloudServers {
  let manager = managers.get(world);
  if (!manager) {
    manager = new CloudServers(world);
    managers.set(world, manager);
  }
  return manager;
}
