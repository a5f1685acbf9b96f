import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Recording } from '../../engine/recording/recording.ts';
import { Cursor } from '../../viz/page/cursor.ts';
import { ABSENT, buildReplay, CLASSES } from '../../viz/page/replay.ts';
import { history, play, recordAndOpen } from '../recording/build.ts';

/** Places in a recording, 0..1, where to look. */
const places = fc.array(fc.double({ min: -0.1, max: 1.1, noNaN: true }), {
  minLength: 1,
  maxLength: 8,
});

const timeAt = (recording: Recording, place: number): number =>
  recording.start_s + place * (recording.end_s - recording.start_s);

describe('cursor', () => {
  it('shows, wherever it is moved, what the recording says of that instant', () => {
    fc.assert(
      fc.property(history, places, (steps, wanted) => {
        const recording = recordAndOpen((r) => void play(steps, r));
        fc.pre(recording.rows > 0);
        const cursor = new Cursor(buildReplay(recording));
        for (const place of wanted) {
          const time_s = timeAt(recording, place);
          cursor.seek(time_s);
          const { state, since } = recording.stateAt(time_s);
          expect(Array.from(cursor.state, (s) => (s === ABSENT ? -1 : s))).toEqual([...state]);
          const living = [...state.keys()].filter((e) => state[e] >= 0);
          expect(living.map((e) => cursor.rowOf(e))).toEqual(living.map((e) => since[e]));
        }
      }),
    );
  });

  it('counts the living by layer, class and kind', () => {
    fc.assert(
      fc.property(history, places, (steps, wanted) => {
        const recording = recordAndOpen((r) => void play(steps, r));
        fc.pre(recording.rows > 0);
        const replay = buildReplay(recording);
        const cursor = new Cursor(replay);
        for (const place of wanted) {
          cursor.seek(timeAt(recording, place));
          const counts = new Int32Array(cursor.counts.length);
          const ofKind = new Int32Array(replay.kinds.length);
          for (let e = 0; e < replay.entityCount; e++) {
            if (!cursor.isAlive(e)) continue;
            counts[replay.kinds[replay.kindOf[e]].layer * CLASSES.length + cursor.classOf(e)]++;
            ofKind[replay.kindOf[e]]++;
          }
          expect([...cursor.counts]).toEqual([...counts]);
          expect([...cursor.countOfKind]).toEqual([...ofKind]);
        }
      }),
    );
  });

  it('tells every entity that changed between two looks, once', () => {
    fc.assert(
      fc.property(history, places, (steps, wanted) => {
        const recording = recordAndOpen((r) => void play(steps, r));
        fc.pre(recording.rows > 0);
        const cursor = new Cursor(buildReplay(recording));
        for (const place of wanted) {
          const before = cursor.state.slice();
          cursor.seek(timeAt(recording, place));
          const dirty = cursor.takeDirty();
          expect(new Set(dirty).size).toBe(dirty.length);
          for (const [e, state] of cursor.state.entries()) {
            if (state !== before[e]) expect(dirty).toContain(e);
          }
          expect(cursor.takeDirty()).toEqual([]);
        }
      }),
    );
  });
});

describe('buildReplay', () => {
  it('refuses a recording without rows', () => {
    const recording = recordAndOpen(() => {});
    expect(() => buildReplay(recording)).toThrow(expect.objectContaining({ code: 'REPLAY_EMPTY' }));
  });
});
