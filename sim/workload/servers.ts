/**
 * Synthetic server workloads: servers that are there from the start, servers that come and go, and
 * what is done to them in between. The control plane is asked through `world.services.servers`.
 */
import { sample } from '../../engine/distribution.ts';
import type { Stream } from '../../engine/random.ts';
import type { ServerAction, ServerWorkload } from '../../model/scenario.ts';
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';
import { batchSize, nextArrivalIn } from './arrivals.ts';
import { WeightedChoice } from './weighted.ts';

export class ServerWorkloadDriver {
  readonly #world: SimWorld;
  readonly #spec: ServerWorkload;
  readonly #arrivals: Stream;
  readonly #mix: Stream;
  readonly #lives: Stream;
  readonly #flavors: WeightedChoice<string>;
  readonly #actions: WeightedChoice<ServerAction>;
  readonly #arrive: number;
  readonly #expire: number;
  readonly #act: number;
  #asked = 0;
  /** By entity: the uid of a server of this workload, and of one whose life has begun. */
  readonly #mine: EntityMap;
  readonly #begun: EntityMap;

  constructor(world: SimWorld, spec: ServerWorkload) {
    this.#world = world;
    this.#mine = new EntityMap(world.engine);
    this.#begun = new EntityMap(world.engine);
    this.#spec = spec;
    const root = world.random.fork(`workload/${spec.name}`);
    this.#arrivals = root.fork('arrivals');
    this.#mix = root.fork('mix');
    this.#lives = root.fork('lives');
    this.#flavors = new WeightedChoice(Object.entries(spec.flavors));
    this.#actions = new WeightedChoice(
      Object.entries(spec.actions.weights) as [ServerAction, number][],
    );
    const { scheduler } = world;
    this.#arrive = scheduler.handler(() => this.#onArrival());
    this.#expire = scheduler.handler((server, uid) => this.#onExpiry(server, uid));
    this.#act = scheduler.handler((server, uid) => this.#onAction(server, uid));
  }

  /** Boots the initial servers and starts the arrivals. */
  start(cause: number): void {
    for (let i = 0; i < this.#spec.initial; i++) this.#boot(cause);
    this.#scheduleArrival();
  }

  /** A server became active: its life and its day-2 actions begin (once). */
  onActive(server: number): void {
    const { engine } = this.#world;
    const uid = engine.uidOf(server);
    if (this.#mine.get(server) !== uid || this.#begun.get(server) === uid) return;
    this.#begun.set(server, uid);
    const { lifetime, actions } = this.#spec;
    if (lifetime) this.#after(sample(lifetime, this.#lives), this.#expire, server, uid);
    if (actions.every && !this.#actions.isEmpty) {
      this.#after(sample(actions.every, this.#lives), this.#act, server, uid);
    }
  }

  #after(delay_s: number, handler: number, server: number, uid: number): void {
    this.#world.scheduler.after(delay_s, handler, server, uid);
  }

  #scheduleArrival(): void {
    const { arrivals } = this.#spec;
    if (!arrivals) return;
    const delay_s = nextArrivalIn(arrivals, this.#world.engine.now, this.#arrivals);
    if (delay_s < Number.POSITIVE_INFINITY) this.#world.scheduler.after(delay_s, this.#arrive);
  }

  #onArrival(): void {
    const size = batchSize(this.#spec.arrivals!, this.#arrivals);
    for (let i = 0; i < size; i++) this.#boot(-1);
    this.#scheduleArrival();
  }

  #boot(cause: number): void {
    const { project, image, network, volumes, name } = this.#spec;
    const flavor = this.#flavors.draw(this.#mix);
    const request = {
      name: `${name}-${this.#asked++}`,
      project,
      flavor,
      image,
      network,
      volumes,
      cause,
    };
    const server = this.#world.services.servers!.boot(request);
    if (server >= 0) this.#mine.set(server, this.#world.engine.uidOf(server));
  }

  #onExpiry(server: number, uid: number): void {
    const { engine, services } = this.#world;
    if (engine.isAlive(server, uid)) services.servers!.delete(server, -1);
  }

  #onAction(server: number, uid: number): void {
    const { engine, services } = this.#world;
    if (!engine.isAlive(server, uid)) return;
    services.servers!.act(server, this.#actions.draw(this.#mix), -1);
    this.#after(sample(this.#spec.actions.every!, this.#lives), this.#act, server, uid);
  }
}
