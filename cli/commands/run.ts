import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledModel } from '../../engine/tables.ts';
import { clock } from '../../engine/time-text.ts';
import type { Scenario } from '../../model/scenario.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Interrupted, Interrupts } from '../interrupt.ts';
import { askDrivers } from '../live/verb-params.ts';
import { loadOrExplain, parseSet } from '../load.ts';
import { loadModel } from '../model.ts';
import { distinctFiles, durationOption, seedOption } from '../options.ts';
import { layerCounts, type Simulated, simulateStepwise } from '../simulate.ts';
import { colours, note, print, progress } from '../terminal.ts';
import { PendingFile, writeWhole } from '../tools/pending-file.ts';

interface Options {
  readonly seed?: string;
  readonly until?: string;
  readonly set: readonly string[];
  readonly profile?: string;
  readonly out?: string;
  readonly html?: string;
  readonly json?: boolean;
}

/** `strata run`: simulates a scenario, reports it, and writes recording and page. */
export async function command(path: string, options: Options): Promise<ExitCode> {
  distinctFiles([path], [options.out, options.html]);
  const drivers = askDrivers([]); // a rehearsal complains of what an apply would
  const scenario = await loadOrExplain(path, parseSet(options.set), { drivers });
  if (!scenario) return EXIT.badInput;
  const seed = options.seed === undefined ? scenario.seed : seedOption(options.seed);
  const until_s =
    options.until === undefined ? scenario.duration_s : durationOption('--until', options.until);
  // The report and the page read the recording; without --out it is thrown away then.
  const isRead = options.html !== undefined || !options.json;
  const scratch = options.out || !isRead ? undefined : mkdtempSync(join(tmpdir(), 'strata-'));
  const file = options.out ?? (scratch && join(scratch, 'run.arrow'));
  const interrupts = new Interrupts();
  try {
    const model = await loadModel();
    const plan = { model, scenario, seed, until_s, options, file };
    const simulated = await run(plan, interrupts);
    if (options.html) await writePage(file!, options.html, options, interrupts);
    if (options.json) print(JSON.stringify(runJson(scenario, seed, simulated), null, 2));
    else await report(path, scenario, seed, options, simulated, file!);
    return isOk(simulated) ? EXIT.ok : EXIT.violated;
  } finally {
    interrupts.stop();
    if (scratch) rmSync(scratch, { recursive: true });
  }
}

interface RunPlan {
  readonly model: CompiledModel;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly until_s: number;
  readonly options: Options;
  /** Where the recording goes; undefined: nobody reads it, only its hash is wanted. */
  readonly file: string | undefined;
}

async function run(plan: RunPlan, interrupts: Interrupts): Promise<Simulated> {
  const { model, scenario, seed, until_s, options, file } = plan;
  const sink = file === undefined ? undefined : new PendingFile(file);
  const steps = simulateStepwise({
    model,
    scenario,
    seed,
    until_s,
    profile: options.profile,
    sink,
    record: true,
    invariantMode: 'sweep',
  });
  const bar = progress(scenario.name, until_s);
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) {
        sink?.commit();
        return step.value;
      }
      bar.update(step.value);
      if (!(await interrupts.asked())) continue;
      steps.return(undefined as never);
      throw stopped(plan, step.value, sink?.part);
    }
  } catch (error) {
    const isKept = options.out !== undefined && !(error instanceof Interrupted);
    if (sink?.isKept && isKept) note(`${sink.part} holds what was recorded until then`);
    throw error;
  } finally {
    bar.stop();
    sink?.close();
  }
}

/** What is left of a run that was stopped at `now_s`. */
function stopped(
  { until_s, options }: RunPlan,
  now_s: number,
  part: string | undefined,
): Interrupted {
  const { out, html } = options;
  const missing = [out, html].filter((path) => path !== undefined);
  const lines = [
    ...(out === undefined ? [] : [`${part} holds the recording until then: strata view ${part}`]),
    ...(missing.length === 0 ? [] : [`not written: ${missing.join(', ')}`]),
  ];
  return new Interrupted(`stopped at ${clock(now_s)} of ${clock(until_s)}`, lines.join('\n  '));
}

async function writePage(
  recording: string,
  html: string,
  { out }: Options,
  interrupts: Interrupts,
): Promise<void> {
  if (await interrupts.asked(true)) {
    const written = out === undefined ? '' : `written: ${out}; `;
    throw new Interrupted('stopped after the simulation', `${written}not written: ${html}`);
  }
  const { writeHtml } = await import('../../viz/html.ts');
  writeWhole(html, [writeHtml(readFileSync(recording))]);
  note(`wrote ${html}`);
}

function isOk({ simulation }: Simulated): boolean {
  return (
    simulation.operator.results.every((o) => o.ok) &&
    simulation.objectives.results().every((o) => o.ok) &&
    simulation.results().every((i) => i.ok)
  );
}

/** The object that `--json` prints. */
function runJson(scenario: Scenario, seed: number, simulated: Simulated): object {
  const { simulation, simulatedSeconds, wallSeconds, traceHash } = simulated;
  const { transitions, divergences } = simulation.engine;
  return {
    scenario: scenario.name,
    seed,
    simulatedSeconds,
    wallSeconds,
    transitions,
    transitionsPerSecond: Math.round(transitions / wallSeconds),
    traceHash,
    layers: layerCounts(simulation),
    invariants: simulation.results(),
    objectives: simulation.objectives.results(),
    divergences,
    ...(scenario.workload.operations.length > 0 && { operations: simulation.operator.results }),
  };
}

async function report(
  path: string,
  scenario: Scenario,
  seed: number,
  options: Options,
  simulated: Simulated,
  file: string,
): Promise<void> {
  const [{ reportText }, { readRecording }, { runSummary }] = await Promise.all([
    import('../report/report-text.ts'),
    import('../tools/recording-file.ts'),
    import('../run-summary.ts'),
  ]);
  const { set, until, profile, out, html } = options;
  const request = { path, set, until, profile, out, html };
  const summary = runSummary(scenario, seed, simulated, request);
  print(reportText(readRecording(file), summary, colours(process.stdout)));
}
