import type { Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { bucketVerbs } from './bucket-verbs.ts';
import { bucketObservations } from './buckets.ts';
import { clusterObservation } from './cluster.ts';
import { crushRuleObservations } from './crush-rules.ts';
import {
  CEPHFS_ORDER,
  CEPHFS_VERBS,
  CLUSTER_VERBS,
  CRUSH_RULE_VERBS,
  MDS_VERBS,
  MGR_VERBS,
} from './daemon-verbs.ts';
import { fileSystemObservations, mdsObservations } from './fs-map.ts';
import { gatewayUser, gatewayUserObservations, gatewayUserVerbs } from './gateway-users.ts';
import { IMAGE_VERBS } from './image-verbs.ts';
import { imageObservation, imageObservations } from './images.ts';
import { mgrObservations } from './mgr-map.ts';
import { monObservations } from './mon-map.ts';
import { osdObservations } from './osd-map.ts';
import { OSD_VERBS } from './osd-verbs.ts';
import { PgReader } from './pg-map.ts';
import { PG_ORDER, PG_VERBS } from './pg-verbs.ts';
import { POOL_VERBS } from './pool-verbs.ts';
import { poolObservations } from './pools.ts';
import type { RadosgwAdmin } from './radosgw-admin.ts';
import type { S3 } from './s3.ts';
import { gatewayObservations } from './service-map.ts';
import { USER_VERBS } from './user-verbs.ts';
import { userObservations } from './users.ts';
import type { Verbs } from './verbs.ts';
import type { View } from './view.ts';

/** How often a kind is looked at while somebody listens. */
export type Pace = 'maps' | 'images' | 'slow';

/** What was last seen, for what Ceph itself forgets. */
export interface Memory {
  /** Every entity of a kind that was seen and not known to be gone. */
  all(kind: string): readonly Observation[];
  one(kind: string, entity: string): Observation | undefined;
}

/** One kind of entity as the driver knows it. */
export interface CephKind {
  readonly kind: string;
  readonly pace: Pace;
  readonly verbs: Verbs;
  readonly order?: ActOrder;
  /** Undefined: nobody can say now, which is not the same as that there are none. */
  readonly list: (view: View, memory: Memory) => Promise<readonly Observation[] | undefined>;
  /** One entity, where that is not simply one of the list. */
  readonly one?: (view: View, name: string, memory: Memory) => Promise<Observation>;
  /** A daemon that does not run is in no map: one that was seen before is down. */
  readonly isForgotten?: true;
}

export interface KindParts {
  readonly cluster: string;
  readonly admin: RadosgwAdmin;
  readonly s3: () => S3;
}

/** Every kind of the layer that the driver observes, and what else it manages. */
export function cephKinds({ cluster, admin, s3 }: KindParts): readonly CephKind[] {
  const pgs = new PgReader(() => performance.now() / 1000);
  return [
    {
      kind: 'ceph-cluster',
      pace: 'maps',
      verbs: CLUSTER_VERBS,
      list: async (view, memory) => [
        await clusterObservation(view, cluster, memory.one('ceph-cluster', cluster)),
      ],
    },
    { kind: 'mon', pace: 'maps', verbs: {}, list: monObservations },
    { kind: 'mgr', pace: 'maps', verbs: MGR_VERBS, list: mgrObservations, isForgotten: true },
    { kind: 'osd', pace: 'maps', verbs: OSD_VERBS, list: osdObservations },
    { kind: 'pool', pace: 'maps', verbs: POOL_VERBS, list: poolObservations },
    { kind: 'pg', pace: 'maps', verbs: PG_VERBS, order: PG_ORDER, list: (view) => pgs.list(view) },
    { kind: 'crush-rule', pace: 'slow', verbs: CRUSH_RULE_VERBS, list: crushRuleObservations },
    { kind: 'ceph-user', pace: 'slow', verbs: USER_VERBS, list: userObservations },
    {
      kind: 'cephfs',
      pace: 'maps',
      verbs: CEPHFS_VERBS,
      order: CEPHFS_ORDER,
      list: fileSystemObservations,
    },
    { kind: 'mds', pace: 'maps', verbs: MDS_VERBS, list: mdsObservations, isForgotten: true },
    { kind: 'rgw', pace: 'maps', verbs: {}, list: gatewayObservations, isForgotten: true },
    {
      kind: 'rbd-image',
      pace: 'images',
      verbs: IMAGE_VERBS,
      list: (view, memory) => imageObservations(view, memory.all('rbd-image')),
      one: (view, name, memory) => imageObservation(view, name, memory.one('rbd-image', name)),
    },
    {
      kind: 'bucket',
      pace: 'slow',
      verbs: bucketVerbs(s3, admin),
      list: (view) => bucketObservations(view, admin),
    },
    {
      kind: 'rgw-user',
      pace: 'slow',
      verbs: gatewayUserVerbs(admin),
      list: (view) => gatewayUserObservations(view, admin),
      one: (view, name) => gatewayUser(admin, name, view.signal),
    },
  ];
}
