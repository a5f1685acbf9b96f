/** Which entity is in which slot now, kept up with the cursor. */
import type { CellSource } from './cells.ts';
import { EMPTY } from './cells.ts';
import type { Scene } from './scene.ts';

export class Board implements CellSource {
  /** Entity in each slot, -1 for none. */
  readonly occupant: Int32Array;
  private readonly scene: Scene;

  constructor(scene: Scene) {
    this.scene = scene;
    this.occupant = new Int32Array(scene.slots.count).fill(-1);
  }

  /** Takes in entities that changed; returns the slots to paint anew. */
  update(changed: readonly number[]): number[] {
    const { cursor, slots } = this.scene;
    const stale: number[] = [];
    for (const e of changed) {
      const slot = slots.slotOf[e];
      if (slot < 0) continue;
      if (cursor.isAlive(e)) this.occupant[slot] = e;
      else if (this.occupant[slot] === e) this.occupant[slot] = -1;
      stale.push(slot);
    }
    return stale;
  }

  readonly codeOf = (slot: number): number => {
    const e = this.occupant[slot];
    return e < 0 ? EMPTY : this.scene.cursor.classOf(e);
  };

  readonly nameOf = (slot: number): string => {
    const e = this.occupant[slot];
    return e < 0 ? '' : this.scene.replay.nameOf[e];
  };
}
