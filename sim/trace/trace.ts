/**
 * A recorded workload in the OpenDC form: tasks with what they reserve, and for each task the
 * fragments of its life, each a time during which it wants so much CPU.
 *
 * Columns are typed arrays; tasks are in order of submission; the fragments of task t are those
 * numbered `taskStart[t]` to `taskStart[t + 1] - 1`, in order of time.
 * Format: https://opendc.org documentation, Input/Workload (tasks.parquet, fragments.parquet).
 */
import { TraceError } from './errors.ts';

export interface TraceTasks {
  readonly id: Int32Array;
  /** Seconds after the first submission of the trace. */
  readonly submission_s: Float64Array;
  readonly duration_s: Float64Array;
  readonly cpu_count: Int32Array;
  /** Of all CPUs of the task together. */
  readonly cpu_capacity_mhz: Float64Array;
  readonly memory_bytes: Float64Array;
}

export interface TraceFragments {
  readonly duration_s: Float64Array;
  /** Of all CPUs of the task together. */
  readonly cpu_usage_mhz: Float64Array;
  /** First fragment of each task, and one closing entry. */
  readonly taskStart: Int32Array;
}

export interface Trace {
  /** Time of the first submission, milliseconds since 1970. */
  readonly start_ms: number;
  readonly tasks: TraceTasks;
  readonly fragments: TraceFragments;
  /** Unit that the file's memory column was found to be in. */
  readonly memoryUnit: MemoryUnit;
  /** Tasks that were left out because they have no fragments, as OpenDC leaves them out. */
  readonly tasksWithoutFragments: number;
}

export type MemoryUnit = 'KB' | 'MB';

/** The columns as the files hold them, rows in file order. */
export interface RawTrace {
  readonly tasks: {
    readonly id: Int32Array;
    readonly submission_ms: Float64Array;
    readonly duration_ms: Float64Array;
    readonly cpu_count: Int32Array;
    readonly cpu_capacity_mhz: Float64Array;
    /** In {@link MemoryUnit}s; see {@link memoryUnitOf}. */
    readonly memory: Float64Array;
  };
  readonly fragments: {
    readonly id: Int32Array;
    readonly duration_s: Float64Array;
    readonly cpu_usage_mhz: Float64Array;
  };
}

const BYTES: Readonly<Record<MemoryUnit, number>> = { KB: 1e3, MB: 1e6 };
/** 16 TB in MB: more than the largest machine that such traces were recorded on. */
const MOST_MEMORY_MB = 16e6;

/**
 * Unit of a trace's memory column. OpenDC's documentation says MB (and the SURF traces follow it),
 * its loader divides as if it were KB (and the Bitbrains traces are). What would be a task of more
 * than 16 TB when read as MB is in KB.
 *
 * @param memory the column as it is in the file
 */
export function memoryUnitOf(memory: Float64Array): MemoryUnit {
  return memory.some((value) => value > MOST_MEMORY_MB) ? 'KB' : 'MB';
}

function badValue(table: string, column: string, row: number, value: number): TraceError {
  return new TraceError(
    'TRACE_BAD_VALUE',
    `${table}, row ${row + 1}, column ${column}: ${value}; expected a finite number >= 0`,
  );
}

function checkTasks(tasks: RawTrace['tasks']): void {
  const { id: _, ...quantities } = tasks;
  for (const [name, column] of Object.entries(quantities)) {
    const row = column.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (row >= 0) throw badValue('tasks', name, row, column[row]);
  }
}

function checkLengths(table: string, columns: Readonly<Record<string, ArrayLike<number>>>): number {
  const [[first, { length }], ...others] = Object.entries(columns);
  for (const [name, column] of others) {
    if (column.length === length) continue;
    throw new TraceError(
      'TRACE_LENGTH_MISMATCH',
      `${table}: column ${name} has ${column.length} rows, column ${first} has ${length}`,
    );
  }
  if (length === 0) throw new TraceError('TRACE_EMPTY', `${table} has no rows`);
  return length;
}

/** Rows of the task table in order of submission; equal times keep the file's order. */
function submissionOrder(submission_ms: Float64Array): Uint32Array {
  const order = Uint32Array.from(submission_ms, (_, row) => row);
  return order.sort((a, b) => submission_ms[a] - submission_ms[b] || a - b);
}

function taskNumbers(id: Int32Array, order: Uint32Array): Map<number, number> {
  const numberOf = new Map<number, number>();
  for (let task = 0; task < order.length; task++) {
    const taskId = id[order[task]];
    if (numberOf.has(taskId)) {
      throw new TraceError(
        'TRACE_DUPLICATE_TASK',
        `tasks: id ${taskId} occurs twice (again in row ${order[task] + 1}); ids must be unique`,
      );
    }
    numberOf.set(taskId, task);
  }
  return numberOf;
}

/** Stretches of consecutive rows of one task. */
interface Runs {
  readonly task: number[];
  /** First row of each run, and one closing entry. */
  readonly start: number[];
}

function findRuns(id: Int32Array, numberOf: ReadonlyMap<number, number>): Runs {
  const runs: Runs = { task: [], start: [] };
  let row = 0;
  while (row < id.length) {
    const taskId = id[row];
    const task = numberOf.get(taskId);
    if (task === undefined) {
      throw new TraceError(
        'TRACE_UNKNOWN_TASK',
        `fragments, row ${row + 1}: task ${taskId} is not in the task table`,
      );
    }
    runs.task.push(task);
    runs.start.push(row);
    while (row < id.length && id[row] === taskId) row++;
  }
  runs.start.push(row);
  return runs;
}

function startsOfTasks(runs: Runs, taskCount: number): Int32Array {
  const taskStart = new Int32Array(taskCount + 1);
  for (let i = 0; i < runs.task.length; i++) {
    taskStart[runs.task[i] + 1] += runs.start[i + 1] - runs.start[i];
  }
  for (let task = 0; task < taskCount; task++) taskStart[task + 1] += taskStart[task];
  return taskStart;
}

/** The tasks of `order` that have runs; the runs are renumbered to match. */
function dropTasksWithoutFragments(order: Uint32Array, runs: Runs): Uint32Array {
  const number = new Int32Array(order.length).fill(-1);
  for (const task of runs.task) number[task] = 0;
  const kept = order.filter((_, task) => number[task] === 0);
  if (kept.length === order.length) return order;
  let next = 0;
  for (let task = 0; task < number.length; task++) if (number[task] === 0) number[task] = next++;
  for (let i = 0; i < runs.task.length; i++) runs.task[i] = number[runs.task[i]];
  return kept;
}

/** The rows of a fragment column brought into the order of tasks, checked on the way. */
function gather(
  name: string,
  column: Float64Array,
  runs: Runs,
  taskStart: Int32Array,
): Float64Array {
  const gathered = new Float64Array(column.length);
  const next = taskStart.slice();
  for (let i = 0; i < runs.task.length; i++) {
    const task = runs.task[i];
    const end = runs.start[i + 1];
    let at = next[task];
    for (let row = runs.start[i]; row < end; row++) {
      const value = column[row];
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        throw badValue('fragments', name, row, value);
      }
      gathered[at++] = value;
    }
    next[task] = at;
  }
  return gathered;
}

function permuted<T extends Int32Array | Float64Array>(column: T, order: ArrayLike<number>): T {
  const result = new (column.constructor as new (length: number) => T)(order.length);
  for (let i = 0; i < order.length; i++) result[i] = column[order[i]];
  return result;
}

/**
 * Checks the columns of a trace and brings them into the form for playing it.
 *
 * @throws {TraceError} TRACE_BAD_VALUE, TRACE_DUPLICATE_TASK, TRACE_EMPTY, TRACE_LENGTH_MISMATCH,
 *   TRACE_UNKNOWN_TASK
 */
export function buildTrace(raw: RawTrace): Trace {
  checkLengths('tasks', raw.tasks);
  checkLengths('fragments', raw.fragments);
  checkTasks(raw.tasks);
  const submitted = submissionOrder(raw.tasks.submission_ms);
  const runs = findRuns(raw.fragments.id, taskNumbers(raw.tasks.id, submitted));
  const order = dropTasksWithoutFragments(submitted, runs);
  const taskStart = startsOfTasks(runs, order.length);
  const start_ms = raw.tasks.submission_ms[order[0]];
  const memoryUnit = memoryUnitOf(raw.tasks.memory);
  return {
    start_ms,
    tasks: {
      id: permuted(raw.tasks.id, order),
      submission_s: permuted(raw.tasks.submission_ms, order).map((ms) => (ms - start_ms) / 1000),
      duration_s: permuted(raw.tasks.duration_ms, order).map((ms) => ms / 1000),
      cpu_count: permuted(raw.tasks.cpu_count, order),
      cpu_capacity_mhz: permuted(raw.tasks.cpu_capacity_mhz, order),
      memory_bytes: permuted(raw.tasks.memory, order).map((value) => value * BYTES[memoryUnit]),
    },
    fragments: {
      duration_s: gather('duration', raw.fragments.duration_s, runs, taskStart),
      cpu_usage_mhz: gather('cpu_usage', raw.fragments.cpu_usage_mhz, runs, taskStart),
      taskStart,
    },
    memoryUnit,
    tasksWithoutFragments: submitted.length - order.length,
  };
}
