/** Storage pools and volumes (virStoragePool*, virStorageVol*). */
import { procedure } from '../procedure.ts';
import { PoolRef, text, VolumeRef } from '../references.ts';
import { int, list, nothing, optional, struct, uhyper, uint } from '../xdr.ts';

const POOLS_MAX = 4_096;
const VOLUMES_MAX = 16_384;

const onPool = struct({ pool: PoolRef });
const onPoolWithFlags = struct({ pool: PoolRef, flags: uint });
const onVolume = struct({ vol: VolumeRef });
const onVolumeWithFlags = struct({ vol: VolumeRef, flags: uint });

export const STORAGE_CALLS = {
  storage_pool_define_xml: procedure(
    77,
    struct({ xml: text, flags: uint }),
    struct({ pool: PoolRef }),
  ),
  storage_pool_create: procedure(78, onPoolWithFlags, nothing),
  storage_pool_build: procedure(79, onPoolWithFlags, nothing),
  storage_pool_destroy: procedure(80, onPool, nothing),
  storage_pool_undefine: procedure(82, onPool, nothing),
  storage_pool_refresh: procedure(83, onPoolWithFlags, nothing),
  storage_pool_lookup_by_name: procedure(84, struct({ name: text }), struct({ pool: PoolRef })),
  storage_pool_get_info: procedure(
    87,
    onPool,
    // `state` is an unsigned char, which takes a whole word on the wire.
    struct({ state: uint, capacity: uhyper, allocation: uhyper, available: uhyper }),
  ),
  storage_vol_create_xml: procedure(
    93,
    struct({ pool: PoolRef, xml: text, flags: uint }),
    struct({ vol: VolumeRef }),
  ),
  storage_vol_delete: procedure(94, onVolumeWithFlags, nothing),
  storage_vol_lookup_by_name: procedure(
    95,
    struct({ pool: PoolRef, name: text }),
    struct({ vol: VolumeRef }),
  ),
  storage_vol_get_info: procedure(
    98,
    onVolume,
    struct({ type: int, capacity: uhyper, allocation: uhyper }),
  ),
  storage_vol_wipe: procedure(165, onVolumeWithFlags, nothing),
  storage_vol_resize: procedure(
    260,
    struct({ vol: VolumeRef, capacity: uhyper, flags: uint }),
    nothing,
  ),
  connect_list_all_storage_pools: procedure(
    281,
    struct({ need_results: int, flags: uint }),
    struct({ pools: list(PoolRef, POOLS_MAX), count: uint }),
  ),
  storage_pool_list_all_volumes: procedure(
    282,
    struct({ pool: PoolRef, need_results: int, flags: uint }),
    struct({ vols: list(VolumeRef, VOLUMES_MAX), count: uint }),
  ),
  connect_storage_pool_event_register_any: procedure(
    368,
    struct({ event_id: int, pool: optional(PoolRef) }),
    struct({ callback_id: int }),
  ),
} as const;
