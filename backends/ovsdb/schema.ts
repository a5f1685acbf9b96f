import { brief } from './connection.ts';
import { ovsdbFault } from './faults.ts';

/** The atomic types of RFC 7047, section 3.2. */
export type AtomicType = 'integer' | 'real' | 'boolean' | 'string' | 'uuid';

/** What a key or a value of a column may be. */
export interface BaseType {
  readonly type: AtomicType;
  readonly enum?: ReadonlySet<unknown>;
  /** Least and greatest number, or length of a string in characters. */
  readonly least?: number;
  readonly most?: number;
  readonly refTable?: string;
}

export interface ColumnType {
  readonly key: BaseType;
  /** Only maps have values. */
  readonly value?: BaseType;
  readonly min: number;
  readonly max: number;
  readonly mutable: boolean;
}

/** Columns by name. */
export type TableSchema = ReadonlyMap<string, ColumnType>;

export interface DatabaseSchema {
  readonly name: string;
  readonly version: string;
  readonly tables: ReadonlyMap<string, TableSchema>;
}

type Json = Readonly<Record<string, unknown>>;

const ATOMIC: ReadonlySet<unknown> = new Set(['integer', 'real', 'boolean', 'string', 'uuid']);
const MINIMA = ['minInteger', 'minReal', 'minLength'];
const MAXIMA = ['maxInteger', 'maxReal', 'maxLength'];

/** Reads a <database-schema>. Throws `OVSDB_MALFORMED`. */
export function parseSchema(json: unknown): DatabaseSchema {
  const { name, version, tables } = object(json, 'the schema');
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw malformed('the schema has no name and version');
  }
  return { name, version, tables: mapped(object(tables, 'tables'), parseTable) };
}

function parseTable(json: unknown, name: string): TableSchema {
  const { columns } = object(json, `table ${name}`);
  return mapped(object(columns, `columns of ${name}`), (column, its) =>
    parseColumn(column, `${name}.${its}`),
  );
}

function parseColumn(json: unknown, where: string): ColumnType {
  const { type, mutable = true } = object(json, where);
  const isMutable = mutable === true;
  if (typeof type === 'string') {
    return { key: parseBase(type, where), min: 1, max: 1, mutable: isMutable };
  }
  const { key, value, min = 1, max = 1 } = object(type, `the type of ${where}`);
  const most = max === 'unlimited' ? Number.POSITIVE_INFINITY : max;
  if ((min !== 0 && min !== 1) || typeof most !== 'number' || most < 1) {
    throw malformed(`${where} has ${brief(min)} to ${brief(max)} values`);
  }
  return {
    key: parseBase(key, where),
    ...(value === undefined ? {} : { value: parseBase(value, where) }),
    ...{ min, max: most, mutable: isMutable },
  };
}

function parseBase(json: unknown, where: string): BaseType {
  const base = typeof json === 'string' ? { type: json } : object(json, `the type of ${where}`);
  if (!ATOMIC.has(base['type'])) throw malformed(`${where} is of type ${brief(base['type'])}`);
  const { refTable } = base;
  return {
    type: base['type'] as AtomicType,
    ...(base['enum'] === undefined ? {} : { enum: parseEnum(base['enum']) }),
    least: numberOf(base, MINIMA),
    most: numberOf(base, MAXIMA),
    ...(typeof refTable === 'string' ? { refTable } : {}),
  };
}

/** An enumeration is a set; a set of one value may stand without being called one. */
function parseEnum(json: unknown): ReadonlySet<unknown> {
  const isSet = Array.isArray(json) && json[0] === 'set' && Array.isArray(json[1]);
  return new Set<unknown>(isSet ? json[1] : [json]);
}

function numberOf(base: Json, names: readonly string[]): number | undefined {
  const found = names.map((name) => base[name]).find((each) => typeof each === 'number');
  return found as number | undefined;
}

function mapped<T>(json: Json, parse: (value: unknown, name: string) => T): ReadonlyMap<string, T> {
  return new Map(Object.entries(json).map(([name, value]) => [name, parse(value, name)]));
}

function object(json: unknown, what: string): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw malformed(`${what} is ${brief(json)}`);
  }
  return json as Json;
}

function malformed(what: string) {
  return ovsdbFault('OVSDB_MALFORMED', what);
}
