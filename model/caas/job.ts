import { defineKind, request, type TransitionConfig } from '../kind.ts';
import { DELETED, DELETING } from './deleting.ts';

const DELETE: TransitionConfig = {
  target: 'deleting',
  description: 'deleted, or beyond the history limit of its cron job: its pods go with it',
};

export const job = defineKind({
  kind: 'job',
  layer: 'caas',
  describes: 'A Job: pods that run until a number of them has succeeded.',
  source: 'kubernetes.io "Jobs" (conditions Complete, Failed, Suspended; backoffLimit 6)',
  ignores: [
    ...['complete', 'failed', 'suspend', 'resume', 'deadline_exceeded', 'delete'],
    ...['done', 'fault'],
  ],
  machine: {
    initial: 'Active',
    states: {
      Active: {
        description: 'Pods run, or are about to, until enough have succeeded.',
        tags: ['transient'],
        entry: request('run'),
        on: {
          done: { target: 'Complete', description: 'as many pods succeeded as were wanted' },
          complete: { target: 'Complete', description: 'the API reports condition Complete' },
          fault: { target: 'Failed', description: 'BackoffLimitExceeded: too many pods failed' },
          failed: { target: 'Failed', description: 'the API reports condition Failed' },
          deadline_exceeded: { target: 'Failed', description: 'activeDeadlineSeconds are over' },
          suspend: { target: 'Suspended', description: 'spec.suspend: its pods are deleted' },
          delete: DELETE,
        },
      },
      Suspended: {
        description: 'Suspended: no pods run.',
        tags: ['stable'],
        on: {
          resume: { target: 'Active', description: 'spec.suspend is false again' },
          delete: DELETE,
        },
      },
      Complete: {
        description: 'Done; it is kept with its pods until the history limit removes it.',
        tags: ['stable'],
        on: { delete: DELETE },
      },
      Failed: {
        description: 'Given up.',
        tags: ['failed'],
        on: { delete: DELETE },
      },
      deleting: DELETING,
      deleted: DELETED,
    },
  },
});
