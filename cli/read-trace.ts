/** Reads a workload trace in the OpenDC format from a folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { TraceError } from '../sim/trace/errors.ts';
import {
  openParquet,
  type ParquetTable,
  readFloatColumn,
  readIntColumn,
} from '../sim/trace/parquet.ts';
import { buildTrace, type Trace } from '../sim/trace/trace.ts';

/** No page may become more than it says that it is. */
const atMost = (size: number) => ({ maxOutputLength: Math.max(1, size) });

const COMPRESSORS = {
  GZIP: (bytes: Uint8Array, size: number) => gunzipSync(bytes, atMost(size)),
  BROTLI: (bytes: Uint8Array, size: number) => brotliDecompressSync(bytes, atMost(size)),
};

function openFile(folder: string, name: string): ParquetTable {
  const path = join(folder, name);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new TraceError(
      'TRACE_NOT_FOUND',
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code}); a trace is a folder ` +
        'with tasks.parquet and fragments.parquet (OpenDC format)',
    );
  }
  return openParquet(path, bytes, COMPRESSORS);
}

/**
 * Reads `tasks.parquet` and `fragments.parquet`.
 *
 * Columns: tasks id, submission_time (ms since 1970), duration (ms), cpu_count, cpu_capacity (MHz),
 * mem_capacity (see `memoryUnitOf`); fragments id, duration (ms), cpu_usage (MHz).
 *
 * @throws {TraceError} TRACE_NOT_FOUND, TRACE_UNREADABLE, TRACE_MISSING_COLUMN, and those of
 *   `buildTrace`
 */
export function readTrace(folder: string): Trace {
  const tasks = openFile(folder, 'tasks.parquet');
  const fragments = openFile(folder, 'fragments.parquet');
  return buildTrace({
    tasks: {
      id: readIntColumn(tasks, 'id'),
      submission_ms: readFloatColumn(tasks, 'submission_time'),
      duration_ms: readFloatColumn(tasks, 'duration'),
      cpu_count: readIntColumn(tasks, 'cpu_count'),
      cpu_capacity_mhz: readFloatColumn(tasks, 'cpu_capacity'),
      memory: readFloatColumn(tasks, 'mem_capacity'),
    },
    fragments: {
      id: readIntColumn(fragments, 'id'),
      duration_s: readFloatColumn(fragments, 'duration', 1000),
      cpu_usage_mhz: readFloatColumn(fragments, 'cpu_usage'),
    },
  });
}
