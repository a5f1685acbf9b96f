import { availableParallelism } from 'node:os';
import type { Scenario } from '../../model/scenario.ts';
import { writeStudy } from '../capacity/parquet.ts';
import { runReplicas } from '../capacity/pool.ts';
import type { ReplicaResult, ReplicaTask } from '../capacity/replica.ts';
import { answerOf, type SweepPoint, sweepPoints } from '../capacity/study.ts';
import { studyText } from '../capacity/text.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Interrupted, Interrupts } from '../interrupt.ts';
import { loadOrExplain, parseSet } from '../load.ts';
import { distinctFiles, durationOption, integerOption, seedOption } from '../options.ts';
import { note, print, progress } from '../terminal.ts';

interface Options {
  readonly replicas: string;
  readonly sweep: readonly string[];
  readonly workers?: string;
  readonly until?: string;
  readonly seed?: string;
  readonly set: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

/** `strata capacity`: replicas of each point of a sweep, and what they say together. */
export async function command(path: string, options: Options): Promise<ExitCode> {
  distinctFiles([path], [options.out]);
  const points = sweepPoints(options.sweep);
  const scenarios = await loadPoints(path, options, points);
  if (!scenarios) return EXIT.badInput;
  const count = integerOption('--replicas', options.replicas, 1, 100_000);
  const workers =
    options.workers === undefined
      ? availableParallelism()
      : integerOption('--workers', options.workers, 1, 256);
  const tasks = tasksOf(scenarios, count, options);
  const results = await replicas(tasks, workers, options.out);
  const answers = points.map((point, i) =>
    answerOf(
      point,
      results.filter((r) => r.point === i),
    ),
  );
  if (options.json)
    print(
      JSON.stringify({ scenario: scenarios[0].name, replicas: count, points: answers }, null, 2),
    );
  else print(studyText(answers));
  // Written last, so that a full disk does not cost the answer.
  if (options.out) {
    writeStudy(options.out, points, results);
    note(`wrote ${options.out}`);
  }
  return answers.every((a) => a.invariantsHeld) ? EXIT.ok : EXIT.violated;
}

/** Runs all tasks. Throws Interrupted when a signal comes first: part of a study says nothing. */
async function replicas(
  tasks: readonly ReplicaTask[],
  workers: number,
  out: string | undefined,
): Promise<ReplicaResult[]> {
  const bar = progress('replicas', tasks.length);
  const interrupts = new Interrupts();
  let done = 0;
  const stopped = new Promise<never>((_, reject) => {
    interrupts.onSignal(() => {
      const advice = out === undefined ? '' : `not written: ${out}`;
      reject(new Interrupted(`stopped after ${done} of ${tasks.length} replicas`, advice));
    });
  });
  const stop = new AbortController();
  try {
    const all = runReplicas(
      tasks,
      workers,
      (n) => {
        done = n;
        bar.update(n);
      },
      stop.signal,
    );
    return await Promise.race([all, stopped]);
  } finally {
    stop.abort();
    interrupts.stop();
    bar.stop();
  }
}

/** The scenario at each point, or undefined after the problems of the first bad one were printed. */
async function loadPoints(
  path: string,
  options: Options,
  points: readonly SweepPoint[],
): Promise<Scenario[] | undefined> {
  const set = parseSet(options.set);
  const scenarios: Scenario[] = [];
  for (const point of points) {
    const scenario = await loadOrExplain(path, set, { sweep: point });
    if (!scenario) return undefined;
    scenarios.push(scenario);
  }
  return scenarios;
}

function tasksOf(
  scenarios: readonly Scenario[],
  replicas: number,
  options: Options,
): ReplicaTask[] {
  return scenarios.flatMap((scenario, point) => {
    const first = options.seed === undefined ? scenario.seed : seedOption(options.seed);
    const until_s =
      options.until === undefined ? scenario.duration_s : durationOption('--until', options.until);
    // The same seeds at every point: differences between points are those of the scenario.
    return Array.from({ length: replicas }, (_, replica) => ({
      point,
      replica,
      seed: first + replica,
      until_s,
      scenario,
    }));
  });
}
