/**
 * Where everything is drawn: nine strata from the bare metal at the bottom to orchestration at the
 * top, in each the kinds side by side, in each kind its cells. A pure function of sizes, so that a
 * place changes only when the window or the filter does. Lengths in CSS pixels.
 */
import {
  type BlockInput,
  type CellSize,
  chipCell,
  joined,
  type Packing,
  type PlacedBlock,
  pack,
  squareCell,
} from './grid.ts';

export interface GroupInput {
  readonly kind: number;
  /** In the order of their slots, which follow on each other. */
  readonly blocks: readonly BlockInput[];
  /** Cells in all blocks. */
  readonly size: number;
  /** Width of the group's heading. */
  readonly heading_px: number;
  /** Width of the widest name, when the group is small enough to show names; else 0. */
  readonly name_px: number;
}

export interface LayoutInput {
  readonly width: number;
  readonly height: number;
  /** Groups of each layer, from the lowest layer up. Null: collapsed by the filter. */
  readonly layers: readonly (readonly GroupInput[] | null)[];
}

export interface PlacedGroup {
  readonly input: GroupInput;
  readonly cell: CellSize;
  /** Whether cells are chips that show names. */
  readonly named: boolean;
  /** Whether the blocks carry the names of racks. */
  readonly rackLabels: boolean;
  /** Upper left corner of the heading. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Blocks at absolute places. */
  readonly blocks: readonly PlacedBlock[];
}

export interface Stratum {
  readonly layer: number;
  readonly y: number;
  readonly height: number;
  readonly groups: readonly PlacedGroup[];
}

export interface Layout {
  readonly width: number;
  /** At least the height asked for; more when the cells cannot be made small enough. */
  readonly height: number;
  /** From the lowest layer up, as in the input. */
  readonly strata: readonly Stratum[];
}

export const HEADING_HEIGHT = 16;
const THIN_STRATUM = 24;
const PAD_Y = 7;
const PAD_X = 10;
/** Spare height goes above the cells up to this much, then below. */
const DROP_MAX = 6;
const GROUP_GAP = 18;
const LINE_GAP = 8;
/** A stratum with cells is at least as high as its name and its count. */
const STRATUM_MIN = 42;
const PITCH_MAX = 20;
const SCALES = [
  1.5, 1.35, 1.2, 1.1, 1, 0.9, 0.8, 0.72, 0.64, 0.56, 0.5, 0.44, 0.38, 0.32, 0.26, 0.2,
];
/** How much larger a single layer's cells are made at a time where there is room, how often. */
const GROWTH = 1.15;
const GROWTH_ROUNDS = 5;

/** How a layer is drawn: the scale of its cells, and whether names are shown. */
interface Style {
  readonly scale: number;
  readonly names: boolean;
  readonly rackLabels: boolean;
}

interface Flow {
  readonly height: number;
  readonly groups: readonly PlacedGroup[];
}

/** Pitch of a kind with `size` cells at scale 1: the more there are, the smaller, but far from 1/n. */
export function basePitch(size: number): number {
  return 15 * Math.min(1, (24 / Math.max(1, size)) ** 0.2);
}

/** The smallest pitch: few cells cost little room, so only large kinds become very small. */
function leastPitch(size: number): number {
  if (size <= 40) return 8;
  if (size <= 200) return 5;
  if (size <= 1000) return 3;
  return size <= 4000 ? 2 : 1;
}

function pitchOf(size: number, scale: number): number {
  const wanted = Math.round(basePitch(size) * scale);
  return Math.min(PITCH_MAX, Math.max(leastPitch(size), wanted));
}

export function layOut(input: LayoutInput): Layout {
  const inner = input.width - 2 * PAD_X;
  const flows = chooseFlows(input, inner);
  const used = flows.reduce((sum, flow) => sum + flow.height, 0);
  const open = flows.filter((flow) => flow.groups.length > 0).length;
  const spare = open > 0 ? Math.max(0, input.height - used) / open : 0;
  const height = Math.max(input.height, used);
  const strata: Stratum[] = [];
  let bottom = height;
  for (const [layer, flow] of flows.entries()) {
    const grown = flow.height + (flow.groups.length > 0 ? spare : 0);
    const y = bottom - grown;
    const drop = PAD_Y + Math.min(DROP_MAX, (grown - flow.height) / 2);
    const groups = flow.groups.map((g) => shift(g, PAD_X, Math.round(y + drop)));
    strata.push({ layer, y, height: grown, groups });
    bottom = y;
  }
  return { width: input.width, height, strata };
}

/** The largest common scale that fits, then whatever single layers still have room for. */
function chooseFlows(input: LayoutInput, width: number): Flow[] {
  const flowOf = (layer: number, style: Style): Flow =>
    flowLayer(input.layers[layer], width, style);
  const all = input.layers.map((_, i) => i);
  const total = (flows: readonly Flow[]): number => flows.reduce((sum, f) => sum + f.height, 0);
  let styles: Style[] = [];
  let flows: Flow[] = [];
  for (const scale of SCALES) {
    styles = all.map(() => ({ scale, names: false, rackLabels: false }));
    flows = all.map((layer) => flowOf(layer, styles[layer]));
    if (total(flows) <= input.height) break;
  }
  // Where scrolling cannot be helped, names may make it a little longer.
  const needed = total(flows);
  const limit = needed > input.height ? needed * 1.1 : input.height;
  const tryStyle = (layer: number, style: Style): void => {
    const flow = flowOf(layer, style);
    if (total(flows) - flows[layer].height + flow.height > limit) return;
    flows[layer] = flow;
    styles[layer] = style;
  };
  for (const layer of all) tryStyle(layer, { ...styles[layer], names: true });
  for (const layer of all) tryStyle(layer, { ...styles[layer], rackLabels: true });
  for (let round = 0; round < GROWTH_ROUNDS; round++) {
    for (const layer of all) {
      tryStyle(layer, { ...styles[layer], scale: styles[layer].scale * GROWTH });
    }
  }
  return flows;
}

/** Lays one layer's groups on lines, with the line height that makes the layer lowest. */
function flowLayer(groups: readonly GroupInput[] | null, width: number, style: Style): Flow {
  if (!groups || groups.length === 0) return { height: THIN_STRATUM, groups: [] };
  let best: Flow | null = null;
  for (let line = 4; line <= 480; line += line < 80 ? 4 : 16) {
    const flow = flowAt(groups, width, style, line);
    if (flow && (!best || flow.height < best.height)) best = flow;
    if (best && line > best.height) break;
  }
  return best ?? { height: THIN_STRATUM, groups: [] };
}

function flowAt(
  groups: readonly GroupInput[],
  width: number,
  style: Style,
  lineHeight: number,
): Flow | null {
  const placed: PlacedGroup[] = [];
  let x = 0;
  let y = 0;
  let low = 0;
  for (const input of groups) {
    const shown = drawGroup(input, style, lineHeight);
    if (!shown) return null;
    const groupWidth = Math.max(shown.packing.width, input.heading_px);
    if (groupWidth > width && lineHeight < 480) return null;
    if (x > 0 && x + groupWidth > width) {
      x = 0;
      y += low + LINE_GAP;
      low = 0;
    }
    placed.push({
      input,
      cell: shown.cell,
      named: shown.named,
      rackLabels: shown.rackLabels,
      x,
      y,
      width: groupWidth,
      height: HEADING_HEIGHT + shown.packing.height,
      blocks: shown.packing.blocks.map((b) => ({ ...b, x: b.x + x, y: b.y + y + HEADING_HEIGHT })),
    });
    low = Math.max(low, HEADING_HEIGHT + shown.packing.height);
    x += groupWidth + GROUP_GAP;
  }
  return { height: Math.max(STRATUM_MIN, y + low + 2 * PAD_Y), groups: placed };
}

interface Drawn {
  readonly cell: CellSize;
  readonly named: boolean;
  readonly rackLabels: boolean;
  readonly packing: Packing;
}

function drawGroup(input: GroupInput, style: Style, lineHeight: number): Drawn | null {
  const named = style.names && input.name_px > 0;
  const rackLabels = style.rackLabels && !named && input.blocks.length > 1;
  const cell = named ? chipCell(input.name_px + 20) : squareCell(pitchOf(input.size, style.scale));
  const blocks = named ? [joined(input.blocks)] : input.blocks;
  const packing = pack(blocks, cell, lineHeight, rackLabels);
  return packing && { cell, named, rackLabels, packing };
}

function shift(group: PlacedGroup, dx: number, dy: number): PlacedGroup {
  return {
    ...group,
    x: group.x + dx,
    y: group.y + dy,
    blocks: group.blocks.map((b) => ({ ...b, x: b.x + dx, y: b.y + dy })),
  };
}

/** Upper left corner of each slot's cell, and the group it is in. */
export interface CellMap {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Index into `groups`, HIDDEN for slots that the filter leaves out. */
  readonly group: Uint16Array;
  readonly groups: readonly PlacedGroup[];
}

export const HIDDEN = 0xffff;

export function mapCells(layout: Layout, slots: number): CellMap {
  const groups = layout.strata.flatMap((s) => s.groups);
  const x = new Float32Array(slots);
  const y = new Float32Array(slots);
  const group = new Uint16Array(slots).fill(HIDDEN);
  for (const [g, { cell, blocks }] of groups.entries()) {
    for (const block of blocks) {
      for (let i = 0; i < block.input.size; i++) {
        const slot = block.input.firstSlot + i;
        x[slot] = block.x + (i % block.columns) * (cell.width + cell.gap);
        y[slot] = block.y + Math.floor(i / block.columns) * (cell.height + cell.gap);
        group[slot] = g;
      }
    }
  }
  return { x, y, group, groups };
}

/** The slot whose cell (with the gap after it) lies under a point, -1 for none. */
export function slotAt(layout: Layout, x: number, y: number): number {
  const stratum = layout.strata.find((s) => y >= s.y && y < s.y + s.height);
  for (const { cell, blocks } of stratum?.groups ?? []) {
    for (const block of blocks) {
      const column = Math.floor((x - block.x) / (cell.width + cell.gap));
      const row = Math.floor((y - block.y) / (cell.height + cell.gap));
      if (column < 0 || column >= block.columns || row < 0) continue;
      const i = row * block.columns + column;
      if (i < block.input.size) return block.input.firstSlot + i;
    }
  }
  return -1;
}
