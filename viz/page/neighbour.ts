/** Moving from cell to cell with the keyboard. */
import { type CellMap, HIDDEN } from './layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

const VECTOR: Readonly<Record<Direction, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

/** Going astray counts this many times as much as going ahead. */
const ASTRAY = 3;

/**
 * The slot nearest to `from` in a direction among those that `wanted` accepts, or `from` if there is
 * none. Without a start (-1) the first accepted slot.
 */
export function neighbour(
  map: CellMap,
  from: number,
  direction: Direction,
  wanted: (slot: number) => boolean,
): number {
  const [dx, dy] = VECTOR[direction];
  const start = from >= 0 && map.group[from] !== HIDDEN ? centre(map, from) : null;
  let best = from;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let slot = 0; slot < map.group.length; slot++) {
    if (slot === from || map.group[slot] === HIDDEN || !wanted(slot)) continue;
    if (!start) return slot;
    const [x, y] = centre(map, slot);
    const ahead = (x - start[0]) * dx + (y - start[1]) * dy;
    if (ahead <= 0.5) continue;
    const cost = ahead + ASTRAY * Math.abs((x - start[0]) * dy + (y - start[1]) * dx);
    if (cost < bestCost) {
      bestCost = cost;
      best = slot;
    }
  }
  return best;
}

/** Middle of a slot's cell; of its mark where the cell shows a name. */
export function centre(map: CellMap, slot: number): [number, number] {
  const { cell, named } = map.groups[map.group[slot]];
  const width = named ? cell.height : cell.width;
  return [map.x[slot] + width / 2, map.y[slot] + cell.height / 2];
}
