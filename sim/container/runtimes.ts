/** Runtimes: started with their host, found again (with or without containers) after an outage. */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';
import type { Boots } from './boots.ts';
import { livingContainers } from './sandboxes.ts';

export class Runtimes {
  readonly #world: SimWorld;
  readonly #boots: Boots;
  readonly #kind: number;
  readonly #sandboxKind: number;
  readonly #imageKind: number;
  readonly #containerKind: number;
  readonly #hostOf: EntityMap;
  /** The boot of the host in which the containers of a runtime were started. */
  readonly #boot: EntityMap;
  readonly #lives: Uint8Array;
  readonly #pauseExited: number;
  readonly #exitedUnknown: number;
  readonly #interrupted: number;

  constructor(world: SimWorld, boots: Boots) {
    const { model } = world.engine;
    this.#world = world;
    this.#hostOf = new EntityMap(world.engine);
    this.#boot = new EntityMap(world.engine);
    this.#boots = boots;
    this.#kind = model.kindId('container-runtime');
    this.#sandboxKind = model.kindId('sandbox');
    this.#imageKind = model.kindId('container-image');
    this.#containerKind = model.kindId('container');
    this.#lives = livingContainers(world.engine);
    this.#pauseExited = model.eventId('pause_exited');
    this.#exitedUnknown = model.eventId('exited_unknown');
    this.#interrupted = model.eventId('interrupted');
    this.#register();
  }

  #register(): void {
    const { engine, scheduler } = this.#world;
    const { model } = engine;
    const readopted = model.eventId('readopted');
    const started = model.eventId('started');
    const start = model.eventId('start');
    const restartDelay = this.#world.timing('container-runtime.restart_delay');
    const recover = this.#world.timing('container-runtime.recover');
    const restart = scheduler.handler((runtime, uid, cause) => {
      if (engine.isAlive(runtime, uid)) engine.send(runtime, start, cause);
    });

    engine.onEnter('container-runtime', 'starting', (runtime) => this.#noteBoot(runtime));
    this.#world.onVerb('container-runtime', 'recover', (runtime, token) => {
      const rebooted = this.bootOf(runtime) !== this.#boot.get(runtime);
      if (rebooted) this.#endAll(runtime, token);
      this.#noteBoot(runtime);
      // Where nothing was rebooted the daemon has never stopped: it only is reached again.
      const delay_s = rebooted ? this.#world.draw(runtime, recover) : 0;
      this.#world.answerIn(delay_s, runtime, token, rebooted ? started : readopted);
    });
    // systemd: Restart=always.
    const died = (runtime: number, row: number): void => {
      this.#interruptPulls(runtime, row);
      const delay_s = this.#world.draw(runtime, restartDelay);
      scheduler.after(delay_s, restart, runtime, engine.uidOf(runtime), row);
    };
    engine.onEnter('container-runtime', 'down', died);
    engine.onEnter('container-runtime', 'failed', died);
    engine.onEnter('container-runtime', 'unreachable', (runtime, row) => {
      this.#interruptPulls(runtime, row);
    });
  }

  /** Starts the runtime of a host; the one there is, if there is one already. */
  start(host: number, cause: number): number {
    const known = this.of(host);
    if (known >= 0) return known;
    const { engine } = this.#world;
    const runtime = engine.create(this.#kind, engine.names[host], cause);
    this.#hostOf.set(runtime, host);
    this.#noteBoot(runtime);
    engine.link(host, runtime, cause);
    return runtime;
  }

  /** The runtime of a host OS or server, or -1. */
  of(host: number): number {
    return this.#world.engine.dependentOf(host, this.#kind);
  }

  /** A number that changes with every boot of the host of a runtime. */
  bootOf(runtime: number): number {
    return this.#boots.of(this.#hostOf.get(runtime));
  }

  remove(runtime: number, cause: number): void {
    const { engine } = this.#world;
    for (const kind of [this.#sandboxKind, this.#imageKind]) {
      for (const held of this.#dependents(runtime, kind)) {
        for (const inner of this.#dependents(held, this.#containerKind)) {
          engine.remove(inner, cause);
        }
        engine.remove(held, cause);
      }
    }
    engine.remove(runtime, cause);
  }

  /** The host was rebooted: whatever ran on it has ended. */
  #endAll(runtime: number, cause: number): void {
    const { engine } = this.#world;
    for (const sandbox of this.#dependents(runtime, this.#sandboxKind)) {
      for (const container of this.#dependents(sandbox, this.#containerKind)) {
        if (this.#lives[engine.state[container]]) {
          engine.send(container, this.#exitedUnknown, cause);
        }
      }
      engine.send(sandbox, this.#pauseExited, cause);
    }
  }

  #interruptPulls(runtime: number, cause: number): void {
    this.#world.engine.forEachDependent(runtime, this.#imageKind, (image) => {
      this.#world.engine.send(image, this.#interrupted, cause);
    });
  }

  #noteBoot(runtime: number): void {
    const host = this.#hostOf.get(runtime);
    if (host >= 0) this.#boot.set(runtime, this.bootOf(runtime));
  }

  #dependents(provider: number, kind: number): number[] {
    const found: number[] = [];
    this.#world.engine.forEachDependent(provider, kind, (entity) => {
      found.push(entity);
    });
    return found;
  }
}
