/** Loads a scenario for a command: prints every problem, and the warnings of a good one. */

import { StrataError } from '../engine/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import { type AskDrivers, formatProblems, loadScenario } from '../scenarios/index.ts';
import { colours, note } from './terminal.ts';

/**
 * `--set KEY=VALUE` as a map. Throws USAGE_SET when an element is not of that form.
 */
export function parseSet(list: readonly string[]): Record<string, string> {
  const set: Record<string, string> = Object.create(null);
  for (const element of list) {
    const equals = element.indexOf('=');
    if (equals < 1) {
      throw new StrataError('USAGE_SET', `--set takes KEY=VALUE, got '${element}'`);
    }
    set[element.slice(0, equals)] = element.slice(equals + 1);
  }
  return set;
}

/** The scenario, or undefined after its problems were printed to stderr. */
export async function loadOrExplain(
  path: string,
  set: Readonly<Record<string, string>>,
  more: { readonly sweep?: Readonly<Record<string, string>>; readonly drivers?: AskDrivers } = {},
): Promise<Scenario | undefined> {
  const result = await loadScenario(path, { set, ...more });
  const color = colours(process.stderr).isColorSupported;
  if ('problems' in result) {
    note(formatProblems(result.problems, { color }));
    return undefined;
  }
  if (result.warnings.length > 0) note(formatProblems(result.warnings, { color }));
  return result.scenario;
}
