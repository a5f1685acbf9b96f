import type { ProfileTimings } from '../../profile.ts';

const MEASURED = 'measured: Ceph 16.2.15 on Debian 12, 2 cores';
const TUNED = 'set on the test bench (Ceph 16.2.15)';

/** A small Ceph with shortened timeouts, as it was run on the test bench. */
export const LAB_SDS: ProfileTimings = {
  'ceph-cluster.elect': {
    distribution: { type: 'uniform', min: 1, max: 2 },
    source: `${MEASURED}: quorum back 4.5 s after the leader was killed, with the lease`,
  },
  'ceph-cluster.settle': {
    distribution: { type: 'constant', value: 60 },
    source: 'assumption: how long the OSDs that are missing are waited for',
  },
  'mon.start': {
    distribution: { type: 'uniform', min: 0.5, max: 1.5 },
    source: `${MEASURED}: 3 mons in quorum within some seconds of their start`,
  },
  'mon.synchronize': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: the store of a new cluster is a few MB',
  },
  'mon.lease_timeout': {
    distribution: { type: 'uniform', min: 2.5, max: 3.5 },
    source: `${TUNED}: mon_lease 1.5 s, acknowledgements due in twice that`,
  },
  'mgr.start': {
    distribution: { type: 'uniform', min: 1, max: 2 },
    source: 'assumption: the daemon loads its modules',
  },
  'mgr.activate': {
    distribution: { type: 'uniform', min: 1.2, max: 1.6 },
    source: `${MEASURED}: ceph mgr fail to a new active mgr 1.4 s`,
  },
  'mgr.beacon_grace': {
    distribution: { type: 'uniform', min: 8.5, max: 10.5 },
    source: `${MEASURED}: failover 10-12 s in all, with mon_mgr_beacon_grace 8 s`,
  },
  'osd.prepare': {
    distribution: { type: 'uniform', min: 1, max: 2 },
    source: `${MEASURED}: ceph-osd --mkfs on a sparse file; 6 OSDs in about 15 s`,
  },
  'osd.boot': {
    distribution: { type: 'uniform', min: 2, max: 7 },
    source: `${MEASURED}: restart to up 2-7 s`,
  },
  'osd.miss_heartbeats': {
    distribution: { type: 'uniform', min: 24, max: 26 },
    source: `${MEASURED}: a stopped daemon is laggy after 6 s and down after 25 s`,
  },
  'osd.refuse_connections': {
    distribution: { type: 'uniform', min: 0.3, max: 0.9 },
    source: `${MEASURED}: killed to down below 1 s`,
  },
  'osd.wait_down_out': {
    distribution: { type: 'constant', value: 15 },
    source: `${TUNED}: mon_osd_down_out_interval; a scenario says its own`,
  },
  'pool.stuck_inactive': {
    distribution: { type: 'constant', value: 60 },
    source: 'docs.ceph.com, default of: mon_pg_stuck_threshold 60 s, not changed on the test bench',
  },
  'pool.delete': {
    distribution: { type: 'uniform', min: 1, max: 2 },
    source: 'assumption: a few objects',
  },
  'pg.create': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: `${MEASURED}: a pool of 16 active+clean some seconds after its creation`,
  },
  'pg.peer': {
    distribution: { type: 'uniform', min: 1, max: 2.5 },
    source: `${MEASURED}: OSD killed to active+undersized+degraded 3-5 s in all`,
  },
  'pg.activate': {
    distribution: { type: 'uniform', min: 0.5, max: 1.5 },
    source: `${MEASURED}: OSD killed to active+undersized+degraded 3-5 s in all`,
  },
  'pg.reserve_recovery': {
    distribution: { type: 'uniform', min: 0.1, max: 0.5 },
    source: 'assumption: messages to the OSDs concerned',
  },
  'pg.reserve_backfill': {
    distribution: { type: 'uniform', min: 0.1, max: 0.5 },
    source: 'assumption: messages to the OSDs concerned',
  },
  'pg.recover': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: `${MEASURED}: out to active+clean 15 s, several at a time`,
  },
  'pg.backfill': {
    distribution: { type: 'uniform', min: 8, max: 12 },
    source: 'seconds per GiB; assumption: about 100 MB/s into a sparse file',
  },
  'pg.backfill_ssd': {
    distribution: { type: 'uniform', min: 8, max: 12 },
    source: 'seconds per GiB; assumption: about 100 MB/s into a sparse file',
  },
  'pg.backfill_nvme': {
    distribution: { type: 'uniform', min: 8, max: 12 },
    source: 'seconds per GiB; assumption: about 100 MB/s into a sparse file',
  },
  'pg.log_span': {
    distribution: { type: 'constant', value: 600 },
    source: 'seconds that a PG log reaches back; assumption: few writes',
  },
  'pg.force_create': {
    distribution: { type: 'constant', value: 60 },
    source: 'assumption: somebody sits beside it',
  },
  'pg.scrub': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: a few objects',
  },
  'pg.deep_scrub': {
    distribution: { type: 'uniform', min: 2, max: 6 },
    source: 'assumption: a few objects',
  },
  'pg.scrub_interval': {
    distribution: { type: 'uniform', min: 86_400, max: 129_600 },
    source: 'osd_scrub_min_interval 1 d and osd_scrub_interval_randomize_ratio 0.5, Ceph defaults',
  },
  'pg.deep_scrub_interval': {
    distribution: { type: 'constant', value: 604_800 },
    source: 'osd_deep_scrub_interval 7 d, Ceph default',
  },
  'pg.repair': {
    distribution: { type: 'uniform', min: 2, max: 6 },
    source: 'assumption: a few objects',
  },
  'rbd-image.create': {
    distribution: { type: 'uniform', min: 0.05, max: 0.15 },
    source: `${MEASURED}: rbd create through librados, without the start of a client`,
  },
  'rbd-image.remove': {
    distribution: { type: 'uniform', min: 0.1, max: 0.5 },
    source: `${MEASURED}: rbd rm of a small image`,
  },
  'rbd-image.resize': {
    distribution: { type: 'uniform', min: 0.05, max: 0.15 },
    source: `${MEASURED}: rbd resize`,
  },
  'rbd-image.flatten': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: a small parent',
  },
  'rbd-image.written_ratio': {
    distribution: { type: 'uniform', min: 0.2, max: 0.6 },
    source: 'share of an image that gets written; assumption',
  },
  'cephfs.create': {
    distribution: { type: 'uniform', min: 0.5, max: 1 },
    source: `${MEASURED}: CephFS 3.4 s in all, with its MDS`,
  },
  'mds.boot': {
    distribution: { type: 'uniform', min: 0.8, max: 1.2 },
    source: `${MEASURED}: CephFS 3.4 s in all`,
  },
  'mds.create': {
    distribution: { type: 'uniform', min: 0.8, max: 1.2 },
    source: `${MEASURED}: CephFS 3.4 s in all`,
  },
  'mds.replay': {
    distribution: { type: 'uniform', min: 0.8, max: 1.2 },
    source: `${MEASURED}: replay about 1 s`,
  },
  'mds.reconnect': {
    distribution: { type: 'uniform', min: 0.8, max: 1.2 },
    source: `${MEASURED}: reconnect about 1 s`,
  },
  'mds.rejoin': {
    distribution: { type: 'uniform', min: 0.8, max: 1.2 },
    source: `${MEASURED}: rejoin about 1 s`,
  },
  'mds.stop_rank': {
    distribution: { type: 'uniform', min: 0.8, max: 1.2 },
    source: 'assumption: as the other steps',
  },
  'mds.beacon_grace': {
    distribution: { type: 'uniform', min: 3, max: 4 },
    source: `${MEASURED}: 3.5 s to replay, with mds_beacon_grace 5 s and interval 1 s`,
  },
  'rgw.start': {
    distribution: { type: 'uniform', min: 8, max: 10 },
    source: `${MEASURED}: 9 s to answer, its pools created with it`,
  },
  'bucket.create': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: PUT bucket with the S3 client`,
  },
  'bucket.remove': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${MEASURED}: DELETE bucket with the S3 client`,
  },
};
