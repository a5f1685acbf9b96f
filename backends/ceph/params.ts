import { paramsReader, type VerbParams } from '../verb-params.ts';
import { BUCKET_PARAMS } from './bucket-verbs.ts';
import { CEPHFS_PARAMS, CLUSTER_PARAMS, CRUSH_RULE_PARAMS } from './daemon-verbs.ts';
import { cephFault } from './faults.ts';
import { GATEWAY_USER_PARAMS } from './gateway-users.ts';
import { IMAGE_PARAMS } from './image-verbs.ts';
import { OSD_PARAMS } from './osd-verbs.ts';
import { PG_PARAMS } from './pg-verbs.ts';
import { POOL_PARAMS } from './pool-verbs.ts';
import { USER_PARAMS } from './user-verbs.ts';
import { CONFIRMATIONS } from './verbs.ts';

/** What verbs take, by kind and verb. */
export const CEPH_PARAMS = {
  'ceph-cluster': CLUSTER_PARAMS,
  osd: OSD_PARAMS,
  pool: POOL_PARAMS,
  pg: PG_PARAMS,
  'crush-rule': CRUSH_RULE_PARAMS,
  'ceph-user': USER_PARAMS,
  cephfs: CEPHFS_PARAMS,
  'rbd-image': IMAGE_PARAMS,
  bucket: BUCKET_PARAMS,
  'rgw-user': GATEWAY_USER_PARAMS,
} as const satisfies VerbParams;

/**
 * What a verb is given. Throws CEPH_BAD_PARAMS, which names each mistake; CEPH_NOT_CONFIRMED when only
 * the confirmation is missing.
 */
export const paramsOf = paramsReader(CEPH_PARAMS, (what, fields) => {
  const isOnlyUnconfirmed = fields.every((field) => Object.hasOwn(CONFIRMATIONS, field));
  return cephFault(isOnlyUnconfirmed ? 'CEPH_NOT_CONFIRMED' : 'CEPH_BAD_PARAMS', what);
});
