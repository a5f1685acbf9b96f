import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { writeParquet } from '../../cli/tools/export-parquet.ts';
import { perfettoTrace, type TraceEvent } from '../../cli/tools/export-perfetto.ts';
import { ROLE } from '../../engine/recording/format.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { history, play, recordAndOpen, Scribe } from './build.ts';

interface Trace {
  readonly displayTimeUnit: string;
  readonly otherData: Record<string, string>;
  readonly traceEvents: TraceEvent[];
}

const trace = (recording: Recording): Trace => JSON.parse([...perfettoTrace(recording)].join(''));

/** What the format demands of each phase. */
function checkForm({ ph, name, pid, tid, ts, dur, id, args }: TraceEvent): void {
  expect(typeof name).toBe('string');
  expect(Number.isInteger(pid)).toBe(true);
  if (ph !== 'C' && name !== 'process_name' && name !== 'process_sort_index') {
    expect(Number.isInteger(tid)).toBe(true);
    expect(tid).not.toBe(pid);
  }
  if (ph !== 'M') expect(Number.isInteger(ts)).toBe(true);
  if (ph === 'X') expect(dur).toBeGreaterThanOrEqual(0);
  if (ph === 's' || ph === 'f') expect(Number.isInteger(id)).toBe(true);
  if (ph === 'C') for (const v of Object.values(args ?? {})) expect(Number.isFinite(v)).toBe(true);
}

/** Reads events as a viewer does and returns the arrows as pairs of rows. */
function follow(events: readonly TraceEvent[]): [cause: number, effect: number][] {
  const latest = new Map<number, TraceEvent>();
  const open = new Map<number, number>();
  const arrows: [number, number][] = [];
  for (const event of events) {
    const { ph, tid = 0, ts = 0, dur = 0, id = 0, args } = event;
    const before = latest.get(tid);
    if (ph === 'X' || ph === 'i') {
      // Slices of a track follow one another without gap or overlap.
      if (before !== undefined) expect((before.ts ?? 0) + (before.dur ?? 0)).toBe(ts);
      latest.set(tid, { ...event, dur });
      expect(args).toHaveProperty('row');
    }
    if (ph === 's' || ph === 'f') {
      expect(before?.ts).toBe(ts);
      const row = before?.args?.row as number;
      if (ph === 's') {
        expect(open.has(id)).toBe(false);
        open.set(id, row);
      } else {
        arrows.push([open.get(id) as number, row]);
        open.delete(id);
      }
    }
  }
  expect(open.size).toBe(0);
  return arrows;
}

const isTransition = (recording: Recording, row: number) => {
  const batch = recording.batchOf(row);
  return recording.roles[batch.event[row - batch.firstRow]] <= ROLE.removed;
};

describe('Perfetto', () => {
  it('has slices, arrows and counters as the format demands, for any recording', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const recording = recordAndOpen((r) => play(steps, r));
        const { traceEvents } = trace(recording);
        traceEvents.forEach(checkForm);
        const expected: [number, number][] = [];
        let transitions = 0;
        for (let row = 0; row < recording.rows; row++) {
          if (!isTransition(recording, row)) continue;
          transitions++;
          const { cause, entity } = recording.row(row);
          if (cause < 0 || !isTransition(recording, cause)) continue;
          if (recording.row(cause).entity !== entity) expected.push([cause, row]);
        }
        expect(follow(traceEvents)).toEqual(expected);
        const slices = traceEvents.filter(({ ph }) => ph === 'X' || ph === 'i');
        expect(slices).toHaveLength(transitions);
      }),
      { numRuns: 100 },
    );
  });

  it('shows a process per layer and a track per entity', () => {
    const recording = recordAndOpen((r) => {
      const s = new Scribe(r);
      const disk = s.create(0, 'sdb', 'disk/ok');
      const osd = s.create(0, 'osd.3', 'osd/up.in');
      s.note(1, disk, 'metric:power_w', 7.5);
      s.move(3, osd, 'lost', 'osd/down.in', s.move(2, disk, 'fail', 'disk/failed'));
      s.remove(4, disk);
    });
    const { traceEvents, otherData, displayTimeUnit } = trace(recording);
    expect([otherData.scenario, displayTimeUnit]).toEqual(['made-up', 'ms']);
    const named = (name: string) => traceEvents.filter((event) => event.name === name);
    expect(named('process_name').map(({ pid, args }) => [pid, args?.name])).toEqual([
      [1, 'bare-metal'],
      [5, 'sds'],
    ]);
    expect(named('thread_name').map(({ args }) => args?.name)).toEqual(['disk sdb', 'osd osd.3']);
    expect(named('failed')[0]).toMatchObject({
      ph: 'X',
      ts: 2e6,
      dur: 2e6,
      cname: 'terrible',
      pid: 1,
    });
    expect(named('disk sdb')[0]).toMatchObject({ ph: 'C', ts: 1e6, args: { power_w: 7.5 } });
    expect(named('removed')[0]).toMatchObject({ ph: 'i', ts: 4e6 });
  });
});

describe('Parquet', () => {
  const parquet = (recording: Recording): ArrayBuffer => {
    const sink = new MemorySink();
    writeParquet(recording, sink);
    expect(sink.closed).toBe(true);
    return sink.bytes().buffer as ArrayBuffer;
  };

  it('holds the same rows with plain strings', async () => {
    // The reader's own way takes a U+FEFF at the beginning of a text for a byte order mark.
    const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
    const parsers = { stringFromBytes: (bytes: Uint8Array) => utf8.decode(bytes) };
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const recording = recordAndOpen((r) => play(steps, r));
        const read = await parquetReadObjects({ file: parquet(recording), parsers });
        // The writer's dictionary keeps one zero: -0 may come back as 0.
        const rows = read.map((row) => ({ ...row, value: (row.value as number) + 0 }));
        const expected = Array.from({ length: recording.rows }, (_, i) => {
          const { row: _row, ...columns } = recording.row(i);
          return { ...columns, value: columns.value + 0 };
        });
        expect(rows).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps the metadata', () => {
    const file = parquet(recordAndOpen((r) => new Scribe(r).create(0, 'a', 'disk/ok')));
    const { key_value_metadata, num_rows } = parquetMetadata(file);
    expect(num_rows).toBe(1n);
    const pairs = Object.fromEntries(
      (key_value_metadata ?? []).map(({ key, value }) => [key, value]),
    );
    expect(pairs).toMatchObject({
      'strata.version': '1',
      'strata.seed': '7',
      'strata.scenario': 'made-up',
    });
    expect(JSON.parse(pairs['strata.parameters'] as string)).toEqual({ racks: 2 });
  });
});
