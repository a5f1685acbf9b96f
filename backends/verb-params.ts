import { z } from 'zod';
import type { Action } from '../engine/contract.ts';
import type { FaultError } from './fault.ts';
import { mistake } from './mistake.ts';

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

/** What is read: a verb, of an entity of a kind, and what it is given. */
export type Asked = Pick<Action, 'kind' | 'entity' | 'verb' | 'params'>;

export interface ParamsReader {
  /** What the verb of an action is given; nothing when the table does not name the verb. */
  (asked: Asked): unknown;
  /** The same, by the schema that the table has for the verb. */
  <S extends z.ZodType>(asked: Asked, schema: S): z.infer<S>;
}

/** Makes the fault of mistakes: `what` tells all of them, `fields` are the parameters that are wrong. */
export type Refuse = (what: string, fields: readonly string[]) => FaultError;

/**
 * Makes the reader of a table. Parameters of other verbs of the kind may be there too, since an operation
 * tells the same to every verb that it leads to; what none of them takes is a slip, unless the table does
 * not name the kind. The reader throws what `refuse` makes: it is told `VERB of ENTITY: ` and each mistake.
 */
export function paramsReader(table: VerbParams, refuse: Refuse): ParamsReader {
  return (asked: Asked, schema?: z.ZodType) => {
    const { entity, kind, params, verb } = asked;
    const read = (schema ?? table[kind]?.[verb] ?? NOTHING).safeParse(params);
    const issues = read.error?.issues ?? [];
    const slips = unknownOf(table[kind], params);
    if (read.success && slips.length === 0) return read.data;
    const all = [
      ...issues.map((issue) => mistake(issue)),
      ...slips.map((name) => `there is no parameter ${JSON.stringify(name)}`),
    ];
    const fields = issues.map(({ path: [field = ''] }) => String(field));
    throw refuse(`${verb} of ${entity}: ${all.join('; ')}`, [...fields, ...slips]);
  };
}

const NOTHING = z.object({});

/** Parameters that no verb of a kind takes. */
function unknownOf(kind: KindParams | undefined, params: Asked['params']): readonly string[] {
  if (kind === undefined) return [];
  const known = new Set(Object.values(kind).flatMap(({ shape }) => Object.keys(shape)));
  return Object.keys(params).filter((name) => !known.has(name));
}
