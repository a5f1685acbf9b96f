import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { OperationResult } from '../../engine/operator.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LiveRun, runLive } from '../live/run-live.ts';
import { chosenSystems } from '../live/systems.ts';
import { loadOrExplain, parseSet } from '../load.ts';
import { distinctFiles } from '../options.ts';
import { note, print } from '../terminal.ts';
import { FileSink } from '../tools/recording-file.ts';
import { roughDuration } from '../tools/time.ts';

interface Options {
  readonly set: readonly string[];
  readonly driver: readonly string[];
  readonly out?: string;
  readonly html?: string;
  readonly json?: boolean;
}

/** `strata apply`: carries a scenario's operations out on real systems, and records the run. */
export async function command(path: string, options: Options): Promise<ExitCode> {
  distinctFiles([path], [options.out, options.html]);
  const scenario = await loadOrExplain(path, parseSet(options.set));
  if (!scenario) return EXIT.badInput;
  const out = options.out ?? `out/${scenario.name}.live.arrow`;
  const run = await runLive({
    scenario,
    systems: chosenSystems(scenario.live, options.driver),
    sink: new FileSink(out),
    onStep: (result) => note(stepText(result)),
    onFault: (action, fault) =>
      note(
        `${action.verb} ${action.kind}/${action.entity}: ${fault.code} ${fault.upstream ?? ''} ${fault.message}\n  ${fault.advice}`,
      ),
  });
  if (options.html) await writePage(out, options.html);
  if (options.json)
    print(JSON.stringify({ scenario: scenario.name, recording: out, ...run }, null, 2));
  else print(runText(run, out));
  return run.ok ? EXIT.ok : EXIT.violated;
}

async function writePage(recording: string, html: string): Promise<void> {
  const { writeHtml } = await import('../../viz/html.ts');
  mkdirSync(dirname(html), { recursive: true });
  writeFileSync(html, writeHtml(readFileSync(recording)));
}

function stepText({ operation, started_s, ended_s, state, ok }: OperationResult): string {
  const took = roughDuration(ended_s - started_s);
  const result = ok
    ? `${state} after ${took}`
    : `still ${state} after ${took}, expected ${operation.until}`;
  return `${operation.do} ${operation.entity}: ${result}`;
}

function runText(run: LiveRun, out: string): string {
  const done = run.results.filter((r) => r.ok).length;
  return [
    `${done} of ${run.results.length} operations reached their state in ${roughDuration(run.wallSeconds)}`,
    `${run.transitions} transitions, ${run.divergences} divergences`,
    `recording ${out}`,
    `SHA-256 ${run.traceHash}`,
  ].join('\n');
}
