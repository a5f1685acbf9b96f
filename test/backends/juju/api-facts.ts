/**
 * What a release of Juju says of its own API: the facades that the driver uses, their methods, and
 * the names and JSON types of what goes in and out. Facts, taken from the schema that Juju's
 * sources carry (apiserver/facades/schema.json, made by `juju/generate/schemagen` from the facades).
 */
import { readFileSync } from 'node:fs';

/**
 * `string`, `integer`, `number`, `boolean`, `any`, `[T]` for lists, `{T}` for maps, or the name of
 * one of the facade's own types.
 */
type TypeName = string;

/** Fields by name; `?` at the end of a name: it may be left out. */
type Fields = Readonly<Record<string, TypeName>>;

interface FacadeFacts {
  readonly version: number;
  readonly methods: Readonly<
    Record<string, { readonly params: TypeName; readonly result: TypeName }>
  >;
  readonly types: Readonly<Record<string, Fields | TypeName>>;
}

export interface ApiFacts {
  readonly release: string;
  /** Every error code that the API may give (rpc/params/apierror.go). */
  readonly codes: readonly string[];
  readonly facades: Readonly<Record<string, FacadeFacts>>;
}

/** Of Juju 4.0.15. */
export const JUJU_4: ApiFacts = JSON.parse(
  readFileSync(new URL('./juju-4.0.15-api.json', import.meta.url), 'utf8'),
);

/** What is wrong with a value of a type: a field that is not known, missing or of another kind. */
export function problemsOf(
  value: unknown,
  type: TypeName,
  facts: FacadeFacts,
  path: string,
): readonly string[] {
  if (type === 'any') return [];
  const kind = kindOf(value);
  if (type.startsWith('[')) return listProblems(value, type.slice(1, -1), facts, path);
  if (type.startsWith('{')) return mapProblems(value, type.slice(1, -1), facts, path);
  const known = facts.types[type];
  if (typeof known === 'string') return problemsOf(value, known, facts, path);
  if (known) return fieldProblems(value, known, facts, path);
  const fits = kind === type || (type === 'number' && kind === 'integer');
  return fits ? [] : [`${path}: ${kind} instead of ${type}`];
}

/** Go reads and writes an empty list or map as null. */
function listProblems(value: unknown, type: TypeName, facts: FacadeFacts, path: string) {
  if (value === null) return [];
  if (!Array.isArray(value)) return [`${path}: ${kindOf(value)} instead of a list`];
  return value.flatMap((each, n) => problemsOf(each, type, facts, `${path}[${n}]`));
}

function mapProblems(value: unknown, type: TypeName, facts: FacadeFacts, path: string) {
  if (value === null) return [];
  if (kindOf(value) !== 'object') return [`${path}: ${kindOf(value)} instead of a map`];
  return Object.entries(value as object).flatMap(([name, each]) =>
    problemsOf(each, type, facts, `${path}.${name}`),
  );
}

function fieldProblems(value: unknown, fields: Fields, facts: FacadeFacts, path: string) {
  if (kindOf(value) !== 'object') return [`${path}: ${kindOf(value)} instead of an object`];
  const found = value as Readonly<Record<string, unknown>>;
  const problems: string[] = [];
  for (const [name, each] of Object.entries(found)) {
    const type = fields[name] ?? fields[`${name}?`];
    if (type === undefined) problems.push(`${path}.${name}: not known`);
    // A pointer that is nil is written as null.
    else if (each !== null) problems.push(...problemsOf(each, type, facts, `${path}.${name}`));
  }
  for (const name of Object.keys(fields)) {
    if (!name.endsWith('?') && !Object.hasOwn(found, name))
      problems.push(`${path}.${name}: missing`);
  }
  return problems;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
