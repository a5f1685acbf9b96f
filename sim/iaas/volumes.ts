/** Cinder: volumes as RBD images, made and attached for servers, detached and deleted with them. */
import { grown, NumberColumn } from '../../engine/grow.ts';
import { EntityMap } from '../entity-map.ts';
import { removerOf } from '../sds/removal.ts';
import type { SimWorld } from '../world.ts';
import { NOTHING, type ServerTable, VOLUME } from './servers-table.ts';

/** Told when a volume of a server is attached, or when it never will be. */
export type Attached = (server: number, volume: number, isAttached: boolean) => void;

/**
 * Records of volumes, by ordinal: the server it is for, the next volume of that server, its RBD image,
 * the request that waits for that image, and whether it is to be deleted.
 */
const RECORD = 8;
const SERVER = 0;
const NEXT = 1;
const IMAGE = 2;
const REQUEST = 3;
const DOOMED = 4;

export class Volumes {
  readonly #world: SimWorld;
  readonly #pool: string | undefined;
  readonly #table: ServerTable;
  readonly #volumeKind: number;
  #cells = new Int32Array(256 * RECORD);
  readonly #size_bytes = new NumberColumn();
  readonly #volumeOf: EntityMap;
  readonly #removeSoon: (entity: number, cause: number) => void;
  readonly #attached: Attached;
  readonly #event: Readonly<Record<'reserve' | 'attach' | 'detach' | 'delete', number>>;

  constructor(world: SimWorld, pool: string | undefined, table: ServerTable, attached: Attached) {
    const { model } = world.engine;
    this.#world = world;
    this.#volumeOf = new EntityMap(world.engine);
    this.#pool = pool;
    this.#table = table;
    this.#attached = attached;
    this.#volumeKind = model.kindId('volume');
    this.#removeSoon = removerOf(world);
    this.#event = {
      reserve: model.eventId('reserve'),
      attach: model.eventId('attach'),
      detach: model.eventId('detach'),
      delete: model.eventId('delete'),
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
    const volume = engine.create(this.#volumeKind, name, cause);
    const row = this.#of(volume);
    if (row >= this.#cells.length) this.#cells = grown(this.#cells, row * 2);
    const cells = this.#cells;
    const { cells: servers } = this.#table;
    const first = this.#table.of(server) + VOLUME;
    cells[row + SERVER] = server;
    cells[row + NEXT] = servers[first];
    cells[row + IMAGE] = NOTHING;
    cells[row + REQUEST] = NOTHING;
    cells[row + DOOMED] = 0;
    servers[first] = volume;
    this.#size_bytes.set(engine.ordinalOf(volume), size_bytes);
    engine.link(volume, server, cause);
  }

  /** Detaches and deletes every volume of a server. */
  deleteAll(server: number, cause: number): void {
    const { engine } = this.#world;
    const cells = this.#cells;
    const { cells: servers } = this.#table;
    const first = this.#table.of(server) + VOLUME;
    for (let volume = servers[first]; volume !== NOTHING; ) {
      const row = this.#of(volume);
      engine.unlink(volume, server);
      cells[row + SERVER] = NOTHING;
      cells[row + DOOMED] = 1;
      engine.send(volume, this.#event.detach, cause);
      engine.send(volume, this.#event.delete, cause);
      volume = cells[row + NEXT];
    }
    servers[first] = NOTHING;
  }

  /** Where the record of a volume begins. */
  #of(volume: number): number {
    return this.#world.engine.ordinalOf(volume) * RECORD;
  }

  // ---------------------------------------------------------------- what cinder-volume does

  #installVerbs(): void {
    const { engine, scheduler } = this.#world;
    const create = this.#world.verbId('volume', 'create');
    const remove = this.#world.verbId('volume', 'delete');
    const fault = engine.model.eventId('fault');
    const begin = scheduler.handler((volume, token) => {
      if (!engine.isRequested(volume, token)) return;
      this.#cells[this.#of(volume) + REQUEST] = token;
      const image = this.#createImage(volume, token);
      if (image < 0) this.#world.answerIn(0, volume, token, fault);
    });
    this.#world.onVerb('volume', 'create', (volume, token) => {
      scheduler.soon(begin, volume, token);
    });
    this.#world.onVerb('volume', 'delete', (volume, token) => {
      const row = this.#of(volume);
      const image = this.#cells[row + IMAGE];
      this.#cells[row + REQUEST] = token;
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
      this.#cells[this.#of(volume) + IMAGE] = NOTHING;
      this.#answer(volume, remove);
    });
  }

  /** Ends the request a volume is waiting in, after what cinder takes for the verb. */
  #answer(volume: number, verb: number): void {
    const token = this.#cells[this.#of(volume) + REQUEST];
    if (this.#world.engine.isRequested(volume, token)) {
      this.#world.answerLater(volume, token, verb);
    }
  }

  #createImage(volume: number, cause: number): number {
    const { engine, services } = this.#world;
    const pool = services.ceph?.poolOf(this.#pool!) ?? NOTHING;
    if (pool === NOTHING) return NOTHING;
    const size_bytes = this.#size_bytes.get(engine.ordinalOf(volume));
    const name = `volume-${engine.names[volume]}`;
    const image = services.ceph!.createImage(this.#pool!, name, size_bytes, cause);
    this.#cells[this.#of(volume) + IMAGE] = image;
    this.#volumeOf.set(image, volume);
    // It hangs with its pool; otherwise the image is there before the volume is.
    if (!engine.isServing(pool)) engine.link(image, volume, cause);
    return image;
  }

  #installHooks(): void {
    const { engine } = this.#world;
    const creating = engine.statesMatching('volume', 'creating');
    engine.onEnter('volume', 'available', (volume, row, _event, from) => {
      if (this.#isDoomed(volume)) {
        engine.send(volume, this.#event.delete, row);
      } else if (creating[from] && this.#cells[this.#of(volume) + SERVER] !== NOTHING) {
        engine.send(volume, this.#event.reserve, row);
        engine.send(volume, this.#event.attach, row);
      }
    });
    engine.onEnter('volume', 'in-use', (volume, row) => {
      if (this.#isDoomed(volume)) engine.send(volume, this.#event.detach, row);
      else this.#tell(volume, true);
    });
    engine.onEnter('volume', 'error', (volume, row) => {
      if (this.#isDoomed(volume)) engine.send(volume, this.#event.delete, row);
      else this.#tell(volume, false);
    });
    engine.onEnter('volume', 'deleted', (volume, row) => this.#removeSoon(volume, row));
  }

  #isDoomed(volume: number): boolean {
    return this.#cells[this.#of(volume) + DOOMED] === 1;
  }

  #tell(volume: number, isAttached: boolean): void {
    const server = this.#cells[this.#of(volume) + SERVER];
    if (server !== NOTHING) this.#attached(server, volume, isAttached);
  }
}
