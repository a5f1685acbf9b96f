import { existsSync, readFileSync, renameSync } from 'node:fs';
import type { Action, Fault } from '../../engine/contract.ts';
import type { OperationResult } from '../../engine/operator.ts';
import type { LiveSystem, Scenario } from '../../model/scenario.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Interrupted, Interrupts } from '../interrupt.ts';
import { type LiveRun, runLive } from '../live/run-live.ts';
import { chosenSystems } from '../live/systems.ts';
import { askDrivers } from '../live/verb-params.ts';
import { loadOrExplain, parseSet } from '../load.ts';
import { distinctFiles } from '../options.ts';
import { outcomeText } from '../report/operations-text.ts';
import { note, print } from '../terminal.ts';
import { PendingFile, writeWhole } from '../tools/pending-file.ts';
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
  const drivers = askDrivers(options.driver);
  const scenario = await loadOrExplain(path, parseSet(options.set), { drivers });
  if (!scenario) return EXIT.badInput;
  const out = options.out ?? `out/${scenario.name}.live.arrow`;
  const run = await recorded(scenario, chosenSystems(scenario.live, options.driver), out);
  if (options.html) await writePage(out, options.html);
  if (options.json)
    print(JSON.stringify({ scenario: scenario.name, recording: out, ...run }, null, 2));
  else print(runText(run, out));
  return run.ok ? EXIT.ok : EXIT.violated;
}

/** The run, with its recording in a file that has its name only when it is whole. */
async function recorded(
  scenario: Scenario,
  systems: readonly LiveSystem[],
  out: string,
): Promise<LiveRun> {
  keepPart(out);
  const sink = new PendingFile(out);
  const interrupts = new Interrupts();
  const stop = new AbortController();
  const left = `${sink.part} holds the recording until then: strata view ${sink.part}`;
  const { length } = scenario.workload.operations;
  let done = 0;
  interrupts.onSignal(() => {
    const message = `stopped after ${done} of ${length} operations`;
    stop.abort(new Interrupted(message, `${left}\n  call it again to go on`));
  });
  let isBegun = false;
  try {
    const run = await runLive({
      ...{ scenario, systems, sink, stop: stop.signal },
      onBegun: () => {
        isBegun = true;
      },
      onStep: (result) => {
        done++;
        note(stepText(result));
      },
      onFault: (action, fault) => note(faultText(action, fault)),
    });
    sink.commit();
    return run;
  } catch (error) {
    if (!isBegun) sink.discard();
    else if (!(error instanceof Interrupted)) note(left);
    throw error;
  } finally {
    interrupts.stop();
    sink.close();
  }
}

/** What an earlier run recorded before it was killed cannot be repeated: it is put aside. */
function keepPart(out: string): void {
  const part = `${out}.part`;
  if (!existsSync(part)) return;
  let count = 1;
  while (existsSync(`${part}.${count}`)) count++;
  renameSync(part, `${part}.${count}`);
  note(`${part}.${count} holds the recording of an earlier run that broke off`);
}

async function writePage(recording: string, html: string): Promise<void> {
  const { writeHtml } = await import('../../viz/html.ts');
  writeWhole(html, [writeHtml(readFileSync(recording))]);
  note(`wrote ${html}`);
}

function faultText(action: Action, fault: Fault): string {
  const { advice, code, effect, message, upstream } = fault;
  const codes = upstream === undefined ? code : `${code} (${upstream})`;
  const what = `${action.verb} ${action.kind}/${action.entity}: ${codes}: ${message}`;
  return `${what}\n  ${EFFECTS[effect]}\n  ${advice}`;
}

const EFFECTS: Readonly<Record<Fault['effect'], string>> = {
  none: 'nothing was done',
  unknown: 'it may have been done all the same: what is there now counts',
  done: 'it was done',
};

function stepText(result: OperationResult): string {
  const { operation, started_s, ended_s, state, ok, asked } = result;
  if (!asked) {
    const why = ok ? 'nothing to do, it is' : 'cannot be asked of what is';
    return `${operation.do} ${operation.entity}: ${why} ${state}`;
  }
  const took = roughDuration(ended_s - started_s);
  return `${operation.do} ${operation.entity}: ${outcomeText(result, took)}`;
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
