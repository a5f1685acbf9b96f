/** Of what verbs take, values that are not of the type of their field. */
import fc from 'fast-check';
import { z } from 'zod';
import type { VerbParams } from '../../backends/verb-params.ts';

export interface Mistyped {
  readonly kind: string;
  readonly verb: string;
  /** One of its fields with a value that the field does not take, and nothing else. */
  readonly wrong: fc.Arbitrary<readonly [field: string, value: fc.JsonValue]>;
}

/** Each verb of a table. */
export function mistyped(table: VerbParams): readonly Mistyped[] {
  return Object.entries(table).flatMap(([kind, verbs]) =>
    Object.entries(verbs).map(([verb, { shape }]) => {
      const fields = Object.keys(shape).map((field) =>
        fc.tuple(
          fc.constant(field),
          fc.jsonValue().filter((value) => !z.safeParse(shape[field], value).success),
        ),
      );
      return { kind, verb, wrong: fc.oneof(...fields) };
    }),
  );
}

/** How a fault names a field, or what is within it. */
export function naming(field: string): RegExp {
  return new RegExp(`[:;] ${field}[.:]`);
}
