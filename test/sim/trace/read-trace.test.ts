/** Traces from folders: written ones, broken ones, and the real ones where they are at hand. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parquetMetadata, parquetRead } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrace } from '../../../cli/read-trace.ts';
import { TRACE_ENDED, TracePlayback } from '../../../sim/trace/playback.ts';

const TRACES = fileURLToPath(new URL('../../../../shared/traces/', import.meta.url));
const present = existsSync(TRACES);
if (!present) console.log(`SKIPPED: tests of real traces, because ${TRACES} is absent`);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-trace-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeTable(
  name: string,
  columns: Record<string, unknown[]>,
  types: string[],
  options: object = {},
): void {
  const columnData = Object.entries(columns).map(([column, data], i) => ({
    name: column,
    data: data as number[],
    type: types[i] as 'INT32',
    nullable: false,
  }));
  writeFileSync(join(folder, name), new Uint8Array(parquetWriteBuffer({ columnData, ...options })));
}

function writeTasks(): void {
  writeTable(
    'tasks.parquet',
    {
      id: [2, 1],
      submission_time: [1_665_093_630_000n, 1_665_093_600_000n],
      duration: [60_000n, 90_000n],
      cpu_count: [4, 2],
      cpu_capacity: [8000, 4000],
      mem_capacity: [16_000n, 8000n],
    },
    ['INT32', 'INT64', 'INT64', 'INT32', 'DOUBLE', 'INT64'],
  );
}

describe('a folder', () => {
  it('is read into columns', () => {
    writeTasks();
    writeTable(
      'fragments.parquet',
      { id: [1, 2, 1], duration: [30_000n, 60_000n, 60_000n], cpu_usage: [100.5, 7, 0] },
      ['INT32', 'INT64', 'DOUBLE'],
    );
    const { tasks, fragments, start_ms } = readTrace(folder);
    expect(start_ms).toBe(1_665_093_600_000);
    expect([...tasks.id]).toEqual([1, 2]);
    expect([...tasks.submission_s]).toEqual([0, 30]);
    expect([...tasks.duration_s]).toEqual([90, 60]);
    expect([...tasks.cpu_count]).toEqual([2, 4]);
    expect([...tasks.cpu_capacity_mhz]).toEqual([4000, 8000]);
    expect([...tasks.memory_bytes]).toEqual([8e9, 16e9]);
    expect([...fragments.taskStart]).toEqual([0, 2, 3]);
    expect([...fragments.duration_s]).toEqual([30, 60, 60]);
    expect([...fragments.cpu_usage_mhz]).toEqual([100.5, 0, 7]);
  });

  it('may be compressed with gzip', () => {
    writeTasks();
    const long = Array.from({ length: 1000 }, (_, i) => i);
    writeTable(
      'fragments.parquet',
      { id: long.map((i) => 1 + (i % 2)), duration: long.map(BigInt), cpu_usage: long },
      ['INT32', 'INT64', 'DOUBLE'],
      { codec: 'GZIP', compressors: { GZIP: (bytes: Uint8Array) => gzipSync(bytes) } },
    );
    const { fragments } = readTrace(folder);
    const even = long.filter((i) => i % 2 === 0);
    expect([...fragments.cpu_usage_mhz.subarray(0, 500)]).toEqual(even);
    expect([...fragments.duration_s.subarray(0, 500)]).toEqual(even.map((i) => i / 1000));
  });

  it('of which a page becomes more than it says is refused', () => {
    writeTasks();
    writeTable(
      'fragments.parquet',
      { id: [1], duration: [1n], cpu_usage: [1] },
      ['INT32', 'INT64', 'DOUBLE'],
      { codec: 'GZIP', compressors: { GZIP: () => gzipSync(Buffer.alloc(1e7)) } },
    );
    expect(() => readTrace(folder)).toThrow(expect.objectContaining({ code: 'TRACE_UNREADABLE' }));
  });

  it('without a column, a table or at all is refused', () => {
    writeTasks();
    writeTable('fragments.parquet', { id: [1], cpu_usage: [1] }, ['INT32', 'DOUBLE']);
    const refused = (code: string) => expect.objectContaining({ code });
    expect(() => readTrace(folder)).toThrow(refused('TRACE_MISSING_COLUMN'));
    writeFileSync(join(folder, 'fragments.parquet'), 'no parquet');
    expect(() => readTrace(folder)).toThrow(refused('TRACE_UNREADABLE'));
    expect(() => readTrace(join(folder, 'absent'))).toThrow(refused('TRACE_NOT_FOUND'));
  });
});

/** A column as hyparquet's own general reader gives it. */
async function column(path: string, name: string): Promise<number[]> {
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const chunks: { rowStart: number; columnData: ArrayLike<unknown> }[] = [];
  await parquetRead({
    file: { byteLength: file.byteLength, slice: (start, end) => file.slice(start, end) },
    metadata: parquetMetadata(file),
    columns: [name],
    onChunk: (chunk) => chunks.push(chunk),
  });
  chunks.sort((a, b) => a.rowStart - b.rowStart);
  return chunks.flatMap(({ columnData }) => Array.from(columnData, Number));
}

describe.skipIf(!present)('real traces', () => {
  it.each([
    ['surf-week', 6295, 2_323_475, 'MB', 100e9],
    ['bitbrains-small', 50, 276_979, 'KB', 130.4576e9],
  ] as const)('%s has every fragment in its place', async (name, tasks, rows, unit, memory) => {
    const path = join(TRACES, name);
    const trace = readTrace(path);
    expect(trace.tasks.id).toHaveLength(tasks);
    expect(trace.fragments.duration_s).toHaveLength(rows);
    expect(trace.memoryUnit).toBe(unit);
    expect(Math.max(...trace.tasks.memory_bytes)).toBe(memory);

    const file = join(path, 'fragments.parquet');
    const ids = await column(file, 'id');
    const durations = await column(file, 'duration');
    const usages = await column(file, 'cpu_usage');
    const taskOf = new Map(Array.from(trace.tasks.id, (id, task) => [id, task]));
    const next = trace.fragments.taskStart.slice();
    let differences = 0;
    for (const [row, id] of ids.entries()) {
      const at = next[taskOf.get(id) as number]++;
      if (trace.fragments.duration_s[at] !== durations[row] / 1000) differences++;
      if (trace.fragments.cpu_usage_mhz[at] !== usages[row]) differences++;
    }
    expect(differences).toBe(0);
    expect([...next.subarray(0, tasks)]).toEqual([...trace.fragments.taskStart.subarray(1)]);
  });

  it('plays the SURF week for as long as its tasks are said to last', () => {
    const trace = readTrace(join(TRACES, 'surf-week'));
    const playback = new TracePlayback(trace, 1);
    for (const [task, duration_s] of trace.tasks.duration_s.entries()) {
      let played_s = 0;
      for (let d = playback.start(task, 0); d !== TRACE_ENDED; d = playback.advance(task)) {
        played_s += d;
      }
      expect(played_s).toBe(duration_s);
    }
  });
});
