/** What kinds whose entity is a row of the northbound database have in common: `model/sdn/northbound.ts`. */
import type { z } from 'zod';
import type { Replica } from '../ovsdb/replica.ts';
import type { Transaction, Where } from '../ovsdb/transaction.ts';
import { UUID } from '../ovsdb/values.ts';
import type { Databases } from './databases.ts';
import { ovnFault } from './faults.ts';
import {
  ABSENT,
  acting,
  type OvnKind,
  type Seen,
  type TouchedRow,
  type VerbContext,
} from './kind.ts';
import { paramsOf } from './params.ts';
import type { NbRow, NbShape } from './shape.ts';

type Table = keyof NbShape & string;

/** How the rows of a table are named: by their column `name`, or by `external_ids:name`. */
type NameColumn = 'name' | 'external_ids:name';

export interface RowKindSpec<T extends Table, C extends z.ZodObject, U extends z.ZodObject> {
  readonly kind: string;
  readonly table: T;
  readonly named: NameColumn;
  readonly params: { readonly create: C; readonly update: U };
  /** An entity may be several rows of the same name. */
  readonly isGroup?: true;
  create(change: Transaction, name: string, params: z.infer<C>, databases: Databases): void;
  update(
    change: Transaction,
    rows: readonly NbRow<T>[],
    params: z.infer<U>,
    databases: Databases,
  ): void;
  delete(change: Transaction, rows: readonly NbRow<T>[], databases: Databases): void;
  attributes(rows: readonly NbRow<T>[], databases: Databases): Seen['attributes'];
  /** Its state when it is not simply `active`. */
  state?(rows: readonly NbRow<T>[], databases: Databases): Pick<Seen, 'state' | 'reason'>;
  /** Names of entities that a change of another table may bear upon. */
  touched?(changed: TouchedRow, databases: Databases): Iterable<string>;
}

export function rowKind<T extends Table, C extends z.ZodObject, U extends z.ZodObject>(
  spec: RowKindSpec<T, C, U>,
): OvnKind {
  const find = (name: string, databases: Databases) =>
    namedRows(databases.northbound, spec.table, spec.named, name);
  return {
    kind: spec.kind,
    touched: (changed, databases) =>
      changed.table === spec.table
        ? [nameOf(changed.row, spec.named)]
        : (spec.touched?.(changed, databases) ?? []),
    names: (databases) =>
      new Set([...databases.northbound.rows(spec.table)].map((row) => nameOf(row, spec.named))),
    observe(name, databases, passing) {
      const rows = find(name, databases);
      if (rows.length === 0) return ABSENT;
      const seen = passing
        ? { state: passing }
        : (spec.state?.(rows, databases) ?? { state: 'active' });
      return { ...seen, attributes: spec.attributes(rows, databases) };
    },
    verbs: {
      create: (context) => create(spec, context, find(context.name, context.databases)),
      update: (context) => update(spec, context, find(context.name, context.databases)),
      delete: (context) => remove(spec, context, find(context.name, context.databases)),
    },
  };
}

async function create<T extends Table, C extends z.ZodObject>(
  spec: RowKindSpec<T, C, z.ZodObject>,
  context: VerbContext,
  there: readonly NbRow<T>[],
): Promise<void> {
  const { name, databases } = context;
  const params = paramsOf(context.action, spec.params.create);
  if (there.length > 0) throw ovnFault('OVN_EXISTS', `${spec.kind} ${name}`);
  context.passing('creating');
  await changed(context, (change) => {
    // OVSDB itself would take a second row of the same name.
    change.expect(spec.table, whereNamed(spec.named, name), []);
    spec.create(change, name, params, databases);
  });
}

async function update<T extends Table, U extends z.ZodObject>(
  spec: RowKindSpec<T, z.ZodObject, U>,
  context: VerbContext,
  there: readonly NbRow<T>[],
): Promise<void> {
  const { name, databases } = context;
  const params = paramsOf(context.action, spec.params.update);
  if (there.length === 0) throw ovnFault('OVN_UNKNOWN', `${spec.kind} ${name}`);
  refuseAmbiguity(spec, name, there);
  context.passing('updating');
  await changed(context, (change) => spec.update(change, there, params, databases));
}

/** What is not there need not be deleted. */
async function remove<T extends Table>(
  spec: RowKindSpec<T, z.ZodObject, z.ZodObject>,
  context: VerbContext,
  there: readonly NbRow<T>[],
): Promise<void> {
  if (there.length === 0) return;
  refuseAmbiguity(spec, context.name, there);
  context.passing('deleting');
  await changed(context, (change) => spec.delete(change, there, context.databases));
}

/** Commits a change and waits until it is in effect on every chassis. */
export async function changed(
  context: VerbContext,
  build: (change: Transaction) => void,
): Promise<void> {
  const { attempt, databases, name } = context;
  const count = await databases.change(build, acting(attempt));
  attempt.effect('done');
  const what = `${name}: waiting for the chassis to follow`;
  await databases.until(what, () => databases.inEffect(count), attempt.signal);
}

function refuseAmbiguity<T extends Table>(
  spec: RowKindSpec<T, z.ZodObject, z.ZodObject>,
  name: string,
  rows: readonly NbRow<T>[],
): void {
  if (rows.length > 1 && !spec.isGroup) {
    throw ovnFault('OVN_AMBIGUOUS', `${spec.kind} ${name}: ${rows.length} rows`);
  }
}

// ---------------------------------------------------------------- names

/** The rows of a name; a row without a name goes by its UUID. */
export function namedRows<T extends Table>(
  replica: Replica<NbShape>,
  table: T,
  named: NameColumn,
  name: string,
): readonly NbRow<T>[] {
  const column = named as Parameters<typeof replica.where<T>>[1];
  const rows = replica.where(table, column, name) as readonly NbRow<T>[];
  if (rows.length > 0 || !UUID.test(name)) return rows;
  const row = replica.row(table, name) as NbRow<T> | undefined;
  return row && nameOf(row, named) === name ? [row] : [];
}

export function nameOf(row: Readonly<Record<string, unknown>>, named: NameColumn): string {
  const ids = row['external_ids'];
  const name = named === 'name' ? row['name'] : ids instanceof Map ? ids.get('name') : undefined;
  return typeof name === 'string' && name !== '' ? name : (row['_uuid'] as string);
}

function whereNamed(named: NameColumn, name: string): Where {
  if (named === 'name') return [['name', '==', name]];
  return [['external_ids', 'includes', new Map([['name', name]])]];
}

/** The one row of a name that something refers to. Throws `OVN_UNKNOWN`, `OVN_AMBIGUOUS`. */
export function referred<T extends Table>(
  databases: Databases,
  table: T,
  named: NameColumn,
  name: string,
  by: string,
): NbRow<T> {
  const [row, ...others] = namedRows(databases.northbound, table, named, name);
  if (!row) throw ovnFault('OVN_UNKNOWN', `${table} ${name}, for ${by}`);
  if (others.length > 0) throw ovnFault('OVN_AMBIGUOUS', `${table} ${name}, for ${by}`);
  return row;
}
