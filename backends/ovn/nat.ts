import type { z } from 'zod';
import { byUuid } from '../ovsdb/transaction.ts';
import { given, NatParams, required } from './params.ts';
import { nameOf, referred, rowKind } from './row-kind.ts';

/** NAT rules of routers; their name is `external_ids:name`, since OVN gives them none. */
export const nat = rowKind({
  kind: 'nat',
  table: 'NAT',
  named: 'external_ids:name',
  params: NatParams,
  create(change, name, params, databases) {
    const { router, type, external_ip, logical_ip } = params;
    const on = required(router, 'router', name);
    const { _uuid } = referred(databases, 'Logical_Router', 'name', on, name);
    const row = change.insert('NAT', {
      type: required(type, 'type', name),
      external_ip: required(external_ip, 'external_ip', name),
      logical_ip: required(logical_ip, 'logical_ip', name),
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

function optional({ logical_port, external_mac }: z.infer<typeof NatParams>) {
  return given({ logical_port, external_mac });
}
