/** What operations tell real systems must be what the drivers of these systems take. */
import type { z } from 'zod';
import type { LiveSystem, Operation } from '../model/scenario.ts';
import type { Problem } from './problems.ts';
import type { Sections } from './schema.ts';
import type { Node, Path } from './tree.ts';
import { problemsIn } from './validate.ts';

/** What `with` of an operation may hold; undefined where nothing is known of it. */
export type ParamsOf = (operation: Operation) => z.ZodObject | undefined;

/** Asks the drivers of the systems under `live`. */
export type AskDrivers = (live: readonly LiveSystem[]) => Promise<ParamsOf>;

/** Every mistake under `with`; none when the sections needed could not be read. */
export async function checkParams(
  { live, workload }: Sections,
  tree: Node,
  ask: AskDrivers,
): Promise<readonly Problem[]> {
  if (live === undefined || workload === undefined) return [];
  // Drivers are large: they are asked only where there is something to know of them.
  if (workload.operations.length === 0) return [];
  const paramsOf = await ask(live);
  return workload.operations.flatMap((operation, i) => {
    const schema = paramsOf(operation);
    const at: Path = ['workload', 'operations', i, 'with'];
    if (schema === undefined) return [];
    const result = schema.safeParse(given(operation, schema));
    return result.success ? [] : problemsIn(result.error, { tree, at, schema });
  });
}

/**
 * What an operation tells a real system. An empty text where none can be counts as not given, so that a
 * parameter of the scenario can default to nothing; elsewhere it says what it says.
 */
export function given(
  { with: told = {} }: Operation,
  schema: z.ZodObject | undefined,
): Readonly<Record<string, unknown>> {
  const isNothing = ([name, value]: [string, unknown]) =>
    value === '' && schema?.shape[name] && !schema.shape[name].safeParse('').success;
  return Object.fromEntries(Object.entries(told).filter((each) => !isNothing(each)));
}
