import { defineKind, request, type TransitionConfig } from '../kind.ts';

const ABORT: TransitionConfig = {
  target: 'aborted',
  description: 'given up: its application was removed, or another revision was asked for',
};

export const upgrade = defineKind({
  kind: 'upgrade',
  layer: 'orchestration',
  describes: 'One change of an application to another charm revision (juju refresh).',
  source: 'juju refresh: the charm is uploaded, then every unit runs its upgrade-charm hook',
  ignores: ['unit_failed', 'unit_resolved', 'abort', 'done', 'fault'],
  machine: {
    initial: 'pending',
    states: {
      pending: {
        description: 'The controller downloads the revision from the charm store.',
        tags: ['transient'],
        entry: request('download'),
        on: {
          done: { target: 'running', description: 'the units can fetch the revision' },
          fault: { target: 'failed', description: 'the charm store has no such revision' },
          abort: ABORT,
        },
      },
      running: {
        description: 'Units run upgrade-charm.',
        tags: ['transient'],
        entry: request('roll_out'),
        on: {
          done: { target: 'completed', description: 'every unit is of the new revision' },
          unit_failed: { target: 'error', description: 'upgrade-charm failed on a unit' },
          abort: ABORT,
        },
      },
      error: {
        description: 'A unit is in error; Juju retries its hook.',
        tags: ['failed'],
        on: {
          unit_resolved: { target: 'running', description: 'the hook succeeded after all' },
          done: { target: 'completed', description: 'every unit is of the new revision' },
          abort: ABORT,
        },
      },
      completed: { description: 'Every unit is of the new revision.', tags: ['stable'] },
      failed: { description: 'The revision could not be had.', tags: ['failed'] },
      aborted: { description: 'Given up.', tags: ['stable'] },
    },
  },
});
