import { brief, errorFault } from './connection.ts';
import { ovsdbFault } from './faults.ts';
import type { ColumnType, DatabaseSchema, TableSchema } from './schema.ts';
import { encodeValue, NamedUuid, type NewValue } from './values.ts';

export type NewRow = Readonly<Record<string, NewValue>>;
type Condition = readonly [column: string, operator: '==' | '!=' | 'includes', value: NewValue];
export type Where = readonly Condition[];
type Mutator = '+=' | '-=' | 'insert' | 'delete';
type Mutation = readonly [column: string, mutator: Mutator, value: NewValue];

/** What became of one operation. */
export interface OperationResult {
  /** Rows that an update, a mutation or a deletion met. */
  readonly count?: number;
  /** The UUID of an inserted row. */
  readonly uuid?: string;
  /** Selected rows, still in the notation of the protocol. */
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
}

export function byUuid(uuid: string): Where {
  return [['_uuid', '==', uuid]];
}

const UUID_COLUMN: ColumnType = { key: { type: 'uuid' }, min: 1, max: 1, mutable: false };

/** Operations that take effect together or not at all; every value is checked as it is added. */
export class Transaction {
  readonly operations: Readonly<Record<string, unknown>>[] = [];
  readonly #schema: DatabaseSchema;
  #inserts = 0;

  constructor(schema: DatabaseSchema) {
    this.#schema = schema;
  }

  /** Returns what stands for the new row in the rest of the transaction. */
  insert(table: string, row: NewRow): NamedUuid {
    const named = new NamedUuid(`row${++this.#inserts}`);
    this.#add({ op: 'insert', table, row: this.#row(table, row), 'uuid-name': named.name });
    return named;
  }

  update(table: string, where: Where, row: NewRow): void {
    for (const column of Object.keys(row)) {
      if (!this.#column(table, column).mutable) {
        throw ovsdbFault('OVSDB_BAD_VALUE', `${table}.${column} never changes`);
      }
    }
    this.#add({
      op: 'update',
      table,
      where: this.#where(table, where),
      row: this.#row(table, row),
    });
  }

  mutate(table: string, where: Where, mutations: readonly Mutation[]): void {
    this.#add({
      ...{ op: 'mutate', table, where: this.#where(table, where) },
      mutations: mutations.map(([column, mutator, value]) => [
        column,
        mutator,
        encodeValue(mutated(this.#column(table, column), mutator), value, `${table}.${column}`),
      ]),
    });
  }

  delete(table: string, where: Where): void {
    this.#add({ op: 'delete', table, where: this.#where(table, where) });
  }

  select(table: string, where: Where, columns: readonly string[]): void {
    this.#add({ op: 'select', table, where: this.#where(table, where), columns });
  }

  /** Nothing of the transaction happens unless exactly these rows are there. */
  expect(table: string, where: Where, rows: readonly NewRow[]): void {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    this.#add({
      ...{ op: 'wait', timeout: 0, table, where: this.#where(table, where), until: '==' },
      columns: columns.length > 0 ? columns : ['_uuid'],
      rows: rows.map((row) => this.#row(table, row)),
    });
  }

  /** A line for the server's log of the database, as the tools leave one. */
  comment(text: string): void {
    this.#add({ op: 'comment', comment: text });
  }

  #add(operation: Readonly<Record<string, unknown>>): void {
    this.operations.push(operation);
  }

  #row(table: string, row: NewRow): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      Object.entries(row).map(([column, value]) => [
        column,
        encodeValue(this.#column(table, column), value, `${table}.${column}`),
      ]),
    );
  }

  #where(table: string, where: Where): readonly unknown[] {
    return where.map(([column, operator, value]) => [
      column,
      operator,
      encodeValue(compared(this.#column(table, column), operator), value, `${table}.${column}`),
    ]);
  }

  #column(table: string, column: string): ColumnType {
    if (column === '_uuid') return UUID_COLUMN;
    const found = (this.#schema.tables.get(table) as TableSchema | undefined)?.get(column);
    if (found) return found;
    const { name, version } = this.#schema;
    throw ovsdbFault('OVSDB_SCHEMA_UNSUPPORTED', `${name} ${version}: no ${table}.${column}`);
  }
}

/** Keys of a map may be deleted without their values; any number may be added or taken away. */
function mutated(type: ColumnType, mutator: Mutator): ColumnType {
  const { value, ...keys } = type;
  const some = { ...(mutator === 'delete' ? keys : type), min: 0 };
  return mutator === 'insert' || mutator === 'delete' ? some : type;
}

function compared(type: ColumnType, operator: Condition[1]): ColumnType {
  return operator === 'includes' ? { ...type, min: 0 } : type;
}

/**
 * Reads the answer to `transact` (RFC 7047, 4.1.3): a failed operation has an error in its place and
 * null for those after it; a commit that fails has one more element than there were operations.
 */
export function transactionResults(
  answer: unknown,
  operations: Transaction['operations'],
): readonly OperationResult[] {
  if (!Array.isArray(answer) || answer.length > operations.length + 1) {
    throw ovsdbFault('OVSDB_MALFORMED', `transact: ${brief(answer)}`);
  }
  const failed = answer.findIndex((each) => each?.error !== undefined && each.error !== null);
  if (failed >= 0) {
    const { op = 'commit', table } = operations[failed] ?? {};
    throw errorFault(table === undefined ? `${op}` : `${op} ${table}`, answer[failed]);
  }
  if (answer.length !== operations.length || answer.some((each) => !isResult(each))) {
    throw ovsdbFault('OVSDB_MALFORMED', `transact: ${brief(answer)}`);
  }
  return answer.map(({ count, uuid, rows }) => ({
    ...(count === undefined ? {} : { count }),
    ...(uuid === undefined ? {} : { uuid: uuid[1] }),
    ...(rows === undefined ? {} : { rows }),
  }));
}

function isResult(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const { count, uuid, rows } = json as Readonly<Record<string, unknown>>;
  return (
    (count === undefined || typeof count === 'number') &&
    (uuid === undefined || (Array.isArray(uuid) && typeof uuid[1] === 'string')) &&
    (rows === undefined || Array.isArray(rows))
  );
}
