/**
 * What a driver expects of the tables it works with, as data: it is what is monitored, what is held
 * against the server's schema at connect, and the TypeScript type of a row.
 */
import { ovsdbFault } from './faults.ts';
import type { AtomicType, ColumnType, DatabaseSchema } from './schema.ts';

/** `string`, `string?` (optional), `string*` (set), `string:string` (map). */
export type ColumnShape =
  | AtomicType
  | `${AtomicType}?`
  | `${AtomicType}*`
  | `${AtomicType}:${AtomicType}`;

type AtomOf<A> = A extends 'integer' | 'real' ? number : A extends 'boolean' ? boolean : string;

type ValueOf<S> = S extends `${infer K}:${infer V}`
  ? ReadonlyMap<AtomOf<K>, AtomOf<V>>
  : S extends `${infer A}?`
    ? AtomOf<A> | null
    : S extends `${infer A}*`
      ? readonly AtomOf<A>[]
      : AtomOf<S>;

export type TableShape = Readonly<Record<string, ColumnShape>>;
export type DatabaseShape = Readonly<Record<string, TableShape>>;
export type RowOf<S extends TableShape> = { readonly [C in keyof S]: ValueOf<S[C]> } & {
  readonly _uuid: string;
};

/** Throws `OVSDB_SCHEMA_UNSUPPORTED` for the first column that is missing or of another shape. */
export function checkShape(schema: DatabaseSchema, shape: DatabaseShape): void {
  for (const [table, columns] of Object.entries(shape)) {
    for (const [column, expected] of Object.entries(columns)) {
      const type = schema.tables.get(table)?.get(column);
      const found = type && shapeOf(type);
      if (found === expected) continue;
      const is = found === undefined ? 'is missing' : `is ${found}, expected ${expected}`;
      const where = `${schema.name} ${schema.version}: ${table}.${column}`;
      throw ovsdbFault('OVSDB_SCHEMA_UNSUPPORTED', `${where} ${is}`);
    }
  }
}

function shapeOf({ key, value, min, max }: ColumnType): ColumnShape {
  if (value) return `${key.type}:${value.type}`;
  if (max > 1) return `${key.type}*`;
  return min === 0 ? `${key.type}?` : key.type;
}
