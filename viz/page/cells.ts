/**
 * Paints cells on a canvas: all of them after a change of layout, else only those that changed.
 * Large cells carry a shape besides their colour: hollow when not serving, cut when failed.
 */
import type { Theme } from './colour.ts';
import { type CellMap, HIDDEN } from './layout.ts';
import { CLASSES } from './replay.ts';

/** Code of a slot that no entity has now. */
export const EMPTY = CLASSES.length;

/** Smallest cell, in CSS pixels, that shows a shape. */
const SHAPE_MIN = 6;

export interface CellSource {
  /** Class code of what is in a slot, or EMPTY. */
  readonly codeOf: (slot: number) => number;
  /** Name of what is in a slot. */
  readonly nameOf: (slot: number) => string;
}

export class CellPainter {
  private readonly context: CanvasRenderingContext2D;
  private readonly source: CellSource;
  private map: CellMap | null = null;
  private theme: Theme | null = null;
  private font = '';

  constructor(canvas: HTMLCanvasElement, source: CellSource) {
    this.context = canvas.getContext('2d')!;
    this.source = source;
  }

  /** Takes a new layout; the canvas has the layout's size already. */
  use(map: CellMap, theme: Theme, font: string): void {
    this.map = map;
    this.theme = theme;
    this.font = font;
  }

  paintAll(): void {
    const { canvas } = this.context;
    this.context.save();
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, canvas.width, canvas.height);
    this.context.restore();
    const slots = this.map ? this.map.group.length : 0;
    this.paint(
      Array.from({ length: slots }, (_, i) => i),
      false,
    );
  }

  /** Paints these slots anew. `clear`: whether something else is painted there yet. */
  paint(slots: readonly number[], clear = true): void {
    const { map, theme } = this;
    if (!map || !theme) return;
    const byCode: number[][] = Array.from({ length: EMPTY + 1 }, () => []);
    for (const slot of slots) {
      if (map.group[slot] === HIDDEN) continue;
      if (clear) this.clear(map, slot);
      byCode[this.source.codeOf(slot)].push(slot);
    }
    for (const [code, members] of byCode.entries()) {
      if (members.length > 0) this.paintCode(map, theme, code, members);
    }
  }

  private clear(map: CellMap, slot: number): void {
    const { cell } = map.groups[map.group[slot]];
    this.context.clearRect(map.x[slot], map.y[slot], cell.width, cell.height);
  }

  private paintCode(map: CellMap, theme: Theme, code: number, slots: readonly number[]): void {
    const { context } = this;
    context.fillStyle = code === EMPTY ? theme.slot : theme.classes[code];
    for (const slot of slots) {
      const { cell, named } = map.groups[map.group[slot]];
      if (named)
        this.paintChip(theme, code, map.x[slot], map.y[slot], cell.width, cell.height, slot);
      else if (code !== EMPTY || cell.width < SHAPE_MIN) {
        context.fillRect(map.x[slot], map.y[slot], cell.width, cell.height);
        if (cell.width >= SHAPE_MIN) this.shape(theme, code, map.x[slot], map.y[slot], cell.width);
      } else {
        const middle = Math.floor(cell.width / 2) - 1;
        context.fillRect(map.x[slot] + middle, map.y[slot] + middle, 2, 2);
      }
    }
  }

  private shape(theme: Theme, code: number, x: number, y: number, size: number): void {
    const { context } = this;
    const isHollow = code === 1 || code === 3;
    if (isHollow) {
      const rim =
        code === 1 ? Math.max(1, Math.round(size / 8)) : Math.max(2, Math.round(size / 4));
      context.clearRect(x + rim, y + rim, size - 2 * rim, size - 2 * rim);
    }
    if (code < 4) return;
    context.strokeStyle = theme.ground;
    context.lineWidth = size >= 10 ? 1.5 : 1;
    context.beginPath();
    context.moveTo(x, y + size);
    context.lineTo(x + size, y);
    if (code === 5) {
      context.moveTo(x, y);
      context.lineTo(x + size, y + size);
    }
    context.stroke();
  }

  private paintChip(
    theme: Theme,
    code: number,
    x: number,
    y: number,
    width: number,
    height: number,
    slot: number,
  ): void {
    const { context } = this;
    const fill = context.fillStyle;
    context.globalAlpha = code === EMPTY ? 0.5 : 0.2;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
    if (code === EMPTY) return;
    const mark = height - 10;
    context.fillRect(x + 5, y + 5, mark, mark);
    this.shape(theme, code, x + 5, y + 5, mark);
    context.fillStyle = theme.text;
    context.font = this.font;
    context.textBaseline = 'middle';
    context.fillText(this.source.nameOf(slot), x + mark + 10, y + height / 2 + 0.5);
    context.fillStyle = fill;
  }
}
