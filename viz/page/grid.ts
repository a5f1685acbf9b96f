/** How a kind's cells are packed into a box of a given height. Lengths in CSS pixels. */

/** One run of slots packed together: a kind in one rack. */
export interface BlockInput {
  readonly firstSlot: number;
  readonly size: number;
  /** Name of the rack, empty outside racks. */
  readonly label: string;
  readonly label_px: number;
}

/** The measures of one cell; the next one begins `gap` after it. */
export interface CellSize {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

export interface PlacedBlock {
  readonly input: BlockInput;
  readonly x: number;
  readonly y: number;
  readonly columns: number;
}

/** What packing needs to know of a group of blocks. */
export interface Sizes {
  readonly blocks: number;
  /** Cells in the largest block. */
  readonly largest: number;
  /** Width of the widest rack's name. */
  readonly label_px: number;
}

/** A way of packing: `columns` cells beside each other in a block, `perLine` blocks on a line. */
export interface Packing {
  readonly columns: number;
  readonly perLine: number;
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly width: number;
  readonly height: number;
}

export const RACK_LABEL_HEIGHT = 11;

/** So many widths of a block are tried beyond the narrowest. */
const COLUMNS_TRIED = 24;

export function squareCell(pitch: number): CellSize {
  const gap = pitch >= 11 ? 2 : pitch >= 3 ? 1 : 0;
  return { width: pitch - gap, height: pitch - gap, gap };
}

export function chipCell(width: number): CellSize {
  return { width, height: 18, gap: 4 };
}

/** All blocks as one, for cells that show names and need no racks. */
export function joined(blocks: readonly BlockInput[]): BlockInput {
  const size = blocks.reduce((sum, block) => sum + block.size, 0);
  return { firstSlot: blocks[0].firstSlot, size, label: '', label_px: 0 };
}

export function sizesOf(blocks: readonly BlockInput[]): Sizes {
  return {
    blocks: blocks.length,
    largest: Math.max(...blocks.map((b) => b.size)),
    label_px: Math.max(...blocks.map((b) => b.label_px)),
  };
}

/**
 * The narrowest way to pack blocks side by side, on as many lines as fit into `height`; null when
 * not even one row of cells fits. `labels` leaves a line of text above each block.
 */
export function pack(
  sizes: Sizes,
  cell: CellSize,
  height: number,
  labels: boolean,
): Packing | null {
  const head = labels ? RACK_LABEL_HEIGHT : 0;
  const rowsMax = Math.floor((height - head + cell.gap) / (cell.height + cell.gap));
  if (rowsMax < 1) return null;
  const narrowest = Math.ceil(sizes.largest / rowsMax);
  const widest =
    sizes.blocks === 1 ? narrowest : Math.min(sizes.largest, narrowest + COLUMNS_TRIED);
  let best = packColumns(sizes, cell, height, labels, narrowest);
  for (let columns = narrowest + 1; columns <= widest; columns++) {
    const packing = packColumns(sizes, cell, height, labels, columns);
    if (packing.width < best.width) best = packing;
  }
  return best;
}

function packColumns(
  sizes: Sizes,
  cell: CellSize,
  height: number,
  labels: boolean,
  columns: number,
): Packing {
  const between = blockGap(cell);
  const rows = Math.ceil(sizes.largest / columns);
  const cellsWidth = columns * (cell.width + cell.gap) - cell.gap;
  const blockWidth = labels ? Math.max(cellsWidth, sizes.label_px) : cellsWidth;
  const head = labels ? RACK_LABEL_HEIGHT : 0;
  const blockHeight = head + rows * (cell.height + cell.gap) - cell.gap;
  const linesMax = Math.max(1, Math.floor((height + between) / (blockHeight + between)));
  const perLine = Math.ceil(sizes.blocks / linesMax);
  const lines = Math.ceil(sizes.blocks / perLine);
  return {
    columns,
    perLine,
    blockWidth,
    blockHeight,
    width: perLine * (blockWidth + between) - between,
    height: lines * (blockHeight + between) - between,
  };
}

/** Where a packing puts its blocks, with the upper left corner of the first one at (x, y). */
export function placeBlocks(
  blocks: readonly BlockInput[],
  cell: CellSize,
  packing: Packing,
  labels: boolean,
  x: number,
  y: number,
): PlacedBlock[] {
  const between = blockGap(cell);
  const top = y + (labels ? RACK_LABEL_HEIGHT : 0);
  return blocks.map((input, i) => ({
    input,
    x: x + (i % packing.perLine) * (packing.blockWidth + between),
    y: top + Math.floor(i / packing.perLine) * (packing.blockHeight + between),
    columns: packing.columns,
  }));
}

/** Space between the racks of a kind: clearly more than between cells. */
const blockGap = (cell: CellSize): number => Math.max(4, Math.round(cell.gap + cell.width / 2));
