import type { KindDefinition } from '../kind.ts';
import { bucket } from './bucket.ts';
import { cephCluster } from './ceph-cluster.ts';
import { cephfs } from './cephfs.ts';
import { mds } from './mds.ts';
import { mgr } from './mgr.ts';
import { mon } from './mon.ts';
import { osd } from './osd.ts';
import { pg } from './pg.ts';
import { pool } from './pool.ts';
import { rbdImage } from './rbd-image.ts';
import { rgw } from './rgw.ts';

/** Every kind of the SDS layer. */
export const KINDS: readonly KindDefinition[] = [
  cephCluster,
  mon,
  mgr,
  osd,
  pool,
  pg,
  rbdImage,
  cephfs,
  mds,
  rgw,
  bucket,
];
