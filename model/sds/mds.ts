import { defineKind, request, type StateConfig, type Transitions } from '../kind.ts';

const END: Readonly<Record<string, Transitions>> = {
  lost: { target: 'down', description: 'its host is gone: its beacons stop' },
  crash: { target: 'down', description: 'the process died: its beacons stop' },
  kill: { target: 'down', description: 'the process was killed: its beacons stop' },
  fail: { target: 'down', description: 'the process died: its beacons stop' },
  stop: { target: 'down', description: 'stopped by systemd' },
};

/** One step of taking a rank over. */
function step(description: string, verb: string, next: string, why: string): StateConfig {
  return {
    description,
    tags: ['transient'],
    entry: request(verb),
    on: {
      ...END,
      done: { target: next, description: why },
      fault: { target: 'boot', description: 'the step failed: the daemon respawns' },
    },
  };
}

export const mds = defineKind({
  kind: 'mds',
  layer: 'sds',
  describes: 'A Ceph metadata server: holds a rank of a file system, or stands by.',
  source: 'docs.ceph.com "MDS states"; replay -> reconnect -> rejoin -> active seen with 16.2.15',
  ignores: [
    ...['lost', 'restored', 'done', 'fault', 'crash', 'kill', 'fail', 'repair', 'start', 'stop'],
    ...['create_rank', 'take_over', 'deactivate', 'respawn'],
  ],
  machine: {
    initial: 'boot',
    states: {
      boot: step('The daemon starts.', 'boot', 'standby', 'the mons list it as a standby'),
      standby: {
        description: 'Holds no rank; takes over when one is free.',
        tags: ['stable'],
        on: {
          ...END,
          create_rank: { target: 'creating', description: 'a new file system gives it rank 0' },
          take_over: { target: 'replay', description: 'the mons give it the rank of a failed MDS' },
        },
      },
      creating: step(
        'Writes the journal and the root of a new file system.',
        'create',
        'active',
        'the new file system is served',
      ),
      replay: step(
        'Reads the journal of the MDS that failed.',
        'replay',
        'reconnect',
        'the journal is in its cache',
      ),
      reconnect: step(
        'Waits for the clients to claim their sessions again.',
        'reconnect',
        'rejoin',
        'the clients are back, or their time is over',
      ),
      rejoin: step(
        "Takes the clients' open files and locks into its cache.",
        'rejoin',
        'active',
        'the cache is consistent',
      ),
      active: {
        description: 'Serves the metadata of its rank.',
        tags: ['stable', 'serving'],
        on: {
          ...END,
          deactivate: { target: 'stopping', description: 'max_mds is lowered' },
          respawn: { target: 'boot', description: 'ceph mds fail: it steps down' },
        },
      },
      stopping: step('Gives its rank up.', 'stop_rank', 'standby', 'the rank is gone'),
      down: {
        description: 'Does not run, or cannot be reached.',
        tags: ['failed'],
        on: {
          restored: { target: 'boot', description: 'its host is back: systemd starts it' },
          start: { target: 'boot', description: 'systemd starts it' },
          repair: { target: 'boot', description: 'systemd starts it again' },
        },
      },
    },
  },
});
