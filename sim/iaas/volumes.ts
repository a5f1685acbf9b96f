/** Cinder: volumes as RBD images, made and attached for servers, detached and deleted with them. */
import { EntityMap } from '../bare-metal/entity-map.ts';
import { removerOf } from '../sds/removal.ts';
import type { SimWorld } from '../world.ts';
import { NOTHING } from './servers-table.ts';

/** Told when a volume of a server is attached, or when it never will be. */
export type Attached = (server: number, volume: number, isAttached: boolean) => void;

export class Volumes {
  readonly #world: SimWorld;
  readonly #pool: string | undefined;
  readonly #serverKind: number;
  readonly #volumeKind: number;
  /** Bytes of a volume that has no image yet; its image. */
  readonly #sizes: number[] = [];
  readonly #imageOf = new EntityMap();
  readonly #volumeOf = new EntityMap();
  /** The request that waits for the image of a volume. */
  readonly #tokenOf = new EntityMap();
  readonly #isDoomed = new Set<number>();
  readonly #removeSoon: (entity: number, cause: number) => void;
  readonly #attached: Attached;
  readonly #event: Readonly<Record<'reserve' | 'attach' | 'detach' | 'delete' | 'lost', number>>;

  constructor(world: SimWorld, pool: string | undefined, attached: Attached) {
    const { model } = world.engine;
    this.#world = world;
    this.#pool = pool;
    this.#attached = attached;
    this.#serverKind = model.kindId('server');
    this.#volumeKind = model.kindId('volume');
    this.#removeSoon = removerOf(world);
    this.#event = {
      reserve: model.eventId('reserve'),
      attach: model.eventId('attach'),
      detach: model.eventId('detach'),
      delete: model.eventId('delete'),
      lost: model.eventId('lost'),
    };
    this.#installVerbs();
    this.#installHooks();
  }

  /** Whether servers boot from volumes. */
  get isBackend(): boolean {
    return this.#pool !== undefined;
  }

  /** Asks for a volume of a server; it is attached as soon as it is available. */
  create(server: number, name: string, size_bytes: number, cause: number): void {
    const { engine } = this.#world;
    const volume = this.#world.create('volume', name, [], cause);
    this.#sizes[engine.ordinalOf(volume)] = size_bytes;
    engine.link(volume, server, cause);
  }

  /** Detaches and deletes every volume of a server. */
  deleteAll(server: number, cause: number): void {
    const { engine } = this.#world;
    for (const volume of this.#volumesOf(server)) {
      engine.unlink(volume, server);
      this.#isDoomed.add(engine.uidOf(volume));
      engine.send(volume, this.#event.detach, cause);
      engine.send(volume, this.#event.delete, cause);
    }
  }

  #volumesOf(server: number): number[] {
    const { engine } = this.#world;
    const { edges } = engine;
    const found: number[] = [];
    for (let e = edges.firstIn(server); e; e = edges.nextIn(e)) {
      if (engine.kindIdOf(edges.provider(e)) === this.#volumeKind) found.push(edges.provider(e));
    }
    return found;
  }

  // ---------------------------------------------------------------- what cinder-volume does

  #installVerbs(): void {
    const { engine, scheduler } = this.#world;
    const create = this.#world.verbId('volume', 'create');
    const remove = this.#world.verbId('volume', 'delete');
    const fault = engine.model.eventId('fault');
    const begin = scheduler.handler((volume, token) => {
      if (!engine.isRequested(volume, token)) return;
      this.#tokenOf.set(volume, token);
      const image = this.#createImage(volume, token);
      if (image < 0) this.#world.answerIn(0, volume, token, fault);
    });
    this.#world.onVerb('volume', 'create', (volume, token) => {
      scheduler.soon(begin, volume, token);
    });
    this.#world.onVerb('volume', 'delete', (volume, token) => {
      const image = this.#imageOf.get(volume);
      this.#tokenOf.set(volume, token);
      if (image === NOTHING) this.#world.answerLater(volume, token, remove);
      else this.#world.services.ceph!.deleteImage(image, token);
    });
    const creating = engine.model.stateId('rbd-image/creating');
    engine.onEnter('rbd-image', 'available', (image, row, _event, from) => {
      const volume = this.#volumeOf.get(image);
      if (volume === NOTHING || from !== creating) return;
      if (engine.edges.find(image, volume) === 0) engine.link(image, volume, row);
      this.#answer(volume, create);
    });
    engine.onRemoved('rbd-image', (image) => {
      const volume = this.#volumeOf.get(image);
      if (volume === NOTHING) return;
      this.#volumeOf.set(image, NOTHING);
      this.#imageOf.set(volume, NOTHING);
      this.#answer(volume, remove);
    });
  }

  /** Ends the request a volume is waiting in, after what cinder takes for the verb. */
  #answer(volume: number, verb: number): void {
    const token = this.#tokenOf.get(volume);
    if (this.#world.engine.isRequested(volume, token)) {
      this.#world.answerLater(volume, token, verb);
    }
  }

  #createImage(volume: number, cause: number): number {
    const { engine, services } = this.#world;
    const pool = services.ceph?.poolOf(this.#pool!) ?? NOTHING;
    if (pool === NOTHING) return NOTHING;
    const size_bytes = this.#sizes[engine.ordinalOf(volume)];
    const name = `volume-${engine.names[volume]}`;
    const image = services.ceph!.createImage(this.#pool!, name, size_bytes, cause);
    this.#imageOf.set(volume, image);
    this.#volumeOf.set(image, volume);
    // It hangs with its pool; otherwise the image is there before the volume is.
    if (!engine.isServing(pool)) engine.link(image, volume, cause);
    return image;
  }

  #installHooks(): void {
    const { engine } = this.#world;
    const { model } = engine;
    engine.onEnter('volume', 'available', (volume, row, _event, from) => {
      if (this.#isDoomed.has(engine.uidOf(volume))) {
        engine.send(volume, this.#event.delete, row);
        return;
      }
      const isNew = model.stateNames[from].startsWith('volume/creating');
      if (isNew && engine.dependentOf(volume, this.#serverKind) >= 0) {
        engine.send(volume, this.#event.reserve, row);
        engine.send(volume, this.#event.attach, row);
      }
    });
    engine.onEnter('volume', 'in-use', (volume, row) => {
      if (this.#isDoomed.has(engine.uidOf(volume))) engine.send(volume, this.#event.detach, row);
      else this.#tell(volume, true);
    });
    engine.onEnter('volume', 'error', (volume, row) => {
      if (this.#isDoomed.has(engine.uidOf(volume))) engine.send(volume, this.#event.delete, row);
      else this.#tell(volume, false);
    });
    engine.onEnter('volume', 'deleted', (volume, row) => {
      this.#isDoomed.delete(engine.uidOf(volume));
      this.#removeSoon(volume, row);
    });
  }

  #tell(volume: number, isAttached: boolean): void {
    const server = this.#world.engine.dependentOf(volume, this.#serverKind);
    if (server >= 0) this.#attached(server, volume, isAttached);
  }
}
