import { defineKind, request, type Transitions } from '../kind.ts';

const LOST: Transitions = {
  target: 'down',
  description: 'its host is gone; the other mons notice when its lease acknowledgements stay away',
};
const CRASH: Transitions = { target: 'down', description: 'the process died' };
const ELECT: Transitions = {
  target: 'electing',
  description: 'a member came or went: the mons vote again, the lowest rank wins',
};
const ISOLATED: Transitions = {
  target: 'probing',
  description: 'no majority can be reached: it looks for its peers',
};

export const mon = defineKind({
  kind: 'mon',
  layer: 'sds',
  describes: 'A Ceph monitor: one of the few that keep the cluster maps by Paxos.',
  source:
    'docs.ceph.com "Troubleshooting monitors" (mon states of `mon_status`); elections seen with ' +
    'Ceph 16.2.15',
  ignores: [
    ...['lost', 'restored', 'done', 'fault', 'crash', 'kill', 'fail', 'repair', 'start', 'stop'],
    ...['peers_found', 'elect', 'win', 'lose', 'isolated', 'sync', 'outdated'],
  ],
  machine: {
    initial: 'starting',
    states: {
      starting: {
        description: 'The daemon opens its store and binds its address.',
        tags: ['transient'],
        entry: request('start'),
        on: {
          done: { target: 'probing', description: 'it runs and looks for its peers' },
          fault: { target: 'down', description: 'its store or its address cannot be used' },
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
        },
      },
      probing: {
        description: 'Runs outside the quorum, looking for enough peers to vote with.',
        tags: ['transient'],
        on: {
          peers_found: ELECT,
          elect: ELECT,
          outdated: { target: 'synchronizing', description: 'its store lags: a full sync begins' },
          win: { target: 'leader', description: 'elected' },
          lose: { target: 'peon', description: 'joins the quorum that others lead' },
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
          stop: { target: 'down', description: 'stopped by systemd' },
        },
      },
      synchronizing: {
        description: 'Copies the store of a peer before it may vote.',
        tags: ['transient'],
        entry: request('synchronize'),
        on: {
          done: { target: 'probing', description: 'its store is up to date' },
          fault: { target: 'probing', description: 'the peer went away: another one is sought' },
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
          stop: { target: 'down', description: 'stopped by systemd' },
        },
      },
      electing: {
        description: 'Votes; no map changes until the vote is over.',
        tags: ['transient'],
        on: {
          win: { target: 'leader', description: 'the reachable mon with the lowest rank leads' },
          lose: { target: 'peon', description: 'another mon leads' },
          isolated: ISOLATED,
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
          stop: { target: 'down', description: 'stopped by systemd' },
        },
      },
      leader: {
        description: 'In quorum; proposes every change of the maps.',
        tags: ['stable', 'serving'],
        on: {
          elect: ELECT,
          isolated: ISOLATED,
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
          stop: { target: 'down', description: 'stopped by systemd' },
        },
      },
      peon: {
        description: 'In quorum; follows the leader.',
        tags: ['stable', 'serving'],
        on: {
          elect: ELECT,
          isolated: ISOLATED,
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
          stop: { target: 'down', description: 'stopped by systemd' },
        },
      },
      down: {
        description: 'Does not run, or cannot be reached.',
        tags: ['failed'],
        on: {
          restored: { target: 'starting', description: 'its host is back: systemd starts it' },
          start: { target: 'starting', description: 'systemd starts it' },
          repair: { target: 'starting', description: 'systemd starts it again' },
          peers_found: { target: 'electing', description: 'reported as voting' },
          lose: { target: 'peon', description: 'reported in quorum' },
          win: { target: 'leader', description: 'reported as leader' },
        },
      },
    },
  },
});
