/** From the columns of a trace's files to the form that is played. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTrace, memoryUnitOf, type RawTrace } from '../../../sim/trace/trace.ts';

interface Task {
  readonly id: number;
  readonly submission_ms: number;
  readonly fragments: readonly { readonly duration_s: number; readonly cpu_usage_mhz: number }[];
}

const task = fc.record({
  id: fc.integer({ min: 0, max: 10_000 }),
  submission_ms: fc.integer({ min: 1_600_000_000_000, max: 1_600_000_100_000 }),
  fragments: fc.array(
    fc.record({
      duration_s: fc.nat(600),
      cpu_usage_mhz: fc.double({ min: 0, max: 9000, noNaN: true }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
});
const taskList = fc.uniqueArray(task, { selector: ({ id }) => id, minLength: 1, maxLength: 12 });

/** The columns of tasks whose fragments' rows come in the given order of turns. */
function rawTrace(tasks: readonly Task[], turns: readonly number[] = []): RawTrace {
  const rows: { id: number; duration_s: number; cpu_usage_mhz: number }[] = [];
  const queues = tasks.map(({ id, fragments }) => fragments.map((one) => ({ id, ...one })));
  for (const turn of turns) {
    const row = queues[turn % queues.length].shift();
    if (row !== undefined) rows.push(row);
  }
  rows.push(...queues.flat());
  const column = <T>(list: readonly T[], value: (item: T) => number) =>
    Float64Array.from(list, value);
  return {
    tasks: {
      id: Int32Array.from(tasks, ({ id }) => id),
      submission_ms: column(tasks, ({ submission_ms }) => submission_ms),
      duration_ms: column(tasks, ({ fragments }) =>
        fragments.reduce((sum, { duration_s }) => sum + duration_s * 1000, 0),
      ),
      cpu_count: Int32Array.from(tasks, () => 4),
      cpu_capacity_mhz: column(tasks, () => 8000),
      memory: column(tasks, () => 16_000),
    },
    fragments: {
      id: Int32Array.from(rows, ({ id }) => id),
      duration_s: column(rows, ({ duration_s }) => duration_s),
      cpu_usage_mhz: column(rows, ({ cpu_usage_mhz }) => cpu_usage_mhz),
    },
  };
}

const ONE: Task = {
  id: 7,
  submission_ms: 1_600_000_000_000,
  fragments: [{ duration_s: 30, cpu_usage_mhz: 100 }],
};

describe('any trace', () => {
  it('has its tasks in order of submission, each with its own fragments in order', () => {
    fc.assert(
      fc.property(taskList, fc.array(fc.nat(100), { maxLength: 60 }), (tasks, turns) => {
        const trace = buildTrace(rawTrace(tasks, turns));
        const expected = [...tasks].sort((a, b) => a.submission_ms - b.submission_ms);
        expect([...trace.tasks.id]).toEqual(expected.map(({ id }) => id));
        expect(trace.start_ms).toBe(expected[0].submission_ms);
        for (const [i, { submission_ms, fragments }] of expected.entries()) {
          expect(trace.tasks.submission_s[i]).toBe((submission_ms - trace.start_ms) / 1000);
          const [from, to] = trace.fragments.taskStart.subarray(i, i + 2);
          expect([...trace.fragments.duration_s.subarray(from, to)]).toEqual(
            fragments.map(({ duration_s }) => duration_s),
          );
          expect([...trace.fragments.cpu_usage_mhz.subarray(from, to)]).toEqual(
            fragments.map(({ cpu_usage_mhz }) => cpu_usage_mhz),
          );
        }
      }),
    );
  });

  it('is the same in whatever order the fragments of different tasks are mixed', () => {
    fc.assert(
      fc.property(taskList, fc.array(fc.nat(100), { maxLength: 60 }), (tasks, turns) => {
        expect(buildTrace(rawTrace(tasks, turns))).toEqual(buildTrace(rawTrace(tasks)));
      }),
    );
  });
});

describe('tasks without fragments', () => {
  it('are left out and counted', () => {
    const idle = { ...ONE, id: 8, submission_ms: ONE.submission_ms - 5000, fragments: [] };
    const trace = buildTrace(rawTrace([idle, ONE]));
    expect([...trace.tasks.id]).toEqual([7]);
    expect(trace.tasksWithoutFragments).toBe(1);
    expect([...trace.tasks.submission_s]).toEqual([0]);
  });
});

describe('memory', () => {
  it('is in MB unless that would be more than a machine can have', () => {
    expect(memoryUnitOf(Float64Array.of(100_000))).toBe('MB');
    expect(memoryUnitOf(Float64Array.of(181_352, 130_457_600))).toBe('KB');
    expect(buildTrace(rawTrace([ONE])).tasks.memory_bytes[0]).toBe(16e9);
  });
});

describe('refusals', () => {
  const good = rawTrace([ONE]);

  it.each<[string, RawTrace]>([
    ['TRACE_EMPTY', rawTrace([])],
    ['TRACE_DUPLICATE_TASK', rawTrace([ONE, ONE])],
    ['TRACE_UNKNOWN_TASK', { ...good, fragments: { ...good.fragments, id: Int32Array.of(99) } }],
    [
      'TRACE_LENGTH_MISMATCH',
      { ...good, fragments: { ...good.fragments, id: Int32Array.of(7, 7) } },
    ],
    [
      'TRACE_BAD_VALUE',
      { ...good, fragments: { ...good.fragments, duration_s: Float64Array.of(-1) } },
    ],
    [
      'TRACE_BAD_VALUE',
      { ...good, fragments: { ...good.fragments, cpu_usage_mhz: Float64Array.of(Number.NaN) } },
    ],
    [
      'TRACE_BAD_VALUE',
      { ...good, tasks: { ...good.tasks, memory: Float64Array.of(Number.POSITIVE_INFINITY) } },
    ],
  ])('%s', (code, raw) => {
    expect(() => buildTrace(raw)).toThrow(expect.objectContaining({ code }));
  });

  it('says which row and what was expected', () => {
    const fragments = { ...good.fragments, duration_s: Float64Array.of(-1) };
    expect(() => buildTrace({ ...good, fragments })).toThrow(
      'fragments, row 1, column duration: -1; expected a finite number >= 0',
    );
  });
});
