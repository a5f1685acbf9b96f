import { defineKind, request } from '../kind.ts';

export const cephfs = defineKind({
  kind: 'cephfs',
  layer: 'sds',
  describes: 'A Ceph file system: a metadata pool and data pools, served by active MDSs.',
  source: 'docs.ceph.com "CephFS health messages"; takeover seen with Ceph 16.2.15',
  ignores: ['lost', 'restored', 'done', 'fault', 'fail', 'set_joinable', 'remove'],
  machine: {
    initial: 'creating',
    states: {
      creating: {
        description: 'ceph fs new; rank 0 is waiting for an MDS.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'active', description: 'rank 0 is active' },
          fault: { target: 'failed', description: 'the pools cannot be used (not empty)' },
          remove: { target: 'removed', description: 'ceph fs rm' },
        },
      },
      active: {
        description: 'Rank 0 is active: clients can work.',
        tags: ['stable', 'serving'],
        on: {
          lost: {
            target: 'degraded',
            description: 'FS_DEGRADED: no active MDS, or a pool is inactive; clients wait',
          },
          fail: { target: 'failed', description: 'ceph fs fail: its ranks are taken down' },
        },
      },
      degraded: {
        description: 'Clients wait until an MDS has taken the rank over.',
        tags: ['failed'],
        on: {
          restored: { target: 'active', description: 'the rank is active again' },
          fail: { target: 'failed', description: 'ceph fs fail: its ranks are taken down' },
          remove: { target: 'removed', description: 'ceph fs rm' },
        },
      },
      failed: {
        description: 'Taken down by an operator; not joinable.',
        tags: ['failed'],
        on: {
          set_joinable: { target: 'degraded', description: 'an MDS may take the rank' },
          remove: { target: 'removed', description: 'ceph fs rm' },
        },
      },
      removed: { description: 'Not in the FSMap; its pools stay.', tags: ['stable'] },
    },
  },
});
