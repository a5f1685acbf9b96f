/** What the simulated upper layers look up and do all the time: masks of states, late removal. */
import type { Engine } from '../../engine/engine.ts';
import type { SimWorld } from '../world.ts';

export class LayerContext<Kind extends string, Event extends string> {
  readonly world: SimWorld;
  readonly engine: Engine;
  /** Numbers of events and kinds by name. */
  readonly event: Readonly<Record<Event, number>>;
  readonly kind: Readonly<Record<Kind, number>>;
  readonly #masks = new Map<string, Uint8Array>();
  readonly #forget: number;

  constructor(world: SimWorld, kinds: readonly Kind[], events: readonly Event[]) {
    const { engine } = world;
    const { model } = engine;
    this.world = world;
    this.engine = engine;
    this.event = Object.fromEntries(events.map((e) => [e, model.eventId(e)])) as never;
    this.kind = Object.fromEntries(kinds.map((k) => [k, model.kindId(k)])) as never;
    this.#forget = world.scheduler.handler((entity, uid, cause) => {
      if (engine.isAlive(entity, uid)) engine.remove(entity, cause);
    });
  }

  /** A mask over state numbers: the states of a kind that any of the patterns means. */
  mask(kind: Kind, ...patterns: readonly string[]): Uint8Array {
    const key = `${kind}/${patterns.join(' ')}`;
    let mask = this.#masks.get(key);
    if (!mask) {
      const masks = patterns.map((pattern) => this.engine.statesMatching(kind, pattern));
      mask = masks[0].map((_, s) => (masks.some((m) => m[s] === 1) ? 1 : 0));
      this.#masks.set(key, mask);
    }
    return mask;
  }

  /** Removes an entity once everything that goes on at this instant about it is over. */
  forget(entity: number, cause: number): void {
    this.world.scheduler.soon(this.#forget, entity, this.engine.uidOf(entity), cause);
  }

  /** Index of a counter of a kind, for `engine.slot` and `engine.setSlot`. */
  slot(kind: Kind, name: string): number {
    return this.engine.model.kinds[this.kind[kind]].slotNames.indexOf(name);
  }
}
