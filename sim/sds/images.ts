/** RBD images: made and removed in pools, thinly provisioned. */
import { StrataError } from '../../engine/errors.ts';
import { NumberColumn } from '../../engine/grow.ts';
import type { SimWorld } from '../world.ts';
import type { Pools } from './pools.ts';
import { removerOf } from './removal.ts';
import type { Usage } from './usage.ts';
import { installHangingVerbs } from './waiting.ts';

export class Images {
  readonly #world: SimWorld;
  readonly #pools: Pools;
  readonly #usage: Usage;
  /** Bytes written into an image, and its pool, by ordinal. */
  readonly #written = new NumberColumn();
  readonly #poolOf = new NumberColumn();
  readonly #writtenShare;
  readonly #kind: number;
  readonly #lost: number;
  readonly #remove: number;
  readonly #removeSoon: (entity: number, cause: number) => void;

  constructor(world: SimWorld, pools: Pools, usage: Usage) {
    const { engine } = world;
    this.#world = world;
    this.#pools = pools;
    this.#usage = usage;
    this.#writtenShare = world.timing('rbd-image.written_ratio');
    this.#kind = engine.model.kindId('rbd-image');
    this.#lost = engine.model.eventId('lost');
    this.#remove = engine.model.eventId('remove');
    this.#removeSoon = removerOf(world);
    installHangingVerbs(world, 'rbd-image', ['create', 'remove']);
    engine.onEnter('rbd-image', 'available', (image, row) => {
      if (!engine.isSatisfied(image)) engine.send(image, this.#lost, row);
    });
    engine.onEnter('rbd-image', 'absent', (image, row) => this.#onAbsent(image, row));
  }

  /**
   * Asks for an image; it serves when it is `available`. Bytes count as written at once: the share
   * of its size that the profile's `rbd-image.written_ratio` says.
   */
  create(pool: string, name: string, size_bytes: number, cause: number): number {
    const index = this.#pools.find(pool);
    const entity = index < 0 ? -1 : this.#pools.entities[index];
    if (entity < 0) {
      throw new StrataError('SIM_NO_POOL', `there is no pool '${pool}' (yet) for image '${name}'`);
    }
    const { engine } = this.#world;
    const image = engine.create(this.#kind, `${pool}/${name}`, cause);
    engine.link(entity, image, cause);
    const ordinal = engine.ordinalOf(image);
    const written = Math.round(size_bytes * this.#world.draw(image, this.#writtenShare));
    this.#written.set(ordinal, written);
    this.#poolOf.set(ordinal, index);
    this.#usage.addStored(index, written);
    return image;
  }

  /** Removes an image with its entity, when its pool lets it. */
  delete(image: number, cause: number): void {
    this.#world.engine.send(image, this.#remove, cause);
  }

  #onAbsent(image: number, row: number): void {
    const ordinal = this.#world.engine.ordinalOf(image);
    this.#usage.addStored(this.#poolOf.get(ordinal), -this.#written.get(ordinal));
    this.#removeSoon(image, row);
  }
}
