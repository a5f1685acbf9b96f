import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../engine/recording/decode.ts';
import { Cursor } from '../../viz/page/cursor.ts';
import { NO_RACK, rackOf } from '../../viz/page/racks.ts';
import { buildReplay, fullName, type Replay } from '../../viz/page/replay.ts';
import { assignSlots } from '../../viz/page/slots.ts';
import { history, play, recordAndOpen } from '../recording/build.ts';
import { SMALL } from './synthetic.ts';
import { syntheticRecording } from './synthetic-day.ts';

const noRacks = (replay: Replay): Int32Array => new Int32Array(replay.entityCount).fill(NO_RACK);

describe('slots', () => {
  it('never hold two living entities, and there are no more than were ever needed', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const recording = recordAndOpen((r) => void play(steps, r));
        fc.pre(recording.rows > 0);
        const replay = buildReplay(recording);
        const slots = assignSlots(replay, noRacks(replay));
        const cursor = new Cursor(replay);
        const most = new Int32Array(replay.kinds.length);
        for (let position = 1; position <= replay.steps.count; position++) {
          cursor.moveTo(position);
          const taken = new Set<number>();
          for (let e = 0; e < replay.entityCount; e++) {
            if (!cursor.isAlive(e)) continue;
            expect(taken.has(slots.slotOf[e])).toBe(false);
            taken.add(slots.slotOf[e]);
          }
          for (const [k, n] of cursor.countOfKind.entries()) most[k] = Math.max(most[k], n);
        }
        for (const { kind, size } of slots.blocks) expect(size).toBe(most[kind]);
        expect(slots.count).toBe(most.reduce((a, b) => a + b, 0));
      }),
    );
  });

  it('lie within the block of their kind', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const recording = recordAndOpen((r) => void play(steps, r));
        fc.pre(recording.rows > 0);
        const replay = buildReplay(recording);
        const slots = assignSlots(replay, noRacks(replay));
        for (let e = 0; e < replay.entityCount; e++) {
          const block = slots.blocks.find((b) => b.kind === replay.kindOf[e])!;
          expect(slots.slotOf[e]).toBeGreaterThanOrEqual(block.firstSlot);
          expect(slots.slotOf[e]).toBeLessThan(block.firstSlot + block.size);
        }
      }),
    );
  });
});

describe('racks', () => {
  const replay = buildReplay(openRecording(syntheticRecording({ ...SMALL, churn: 0 })));
  const rack = rackOf(replay);
  const rackName = (name: string): string => {
    const e = replay.nameOf.findIndex((_, i) => fullName(replay, i) === name);
    return rack[e] === NO_RACK ? 'none' : replay.nameOf[rack[e]];
  };

  it.each([
    ['machine/r2-n3', 'r2'],
    ['host-os/r3-n1', 'r3'],
    ['server/vm-r4-n8-2', 'r4'],
    ['container/web-0-app', 'r1'],
    ['rack/r1', 'r1'],
    ['region/region-1', 'none'],
    // Its copies are in three racks.
    ['pg/1.0', 'none'],
  ])('%s stands in %s', (entity, expected) => {
    expect(rackName(entity)).toBe(expected);
  });

  it('split the kinds that stand in racks, and only those', () => {
    const { blocks } = assignSlots(replay, rack);
    const of = (kind: string) => blocks.filter((b) => replay.kinds[b.kind].kind === kind);
    expect(of('machine').map((b) => replay.nameOf[b.rack])).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(of('pg')).toHaveLength(1);
  });
});
