import { defineKind, request, type Transitions } from '../kind.ts';

const LOST: Transitions = { target: 'down', description: 'its host is gone: its beacons stop' };
const CRASH: Transitions = { target: 'down', description: 'the process died: its beacons stop' };

export const mgr = defineKind({
  kind: 'mgr',
  layer: 'sds',
  describes: 'A Ceph manager: one is active, the others stand by.',
  source: 'docs.ceph.com "Ceph-mgr administrator\'s guide"; failover seen with Ceph 16.2.15',
  ignores: [
    ...['lost', 'restored', 'done', 'fault', 'crash', 'kill', 'fail', 'repair', 'start', 'stop'],
    ...['activate', 'respawn'],
  ],
  machine: {
    initial: 'starting',
    states: {
      starting: {
        description: 'The daemon starts and sends its first beacon.',
        tags: ['transient'],
        entry: request('start'),
        on: {
          done: { target: 'standby', description: 'the mons list it as a standby' },
          fault: { target: 'down', description: 'the daemon does not start' },
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
        },
      },
      standby: {
        description: 'Waits to take over.',
        tags: ['stable'],
        on: {
          activate: { target: 'activating', description: 'the mons make it the active one' },
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
          stop: { target: 'down', description: 'stopped by systemd' },
        },
      },
      activating: {
        description: 'Loads its modules and the reports of the daemons.',
        tags: ['transient'],
        entry: request('activate'),
        on: {
          done: { target: 'active', description: 'its modules run' },
          fault: { target: 'starting', description: 'a module fails: the daemon respawns' },
          lost: LOST,
          crash: CRASH,
          kill: CRASH,
          fail: CRASH,
          stop: { target: 'down', description: 'stopped by systemd' },
        },
      },
      active: {
        description: 'Collects the statistics of the placement groups and serves the dashboard.',
        tags: ['stable', 'serving'],
        on: {
          respawn: { target: 'starting', description: 'ceph mgr fail: it steps down' },
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
        },
      },
    },
  },
});
