/** Snapshots of domains (virDomainSnapshot*). */
import { procedure } from '../procedure.ts';
import { DomainRef, SnapshotRef, text } from '../references.ts';
import { int, list, nothing, struct, uint } from '../xdr.ts';

const SNAPSHOTS_MAX = 1_024;

const onSnapshot = struct({ snap: SnapshotRef, flags: uint });
const theSnapshot = struct({ snap: SnapshotRef });

export const SNAPSHOT_CALLS = {
  domain_snapshot_create_xml: procedure(
    185,
    struct({ dom: DomainRef, xml: text, flags: uint }),
    theSnapshot,
  ),
  domain_snapshot_lookup_by_name: procedure(
    189,
    struct({ dom: DomainRef, name: text, flags: uint }),
    theSnapshot,
  ),
  domain_revert_to_snapshot: procedure(192, onSnapshot, nothing),
  domain_snapshot_delete: procedure(193, onSnapshot, nothing),
  domain_list_all_snapshots: procedure(
    274,
    struct({ dom: DomainRef, need_results: int, flags: uint }),
    struct({ snapshots: list(SnapshotRef, SNAPSHOTS_MAX), count: int }),
  ),
} as const;
