import { describe, expect, it } from 'vitest';
import { bucket } from '../../model/sds/bucket.ts';
import { cephCluster } from '../../model/sds/ceph-cluster.ts';
import { cephfs } from '../../model/sds/cephfs.ts';
import { KINDS } from '../../model/sds/index.ts';
import { mds } from '../../model/sds/mds.ts';
import { mgr } from '../../model/sds/mgr.ts';
import { mon } from '../../model/sds/mon.ts';
import { osd } from '../../model/sds/osd.ts';
import { pg } from '../../model/sds/pg.ts';
import { pool } from '../../model/sds/pool.ts';
import { rbdImage } from '../../model/sds/rbd-image.ts';
import { describeKinds, endOf, walk } from '../support/kinds.ts';

describeKinds(KINDS, { runs: 100 });

const NEW_OSD = 'done done';
/** From nothing to active+clean. */
const CLEAN = 'create done activate done';

describe('OSD sequences recorded with Ceph 16.2.15', () => {
  it('killed: down at once, out after the interval, back after a restart', () => {
    expect(walk(osd, `${NEW_OSD} crash done done start done`)).toEqual([
      'preparing+in',
      'booting+in',
      'up+in',
      'crashed+in',
      'down+in',
      'down+out',
      'booting+out',
      'up+in',
    ]);
  });

  it('stopped with SIGSTOP: laggy, then down, then out; continued, it boots again', () => {
    expect(walk(osd, `${NEW_OSD} stall done done start done`).slice(2)).toEqual([
      'up+in',
      'laggy+in',
      'down+in',
      'down+out',
      'booting+out',
      'up+in',
    ]);
  });

  it('back within the grace: nothing happened', () => {
    expect(walk(osd, `${NEW_OSD} lost restored`).slice(2)).toEqual(['up+in', 'laggy+in', 'up+in']);
  });

  it('a host that reboots stops its OSDs, which tell the mons', () => {
    expect(walk(osd, `${NEW_OSD} lost stop restored done`).slice(2)).toEqual([
      'up+in',
      'laggy+in',
      'down+in',
      'booting+in',
      'up+in',
    ]);
  });

  it('a dead disk: destroyed when it is out, made anew when the disk is replaced', () => {
    expect(
      walk(osd, `${NEW_OSD} lost crash done done destroy restored done done`).slice(2),
    ).toEqual([
      'up+in',
      'laggy+in',
      'crashed+in',
      'down+in',
      'down+out',
      'destroyed+out',
      'preparing+out',
      'booting+out',
      'up+in',
    ]);
  });

  it('a disk that was replaced before the OSD was out is found blank at boot', () => {
    expect(walk(osd, `${NEW_OSD} lost done restored blank done done`).slice(-5)).toEqual([
      'down+in',
      'booting+in',
      'preparing+in',
      'booting+in',
      'up+in',
    ]);
  });

  it('an operator marks it out and in while it runs', () => {
    expect(walk(osd, `${NEW_OSD} mark_out mark_in`).slice(2)).toEqual(['up+in', 'up+out', 'up+in']);
  });
});

describe('placement group sequences recorded with Ceph 16.2.15', () => {
  it('creation', () => {
    expect(walk(pg, CLEAN)).toEqual([
      'unknown',
      'creating',
      'creating+peering',
      'creating+activating',
      'active+clean',
    ]);
  });

  it('loss of an OSD, back within the interval: recovery by the log', () => {
    const path = `${CLEAN} stale new_interval activate_undersized done
      new_interval activate_degraded done done done`.replace(/\s+/g, ' ');
    expect(walk(pg, path).slice(4)).toEqual([
      'active+clean',
      'stale+active+clean',
      'peering',
      'activating+undersized+degraded',
      'active+undersized+degraded',
      'peering',
      'activating+degraded',
      'active+recovery_wait+degraded',
      'active+recovering+degraded',
      'active+clean',
    ]);
  });

  it('loss of an OSD for good: backfill on another one', () => {
    const path = `${CLEAN} new_interval activate_undersized done
      new_interval_remapped activate_undersized_remapped done done done`.replace(/\s+/g, ' ');
    expect(walk(pg, path).slice(5)).toEqual([
      'peering',
      'activating+undersized+degraded',
      'active+undersized+degraded',
      'remapped+peering',
      'activating+undersized+degraded+remapped',
      'active+undersized+degraded+remapped+backfill_wait',
      'active+undersized+degraded+remapped+backfilling',
      'active+clean',
    ]);
  });

  it('loss of an OSD by a placement group that holds nothing: undersized, not degraded', () => {
    const path = `${CLEAN} stale new_interval activate_undersized_empty done
      new_interval activate done`.replace(/\s+/g, ' ');
    expect(walk(pg, path).slice(4)).toEqual([
      'active+clean',
      'stale+active+clean',
      'peering',
      'activating+undersized',
      'active+undersized',
      'peering',
      'activating',
      'active+clean',
    ]);
  });

  it('an OSD that is added: the old ones serve until it is filled', () => {
    expect(
      walk(pg, `${CLEAN} new_interval_remapped activate_remapped done done done`).slice(5),
    ).toEqual([
      'remapped+peering',
      'activating+remapped',
      'active+remapped+backfill_wait',
      'active+remapped+backfilling',
      'active+clean',
    ]);
  });

  it('below min_size: peered, not active; with new OSDs it is filled and peers again', () => {
    expect(walk(pg, `${CLEAN} new_interval below_min_size`).slice(-2)).toEqual([
      'peering',
      'undersized+degraded+peered',
    ]);
    const filled = 'new_interval_remapped below_min_size_remapped done done activate done';
    expect(walk(pg, `${CLEAN} ${filled}`).slice(-5)).toEqual([
      'undersized+degraded+remapped+backfill_wait+peered',
      'undersized+degraded+remapped+backfilling+peered',
      'peering',
      'activating',
      'active+clean',
    ]);
  });

  it('a corrupt object: found by a deep scrub, repaired', () => {
    expect(walk(pg, `${CLEAN} deep_scrub inconsistent repair done`).slice(4)).toEqual([
      'active+clean',
      'active+clean+scrubbing+deep',
      'active+clean+inconsistent',
      'active+clean+scrubbing+deep+inconsistent+repair',
      'active+clean',
    ]);
  });

  it('a scrub that finds nothing', () => {
    expect(walk(pg, `${CLEAN} scrub done`).slice(4)).toEqual([
      'active+clean',
      'active+clean+scrubbing',
      'active+clean',
    ]);
  });

  it('no copy to be reached: down; none left: incomplete, and made anew', () => {
    expect(endOf(pg, `${CLEAN} new_interval down`)).toBe('down');
    expect(walk(pg, `${CLEAN} new_interval incomplete done done activate done`).slice(-5)).toEqual([
      'incomplete',
      'creating',
      'creating+peering',
      'creating+activating',
      'active+clean',
    ]);
  });

  it('a full target: toofull, until there is room', () => {
    const path = `${CLEAN} new_interval_remapped activate_remapped done toofull retry done done`;
    expect(walk(pg, path).slice(-5)).toEqual([
      'active+remapped+backfill_wait',
      'active+remapped+backfill_toofull',
      'active+remapped+backfill_wait',
      'active+remapped+backfilling',
      'active+clean',
    ]);
  });
});

describe('mons, mgrs and MDSs', () => {
  it('a mon joins, leads, loses its peers and comes back', () => {
    expect(walk(mon, 'done elect win elect isolated peers_found lose lost restored')).toEqual([
      'starting',
      'probing',
      'electing',
      'leader',
      'electing',
      'probing',
      'electing',
      'peon',
      'down',
      'starting',
    ]);
  });

  it('a leader is killed: a new vote; no majority: no quorum; back again', () => {
    expect(
      walk(
        cephCluster,
        'bootstrap done health_ok mon_lost done mon_lost no_majority mon_joined done',
      ),
    ).toEqual([
      'forming+HEALTH_WARN',
      'electing+HEALTH_WARN',
      'quorum+HEALTH_WARN',
      'quorum+HEALTH_OK',
      'electing+HEALTH_OK',
      'quorum+HEALTH_OK',
      'electing+HEALTH_OK',
      'no_quorum+HEALTH_OK',
      'electing+HEALTH_OK',
      'quorum+HEALTH_OK',
    ]);
  });

  it('a mgr fails over', () => {
    expect(walk(mgr, 'done activate done kill start done')).toEqual([
      'starting',
      'standby',
      'activating',
      'active',
      'down',
      'starting',
      'standby',
    ]);
  });

  it('an MDS takes a rank over: replay, reconnect, rejoin, active', () => {
    expect(walk(mds, 'done take_over done done done')).toEqual([
      'boot',
      'standby',
      'replay',
      'reconnect',
      'rejoin',
      'active',
    ]);
    expect(walk(cephfs, 'done lost restored')).toEqual([
      'creating',
      'active',
      'degraded',
      'active',
    ]);
  });
});

describe('what is stored', () => {
  it('a pool without enough copies hangs; a full one refuses writes', () => {
    expect(
      walk(pool, 'pgs_active pgs_inactive pgs_active nearfull backfillfull full ok delete done'),
    ).toEqual([
      'creating+ok',
      'active+ok',
      'inactive+ok',
      'active+ok',
      'active+nearfull',
      'active+backfillfull',
      'active+full',
      'active+ok',
      'deleting+ok',
      'deleted+ok',
    ]);
  });

  it('an image is created, resized, blocked with its pool and removed', () => {
    expect(walk(rbdImage, 'done resize done lost restored remove done')).toEqual([
      'creating',
      'available',
      'resizing',
      'available',
      'blocked',
      'available',
      'removing',
      'absent',
    ]);
  });

  it('a bucket over its quota can be read', () => {
    expect(walk(bucket, 'done quota_exceeded quota_cleared lost restored remove fault')).toEqual([
      'creating',
      'available',
      'over_quota',
      'available',
      'unreachable',
      'available',
      'removing',
      'available',
    ]);
  });
});
