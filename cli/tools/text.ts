import pc from 'picocolors';
import type { StateClass } from '../../engine/recording/format.ts';

export type Colours = ReturnType<typeof pc.createColors>;

/** Colours that change nothing, for files and tests. */
export const PLAIN: Colours = pc.createColors(false);

/** A cell of a table: text, and how to colour it once it is padded. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Lines of aligned columns, two spaces apart; `right` lists the columns aligned to the right. */
export function columns(rows: readonly (readonly Cell[])[], right: readonly number[] = []): string {
  const textOf = (cell: Cell) => (typeof cell === 'string' ? cell : cell.text);
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, textOf(cell).length);
    });
  }
  const lines = rows.map((row) =>
    row.map((cell, i) => {
      const text = textOf(cell);
      const last = i === row.length - 1;
      const padded = right.includes(i)
        ? text.padStart(widths[i])
        : last
          ? text
          : text.padEnd(widths[i]);
      return typeof cell === 'string' ? padded : cell.paint(padded);
    }),
  );
  return lines.map((cells) => cells.join('  ').trimEnd()).join('\n');
}

/** Green, yellow and red for stable, transient and failed states. */
export function paintState(paint: Colours, stateClass: StateClass): (text: string) => string {
  switch (stateClass) {
    case 'stable':
      return paint.green;
    case 'transient':
      return paint.yellow;
    case 'failed':
      return paint.red;
  }
}

/** `1 row`, `2 rows`, `1,234 rows`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}
