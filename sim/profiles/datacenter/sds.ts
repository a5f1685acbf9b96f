import type { ProfileTimings } from '../../profile.ts';

const CONF = 'docs.ceph.com, default of';
const FLASH = 'osd_recovery_sleep_ssd 0';
const HDD = 'osd_recovery_sleep_hdd 0.1 s for each object of 4 MiB';

/** Ceph on hardware: its documented defaults, and the speed of its disks. */
export const DATACENTER_SDS: ProfileTimings = {
  'ceph-cluster.elect': {
    distribution: { type: 'uniform', min: 2, max: 5 },
    source: `${CONF}: mon_election_timeout 5 s; 14-15 s in all were measured with defaults`,
  },
  'ceph-cluster.settle': {
    distribution: { type: 'constant', value: 6 * 3600 },
    source: 'assumption: machines whose deployment failed are tried again before pools are made',
  },
  'mon.start': {
    distribution: { type: 'uniform', min: 3, max: 8 },
    source: 'assumption: a container start and opening the store',
  },
  'mon.synchronize': {
    distribution: { type: 'uniform', min: 20, max: 90 },
    source: 'assumption: a store of some GB over the network',
  },
  'mon.lease_timeout': {
    distribution: { type: 'uniform', min: 9, max: 11 },
    source: `${CONF}: mon_lease 5 s and mon_lease_ack_timeout_factor 2`,
  },
  'mgr.start': {
    distribution: { type: 'uniform', min: 5, max: 15 },
    source: 'assumption: a container start and its modules',
  },
  'mgr.activate': {
    distribution: { type: 'uniform', min: 5, max: 15 },
    source: 'assumption: modules start with the reports of every daemon',
  },
  'mgr.beacon_grace': {
    distribution: { type: 'uniform', min: 28, max: 32 },
    source: `${CONF}: mon_mgr_beacon_grace 30 s`,
  },
  'osd.prepare': {
    distribution: { type: 'uniform', min: 10, max: 40 },
    source: 'assumption: ceph-volume lvm create',
  },
  'osd.boot': {
    distribution: { type: 'uniform', min: 10, max: 40 },
    source: 'assumption: container start, mount, maps to catch up with',
  },
  'osd.miss_heartbeats': {
    distribution: { type: 'uniform', min: 20, max: 26 },
    source: `${CONF}: osd_heartbeat_grace 20 s and osd_heartbeat_interval 6 s`,
  },
  'osd.refuse_connections': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: `${CONF}: osd_fast_fail_on_connection_refused true`,
  },
  'osd.wait_down_out': {
    distribution: { type: 'constant', value: 600 },
    source: `${CONF}: mon_osd_down_out_interval 600 s; a scenario says its own`,
  },
  'pool.stuck_inactive': {
    distribution: { type: 'constant', value: 60 },
    source: `${CONF}: mon_pg_stuck_threshold 60 s, after which PG_AVAILABILITY reports stuck inactive`,
  },
  'pool.delete': {
    distribution: { type: 'uniform', min: 10, max: 60 },
    source: 'assumption: the OSDs delete in the background',
  },
  'pg.create': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: a map change and a message to the OSDs',
  },
  'pg.peer': {
    distribution: { type: 'lognormal', median: 1.2, sigma: 0.5 },
    source: 'assumption: some round trips, slower when many peer at once',
  },
  'pg.activate': {
    distribution: { type: 'uniform', min: 0.2, max: 0.8 },
    source: 'assumption: a round trip and a commit on every copy',
  },
  'pg.reserve_recovery': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: 'assumption: messages to the OSDs concerned',
  },
  'pg.reserve_backfill': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: 'assumption: messages to the OSDs concerned',
  },
  'pg.recover': {
    distribution: { type: 'lognormal', median: 5, sigma: 0.8 },
    source: 'assumption: the writes of some minutes of absence',
  },
  'pg.backfill': {
    distribution: { type: 'lognormal', median: 33, sigma: 0.2 },
    source: `seconds per GiB: ${HDD}, and 4 MiB read and written at 150 MB/s`,
  },
  'pg.backfill_ssd': {
    distribution: { type: 'lognormal', median: 4, sigma: 0.2 },
    source: `seconds per GiB: ${FLASH}, about 270 MB/s; assumption for SATA`,
  },
  'pg.backfill_nvme': {
    distribution: { type: 'lognormal', median: 1.6, sigma: 0.2 },
    source: `seconds per GiB: ${FLASH}, about 670 MB/s; assumption`,
  },
  'pg.log_span': {
    distribution: { type: 'constant', value: 7200 },
    source:
      'seconds that a PG log reaches back; assumption: osd_max_pg_log_entries 10000 at 1.4 writes/s',
  },
  'pg.force_create': {
    distribution: { type: 'constant', value: 14400 },
    source: 'assumption: an operator finds out that the data is lost and gives it up',
  },
  'pg.scrub': {
    distribution: { type: 'uniform', min: 10, max: 60 },
    source: 'assumption: metadata of some ten thousand objects',
  },
  'pg.deep_scrub': {
    distribution: { type: 'uniform', min: 300, max: 1200 },
    source: 'assumption: some ten GiB read at 50 MB/s beside other work',
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
    distribution: { type: 'uniform', min: 300, max: 1200 },
    source: 'assumption: as a deep scrub',
  },
  'rbd-image.create': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: 'assumption: some small writes',
  },
  'rbd-image.remove': {
    distribution: { type: 'lognormal', median: 3, sigma: 0.7 },
    source: 'assumption: its objects are deleted ten at a time (rbd_concurrent_management_ops)',
  },
  'rbd-image.resize': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: 'assumption: a write of the header',
  },
  'rbd-image.flatten': {
    distribution: { type: 'uniform', min: 20, max: 120 },
    source: 'assumption: a parent of some GiB',
  },
  'rbd-image.written_ratio': {
    distribution: { type: 'uniform', min: 0.2, max: 0.6 },
    source: 'share of an image that gets written; assumption',
  },
  'cephfs.create': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: a map change',
  },
  'mds.boot': {
    distribution: { type: 'uniform', min: 3, max: 8 },
    source: 'assumption: a container start',
  },
  'mds.create': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: the first journal segments and the root are written',
  },
  'mds.replay': {
    distribution: { type: 'lognormal', median: 10, sigma: 0.6 },
    source: 'assumption: a journal of mds_log_max_segments',
  },
  'mds.reconnect': {
    distribution: { type: 'uniform', min: 5, max: 45 },
    source: `${CONF}: mds_reconnect_timeout 45 s at most`,
  },
  'mds.rejoin': {
    distribution: { type: 'lognormal', median: 5, sigma: 0.8 },
    source: 'assumption: the open files of the clients',
  },
  'mds.stop_rank': {
    distribution: { type: 'uniform', min: 10, max: 60 },
    source: 'assumption: its subtrees are exported',
  },
  'mds.beacon_grace': {
    distribution: { type: 'uniform', min: 15, max: 19 },
    source: `${CONF}: mds_beacon_grace 15 s and mds_beacon_interval 4 s`,
  },
  'rgw.start': {
    distribution: { type: 'uniform', min: 5, max: 15 },
    source: 'assumption: a container start and its pools',
  },
  'bucket.create': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: 'assumption: some small writes',
  },
  'bucket.remove': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: 'assumption: some small writes',
  },
};
