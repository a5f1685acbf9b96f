import fc from 'fast-check';
import { z } from 'zod';
import type { KindParams } from '../../../backends/verb-params.ts';

/**
 * Parameters of each verb with a value in one field that the field does not take. The others are
 * those of `right`, which holds what verbs need.
 */
export function mistyped(
  table: KindParams,
  right: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
) {
  const fields = Object.entries(table).flatMap(([verb, schema]) => {
    schema.parse(right[verb] ?? {});
    return Object.entries(schema.shape).map(([field, type]) => ({ verb, field, type }));
  });
  return fc.constantFrom(...fields).chain(({ verb, field, type }) =>
    fc
      .jsonValue()
      .filter((value) => !z.safeParse(type, value).success)
      .map((value) => ({ verb, field, params: { ...right[verb], [field]: value } })),
  );
}
