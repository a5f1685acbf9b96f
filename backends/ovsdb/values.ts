/**
 * Values of columns, as RFC 7047 (section 5.1) writes them and as the drivers see them: a scalar as
 * itself, an optional one as itself or null, a set as an array, a map as a Map. A UUID is its text.
 * Integers beyond 2^53 lose precision, as in any JSON number of JavaScript.
 */
import { brief } from './connection.ts';
import { ovsdbFault } from './faults.ts';
import type { BaseType, ColumnType } from './schema.ts';

/** The row that an insert of the same transaction makes, before it has a UUID. */
export class NamedUuid {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export type Atom = string | number | boolean;
export type Value = Atom | null | readonly Atom[] | ReadonlyMap<Atom, Atom>;
type NewAtom = Atom | NamedUuid;
/** A value to be written; it may refer to rows that are not there yet. */
export type NewValue = NewAtom | null | readonly NewAtom[] | ReadonlyMap<Atom, NewAtom>;

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// ---------------------------------------------------------------- from the server

/** Reads a column's value. `where` names the column. Throws `OVSDB_MALFORMED`. */
export function decodeValue(type: ColumnType, json: unknown, where: string): Value {
  if (type.value) return decodeMap(type.key, type.value, json, where);
  const atoms = elementsOf(json, where).map((each) => decodeAtom(type.key, each, where));
  if (type.max > 1) return atoms;
  if (atoms.length > 1 || atoms.length < type.min) {
    throw malformed(`${where} has ${atoms.length} values`);
  }
  return atoms.length === 0 ? null : atoms[0];
}

function decodeMap(key: BaseType, value: BaseType, json: unknown, where: string) {
  const [tag, pairs] = Array.isArray(json) ? json : [];
  if (tag !== 'map' || !Array.isArray(pairs)) throw malformed(`${where} is ${brief(json)}`);
  return new Map(
    pairs.map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw malformed(`${where}: ${brief(pair)}`);
      return [decodeAtom(key, pair[0], where), decodeAtom(value, pair[1], where)] as const;
    }),
  );
}

/** A set of one value may stand without being called a set. */
function elementsOf(json: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(json) || json[0] !== 'set') return [json];
  if (!Array.isArray(json[1])) throw malformed(`${where} is ${brief(json)}`);
  return json[1];
}

function decodeAtom(base: BaseType, json: unknown, where: string): Atom {
  if (base.type === 'uuid') {
    const [tag, text] = Array.isArray(json) ? json : [];
    if (tag === 'uuid' && typeof text === 'string' && UUID.test(text)) return text;
  } else if (isAtomOf(base, json)) return json as Atom;
  throw malformed(`${where} is ${brief(json)}, not of type ${base.type}`);
}

function isAtomOf({ type }: BaseType, value: unknown): boolean {
  switch (type) {
    case 'string':
    case 'uuid':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isInteger(value);
    case 'real':
      return Number.isFinite(value);
  }
}

// ---------------------------------------------------------------- to the server

/** Writes a column's value, after checking all that the schema demands. Throws `OVSDB_BAD_VALUE`. */
export function encodeValue(type: ColumnType, value: NewValue, where: string): unknown {
  if (type.value) return encodeMap(type, value, where);
  if (value instanceof Map) throw bad(where, 'a map', 'a set or a single value');
  const atoms = (Array.isArray(value) ? value : value === null ? [] : [value]) as NewAtom[];
  checkCount(type, atoms.length, where);
  const encoded = atoms.map((each) => encodeAtom(type.key, each, where));
  if (new Set(encoded.map((each) => JSON.stringify(each))).size < encoded.length) {
    throw bad(where, 'the same value twice', 'a set');
  }
  return encoded.length === 1 ? encoded[0] : ['set', encoded];
}

function encodeMap(type: ColumnType, value: NewValue, where: string): unknown {
  if (!(value instanceof Map)) throw bad(where, brief(value), 'a map');
  checkCount(type, value.size, where);
  const { key, value: base } = type;
  return [
    'map',
    [...value].map(([name, each]) => [
      encodeAtom(key, name, where),
      encodeAtom(base as BaseType, each, `${where}:${name}`),
    ]),
  ];
}

/** Writes one key or value. Throws `OVSDB_BAD_VALUE`. */
export function encodeAtom(base: BaseType, value: NewAtom, where: string): unknown {
  if (value instanceof NamedUuid) {
    if (base.type === 'uuid') return ['named-uuid', value.name];
    throw bad(where, 'a reference to a row', base.type);
  }
  if (!isAtomOf(base, value)) throw bad(where, brief(value), `of type ${base.type}`);
  if (base.enum && !base.enum.has(value)) {
    throw bad(where, brief(value), `one of ${[...base.enum].join(', ')}`);
  }
  if (base.type === 'uuid') {
    if (!UUID.test(value as string)) throw bad(where, brief(value), 'a UUID');
    return ['uuid', value];
  }
  checkRange(base, value, where);
  return value;
}

function checkRange({ least, most, type }: BaseType, value: Atom, where: string): void {
  if (typeof value === 'boolean') return;
  const size = typeof value === 'string' ? [...value].length : value;
  const what = type === 'string' ? ' characters' : '';
  if (least !== undefined && size < least) throw bad(where, `${size}`, `at least ${least}${what}`);
  if (most !== undefined && size > most) throw bad(where, `${size}`, `at most ${most}${what}`);
}

function checkCount({ min, max }: ColumnType, count: number, where: string): void {
  if (count < min || count > max) throw bad(where, `${count} values`, `${min} to ${max} values`);
}

function bad(where: string, is: string, expected: string) {
  return ovsdbFault('OVSDB_BAD_VALUE', `${where} is ${is}, expected ${expected}`);
}

function malformed(what: string) {
  return ovsdbFault('OVSDB_MALFORMED', what);
}

// ---------------------------------------------------------------- comparing and changing

export function sameValue(a: Value, b: Value): boolean {
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const others = new Set(b);
    return a.length === b.length && a.every((each) => others.has(each));
  }
  return a === b;
}

/**
 * Applies the difference that `update2` sends for a column (ovsdb-server(7), monitor_cond): a new
 * value for columns of at most one, what to add or take away for sets, and pairs to add, replace or
 * (when they are the same) take away for maps.
 */
export function patched(type: ColumnType, before: Value, difference: Value): Value {
  if (type.value) return patchedMap(before as Map<Atom, Atom>, difference as Map<Atom, Atom>);
  if (type.max <= 1) return difference;
  const members = new Set(before as readonly Atom[]);
  for (const each of difference as readonly Atom[]) {
    if (!members.delete(each)) members.add(each);
  }
  return [...members];
}

function patchedMap(before: ReadonlyMap<Atom, Atom>, difference: ReadonlyMap<Atom, Atom>): Value {
  const after = new Map(before);
  for (const [key, value] of difference) {
    if (after.get(key) === value) after.delete(key);
    else after.set(key, value);
  }
  return after;
}
