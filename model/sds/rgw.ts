import { defineKind, request, type Transitions } from '../kind.ts';

const END: Readonly<Record<string, Transitions>> = {
  lost: { target: 'down', description: 'its host is gone' },
  crash: { target: 'down', description: 'the process died' },
  kill: { target: 'down', description: 'the process was killed' },
  fail: { target: 'down', description: 'the process died' },
  stop: { target: 'down', description: 'stopped by systemd' },
};

export const rgw = defineKind({
  kind: 'rgw',
  layer: 'sds',
  describes: 'A Ceph object gateway: S3 and Swift over HTTP.',
  source: 'docs.ceph.com "Ceph object gateway"; start (9 s) and S3 seen with Ceph 16.2.15',
  ignores: [
    ...['lost', 'restored', 'done', 'fault', 'crash', 'kill', 'fail', 'repair', 'start', 'stop'],
  ],
  machine: {
    initial: 'starting',
    states: {
      starting: {
        description: 'radosgw opens its pools and binds its port.',
        tags: ['transient'],
        entry: request('start'),
        on: {
          ...END,
          done: { target: 'active', description: 'it answers HTTP' },
          fault: { target: 'down', description: 'its pools cannot be opened' },
        },
      },
      active: {
        description: 'Answers S3 and Swift requests.',
        tags: ['stable', 'serving'],
        on: END,
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
