import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  basePitch,
  type GroupInput,
  HIDDEN,
  type Layout,
  layOut,
  mapCells,
  slotAt,
} from '../../viz/page/layout.ts';
import { centre, neighbour } from '../../viz/page/neighbour.ts';

/** Sizes of the blocks of each group of each layer; null: a layer that the filter collapsed. */
const shape = fc.array(
  fc.option(
    fc.array(
      fc.record({
        sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        name_px: fc.integer({ min: 0, max: 90 }),
      }),
      { maxLength: 4 },
    ),
    { freq: 8 },
  ),
  { minLength: 9, maxLength: 9 },
);

interface Drawn {
  readonly layout: Layout;
  readonly slots: number;
}

const drawing: fc.Arbitrary<Drawn> = fc
  .tuple(shape, fc.integer({ min: 320, max: 2400 }), fc.integer({ min: 300, max: 1600 }))
  .map(([layers, width, height]) => {
    let slots = 0;
    let kind = 0;
    const groups = layers.map(
      (layer) =>
        layer?.map(({ sizes, name_px }): GroupInput => {
          const blocks = sizes.map((size) => {
            const block = { firstSlot: slots, size, label: 'r1', label_px: 12 };
            slots += size;
            return block;
          });
          const size = sizes.reduce((a, b) => a + b, 0);
          return { kind: kind++, blocks, size, heading_px: 60, name_px: size <= 8 ? name_px : 0 };
        }) ?? null,
    );
    return { layout: layOut({ width, height, layers: groups }), slots };
  });

describe('layout', () => {
  it('gives every slot a cell inside its stratum, and none overlap', () => {
    fc.assert(
      fc.property(drawing, ({ layout, slots }) => {
        const map = mapCells(layout, slots);
        const boxes = Array.from({ length: slots }, (_, slot) => {
          const { cell } = map.groups[map.group[slot]];
          return { x: map.x[slot], y: map.y[slot], ...cell };
        });
        const strata = new Map(layout.strata.flatMap((s) => s.groups.map((g) => [g, s])));
        const outside = boxes.filter((box, slot) => {
          const stratum = strata.get(map.groups[map.group[slot]])!;
          const isBelow = box.y + box.height > stratum.y + stratum.height;
          return box.x < 0 || box.y < stratum.y || isBelow;
        });
        expect(outside).toEqual([]);
        const rows = boxes.sort((a, b) => a.y - b.y || a.x - b.x);
        const overlapping = rows.filter((a, i) => {
          for (let j = i + 1; j < rows.length && rows[j].y < a.y + a.height; j++) {
            if (rows[j].x < a.x + a.width && a.x < rows[j].x + rows[j].width) return true;
          }
          return false;
        });
        expect(overlapping).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('stacks the strata without gaps, the first layer at the bottom', () => {
    fc.assert(
      fc.property(drawing, ({ layout }) => {
        let bottom = layout.height;
        for (const [i, stratum] of layout.strata.entries()) {
          expect(stratum.layer).toBe(i);
          expect(stratum.y + stratum.height).toBeCloseTo(bottom, 6);
          bottom = stratum.y;
        }
        expect(bottom).toBeGreaterThanOrEqual(-1e-6);
      }),
    );
  });

  it('finds each slot again under the middle of its cell', () => {
    fc.assert(
      fc.property(drawing, ({ layout, slots }) => {
        const map = mapCells(layout, slots);
        const found = Array.from({ length: slots }, (_, slot) => {
          const { cell } = map.groups[map.group[slot]];
          return slotAt(layout, map.x[slot] + cell.width / 2, map.y[slot] + cell.height / 2);
        });
        expect(found).toEqual(found.map((_, slot) => slot));
      }),
      { numRuns: 40 },
    );
  });

  it('is the same for the same input', () => {
    const layers = Array.from({ length: 9 }, (_, kind) => [
      {
        kind,
        size: 300,
        heading_px: 50,
        name_px: 0,
        blocks: [{ firstSlot: 300 * kind, size: 300, label: '', label_px: 0 }],
      },
    ]);
    const input = { width: 1000, height: 700, layers };
    expect(layOut(input)).toEqual(layOut(input));
  });

  it('fits a hundred thousand entities into a usual window', () => {
    const layers = Array.from({ length: 9 }, (_, layer) =>
      Array.from({ length: 3 }, (_, g) => {
        const kind = layer * 3 + g;
        return {
          kind,
          size: 3704,
          heading_px: 80,
          name_px: 0,
          blocks: [{ firstSlot: kind * 3704, size: 3704, label: '', label_px: 0 }],
        };
      }),
    );
    expect(layOut({ width: 1000, height: 640, layers }).height).toBe(640);
  });

  it('makes cells smaller the more there are', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(200_000), (a, b) => {
        expect(basePitch(Math.max(a, b))).toBeLessThanOrEqual(basePitch(Math.min(a, b)));
      }),
    );
  });
});

describe('neighbour', () => {
  it('goes the way asked for, or nowhere', () => {
    const directions = fc.constantFrom('left', 'right', 'up', 'down');
    fc.assert(
      fc.property(drawing, fc.nat(), directions, ({ layout, slots }, pick, direction) => {
        fc.pre(slots > 0);
        const map = mapCells(layout, slots);
        const from = pick % slots;
        const to = neighbour(map, from, direction, () => true);
        if (to === from) return;
        const [x0, y0] = centre(map, from);
        const [x1, y1] = centre(map, to);
        const ahead = { left: x0 - x1, right: x1 - x0, up: y0 - y1, down: y1 - y0 }[direction];
        expect(ahead).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  it('starts at the first cell wanted', () => {
    const layers = [
      [
        {
          kind: 0,
          size: 5,
          heading_px: 40,
          name_px: 0,
          blocks: [{ firstSlot: 0, size: 5, label: '', label_px: 0 }],
        },
      ],
    ];
    const map = mapCells(layOut({ width: 500, height: 300, layers }), 6);
    expect(map.group[5]).toBe(HIDDEN);
    expect(neighbour(map, -1, 'right', (slot) => slot === 3)).toBe(3);
    expect(neighbour(map, 2, 'right', (slot) => slot !== 3)).toBe(4);
  });
});
