import { byUuid } from '../ovsdb/transaction.ts';
import { given, map, OVN_PARAMS } from './params.ts';
import { rowKind } from './row-kind.ts';

/** What OVN answers to DHCP on ports that refer to it; the name is `external_ids:name`. */
export const dhcpOptions = rowKind({
  kind: 'dhcp-options',
  table: 'DHCP_Options',
  named: 'external_ids:name',
  params: OVN_PARAMS['dhcp-options'],
  create(change, name, { cidr, options }) {
    change.insert('DHCP_Options', {
      cidr,
      ...given({ options: map(options) }),
      external_ids: new Map([['name', name]]),
    });
  },
  update(change, [row], { cidr, options }) {
    change.update('DHCP_Options', byUuid(row._uuid), given({ cidr, options: map(options) }));
  },
  delete: (change, [row]) => change.delete('DHCP_Options', byUuid(row._uuid)),
  attributes: ([row], { northbound }) => ({
    cidr: row.cidr,
    ports: northbound.where('Logical_Switch_Port', 'dhcpv4_options', row._uuid).length,
  }),
});
