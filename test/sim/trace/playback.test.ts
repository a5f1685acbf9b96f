/** Playing a trace: demand over time is what the fragments say, for every task and host. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TRACE_ENDED, TracePlayback } from '../../../sim/trace/playback.ts';
import type { Trace } from '../../../sim/trace/trace.ts';

type Fragments = readonly (readonly [duration_s: number, cpu_usage_mhz: number])[];

/** A trace of tasks that are all submitted at the start. */
function traceOf(tasks: readonly Fragments[]): Trace {
  const all = tasks.flat();
  const starts = [0];
  for (const fragments of tasks) starts.push(starts[starts.length - 1] + fragments.length);
  const zeros = new Float64Array(tasks.length);
  return {
    start_ms: 0,
    tasks: {
      id: Int32Array.from(tasks.keys()),
      submission_s: zeros,
      duration_s: Float64Array.from(tasks, (list) => list.reduce((sum, [d]) => sum + d, 0)),
      cpu_count: new Int32Array(tasks.length),
      cpu_capacity_mhz: zeros,
      memory_bytes: zeros,
    },
    fragments: {
      duration_s: Float64Array.from(all, ([duration]) => duration),
      cpu_usage_mhz: Float64Array.from(all, ([, usage]) => usage),
      taskStart: Int32Array.from(starts),
    },
    memoryUnit: 'MB',
    tasksWithoutFragments: 0,
  };
}

const fragment = fc.tuple(fc.nat(5), fc.nat(3));
const tasks = fc.array(fc.array(fragment, { minLength: 1, maxLength: 20 }), {
  minLength: 1,
  maxLength: 6,
});

interface Due {
  task: number;
  at_s: number;
}

/** Runs all tasks at once, task t on host t % hosts, and samples demand every second. */
function demandPerSecond(playback: TracePlayback, hosts: number): number[][] {
  const due: Due[] = [];
  const push = (task: number, now_s: number, delay_s: number) => {
    if (delay_s !== TRACE_ENDED) due.push({ task, at_s: now_s + delay_s });
  };
  for (const task of playback.hostOf.keys()) push(task, 0, playback.start(task, task % hosts));
  const seconds: number[][] = [];
  for (let now_s = 0; due.length > 0; now_s++) {
    for (let i = due.length - 1; i >= 0; i--) {
      if (due[i].at_s > now_s) continue;
      const [{ task }] = due.splice(i, 1);
      push(task, now_s, playback.advance(task));
    }
    if (due.length > 0) seconds.push([...playback.hostDemand_mhz]);
  }
  return seconds;
}

/** The same straight from the fragments. */
function expectedPerSecond(list: readonly Fragments[], hosts: number): number[][] {
  const timelines = list.map((fragments) =>
    fragments.flatMap(([duration, usage]) => Array<number>(duration).fill(usage)),
  );
  const end = Math.max(...timelines.map((timeline) => timeline.length));
  return Array.from({ length: end }, (_, second) => {
    const demand = Array<number>(hosts).fill(0);
    for (const [t, timeline] of timelines.entries()) demand[t % hosts] += timeline[second] ?? 0;
    return demand;
  });
}

describe('any trace', () => {
  it('gives each host the sum of its tasks at every second, merged or not', () => {
    fc.assert(
      fc.property(
        tasks,
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        (list, hosts, mergeEqual) => {
          const playback = new TracePlayback(traceOf(list), hosts, { mergeEqual });
          expect(demandPerSecond(playback, hosts)).toEqual(expectedPerSecond(list, hosts));
          expect([...playback.hostDemand_mhz]).toEqual(Array(hosts).fill(0));
          expect([...playback.hostTasks]).toEqual(Array(hosts).fill(0));
        },
      ),
    );
  });

  it('lasts as long as its fragments, and merging saves calls', () => {
    fc.assert(
      fc.property(fc.array(fragment, { minLength: 1, maxLength: 40 }), (fragments) => {
        const run = (mergeEqual: boolean) => {
          const playback = new TracePlayback(traceOf([fragments]), 1, { mergeEqual });
          let total_s = 0;
          let calls = 0;
          for (let d = playback.start(0, 0); d !== TRACE_ENDED; d = playback.advance(0)) {
            total_s += d;
            calls++;
          }
          return { total_s, calls };
        };
        const apart = run(false);
        const merged = run(true);
        expect(apart.total_s).toBe(fragments.reduce((sum, [d]) => sum + d, 0));
        expect(merged.total_s).toBe(apart.total_s);
        expect(merged.calls).toBeLessThanOrEqual(apart.calls);
        expect(apart.calls).toBe(fragments.filter(([d]) => d > 0).length);
      }),
    );
  });
});

describe('a running task', () => {
  const trace = traceOf([
    [
      [10, 100],
      [5, 40],
    ],
    [[20, 7]],
  ]);

  it('takes its demand along when it moves, and leaves nothing when it stops', () => {
    const playback = new TracePlayback(trace, 2);
    expect(playback.start(0, 0)).toBe(10);
    playback.start(1, 0);
    expect([...playback.hostDemand_mhz]).toEqual([107, 0]);
    playback.move(0, 1);
    expect([...playback.hostDemand_mhz]).toEqual([7, 100]);
    expect(playback.advance(0)).toBe(5);
    expect([...playback.hostDemand_mhz]).toEqual([7, 40]);
    playback.stop(0);
    expect([...playback.hostDemand_mhz]).toEqual([7, 0]);
    expect([...playback.hostTasks]).toEqual([1, 0]);
    expect(playback.hostOf[0]).toBe(-1);
  });

  it('leaves an empty host at exactly 0, whatever its sums rounded to', () => {
    const playback = new TracePlayback(traceOf([[[1, 0.1]], [[1, 0.2]], [[1, 0.3]]]), 1);
    for (const task of [0, 1, 2]) playback.start(task, 0);
    for (const task of [1, 0, 2]) playback.stop(task);
    expect(playback.hostDemand_mhz[0]).toBe(0);
  });

  it('starts from its first fragment again', () => {
    const playback = new TracePlayback(trace, 1);
    playback.start(0, 0);
    playback.advance(0);
    playback.stop(0);
    expect(playback.start(0, 0)).toBe(10);
    expect(playback.demand_mhz[0]).toBe(100);
  });
});

describe('refusals', () => {
  const newPlayback = () => new TracePlayback(traceOf([[[1, 1]]]), 1);
  const refused = expect.objectContaining({ code: 'TRACE_PLAYBACK' });

  it.each<[string, (playback: TracePlayback) => void]>([
    ['a task that is not in the trace', (playback) => playback.start(1, 0)],
    ['a host that does not exist', (playback) => playback.start(0, 1)],
    ['advancing a task that does not run', (playback) => playback.advance(0)],
    ['stopping a task that does not run', (playback) => playback.stop(0)],
    [
      'starting a task twice',
      (playback) => {
        playback.start(0, 0);
        playback.start(0, 0);
      },
    ],
    [
      'moving to a host that does not exist',
      (playback) => {
        playback.start(0, 0);
        playback.move(0, 5);
      },
    ],
  ])('%s', (_, action) => {
    expect(() => action(newPlayback())).toThrow(refused);
  });
});
