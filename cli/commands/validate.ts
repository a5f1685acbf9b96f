import { formatProblems, loadScenario } from '../../scenarios/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { askDrivers } from '../live/verb-params.ts';
import { parseSet } from '../load.ts';
import { colours, note, print } from '../terminal.ts';

interface Options {
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** `strata validate`: reports every mistake in a scenario. */
export async function command(path: string, options: Options): Promise<ExitCode> {
  const set = parseSet(options.set);
  const result = await loadScenario(path, { set, drivers: askDrivers([]) });
  const ok = !('problems' in result);
  const problems = ok ? result.warnings : result.problems;
  if (options.json) {
    print(JSON.stringify({ ok, problems }, null, 2));
  } else {
    if (problems.length > 0) {
      note(formatProblems(problems, { color: colours(process.stderr).isColorSupported }));
    }
    if (ok) print(`${path}: valid (${result.scenario.name})`);
  }
  return ok ? EXIT.ok : EXIT.badInput;
}
