import { defineKind, request, type TransitionConfig } from '../kind.ts';

const REMOVE: TransitionConfig = {
  target: 'breaking',
  description: 'juju remove-relation, or one of its applications is removed',
};
const FAIL: TransitionConfig = {
  target: 'error',
  description: 'a hook of the relation failed on one side',
};
const SUSPEND: TransitionConfig = {
  target: 'suspending',
  description: 'juju suspend-relation (cross-model relations)',
};

export const relation = defineKind({
  kind: 'relation',
  layer: 'orchestration',
  describes: 'A Juju relation between two applications.',
  source: 'juju core/status for relations: joining, joined, broken, suspending, suspended, error',
  ignores: ['join', 'joined', 'remove', 'suspend', 'resume', 'fail', 'repair', 'done', 'fault'],
  machine: {
    initial: 'joining',
    states: {
      joining: {
        description: 'Waits for units on both sides to enter its scope.',
        tags: ['transient'],
        on: {
          joined: { target: 'joined', description: 'units of both sides have entered' },
          fail: FAIL,
          suspend: SUSPEND,
          remove: REMOVE,
        },
      },
      joined: {
        description: 'Both sides exchange data.',
        tags: ['stable', 'serving'],
        on: { fail: FAIL, suspend: SUSPEND, remove: REMOVE },
      },
      suspending: {
        description: 'relation-broken hooks run on both sides; it may be resumed later.',
        tags: ['transient'],
        entry: request('suspend'),
        on: {
          done: { target: 'suspended', description: 'both sides have left' },
          fault: { target: 'error', description: 'a hook failed' },
          remove: REMOVE,
        },
      },
      suspended: {
        description: 'Temporarily broken by an operator.',
        tags: ['stable'],
        on: {
          resume: { target: 'joining', description: 'juju resume-relation' },
          remove: REMOVE,
        },
      },
      error: {
        description: 'A hook of it failed.',
        tags: ['failed'],
        on: {
          repair: { target: 'joining', description: 'the hook was run again with success' },
          remove: REMOVE,
        },
      },
      breaking: {
        description: 'Units leave: relation-departed and relation-broken hooks run.',
        tags: ['transient'],
        entry: request('break'),
        on: {
          done: { target: 'broken', description: 'both sides have left: it is dead' },
          fault: { target: 'broken', description: 'removed by force' },
        },
      },
      broken: { description: 'Dead.', tags: ['stable'] },
    },
  },
});
