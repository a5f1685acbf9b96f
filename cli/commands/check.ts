import fc from 'fast-check';
import { StrataError } from '../../engine/errors.ts';
import type { Violation } from '../../engine/invariants.ts';
import type { CompiledModel } from '../../engine/tables.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Plan } from '../../sim/plan.ts';
import { planFor } from '../check/arbitrary.ts';
import { type PlanOutcome, runPlan } from '../check/run-plan.ts';
import { decodeToken, encodeToken } from '../check/token.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Interrupted, Interrupts } from '../interrupt.ts';
import { loadOrExplain, parseSet } from '../load.ts';
import { loadModel } from '../model.ts';
import { distinctFiles, integerOption, seedOption } from '../options.ts';
import { scenarioHash } from '../simulate.ts';
import { note, print, progress } from '../terminal.ts';
import { writeWholeBy } from '../tools/pending-file.ts';
import { formatTime } from '../tools/time.ts';

interface Options {
  readonly runs: string;
  readonly seed?: string;
  readonly set: readonly string[];
  readonly replay?: string;
  readonly out?: string;
  readonly json?: boolean;
}

interface Finding {
  readonly plan: Plan;
  readonly outcome: PlanOutcome;
  readonly violation: Violation;
  readonly token: string;
}

/** `strata check`: searches for a plan that violates an invariant, or replays one. */
export async function command(path: string | undefined, options: Options): Promise<ExitCode> {
  if (options.replay !== undefined) return replay(options.replay, path, options);
  if (path === undefined) {
    throw new StrataError('USAGE_CHECK', 'name a scenario, or give a token with --replay');
  }
  distinctFiles([path], [options.out]);
  const set = parseSet(options.set);
  const scenario = await loadOrExplain(path, set);
  if (!scenario) return EXIT.badInput;
  const runs = integerOption('--runs', options.runs, 1, 1_000_000);
  const seed = options.seed === undefined ? freshSeed() : seedOption(options.seed);
  note(`seed ${seed}`);
  const model = await loadModel();
  const { found, isStopped, done } = await search(model, scenario, path, set, runs, seed | 0);
  if (isStopped && !found) {
    const advice = `none violated an invariant (seed ${seed})`;
    throw new Interrupted(`stopped after ${done} of ${runs} runs`, advice);
  }
  if (options.json)
    print(JSON.stringify({ scenario: scenario.name, seed, runs, ...summary(found) }, null, 2));
  else if (found) print(findingText(found));
  else print(`${runs} runs of ${scenario.name} hold every invariant (seed ${seed})`);
  // Written last, so that a full disk does not cost what was found.
  if (found && options.out) record(model, scenario, found.plan, options.out);
  if (isStopped) note('interrupted: smaller plans may violate it too');
  return isStopped ? EXIT.interrupted : found ? EXIT.violated : EXIT.ok;
}

/** Runs a plan again and writes its recording. */
function record(model: CompiledModel, scenario: Scenario, plan: Plan, out: string): PlanOutcome {
  return writeWholeBy(out, (file) => runPlan(model, scenario, plan, file));
}

interface Search {
  readonly found: Finding | undefined;
  /** A signal came: runs after that were skipped. */
  readonly isStopped: boolean;
  readonly done: number;
}

function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

async function search(
  model: CompiledModel,
  scenario: Scenario,
  path: string,
  set: Readonly<Record<string, string>>,
  runs: number,
  seed: number,
): Promise<Search> {
  const bar = progress('checking', runs);
  let done = 0;
  let transitions = 0;
  let isStopped = false;
  const interrupts = new Interrupts();
  const property = fc.asyncProperty(planFor(scenario), async (plan) => {
    isStopped ||= await interrupts.asked();
    // Ends the search, or the shrinking, where it is.
    if (isStopped) throw new fc.PreconditionFailure(true);
    const outcome = runPlan(model, scenario, plan);
    transitions += outcome.transitions;
    bar.update(++done, done > runs ? 'shrinking' : '');
    return outcome.violation === undefined;
  });
  const details = await fc.check(property, { numRuns: runs, seed });
  interrupts.stop();
  bar.stop();
  note(`${done} runs, ${transitions} transitions`);
  if (!details.failed || !details.counterexample) return { found: undefined, isStopped, done };
  const [plan] = details.counterexample;
  const outcome = runPlan(model, scenario, plan);
  if (!outcome.violation) {
    throw new StrataError(
      'CHECK_NOT_REPEATABLE',
      'the counterexample does not fail again',
      'report it with its seed',
    );
  }
  const token = encodeToken({ scenario: path, hash: scenarioHash(scenario), set, plan });
  const found = { plan, outcome, violation: outcome.violation, token };
  return { found, isStopped, done };
}

async function replay(text: string, path: string | undefined, options: Options): Promise<ExitCode> {
  const token = decodeToken(text);
  const scenario = await loadOrExplain(path ?? token.scenario, {
    ...token.set,
    ...parseSet(options.set),
  });
  if (!scenario) return EXIT.badInput;
  if (scenarioHash(scenario) !== token.hash) {
    note(`warning: ${path ?? token.scenario} has changed since the token was made`);
  }
  const model = await loadModel();
  const outcome = options.out
    ? record(model, scenario, token.plan, options.out)
    : runPlan(model, scenario, token.plan);
  const { violation } = outcome;
  const found = violation && { plan: token.plan, outcome, violation, token: text };
  if (options.json) print(JSON.stringify({ scenario: scenario.name, ...summary(found) }, null, 2));
  else if (found) print(findingText(found));
  else print('the plan holds every invariant now');
  return found ? EXIT.violated : EXIT.ok;
}

function summary(found: Finding | undefined): object {
  if (!found) return { ok: true };
  const { violation, plan, outcome, token } = found;
  return { ok: false, violation, plan, steps: outcome.steps, token };
}

function findingText({ violation, outcome, plan, token }: Finding): string {
  const steps = outcome.steps.map((s) => `  ${formatTime(s.time_s)}  ${s.text}`);
  const lines = [
    `violated: ${violation.invariant}`,
    `  at ${formatTime(violation.time_s)}: ${violation.message}`,
    '',
    `smallest plan found (seed ${plan.seed}):`,
    ...(steps.length > 0 ? steps : ['  nothing: the cloud only comes up']),
    '',
    'replay it with',
    `  npx strata check --replay ${token}`,
  ];
  return lines.join('\n');
}
