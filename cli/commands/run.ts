import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CompiledModel } from '../../engine/tables.ts';
import type { Scenario } from '../../model/scenario.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadOrExplain, parseSet } from '../load.ts';
import { loadModel } from '../model.ts';
import { distinctFiles, durationOption, seedOption } from '../options.ts';
import { layerCounts, type Simulated, simulate } from '../simulate.ts';
import { colours, note, print, progress } from '../terminal.ts';
import { FileSink } from '../tools/recording-file.ts';

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
  const scenario = await loadOrExplain(path, parseSet(options.set));
  if (!scenario) return EXIT.badInput;
  const seed = options.seed === undefined ? scenario.seed : seedOption(options.seed);
  const until_s =
    options.until === undefined ? scenario.duration_s : durationOption('--until', options.until);
  // The report reads the recording, so there always is one; without --out it is thrown away.
  const scratch = options.out ? undefined : mkdtempSync(join(tmpdir(), 'strata-'));
  const file = options.out ?? join(scratch!, 'run.arrow');
  try {
    const simulated = run(await loadModel(), scenario, seed, until_s, options, file);
    if (options.html) await writePage(file, options.html);
    if (options.json) print(JSON.stringify(runJson(scenario, seed, simulated), null, 2));
    else await report(path, scenario, seed, options, simulated, file);
    return isOk(simulated) ? EXIT.ok : EXIT.violated;
  } finally {
    if (scratch) rmSync(scratch, { recursive: true });
  }
}

function run(
  model: CompiledModel,
  scenario: Scenario,
  seed: number,
  until_s: number,
  options: Options,
  file: string,
): Simulated {
  const bar = progress(scenario.name, until_s);
  try {
    return simulate({
      model,
      scenario,
      seed,
      until_s,
      profile: options.profile,
      sink: new FileSink(file),
      record: true,
      invariantMode: 'sweep',
      progress: (now_s) => bar.update(now_s),
    });
  } finally {
    bar.stop();
  }
}

async function writePage(recording: string, html: string): Promise<void> {
  const { writeHtml } = await import('../../viz/html.ts');
  mkdirSync(dirname(html), { recursive: true });
  writeFileSync(html, writeHtml(readFileSync(recording)));
  note(`wrote ${html}`);
}

function isOk({ simulation }: Simulated): boolean {
  return (
    simulation.objectives.results().every((o) => o.ok) && simulation.results().every((i) => i.ok)
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
