import { defineKind, request } from '../kind.ts';

export const cephCluster = defineKind({
  kind: 'ceph-cluster',
  layer: 'sds',
  describes: 'A Ceph cluster as `ceph status` shows it: the quorum of its mons, and its health.',
  source:
    'docs.ceph.com "Monitoring a cluster" and "Health checks"; nothing to HEALTH_OK and loss of ' +
    'the leader seen with Ceph 16.2.15',
  ignores: [
    ...['done', 'fault', 'no_majority', 'mon_lost', 'mon_joined', 'bootstrap'],
    ...['health_ok', 'health_warn', 'health_err'],
  ],
  machine: {
    type: 'parallel',
    states: {
      mons: {
        initial: 'forming',
        states: {
          forming: {
            description: 'The first mons are being deployed; there are no maps yet.',
            tags: ['transient'],
            on: {
              bootstrap: { target: 'electing', description: 'a majority of the monmap runs' },
            },
          },
          electing: {
            description: 'The mons vote; maps do not change, clients go on with those they have.',
            tags: ['transient'],
            entry: request('elect'),
            on: {
              done: { target: 'quorum', description: 'a majority agreed on a leader' },
              no_majority: { target: 'no_quorum', description: 'too few mons answer' },
              mon_lost: {
                target: 'electing',
                reenter: true,
                description: 'a mon went away during the vote: it starts anew',
              },
              mon_joined: {
                target: 'electing',
                reenter: true,
                description: 'a mon came during the vote: it starts anew',
              },
            },
          },
          quorum: {
            description: 'A majority of the mons agrees: the maps can change.',
            tags: ['stable', 'serving'],
            on: {
              mon_lost: { target: 'electing', description: 'a member of the quorum is missing' },
              mon_joined: { target: 'electing', description: 'a mon wants to join the quorum' },
            },
          },
          no_quorum: {
            description: 'No majority: nothing is marked down or out, `ceph` hangs.',
            tags: ['failed'],
            on: {
              mon_joined: { target: 'electing', description: 'a mon is back: a majority again?' },
              bootstrap: { target: 'electing', description: 'a majority of the monmap runs' },
            },
          },
        },
      },
      health: {
        initial: 'HEALTH_WARN',
        states: {
          HEALTH_OK: {
            description: 'No health check is raised.',
            tags: ['stable'],
            on: {
              health_warn: { target: 'HEALTH_WARN', description: 'a check of severity WARN' },
              health_err: { target: 'HEALTH_ERR', description: 'a check of severity ERR' },
            },
          },
          HEALTH_WARN: {
            description: 'OSDs down, redundancy reduced, nearfull, a mon or the mgr missing.',
            tags: ['stable'],
            on: {
              health_ok: { target: 'HEALTH_OK', description: 'every check has cleared' },
              health_err: { target: 'HEALTH_ERR', description: 'a check of severity ERR' },
            },
          },
          HEALTH_ERR: {
            description: 'An OSD is full, data is inconsistent or lost.',
            tags: ['failed'],
            on: {
              health_ok: { target: 'HEALTH_OK', description: 'every check has cleared' },
              health_warn: { target: 'HEALTH_WARN', description: 'only warnings are left' },
            },
          },
        },
      },
    },
  },
});
