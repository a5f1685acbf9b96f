import type { z } from 'zod';
import { byUuid } from '../ovsdb/transaction.ts';
import { given, OVN_PARAMS } from './params.ts';
import { nameOf, referred, rowKind } from './row-kind.ts';

/** NAT rules of routers; their name is `external_ids:name`, since OVN gives them none. */
export const nat = rowKind({
  kind: 'nat',
  table: 'NAT',
  named: 'external_ids:name',
  params: OVN_PARAMS.nat,
  create(change, name, params, databases) {
    const { router, type, external_ip, logical_ip } = params;
    const { _uuid } = referred(databases, 'Logical_Router', 'name', router, name);
    const row = change.insert('NAT', {
      ...{ type, external_ip, logical_ip },
      ...optional(params),
      external_ids: new Map([['name', name]]),
    });
    change.mutate('Logical_Router', byUuid(_uuid), [['nat', 'insert', row]]);
  },
  update(change, [row], params) {
    const { type, external_ip, logical_ip } = params;
    const columns = given({ type, external_ip, logical_ip });
    change.update('NAT', byUuid(row._uuid), { ...columns, ...optional(params) });
  },
  delete(change, [row], { northbound }) {
    for (const { _uuid } of northbound.where('Logical_Router', 'nat', row._uuid)) {
      change.mutate('Logical_Router', byUuid(_uuid), [['nat', 'delete', row._uuid]]);
    }
  },
  attributes([row], { northbound }) {
    const [router] = northbound.where('Logical_Router', 'nat', row._uuid);
    const { type, external_ip, logical_ip, logical_port } = row;
    return {
      ...{ type, external_ip, logical_ip },
      ...given({
        logical_port: logical_port ?? undefined,
        router: router && nameOf(router, 'name'),
      }),
    };
  },
});

function optional({ logical_port, external_mac }: z.infer<typeof OVN_PARAMS.nat.update>) {
  return given({ logical_port, external_mac });
}
