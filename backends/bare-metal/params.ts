import type { z } from 'zod';
import type { FaultError } from '../fault.ts';
import { mistakes } from '../mistake.ts';
import type { KindParams } from '../verb-params.ts';

/**
 * Makes the reader of a table of what verbs take: `read(verb, params)`, where what a verb does not take
 * is left out. `refuse` makes the fault that is thrown for mistakes.
 */
export function paramsReader<Table extends KindParams>(
  table: Table,
  refuse: (what: string) => FaultError,
) {
  return <Verb extends keyof Table & string>(
    verb: Verb,
    given: Readonly<Record<string, unknown>>,
  ): z.infer<Table[Verb]> => {
    const read = table[verb].safeParse(given);
    if (read.success) return read.data as z.infer<Table[Verb]>;
    throw refuse(`${verb}: ${mistakes(read.error.issues)}`);
  };
}
