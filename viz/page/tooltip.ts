/** What floats beside the cell under the pointer (or the keyboard's cursor). */
import { chainList, stateLine } from './detail-view.ts';
import { byId, h } from './dom.ts';
import { fullName } from './replay.ts';
import type { Scene } from './scene.ts';
import type { State } from './store.ts';

const CHAIN_MAX = 6;
const AWAY = 14;

export class Tooltip {
  private readonly scene: Scene;
  private readonly box = byId('tooltip');
  private readonly announcer = byId('announcer');
  private readonly placeOf: (entity: number) => DOMRect | null;

  /** `placeOf`: where an entity's cell is on the screen, null when it is not shown. */
  constructor(scene: Scene, placeOf: (entity: number) => DOMRect | null) {
    this.scene = scene;
    this.placeOf = placeOf;
  }

  update(state: State, before: State): void {
    if (state.hovered === before.hovered && (state.hovered < 0 || state.time_s === before.time_s))
      return;
    const place = state.hovered < 0 ? null : this.placeOf(state.hovered);
    this.box.hidden = place === null;
    if (!place) return;
    this.fill(state.hovered);
    this.move(place);
  }

  private fill(e: number): void {
    const row = this.scene.cursor.rowOf(e);
    const line = stateLine(this.scene, e);
    const name = fullName(this.scene.replay, e);
    this.box.replaceChildren(h('h2', { text: name }), line);
    if (row >= 0) this.box.append(chainList(this.scene, row, CHAIN_MAX, false));
    this.announcer.textContent = `${name}: ${line.textContent}`;
  }

  private move(place: DOMRect): void {
    const { width, height } = this.box.getBoundingClientRect();
    const roomRight = window.innerWidth - place.right - AWAY;
    const left = roomRight >= width ? place.right + AWAY : place.left - AWAY - width;
    const top = Math.min(place.top, window.innerHeight - height - 8);
    this.box.style.left = `${Math.max(8, left)}px`;
    this.box.style.top = `${Math.max(8, top)}px`;
  }
}
