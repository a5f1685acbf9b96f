/** Of what verbs take, values that are not of the type of their field. */
import { z } from 'zod';
import type { VerbParams } from '../../backends/verb-params.ts';

export interface WrongParams {
  readonly kind: string;
  readonly verb: string;
  readonly wrong: readonly (readonly [field: string, value: unknown])[];
}

const VALUES: readonly unknown[] = [null, true, -0.5, '', 'no such word', [[]], { key: [] }];

export function wrongParams(table: VerbParams): readonly WrongParams[] {
  return Object.entries(table).flatMap(([kind, verbs]) =>
    Object.entries(verbs).map(([verb, { shape }]) => ({
      ...{ kind, verb },
      wrong: Object.entries(shape).flatMap(([field, schema]) =>
        VALUES.filter((value) => !z.safeParse(schema, value).success).map(
          (value) => [field, value] as const,
        ),
      ),
    })),
  );
}

/** How a fault names a field, or what is within it. */
export function naming(field: string): RegExp {
  return new RegExp(`[:;] ${field}[.:]`);
}
