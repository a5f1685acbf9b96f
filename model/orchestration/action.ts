import { defineKind } from '../kind.ts';

export const action = defineKind({
  kind: 'action',
  layer: 'orchestration',
  describes: 'One run of a charm action on a unit.',
  source: 'juju actions: pending, running, completed, failed, aborting, aborted, cancelled, error',
  ignores: ['begin', 'completed', 'failed', 'cancel', 'aborted', 'agent_error'],
  machine: {
    initial: 'pending',
    states: {
      pending: {
        description: 'Queued for its unit.',
        tags: ['transient'],
        on: {
          begin: { target: 'running', description: 'the agent of the unit starts it' },
          cancel: { target: 'cancelled', description: 'juju cancel-task before it began' },
          agent_error: { target: 'error', description: 'the agent could not start it' },
        },
      },
      running: {
        description: 'Its code runs on the unit.',
        tags: ['transient'],
        on: {
          completed: { target: 'completed', description: 'it ended well' },
          failed: {
            target: 'failed',
            description: 'action-fail was called, or it exited with an error',
          },
          cancel: { target: 'aborting', description: 'juju cancel-task while it runs' },
          agent_error: { target: 'error', description: 'the agent or its machine was lost' },
        },
      },
      aborting: {
        description: 'Its process is being ended.',
        tags: ['transient'],
        on: {
          aborted: { target: 'aborted', description: 'its process ended on the signal' },
          completed: { target: 'completed', description: 'it had ended well before the signal' },
          failed: { target: 'failed', description: 'it had failed before the signal' },
          agent_error: { target: 'error', description: 'the agent or its machine was lost' },
        },
      },
      completed: { description: 'Ended well.', tags: ['stable'] },
      failed: { description: 'Ended in failure.', tags: ['failed'] },
      aborted: { description: 'Ended before it was over.', tags: ['stable'] },
      cancelled: { description: 'Never began.', tags: ['stable'] },
      error: { description: 'It could not be run to its end.', tags: ['failed'] },
    },
  },
});
