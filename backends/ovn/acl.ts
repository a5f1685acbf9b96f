import type { z } from 'zod';
import { byUuid, type Transaction } from '../ovsdb/transaction.ts';
import type { NamedUuid } from '../ovsdb/values.ts';
import type { Databases } from './databases.ts';
import { ovnFault } from './faults.ts';
import { OVN_PARAMS } from './params.ts';
import { nameOf, referred, rowKind } from './row-kind.ts';
import type { NbRow } from './shape.ts';

type AclSpec = z.infer<typeof OVN_PARAMS.acl.create>;

/**
 * Access rules: all ACL rows of one name, on a switch or a port group. OVN takes a match that does not
 * parse and only logs it, on the chassis, so nothing here can show the state `invalid`.
 */
export const acl = rowKind({
  kind: 'acl',
  table: 'ACL',
  named: 'name',
  params: OVN_PARAMS.acl,
  isGroup: true,
  create(change, name, params, databases) {
    const { table, uuid } = holder(name, params, databases);
    const rows = insertRules(change, name, params.rules);
    change.mutate(table, byUuid(uuid), [['acls', 'insert', rows]]);
  },
  update(change, rows, params, databases) {
    const name = nameOf(rows[0], 'name');
    if (!params.rules) return;
    const inserted = insertRules(change, name, params.rules);
    for (const { table, uuid } of holders(rows, databases)) {
      change.mutate(table, byUuid(uuid), [['acls', 'insert', inserted]]);
    }
    release(change, rows, databases);
  },
  delete: release,
  attributes: (rows, databases) => ({
    rules: rows.length,
    ...heldBy(rows[0], databases),
  }),
  touched: ({ table, row }, { northbound }) =>
    HOLDERS.some((each) => each === table)
      ? northbound
          .rowsOf('ACL', row['acls'] as readonly string[])
          .map((each) => nameOf(each, 'name'))
      : [],
});

const HOLDERS = ['Logical_Switch', 'Port_Group'] as const;

function holder(name: string, { switch: on, port_group }: AclSpec, databases: Databases) {
  const table = on === undefined ? 'Port_Group' : 'Logical_Switch';
  const held = on ?? port_group;
  if (held === undefined) throw ovnFault('OVN_BAD_PARAMS', `${name}: no switch, no port_group`);
  const { _uuid } = referred(databases, table, 'name', held, name);
  return { table, uuid: _uuid };
}

function heldBy(row: NbRow<'ACL'>, { northbound }: Databases): Record<string, string> {
  const [on] = northbound.where('Logical_Switch', 'acls', row._uuid);
  if (on) return { switch: nameOf(on, 'name') };
  const [group] = northbound.where('Port_Group', 'acls', row._uuid);
  return group ? { port_group: group.name } : {};
}

/** Names of ACLs are at most this long (ovn-nb(5)). */
const NAME_CHARACTERS_MAX = 63;

function insertRules(
  change: Transaction,
  name: string,
  rules: AclSpec['rules'],
): readonly NamedUuid[] {
  if (name.length > NAME_CHARACTERS_MAX) {
    throw ovnFault('OVN_BAD_PARAMS', `${name}: longer than ${NAME_CHARACTERS_MAX} characters`);
  }
  return rules.map((rule) => change.insert('ACL', { name, ...rule }));
}

/** Everything that refers to any of the rows. */
function holders(rows: readonly NbRow<'ACL'>[], { northbound }: Databases) {
  return HOLDERS.flatMap((table) => {
    const found = rows.flatMap(({ _uuid }) => northbound.where(table, 'acls', _uuid));
    return [...new Set(found.map(({ _uuid }) => _uuid))].map((uuid) => ({ table, uuid }));
  });
}

/** Rows that nothing refers to any more are collected by the server. */
function release(change: Transaction, rows: readonly NbRow<'ACL'>[], databases: Databases): void {
  const uuids = rows.map(({ _uuid }) => _uuid);
  for (const { table, uuid } of holders(rows, databases)) {
    change.mutate(table, byUuid(uuid), [['acls', 'delete', uuids]]);
  }
}
