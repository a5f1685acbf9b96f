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
import { loadOrExplain, parseSet } from '../load.ts';
import { loadModel } from '../model.ts';
import { distinctFiles, integerOption, seedOption } from '../options.ts';
import { scenarioHash } from '../simulate.ts';
import { note, print, progress } from '../terminal.ts';
import { FileSink } from '../tools/recording-file.ts';
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
  const found = search(model, scenario, path, set, runs, seed | 0);
  if (found && options.out) runPlan(model, scenario, found.plan, new FileSink(options.out));
  if (options.json)
    print(JSON.stringify({ scenario: scenario.name, seed, runs, ...summary(found) }, null, 2));
  else if (found) print(findingText(found));
  else print(`${runs} runs of ${scenario.name} hold every invariant (seed ${seed})`);
  return found ? EXIT.violated : EXIT.ok;
}

function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

function search(
  model: CompiledModel,
  scenario: Scenario,
  path: string,
  set: Readonly<Record<string, string>>,
  runs: number,
  seed: number,
): Finding | undefined {
  const bar = progress('checking', runs);
  let done = 0;
  let transitions = 0;
  const property = fc.property(planFor(scenario), (plan) => {
    const outcome = runPlan(model, scenario, plan);
    transitions += outcome.transitions;
    bar.update(++done, done > runs ? 'shrinking' : '');
    return outcome.violation === undefined;
  });
  const details = fc.check(property, { numRuns: runs, seed });
  bar.stop();
  note(`${done} runs, ${transitions} transitions`);
  if (!details.failed || !details.counterexample) return undefined;
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
  return { plan, outcome, violation: outcome.violation, token };
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
  const outcome = runPlan(
    await loadModel(),
    scenario,
    token.plan,
    options.out ? new FileSink(options.out) : null,
  );
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
