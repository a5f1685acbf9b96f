import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StrataError } from '../../engine/errors.ts';
import { openRecording } from '../../engine/recording/decode.ts';
import { BATCH_ROWS, type RecordingHead } from '../../engine/recording/format.ts';
import { Recorder } from '../../engine/recording/recorder.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import {
  EVENTS,
  eventId,
  HEAD,
  history,
  METADATA,
  play,
  recordAndOpen,
  recordBytes,
  Scribe,
  STATES,
  type Step,
  stateId,
  type Written,
} from './build.ts';

function written(steps: readonly Step[]): { rows: Written[]; bytes: Uint8Array } {
  let rows: Written[] = [];
  const bytes = recordBytes((r) => {
    rows = play(steps, r);
  });
  return { rows, bytes };
}

function readBack(recording: Recording): Written[] {
  return Array.from({ length: recording.rows }, (_, i) => {
    const { row: _row, from, event, to, ...rest } = recording.row(i);
    return { ...rest, from: stateId(from), event: eventId(event), to: stateId(to) };
  });
}

const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    return error.code;
  }
  return 'none';
};

describe('round trip', () => {
  it('reads the rows that were recorded, wherever batches end', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { rows, bytes } = written(steps);
        const recording = openRecording(bytes);
        expect(recording.truncated).toBe(false);
        expect(readBack(recording)).toEqual(rows);
      }),
      { numRuns: 150 },
    );
  });

  it('continues after full batches, with values and details on both sides of the border', () => {
    const recording = recordAndOpen((r) => {
      const [created, fail, metric] = [0, eventId('fail'), eventId('metric:power_w')];
      for (let i = 0; i < 2 * BATCH_ROWS + 5; i++) {
        let row: number;
        if (i % 1000 === 0) row = r.appendWithDetail(i, i, 0, created, 0, -1, `disk-${i}`);
        else if (i % 7 === 0) row = r.appendWithValue(i, 0, 0, metric, 0, -1, i / 2);
        else row = r.append(i, 0, 0, fail, 0, i - 1);
        expect(row).toBe(i);
      }
    });
    expect(recording.batches.map(({ length }) => length)).toEqual([BATCH_ROWS, BATCH_ROWS, 5]);
    for (const i of [0, 999, 1000, 65_534, 65_535, 65_536, 66_000, 131_071, 131_072, 131_076]) {
      const { time_s, value, detail } = recording.row(i);
      expect(time_s).toBe(i);
      expect(detail).toBe(i % 1000 === 0 ? `disk-${i}` : '');
      expect(value).toBe(i % 1000 !== 0 && i % 7 === 0 ? i / 2 : NaN);
    }
  });

  it('keeps the metadata and the dictionaries, also of an empty run', () => {
    const live = { ...METADATA, mode: 'live' as const, started: '2026-01-01T00:00:00Z' };
    const recording = recordAndOpen(() => {}, { ...HEAD, metadata: live });
    expect(recording.metadata).toEqual(live);
    expect(recording.rows).toBe(0);
    expect(recording.states.map(({ name }) => name)).toEqual(STATES);
    expect(recording.events).toEqual(EVENTS);
    expect(recording.states[stateId('osd/up.in')]).toMatchObject({
      kind: 'osd',
      state: 'up.in',
      layer: 'sds',
      class: 'stable',
      serving: true,
    });
    expect(recording.stateAt(5).live).toBe(0);
  });

  it('reads bytes at any offset of a larger buffer', () => {
    const bytes = recordBytes((r) => new Scribe(r).create(1, 'a', 'disk/ok'));
    for (let shift = 0; shift < 8; shift++) {
      const buffer = new Uint8Array(bytes.length + shift + 3);
      buffer.set(bytes, shift);
      const recording = openRecording(buffer.subarray(shift, shift + bytes.length));
      expect(recording.entities.get(0).name).toBe('a');
      expect(recording.truncated).toBe(false);
    }
  });
});

describe('determinism', () => {
  it('writes equal bytes for equal rows', () => {
    fc.assert(
      fc.property(history, (steps) => {
        expect(written(steps).bytes).toEqual(written(steps).bytes);
      }),
      { numRuns: 50 },
    );
  });

  it('writes one bit pattern for every NaN', () => {
    const bits = new BigUint64Array([
      0x7ff8000000000000n,
      0xfff8000000000000n,
      0x7ff8000000000123n,
    ]);
    const files = [...new Float64Array(bits.buffer)].map((nan) =>
      recordBytes((r) => r.appendWithValue(0, 0, 0, 1, 0, -1, nan)),
    );
    expect(files[1]).toEqual(files[0]);
    expect(files[2]).toEqual(files[0]);
  });

  it('leaves nothing of one batch in the next', () => {
    const tail = (r: Recorder) => {
      r.flush();
      r.append(1, 0, 0, 7, 0, -1);
    };
    const plain = recordAndOpen((r) => {
      r.append(0, 0, 0, 0, 0, -1);
      tail(r);
    });
    const busy = recordAndOpen((r) => {
      r.appendWithDetail(0, 0, 0, 0, 0, -1, 'name');
      r.appendWithValue(0, 0, 0, 6, 0, -1, 5);
      tail(r);
    });
    expect(busy.row(2)).toEqual({ ...plain.row(1), row: 2 });
  });
});

describe('recorder', () => {
  it('counts rows without a sink', () => {
    const recorder = new Recorder(HEAD, null);
    for (let i = 0; i < BATCH_ROWS + 10; i++) recorder.append(i, 0, 0, 7, 0, -1);
    recorder.appendWithDetail(1e6, 1, 0, 0, 0, -1, 'x');
    recorder.close();
    expect(recorder.rows).toBe(BATCH_ROWS + 11);
  });

  it('asks for keyframes by rows and by live entities', () => {
    const recorder = new Recorder(HEAD, null);
    const record = (rows: number) => {
      for (let i = 0; i < rows; i++) recorder.append(0, 0, 0, 7, 0, -1);
    };
    record(999_999);
    expect(recorder.keyframeDue(10)).toBe(false);
    record(1);
    expect(recorder.keyframeDue(10)).toBe(true);
    expect(recorder.keyframeDue(200_000)).toBe(false);
    recorder.keyframe(0, (add) => add(0, 0, 5));
    expect(recorder.keyframeDue(10)).toBe(false);
  });

  it('refuses time that runs backwards, and rows after the end', () => {
    const backwards = new Recorder(HEAD, new MemorySink());
    backwards.append(2, 0, 0, 7, 0, -1);
    backwards.flush();
    backwards.append(1, 0, 0, 7, 0, -1);
    expect(code(() => backwards.flush())).toBe('RECORDING_TIME_ORDER');
    const nan = new Recorder(HEAD, new MemorySink());
    nan.append(NaN, 0, 0, 7, 0, -1);
    expect(code(() => nan.close())).toBe('RECORDING_TIME_ORDER');
    const closed = new Recorder(HEAD, new MemorySink());
    closed.close();
    closed.close();
    closed.append(1, 0, 0, 7, 0, -1);
    expect(code(() => closed.close())).toBe('RECORDING_CLOSED');
  });

  it('refuses dictionaries that a reader could not use', () => {
    const wrong: Partial<RecordingHead>[] = [
      { events: EVENTS.filter((name) => name !== 'keyframe') },
      { events: [...EVENTS, 'fail'] },
      { states: [...STATES, 'osd/unknown'] },
      { states: Array.from({ length: 65_537 }, (_, i) => `disk/${i}`) },
    ];
    for (const part of wrong) {
      expect(code(() => new Recorder({ ...HEAD, ...part }, null))).toBe('RECORDING_DICTIONARY');
    }
  });

  it('hands bytes on as it goes and closes the sink once', () => {
    const sink = new MemorySink();
    const recorder = new Recorder(HEAD, sink);
    const head_bytes = sink.bytes().length;
    expect(head_bytes).toBeGreaterThan(0);
    for (let i = 0; i < BATCH_ROWS; i++) recorder.append(i, 0, 0, 7, 0, -1);
    expect(sink.bytes().length).toBeGreaterThan(head_bytes + 34 * BATCH_ROWS);
    expect(sink.closed).toBe(false);
    recorder.close();
    expect(sink.closed).toBe(true);
  });
});

/** The state of everything by definition: every row from the start. */
function replayed(rows: readonly Written[], time_s: number): Map<number, [number, number]> {
  const world = new Map<number, [number, number]>();
  rows.forEach(({ time_s: at_s, entity, event, to }, row) => {
    if (at_s > time_s) return;
    const name = EVENTS[event];
    if (name === 'removed') world.delete(entity);
    else if (!/^(keyframe|linked|unlinked|metric:.*)$/.test(name)) world.set(entity, [to, row]);
  });
  return world;
}

describe('snapshots', () => {
  it('equal the replay from the start, at and between all times, in any order', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (steps, choice) => {
        const { rows, bytes } = written(steps);
        const recording = openRecording(bytes);
        const times = [-1, ...rows.flatMap(({ time_s }) => [time_s, time_s + 0.5])];
        let reused = recording.stateAt(0);
        for (let i = 0; i < 20; i++) {
          const time_s = times[(choice.next().value as number) % times.length];
          const expected = replayed(rows, time_s);
          reused = recording.stateAt(time_s, reused);
          for (const snapshot of [recording.stateAt(time_s), reused]) {
            expect(snapshot.live).toBe(expected.size);
            snapshot.state.forEach((state, entity) => {
              expect([state, snapshot.since[entity]]).toEqual(expected.get(entity) ?? [-1, -1]);
            });
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('start at the keyframe, not at the first row', () => {
    const recording = recordAndOpen((r) => {
      const scribe = new Scribe(r);
      scribe.create(0, 'd', 'disk/ok');
      // A keyframe that contradicts the rows before it shows which of them was used.
      r.keyframe(5, (add) => add(0, stateId('disk/failed'), 0));
      r.append(6, 0, 0, eventId('metric:power_w'), 0, -1);
    });
    expect(recording.keyframes).toEqual([{ time_s: 5, firstRow: 1, endRow: 2 }]);
    expect(recording.stateAt(4).state[0]).toBe(stateId('disk/ok'));
    expect(recording.stateAt(5).state[0]).toBe(stateId('disk/failed'));
    expect(recording.stateAt(9).state[0]).toBe(stateId('disk/failed'));
  });

  it('take keyframes of several batches as one', () => {
    const live = BATCH_ROWS + 100;
    const recording = recordAndOpen((r) => {
      for (let e = 0; e < live; e++) r.append(0, e, 0, 0, 0, -1);
      r.keyframe(1, (add) => {
        for (let e = 0; e < live; e++) add(e, 0, e);
      });
      r.append(2, 3, 0, 7, 1, -1);
    });
    expect(recording.keyframes).toEqual([{ time_s: 1, firstRow: live, endRow: 2 * live }]);
    const snapshot = recording.stateAt(1);
    expect(snapshot.live).toBe(live);
    expect(snapshot.since[live - 1]).toBe(live - 1);
  });

  it('do not trust the last keyframe of a file that breaks off in it', () => {
    const sink = new MemorySink();
    const recorder = new Recorder(HEAD, sink);
    new Scribe(recorder).create(0, 'd', 'disk/ok');
    recorder.keyframe(1, (add) => add(0, 0, 0));
    const recording = openRecording(sink.bytes());
    expect(recording).toMatchObject({ truncated: true, rows: 2, keyframes: [] });
    expect(recording.stateAt(1).live).toBe(1);
  });
});

describe('causes', () => {
  it('lead to the root, and children are their inverse', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { rows, bytes } = written(steps);
        const recording = openRecording(bytes);
        rows.forEach(({ cause, event }, i) => {
          const chain = recording.causes(i);
          expect(chain[0]).toBe(i);
          expect(chain[1] ?? -1).toBe(cause);
          expect(rows[chain.at(-1) as number].cause).toBe(-1);
          const told = cause >= 0 && EVENTS[event] !== 'keyframe';
          if (told) expect([...recording.children(cause)]).toContain(i);
          for (const child of recording.children(i)) expect(rows[child].cause).toBe(i);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('say why, by the row itself, the state or the kind', () => {
    const recording = recordAndOpen((r) => {
      const s = new Scribe(r);
      const disk = s.create(0, 'sdb', 'disk/ok');
      const osd = s.create(0, 'osd.3', 'osd/up.in');
      const failed = s.move(1, disk, 'fail', 'disk/failed');
      const lost = s.move(1, osd, 'lost', 'osd/down.in', failed);
      s.move(9, osd, 'mark_out', 'osd/down.out', lost);
      s.move(10, osd, 'lost', 'osd/down.out', lost);
      r.appendWithDetail(11, osd, 7, eventId('diverged'), 5, -1, 'reported up.in');
    });
    expect([2, 3, 4, 5, 6, 0].map((row) => recording.reason(row))).toEqual([
      'the disk reports an unrecoverable error',
      'the OSD no longer answers',
      'down for longer than mon_osd_down_out_interval',
      'the OSD lost its disk',
      'reported up.in',
      '',
    ]);
  });
});

describe('entities', () => {
  const recording = recordAndOpen((r) => {
    const s = new Scribe(r);
    const disk = s.create(0, 'sdb', 'disk/ok');
    const osd = s.create(0, 'osd.3', 'osd/up.in');
    s.note(0, osd, 'linked', disk);
    s.remove(5, disk);
    const other = s.create(6, 'sdb', 'disk/ok');
    s.note(7, osd, 'unlinked', disk);
    s.note(7, osd, 'linked', other);
    r.append(8, 5, stateId('server/active'), eventId('fail'), stateId('server/error'), -1);
  });

  it('have names, kinds, layers and a span of life', () => {
    const table = recording.entities;
    expect(table.get(0)).toEqual({
      number: 0,
      name: 'sdb',
      kind: 'disk',
      layer: 'bare-metal',
      createdRow: 0,
      removedRow: 3,
    });
    expect(table.byName().get('sdb')).toEqual([0, 2]);
    expect([...table.numbers()]).toEqual([0, 1, 2, 5]);
    expect(table.get(5)).toMatchObject({ name: '#5', kind: 'server', createdRow: -1 });
  });

  it('depend on each other over time', () => {
    const providers = (time_s: number) => recording.links.providers(1, recording.rowsUntil(time_s));
    expect([providers(-1), providers(0), providers(6), providers(7)]).toEqual([[], [0], [0], [2]]);
    expect(recording.links.dependents(2, recording.rows)).toEqual([1]);
    expect(recording.links.dependents(0, recording.rows)).toEqual([]);
  });

  it('have a history of their transitions only', () => {
    expect([...recording.history(1)]).toEqual([1]);
    expect([...recording.history(0)]).toEqual([0, 3]);
    expect([...recording.history(4)]).toEqual([]);
    expect([...recording.history(77)]).toEqual([]);
  });
});
