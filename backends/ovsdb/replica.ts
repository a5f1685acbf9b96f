import { brief } from './connection.ts';
import { ovsdbFault } from './faults.ts';
import type { ColumnType, DatabaseSchema } from './schema.ts';
import type { DatabaseShape, RowOf } from './shape.ts';
import { type Atom, decodeValue, patched, sameValue, UUID, type Value } from './values.ts';

type AnyRow = Readonly<Record<string, Value>> & { readonly _uuid: string };

/** One row that changed; `before` is undefined when it is new, `after` when it is gone. */
export interface RowChange {
  readonly table: string;
  readonly before: AnyRow | undefined;
  readonly after: AnyRow | undefined;
}

/**
 * The rows of the monitored tables as the server last told them. It changes in one step for each
 * message of the server, which is one or more whole transactions.
 */
export class Replica<Shape extends DatabaseShape> {
  readonly #shape: Shape;
  #tables = new Map<string, Map<string, AnyRow>>();
  /** By `table.column`: the UUIDs of the rows with a value. Built when first asked for. */
  readonly #indexes = new Map<string, Map<Value, Set<string>>>();

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  rows<T extends keyof Shape & string>(table: T): IterableIterator<RowOf<Shape[T]>> {
    return this.#table(table).values() as IterableIterator<unknown> as IterableIterator<
      RowOf<Shape[T]>
    >;
  }

  row<T extends keyof Shape & string>(table: T, uuid: string): RowOf<Shape[T]> | undefined {
    return this.#table(table).get(uuid) as RowOf<Shape[T]> | undefined;
  }

  /** The rows of UUIDs; those that are gone are left out. */
  rowsOf<T extends keyof Shape & string>(
    table: T,
    uuids: Iterable<string>,
  ): readonly RowOf<Shape[T]>[] {
    return [...uuids].flatMap((uuid) => this.row(table, uuid) ?? []);
  }

  /**
   * The rows whose column has a value (for sets: holds it); of a map one key, as `external_ids:name`.
   * Quick after the first time.
   */
  where<T extends keyof Shape & string>(
    table: T,
    column: (keyof Shape[T] & string) | `${keyof Shape[T] & string}:${string}`,
    value: Atom,
  ): readonly RowOf<Shape[T]>[] {
    return this.rowsOf(table, this.#index(table, column).get(value) ?? []);
  }

  /**
   * Takes in <table-updates2>; `isWhole` says that it holds every row there is. Returns what changed.
   * Throws `OVSDB_MALFORMED` before anything changes.
   */
  take(schema: DatabaseSchema, updates: unknown, isWhole: boolean): readonly RowChange[] {
    const changes: RowChange[] = [];
    for (const [table, rows] of entries(updates)) {
      if (!(table in this.#shape)) throw malformed(`an update of table ${brief(table)}`);
      for (const [uuid, update] of entries(rows)) {
        if (!UUID.test(uuid)) throw malformed(`${table}: a row ${brief(uuid)}`);
        const before = this.#table(table).get(uuid);
        const after = this.#updated(schema, table, uuid, before, update);
        if (!isWhole || !sameRow(before, after)) changes.push({ table, before, after });
      }
    }
    if (isWhole) changes.push(...this.#missingFrom(updates as Record<string, object>));
    for (const change of changes) this.#apply(change);
    return changes;
  }

  #updated(
    schema: DatabaseSchema,
    table: string,
    uuid: string,
    before: AnyRow | undefined,
    update: unknown,
  ): AnyRow | undefined {
    const [[how, columns] = []] = entries(update);
    if (how === 'delete') return undefined;
    const types = schema.tables.get(table);
    const isWhole = how === 'initial' || how === 'insert';
    if (!types || (!isWhole && how !== 'modify') || (how === 'modify' && !before)) {
      throw malformed(`${table} ${uuid}: ${brief(how)} of ${before ? 'a' : 'no'} known row`);
    }
    const row: Record<string, Value> = isWhole ? this.#blank(table, types) : { ...before };
    for (const [column, json] of entries(columns)) {
      if (!(column in this.#shape[table])) throw malformed(`${table}: a column ${brief(column)}`);
      const type = types.get(column) as ColumnType;
      const value = decodeValue(type, json, `${table}.${column}`);
      row[column] = isWhole ? value : patched(type, row[column], value);
    }
    return { ...row, _uuid: uuid };
  }

  /** The server leaves out columns that have their default value (ovsdb-server(7)). */
  #blank(table: string, types: ReadonlyMap<string, ColumnType>): Record<string, Value> {
    return Object.fromEntries(
      Object.keys(this.#shape[table]).map((column) => {
        return [column, defaultOf(types.get(column) as ColumnType)];
      }),
    );
  }

  #missingFrom(updates: Readonly<Record<string, object>>): readonly RowChange[] {
    return [...this.#tables].flatMap(([table, rows]) =>
      [...rows]
        .filter(([uuid]) => !(uuid in (updates[table] ?? {})))
        .map(([, before]) => ({ table, before, after: undefined })),
    );
  }

  #apply({ table, before, after }: RowChange): void {
    const uuid = (after ?? before)?._uuid as string;
    if (after) this.#table(table).set(uuid, after);
    else this.#table(table).delete(uuid);
    for (const [name, index] of this.#indexes) {
      const [its, column] = name.split('.');
      if (its !== table) continue;
      for (const key of keysOf(before, column)) index.get(key)?.delete(uuid);
      for (const key of keysOf(after, column)) addTo(index, key, uuid);
    }
  }

  #index(table: string, column: string): Map<Value, Set<string>> {
    const name = `${table}.${column}`;
    let index = this.#indexes.get(name);
    if (!index) {
      index = new Map();
      for (const [uuid, row] of this.#table(table)) {
        for (const key of keysOf(row, column)) addTo(index, key, uuid);
      }
      this.#indexes.set(name, index);
    }
    return index;
  }

  #table(table: string): Map<string, AnyRow> {
    let rows = this.#tables.get(table);
    if (!rows) {
      rows = new Map();
      this.#tables.set(table, rows);
    }
    return rows;
  }
}

function keysOf(row: AnyRow | undefined, column: string): readonly Value[] {
  const [name, key] = column.split(':');
  const value = row?.[name];
  if (value === undefined || value === null) return [];
  if (value instanceof Map) return value.has(key) ? [value.get(key) as Value] : [];
  return Array.isArray(value) ? value : [value];
}

function addTo(index: Map<Value, Set<string>>, key: Value, uuid: string): void {
  const uuids = index.get(key);
  if (uuids) uuids.add(uuid);
  else index.set(key, new Set([uuid]));
}

function defaultOf({ key, value, min, max }: ColumnType): Value {
  if (value) return new Map();
  if (max > 1) return [];
  if (min === 0) return null;
  return DEFAULTS[key.type];
}

/** RFC 7047, section 5.2.1. */
const DEFAULTS = {
  ...{ integer: 0, real: 0, boolean: false, string: '' },
  uuid: '00000000-0000-0000-0000-000000000000',
} as const;

function sameRow(a: AnyRow | undefined, b: AnyRow | undefined): boolean {
  if (!a || !b) return a === b;
  return Object.keys(b).every((column) => sameValue(a[column], b[column]));
}

function entries(json: unknown): [string, unknown][] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw malformed(`an update is ${brief(json)}`);
  }
  return Object.entries(json);
}

function malformed(what: string) {
  return ovsdbFault('OVSDB_MALFORMED', what);
}
