/** Deleting what libvirt keeps: domains with their volumes and snapshots, nothing left over. */
import { EntityMap } from '../entity-map.ts';
import type { SimWorld } from '../world.ts';

export class Removal {
  readonly #world: SimWorld;
  readonly #volumeKind: number;
  readonly #snapshotKind: number;
  readonly #absent: number;
  readonly #destroy: number;
  readonly #undefine: number;
  readonly #delete: number;
  readonly #removeLater: number;
  /** The uid of what is to go, by domain and by volume. */
  readonly #doomedDomain: EntityMap;
  readonly #doomedVolume: EntityMap;

  constructor(world: SimWorld) {
    const { engine } = world;
    const { model } = engine;
    this.#world = world;
    this.#doomedDomain = new EntityMap(engine);
    this.#doomedVolume = new EntityMap(engine);
    this.#volumeKind = model.kindId('storage-volume');
    this.#snapshotKind = model.kindId('snapshot');
    this.#absent = model.stateId('domain/absent');
    this.#destroy = model.eventId('destroy');
    this.#undefine = model.eventId('undefine');
    this.#delete = model.eventId('delete');
    this.#removeLater = world.scheduler.handler((entity, uid, cause) => {
      if (engine.isAlive(entity, uid)) engine.remove(entity, cause);
    });
    this.#follow();
  }

  /** Ends and undefines a domain, then removes it. */
  deleteDomain(domain: number, cause: number): void {
    const { engine } = this.#world;
    if (engine.state[domain] === this.#absent) {
      this.#removeDomain(domain, cause);
      return;
    }
    this.#doomedDomain.set(domain, engine.uidOf(domain));
    // One of the two is what its state allows; the other has no effect.
    engine.send(domain, this.#destroy, cause);
    engine.send(domain, this.#undefine, cause);
  }

  /** Removes a domain without asking its host, with what belongs to it. */
  forgetDomain(domain: number, cause: number): void {
    this.#forEachPart(domain, (part) => this.remove(part, cause));
    this.remove(domain, cause);
  }

  /** Removes an entity once all that is under way at this instant is done. */
  remove(entity: number, cause: number): void {
    const { engine, scheduler } = this.#world;
    scheduler.soon(this.#removeLater, entity, engine.uidOf(entity), cause);
  }

  #follow(): void {
    const { engine } = this.#world;
    const undefine = (domain: number, row: number): void => {
      if (this.#isDoomed(domain)) engine.send(domain, this.#undefine, row);
    };
    for (const state of ['shutoff', 'saved', 'crashed']) engine.onEnter('domain', state, undefine);
    const destroy = (domain: number, row: number): void => {
      if (this.#isDoomed(domain)) engine.send(domain, this.#destroy, row);
    };
    for (const state of ['running', 'paused']) engine.onEnter('domain', state, destroy);
    engine.onEnter('domain', 'absent', (domain, row) => {
      if (this.#isDoomed(domain)) this.#removeDomain(domain, row);
    });
    engine.onEnter('storage-volume', 'available', (volume, row) => {
      if (this.#doomedVolume.get(volume) === engine.uidOf(volume)) {
        engine.send(volume, this.#delete, row);
      }
    });
    for (const kind of ['storage-volume', 'snapshot']) {
      engine.onEnter(kind, 'deleted', (entity, row) => this.remove(entity, row));
    }
  }

  #isDoomed(domain: number): boolean {
    return this.#doomedDomain.get(domain) === this.#world.engine.uidOf(domain);
  }

  #removeDomain(domain: number, cause: number): void {
    const { engine } = this.#world;
    this.#forEachPart(domain, (part) => {
      if (engine.kindIdOf(part) === this.#volumeKind) {
        this.#doomedVolume.set(part, engine.uidOf(part));
        engine.send(part, this.#delete, cause);
      } else {
        this.remove(part, cause);
      }
    });
    this.remove(domain, cause);
  }

  /** Visits the local volumes and the snapshots of a domain; links may not change meanwhile. */
  #forEachPart(domain: number, visit: (part: number) => void): void {
    const { engine } = this.#world;
    const { edges } = engine;
    for (let e = edges.firstIn(domain); e; e = edges.nextIn(e)) {
      if (engine.kindIdOf(edges.provider(e)) === this.#volumeKind) visit(edges.provider(e));
    }
    engine.forEachDependent(domain, this.#snapshotKind, visit);
  }
}
