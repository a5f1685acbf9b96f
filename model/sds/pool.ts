import { defineKind, request, type TransitionConfig } from '../kind.ts';

const DELETE: TransitionConfig = {
  target: 'deleting',
  description: 'ceph osd pool delete, with mon_allow_pool_delete set',
};
const OK: TransitionConfig = { target: 'ok', description: 'every OSD is below its ratios' };
const NEARFULL: TransitionConfig = {
  target: 'nearfull',
  description: 'an OSD of the pool is above nearfull_ratio',
};
const BACKFILLFULL: TransitionConfig = {
  target: 'backfillfull',
  description: 'an OSD of the pool is above backfillfull_ratio: it takes no backfill',
};
const FULL: TransitionConfig = {
  target: 'full',
  description: 'an OSD of the pool is above full_ratio: the cluster refuses writes',
};

export const pool = defineKind({
  kind: 'pool',
  layer: 'sds',
  describes: 'A Ceph pool: objects spread over placement groups by one CRUSH rule.',
  source:
    'docs.ceph.com "Pools" and "Health checks" (PG_AVAILABILITY, OSD_FULL); full and inactive ' +
    'pools seen with Ceph 16.2.15: writes and deletes block without an error',
  ignores: [
    ...['done', 'fault', 'pgs_active', 'pgs_inactive', 'delete'],
    ...['ok', 'nearfull', 'backfillfull', 'full'],
  ],
  machine: {
    type: 'parallel',
    states: {
      pgs: {
        initial: 'creating',
        states: {
          creating: {
            description: 'The mons create the placement groups; none may be written yet.',
            tags: ['transient'],
            on: {
              pgs_active: { target: 'active', description: 'every placement group is active' },
              delete: DELETE,
            },
          },
          active: {
            description:
              'Every placement group is active, or will be in some seconds: requests to it wait.',
            tags: ['stable', 'serving'],
            on: {
              pgs_inactive: {
                target: 'inactive',
                description: 'a placement group has been inactive for mon_pg_stuck_threshold',
              },
              delete: DELETE,
            },
          },
          inactive: {
            description:
              'Some placement groups are stuck inactive: requests to their objects hang.',
            tags: ['failed'],
            on: {
              pgs_active: { target: 'active', description: 'every placement group is active' },
              delete: DELETE,
            },
          },
          deleting: {
            description: 'Taken from the OSDMap; the OSDs delete its objects.',
            tags: ['transient'],
            entry: request('delete'),
            on: {
              done: { target: 'deleted', description: 'its placement groups are gone' },
              fault: { target: 'active', description: 'mon_allow_pool_delete is false' },
            },
          },
          deleted: { description: 'Not in the OSDMap.', tags: ['stable'] },
        },
      },
      fullness: {
        initial: 'ok',
        states: {
          ok: {
            description: 'No OSD of the pool is above a ratio.',
            tags: ['stable', 'serving'],
            on: { nearfull: NEARFULL, backfillfull: BACKFILLFULL, full: FULL },
          },
          nearfull: {
            description: 'A warning: add capacity.',
            tags: ['stable', 'serving'],
            on: { ok: OK, backfillfull: BACKFILLFULL, full: FULL },
          },
          backfillfull: {
            description: 'Recovery into the full OSDs waits.',
            tags: ['stable', 'serving'],
            on: { ok: OK, nearfull: NEARFULL, full: FULL },
          },
          full: {
            description: 'Writes and deletes block.',
            tags: ['failed'],
            on: { ok: OK, nearfull: NEARFULL, backfillfull: BACKFILLFULL },
          },
        },
      },
    },
  },
});
