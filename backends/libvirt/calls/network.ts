/** Virtual networks (virNetwork*). */
import { procedure } from '../procedure.ts';
import { NetworkRef, text } from '../references.ts';
import { int, list, nothing, optional, struct, uint } from '../xdr.ts';

const NETWORKS_MAX = 16_384;

const onNetwork = struct({ net: NetworkRef });

export const NETWORK_CALLS = {
  network_create: procedure(39, onNetwork, nothing),
  network_define_xml: procedure(41, struct({ xml: text }), struct({ net: NetworkRef })),
  network_destroy: procedure(42, onNetwork, nothing),
  network_lookup_by_name: procedure(46, struct({ name: text }), struct({ net: NetworkRef })),
  network_undefine: procedure(49, onNetwork, nothing),
  network_is_active: procedure(152, onNetwork, struct({ active: int })),
  connect_list_all_networks: procedure(
    283,
    struct({ need_results: int, flags: uint }),
    struct({ nets: list(NetworkRef, NETWORKS_MAX), count: uint }),
  ),
  connect_network_event_register_any: procedure(
    313,
    struct({ event_id: int, net: optional(NetworkRef) }),
    struct({ callback_id: int }),
  ),
} as const;
