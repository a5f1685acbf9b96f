import { byUuid } from '../ovsdb/transaction.ts';
import { given, map, OVN_PARAMS } from './params.ts';
import { rowKind } from './row-kind.ts';

/** Logical switches; deleting one takes its ports with it, as in OVN. */
export const logicalSwitch = rowKind({
  kind: 'logical-switch',
  table: 'Logical_Switch',
  named: 'name',
  params: OVN_PARAMS['logical-switch'],
  create(change, name, { other_config, external_ids }) {
    const columns = given({ other_config: map(other_config), external_ids: map(external_ids) });
    change.insert('Logical_Switch', { name, ...columns });
  },
  update(change, [row], { other_config, external_ids }) {
    const columns = given({ other_config: map(other_config), external_ids: map(external_ids) });
    change.update('Logical_Switch', byUuid(row._uuid), columns);
  },
  delete: (change, [row]) => change.delete('Logical_Switch', byUuid(row._uuid)),
  attributes: ([row]) => ({
    uuid: row._uuid,
    ports: row.ports.length,
    ...given({ subnet: row.other_config.get('subnet') }),
  }),
});
