import type { z } from 'zod';
import { mistakes } from './mistake.ts';

/**
 * What a driver's verbs are given beside the name of their entity, by kind and verb. A verb that takes
 * nothing is not named. The driver reads its parameters with these very schemas, scenarios are held
 * against them before anything is done, and the reference is made from them: every field says what it
 * is by `describe`.
 */
export type VerbParams = Readonly<Record<string, KindParams>>;

/** The same of one kind, by verb. */
export type KindParams = Readonly<Record<string, z.ZodObject>>;

/** What the verb `V` of the kind `K` is given by a table; `unknown` where the table does not name it. */
export type Given<T extends VerbParams, K, V> = K extends keyof T
  ? V extends keyof T[K]
    ? z.infer<T[K][V]>
    : unknown
  : unknown;

export type ReadParams<T> =
  | { readonly data: T; readonly wrong?: undefined }
  /** Each mistake, in one line. */
  | { readonly wrong: string };

/**
 * Reads the parameters of a verb. Those of other verbs of the kind may be there too, since an operation
 * tells the same to every verb that it leads to; what none of them takes is a slip.
 */
export function readParams<K extends KindParams, V extends keyof K>(
  kind: K,
  verb: V,
  params: Readonly<Record<string, unknown>>,
): ReadParams<z.infer<K[V]>> {
  const read = kind[verb].safeParse(params);
  const known = new Set(Object.values(kind).flatMap(({ shape }) => Object.keys(shape)));
  const unknown = Object.keys(params).filter((name) => !known.has(name));
  const all = [
    ...(read.success ? [] : [mistakes(read.error.issues)]),
    ...unknown.map((name) => `there is no parameter ${JSON.stringify(name)}`),
  ];
  return read.success && all.length === 0
    ? { data: read.data as z.infer<K[V]> }
    : { wrong: all.join('; ') };
}
