/** How a kind's cells are packed into a box of a given height. Lengths in CSS pixels. */

/** One run of slots packed together: a kind in one rack. */
export interface BlockInput {
  readonly firstSlot: number;
  readonly size: number;
  /** Name of the rack, empty outside racks. */
  readonly label: string;
  readonly label_px: number;
}

/** The measures of one cell; `pitch` is the distance from one cell to the next. */
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

export interface Packing {
  readonly width: number;
  readonly height: number;
  readonly blocks: readonly PlacedBlock[];
}

export const RACK_LABEL_HEIGHT = 11;

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

/**
 * Packs blocks side by side, each as high as fits, on as many lines as fit; null when the box is too
 * low for one row. `labels` leaves a line of text above each block.
 */
export function pack(
  blocks: readonly BlockInput[],
  cell: CellSize,
  height: number,
  labels: boolean,
): Packing | null {
  const head = labels ? RACK_LABEL_HEIGHT : 0;
  const pitchY = cell.height + cell.gap;
  const rowsMax = Math.floor((height - head + cell.gap) / pitchY);
  if (rowsMax < 1) return null;
  const largest = Math.max(...blocks.map((b) => b.size));
  let best: Packing | null = null;
  const narrowest = Math.ceil(largest / rowsMax);
  const widest = blocks.length === 1 ? narrowest : Math.min(largest, narrowest + 24);
  for (let columns = narrowest; columns <= widest; columns++) {
    const packing = packColumns(blocks, cell, height, head, columns);
    if (!best || packing.width < best.width) best = packing;
  }
  return best;
}

function packColumns(
  blocks: readonly BlockInput[],
  cell: CellSize,
  height: number,
  head: number,
  columns: number,
): Packing {
  const between = blockGap(cell);
  const pitchX = cell.width + cell.gap;
  const pitchY = cell.height + cell.gap;
  const rows = Math.ceil(Math.max(...blocks.map((b) => b.size)) / columns);
  const label = head > 0 ? Math.max(...blocks.map((b) => b.label_px)) : 0;
  const blockWidth = Math.max(columns * pitchX - cell.gap, label);
  const blockHeight = head + rows * pitchY - cell.gap;
  const linesMax = Math.max(1, Math.floor((height + between) / (blockHeight + between)));
  const perLine = Math.ceil(blocks.length / linesMax);
  const lines = Math.ceil(blocks.length / perLine);
  return {
    width: perLine * (blockWidth + between) - between,
    height: lines * (blockHeight + between) - between,
    blocks: blocks.map((input, i) => ({
      input,
      x: (i % perLine) * (blockWidth + between),
      y: Math.floor(i / perLine) * (blockHeight + between) + head,
      columns,
    })),
  };
}

/** Space between the racks of a kind: clearly more than between cells. */
const blockGap = (cell: CellSize): number => Math.max(4, Math.round(cell.gap + cell.width / 2));
