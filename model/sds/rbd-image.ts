import { defineKind, request, type TransitionConfig } from '../kind.ts';

const REMOVE: TransitionConfig = {
  target: 'removing',
  description: 'rbd rm: its objects are deleted one by one',
};
const LOST: TransitionConfig = {
  target: 'blocked',
  description: 'its pool has inactive placement groups or is full: reads and writes hang',
};
const VANISHED: TransitionConfig = {
  target: 'absent',
  description: 'rbd ls no longer lists it: removed by someone else',
};

export const rbdImage = defineKind({
  kind: 'rbd-image',
  layer: 'sds',
  describes: 'A block device image: a header and objects in a pool, thinly provisioned.',
  source: 'docs.ceph.com "Basic block device commands"; create, resize and rm seen with 16.2.15',
  ignores: [
    'lost',
    'restored',
    'done',
    'fault',
    'remove',
    'resize',
    'flatten',
    'trash',
    'vanished',
    'restore',
    'appeared',
  ],
  machine: {
    initial: 'creating',
    states: {
      creating: {
        description: 'The header object and the directory entry are written.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'available', description: 'header and directory entry exist' },
          fault: { target: 'absent', description: 'rbd create fails (the pool does not exist)' },
          remove: REMOVE,
        },
      },
      available: {
        description: 'Can be mapped, read and written.',
        tags: ['stable', 'serving'],
        on: {
          lost: LOST,
          resize: { target: 'resizing', description: 'rbd resize' },
          flatten: {
            target: 'flattening',
            description: 'rbd flatten: a clone becomes independent',
          },
          trash: { target: 'trash', description: 'rbd trash mv: removal is deferred' },
          remove: REMOVE,
          vanished: VANISHED,
        },
      },
      blocked: {
        description: 'Exists; requests wait until the pool serves again, without an error.',
        tags: ['failed'],
        on: {
          restored: { target: 'available', description: 'the pool serves: requests go on' },
          remove: REMOVE,
          vanished: VANISHED,
        },
      },
      resizing: {
        description: 'The header is changed; when shrinking, objects are deleted.',
        tags: ['transient', 'serving'],
        entry: request('resize'),
        on: {
          done: { target: 'available', description: 'the new size is in the header' },
          fault: { target: 'available', description: 'refused (size 0, or shrinking not allowed)' },
          lost: LOST,
          vanished: VANISHED,
        },
      },
      flattening: {
        description: "The parent's objects are copied into the clone.",
        tags: ['transient', 'serving'],
        entry: request('flatten'),
        on: {
          done: { target: 'available', description: 'the clone no longer needs its parent' },
          fault: { target: 'available', description: 'stopped; it can be flattened again' },
          lost: LOST,
          vanished: VANISHED,
        },
      },
      trash: {
        description: 'In the trash of its pool until it is restored or purged.',
        tags: ['stable'],
        on: {
          remove: REMOVE,
          restore: { target: 'available', description: 'rbd trash restore' },
          vanished: VANISHED,
        },
        meta: { ignores: ['trash'] },
      },
      removing: {
        description: 'Its objects are being deleted; a full or inactive pool blocks deletes too.',
        tags: ['transient'],
        entry: request('remove'),
        on: {
          done: { target: 'absent', description: 'its objects and directory entry are gone' },
          fault: { target: 'available', description: 'refused: it has watchers or snapshots' },
          vanished: VANISHED,
        },
      },
      absent: {
        description: 'Not listed in the pool.',
        tags: ['stable'],
        on: { appeared: { target: 'available', description: 'rbd ls lists it' } },
      },
    },
  },
});
