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
  placeBlocks,
  type Sizes,
  sizesOf,
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
const GROUP_GAP = 15;
const LINE_GAP = 8;
/** A stratum with cells is at least as high as its name and its count. */
const STRATUM_MIN = 48;
const PITCH_MAX = 20;
/** Heights of a line of groups that are tried. */
const LINE_MIN = 4;
const LINE_MAX = 480;
const SCALES = [
  1.5, 1.35, 1.2, 1.1, 1, 0.9, 0.8, 0.72, 0.64, 0.56, 0.5, 0.44, 0.38, 0.32, 0.26, 0.2,
];
/** How much larger a single layer's cells are made at a time where there is room, how often. */
const GROWTH = 1.15;
const GROWTH_ROUNDS = 5;
/** Names are worth making cells smaller down to this share. */
const NAMES_WORTH = 0.6;

/** How a layer is drawn: the scale of its cells, whether names are shown and racks kept apart. */
interface Style {
  readonly scale: number;
  readonly names: boolean;
  /** Whether the racks of a kind are kept apart. */
  readonly racks: boolean;
  readonly rackLabels: boolean;
}

/** A group with the way it is drawn, at its place within the layer. */
interface Placing {
  readonly group: Measured;
  readonly cell: CellSize;
  readonly named: boolean;
  /** All cells in one block. */
  readonly isOne: boolean;
  readonly rackLabels: boolean;
  readonly packing: Packing;
  readonly x: number;
  readonly y: number;
}

interface Flow {
  readonly height: number;
  readonly placings: readonly Placing[];
}

/** A group with what is worked out of it once. */
interface Measured {
  readonly input: GroupInput;
  readonly sizes: Sizes;
  /** The same with all cells in one block. */
  readonly oneSizes: Sizes;
}

/** Pitch of a kind with `size` cells at scale 1: the more there are, the smaller, but far from 1/n. */
export function basePitch(size: number): number {
  return 15 * Math.min(1, (24 / Math.max(1, size)) ** 0.2);
}

/** The smallest pitch: few cells cost little room, so only large kinds become very small. */
function leastPitch(size: number): number {
  if (size <= 40) return 8;
  if (size <= 200) return 5;
  if (size <= 600) return 3;
  return size <= 2000 ? 2 : 1;
}

function pitchOf(size: number, scale: number): number {
  const wanted = Math.round(basePitch(size) * scale);
  return Math.min(PITCH_MAX, Math.max(leastPitch(size), wanted));
}

export function layOut(input: LayoutInput): Layout {
  const layers = input.layers.map((groups) => (groups ?? []).map(measure));
  const flows = chooseFlows(layers, input.width - 2 * PAD_X, input.height);
  const used = flows.reduce((sum, flow) => sum + flow.height, 0);
  const open = flows.filter((flow) => flow.placings.length > 0).length;
  const spare = open > 0 ? Math.max(0, input.height - used) / open : 0;
  const height = Math.max(input.height, used);
  const strata: Stratum[] = [];
  let bottom = height;
  for (const [layer, flow] of flows.entries()) {
    const grown = flow.height + (flow.placings.length > 0 ? spare : 0);
    const y = bottom - grown;
    const top = Math.round(y + PAD_Y + Math.min(DROP_MAX, (grown - flow.height) / 2));
    strata.push({ layer, y, height: grown, groups: flow.placings.map((p) => placeGroup(p, top)) });
    bottom = y;
  }
  return { width: input.width, height, strata };
}

function measure(input: GroupInput): Measured {
  return { input, sizes: sizesOf(input.blocks), oneSizes: sizesOf([joined(input.blocks)]) };
}

function placeGroup(placing: Placing, top: number): PlacedGroup {
  const { group, cell, named, isOne, rackLabels, packing } = placing;
  const { input } = group;
  const [x, y] = [PAD_X + placing.x, top + placing.y];
  const blocks = isOne ? [joined(input.blocks)] : input.blocks;
  return {
    input,
    cell,
    named,
    rackLabels,
    x,
    y,
    width: Math.max(packing.width, input.heading_px),
    height: HEADING_HEIGHT + packing.height,
    blocks: placeBlocks(blocks, cell, packing, rackLabels, x, y + HEADING_HEIGHT),
  };
}

const heightOf = (flows: readonly Flow[]): number => flows.reduce((sum, f) => sum + f.height, 0);

/** What is tried, best first; each with the largest common scale at which all layers fit. */
const MANNERS = [
  { names: true, racks: true },
  { names: false, racks: true },
  { names: true, racks: false },
  { names: false, racks: false },
] as const;

/** The best style that fits, or the last one at the smallest scale when nothing does. */
function commonStyle(layers: readonly Measured[][], width: number, height: number): Style {
  const fits = (style: Style): boolean =>
    heightOf(layers.map((groups) => flowLayer(groups, width, style))) <= height;
  const tried = MANNERS.map((manner) => largestFitting({ ...manner, rackLabels: false }, fits));
  const [named, plain] = tried;
  const isWorthIt = named && (!plain || named.scale >= plain.scale * NAMES_WORTH);
  const best = isWorthIt ? named : tried.slice(1).find((style) => style !== null);
  return (
    best ?? { names: false, racks: false, rackLabels: false, scale: SCALES[SCALES.length - 1] }
  );
}

function largestFitting(
  manner: Omit<Style, 'scale'>,
  fits: (style: Style) => boolean,
): Style | null {
  let low = 0;
  let high = SCALES.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits({ ...manner, scale: SCALES[middle] })) high = middle;
    else low = middle + 1;
  }
  return low < SCALES.length ? { ...manner, scale: SCALES[low] } : null;
}

/** A common style for all layers, then whatever single layers still have room for. */
function chooseFlows(layers: readonly Measured[][], width: number, height: number): Flow[] {
  const common = commonStyle(layers, width, height);
  const styles = layers.map(() => common);
  const flows = layers.map((groups) => flowLayer(groups, width, common));
  const needed = heightOf(flows);
  // Where scrolling cannot be helped, names may make it a little longer.
  const limit = needed > height ? needed * 1.1 : height;
  // What costs least height is improved first, so that one layer does not take all the room.
  const improve = (change: (style: Style) => Style): void => {
    const wanted = layers.map((groups, layer) => {
      const style = change(styles[layer]);
      return { layer, style, flow: flowLayer(groups, width, style) };
    });
    const cost = ({ layer, flow }: (typeof wanted)[number]) => flow.height - flows[layer].height;
    for (const { layer, style, flow } of wanted.sort((a, b) => cost(a) - cost(b))) {
      if (heightOf(flows) - flows[layer].height + flow.height > limit) continue;
      flows[layer] = flow;
      styles[layer] = style;
    }
  };
  improve((style) => ({ ...style, names: true }));
  improve((style) => ({ ...style, racks: true }));
  improve((style) => ({ ...style, rackLabels: true }));
  for (let round = 0; round < GROWTH_ROUNDS; round++) {
    improve((style) => ({ ...style, scale: style.scale * GROWTH }));
  }
  return flows;
}

/** Lays one layer's groups on lines, with the line height that makes the layer lowest. */
function flowLayer(groups: readonly Measured[], width: number, style: Style): Flow {
  let best: Flow | null = null;
  if (groups.length === 0) return { height: THIN_STRATUM, placings: [] };
  for (let line = LINE_MIN; line <= LINE_MAX; line += line < 80 ? 4 : 16) {
    if (best && line + HEADING_HEIGHT > best.height) break;
    const flow = flowAt(groups, width, style, line);
    if (flow && (!best || flow.height < best.height)) best = flow;
  }
  return best ?? { height: THIN_STRATUM, placings: [] };
}

function flowAt(
  groups: readonly Measured[],
  width: number,
  style: Style,
  lineHeight: number,
): Flow | null {
  const placings: Placing[] = [];
  let x = 0;
  let y = 0;
  let low = 0;
  for (const group of groups) {
    const drawn = drawGroup(group, style, lineHeight);
    if (!drawn) return null;
    const groupWidth = Math.max(drawn.packing.width, group.input.heading_px);
    if (groupWidth > width && lineHeight < LINE_MAX) return null;
    if (x > 0 && x + groupWidth > width) {
      x = 0;
      y += low + LINE_GAP;
      low = 0;
    }
    placings.push({ group, ...drawn, x, y });
    low = Math.max(low, HEADING_HEIGHT + drawn.packing.height);
    x += groupWidth + GROUP_GAP;
  }
  return { height: Math.max(STRATUM_MIN, y + low + 2 * PAD_Y), placings };
}

function drawGroup(group: Measured, style: Style, lineHeight: number) {
  const { input } = group;
  const named = style.names && input.name_px > 0;
  const isOne = named || !style.racks || input.blocks.length === 1;
  const rackLabels = style.rackLabels && !isOne;
  const cell = named ? chipCell(input.name_px + 20) : squareCell(pitchOf(input.size, style.scale));
  const packing = pack(isOne ? group.oneSizes : group.sizes, cell, lineHeight, rackLabels);
  return packing && { cell, named, isOne, rackLabels, packing };
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
