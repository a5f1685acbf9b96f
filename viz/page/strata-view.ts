/** The picture of all strata: layout, painting, pointer and keyboard. */
import { pointer, select } from 'd3';
import { LAYERS } from '../../model/layers.ts';
import { Board } from './board.ts';
import { CellPainter } from './cells.ts';
import type { Theme } from './colour.ts';
import { byId } from './dom.ts';
import { drawCounts, drawGround, GUTTER } from './ground.ts';
import { type CellMap, type GroupInput, type Layout, layOut, mapCells, slotAt } from './layout.ts';
import { type Direction, neighbour } from './neighbour.ts';
import { Overlay, type Relations, relationsOf } from './overlay.ts';
import { NO_RACK } from './racks.ts';
import { isShown, type Scene } from './scene.ts';
import type { State } from './store.ts';

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** What is scrolled to is not left at the very edge. */
const REVEAL_MARGIN_PX = 24;

/** A kind with this many cells or fewer may show names. */
const NAMED_MAX = 8;

export class StrataView {
  private readonly scene: Scene;
  private readonly box = byId('strata');
  private readonly content = byId('strata-content');
  private readonly ground = select<SVGSVGElement, unknown>(byId<SVGSVGElement>('ground'));
  private readonly over = select<SVGSVGElement, unknown>(byId<SVGSVGElement>('overlay'));
  private readonly canvas = byId<HTMLCanvasElement>('cells');
  private readonly veil = byId<HTMLCanvasElement>('veil');
  private readonly board: Board;
  private readonly painter: CellPainter;
  private readonly overlay: Overlay;
  private theme: Theme;
  private layout: Layout = { width: 0, height: 0, strata: [] };
  private map: CellMap = mapCells(this.layout, 0);

  constructor(scene: Scene, theme: Theme) {
    this.scene = scene;
    this.theme = theme;
    this.board = new Board(scene);
    this.painter = new CellPainter(this.canvas, this.board);
    this.overlay = new Overlay(this.over, this.veil, scene);
    this.listen();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.resize();
  }

  /** Lays everything out for the present size of the window, and paints it. */
  resize(): void {
    const width = this.box.clientWidth - GUTTER;
    const height = this.box.clientHeight;
    const { replay, store } = this.scene;
    this.layout = layOut({ width, height, layers: this.groups(store.state.filter) });
    this.map = mapCells(this.layout, this.scene.slots.count);
    this.content.style.height = `${this.layout.height}px`;
    for (const canvas of [this.canvas, this.veil]) sizeCanvas(canvas, width, this.layout.height);
    this.over.attr('width', width).attr('height', this.layout.height);
    drawGround(this.ground, this.scene, this.layout, (layer) => {
      const filter = `layer:${LAYERS[layer]}`;
      if (!replay.kinds.some((kind) => kind.layer === layer)) return;
      store.set({ filter: store.state.filter === filter ? '' : filter });
    });
    this.painter.use(this.map, this.theme, `11px ${getComputedStyle(this.box).fontFamily}`);
    this.painter.paintAll();
    drawCounts(this.ground, this.scene);
    this.relate(store.state);
  }

  update(state: State, before: State, changed: readonly number[]): void {
    const stale = this.board.update(changed);
    if (state.filter !== before.filter) {
      this.resize();
      return;
    }
    if (stale.length > 0) {
      if (stale.length > this.scene.slots.count / 4) this.painter.paintAll();
      else this.painter.paint(stale);
      drawCounts(this.ground, this.scene);
    }
    const hasMoved = state.hovered !== before.hovered || state.pinned !== before.pinned;
    if (hasMoved || changed.length > 0 || state.matches !== before.matches) this.relate(state);
    if (state.pinned !== before.pinned) this.reveal(state.pinned);
  }

  /** Scrolls the strata, as little as is needed, until an entity's cell can be seen. */
  reveal(entity: number): void {
    const cell = this.screenBox(entity);
    if (!cell) return;
    const { top, bottom } = this.box.getBoundingClientRect();
    if (cell.top < top) this.box.scrollTop -= top - cell.top + REVEAL_MARGIN_PX;
    else if (cell.bottom > bottom) this.box.scrollTop += cell.bottom - bottom + REVEAL_MARGIN_PX;
  }

  /** Where an entity's cell is on the screen, or null when it is not shown. */
  screenBox(entity: number): DOMRect | null {
    const slot = this.scene.slots.slotOf[entity] ?? -1;
    const group = slot < 0 ? undefined : this.map.groups[this.map.group[slot]];
    if (!group) return null;
    const { left, top } = this.canvas.getBoundingClientRect();
    return new DOMRect(
      left + this.map.x[slot],
      top + this.map.y[slot],
      group.cell.width,
      group.cell.height,
    );
  }

  private relate(state: State): void {
    const entity = state.hovered >= 0 ? state.hovered : state.pinned;
    const relations: Relations | null = entity < 0 ? null : relationsOf(this.scene, entity);
    this.overlay.draw(relations, this.map, this.theme.ground);
    const found = [...state.matches].map((e) => ({ entity: e, role: 'match' }));
    this.overlay.marks(
      [
        ...found,
        { entity: state.pinned, role: 'pinned' },
        { entity: state.hovered, role: 'hovered' },
      ],
      this.map,
    );
  }

  private groups(filter: string): (GroupInput[] | null)[] {
    const { replay, slots } = this.scene;
    const layers: (GroupInput[] | null)[] = LAYERS.map(() => []);
    const pen = textMeasure(this.box);
    for (const [k, { kind, layer }] of replay.kinds.entries()) {
      const blocks = slots.blocks.filter((b) => b.kind === k);
      if (blocks.length === 0 || !isShown(replay, filter, k, LAYERS[layer])) continue;
      const size = blocks.reduce((sum, b) => sum + b.size, 0);
      layers[layer]!.push({
        kind: k,
        size,
        heading_px: Math.ceil(pen(kind) + pen(` ${size}`)) + 10,
        name_px: size <= NAMED_MAX ? Math.ceil(Math.max(...this.namesOf(k).map(pen))) : 0,
        blocks: blocks.map(({ firstSlot, size: n, rack }) => {
          const label = rack === NO_RACK ? '' : replay.nameOf[rack];
          return { firstSlot, size: n, label, label_px: Math.ceil(pen(label) * 0.85) };
        }),
      });
    }
    return layers;
  }

  private namesOf(kind: number): string[] {
    const { replay } = this.scene;
    return replay.nameOf.filter((name, e) => replay.kindOf[e] === kind && name !== '');
  }

  private listen(): void {
    const { store } = this.scene;
    this.box.tabIndex = 0;
    const at = (event: PointerEvent | MouseEvent): number => {
      const [x, y] = pointer(event, this.canvas);
      const slot = slotAt(this.layout, x, y);
      return slot < 0 ? -1 : this.board.occupant[slot];
    };
    this.box.addEventListener('pointermove', (event) => store.set({ hovered: at(event) }));
    this.box.addEventListener('pointerleave', () => store.set({ hovered: -1 }));
    this.box.addEventListener('click', (event) => {
      if ((event.target as Element).closest('.layer-label')) return;
      const e = at(event);
      store.set({ pinned: e === store.state.pinned ? -1 : e });
    });
    this.box.addEventListener('keydown', (event) => this.onKey(event));
    this.box.addEventListener('blur', () => store.set({ hovered: -1 }));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.box || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { store, slots } = this.scene;
    const { hovered, pinned } = store.state;
    const direction = ARROWS[event.key];
    if (direction) {
      event.preventDefault();
      event.stopPropagation();
      const e = hovered >= 0 ? hovered : pinned;
      const slot = neighbour(
        this.map,
        e < 0 ? -1 : slots.slotOf[e],
        direction,
        (s) => this.board.occupant[s] >= 0,
      );
      if (slot >= 0) store.set({ hovered: this.board.occupant[slot] });
    } else if (event.key === 'Enter' && hovered >= 0) {
      store.set({ pinned: hovered === pinned ? -1 : hovered });
    }
  }
}

/** Gives a canvas as many pixels as the screen has. */
export function sizeCanvas(canvas: HTMLCanvasElement, width: number, height: number): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.getContext('2d')!.setTransform(ratio, 0, 0, ratio, 0, 0);
}

/** Width of a text in the page's small print. */
function textMeasure(element: Element): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d')!;
  context.font = `11px ${getComputedStyle(element).fontFamily}`;
  return (text) => context.measureText(text).width;
}
