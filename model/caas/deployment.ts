import {
  add,
  atLeast,
  defineKind,
  request,
  type StateConfig,
  type TransitionConfig,
  type Transitions,
} from '../kind.ts';
import { DELETED, DELETING } from './deleting.ts';

const ROLL_OUT: TransitionConfig = {
  target: '#deployment.progress.rolling_out',
  reenter: true,
  actions: add('revision', 1),
  description: 'the pod template changed: a new replica set takes over step by step',
};
const DELETE: TransitionConfig = {
  target: '#deployment.progress.deleting',
  description: 'DELETE: its replica sets and their pods are garbage collected',
};

/** spec.replicas changes by one; `target` is where the deployment goes on from. */
function scaling(target: string): Readonly<Record<string, Transitions>> {
  return {
    scale_up: {
      target,
      reenter: true,
      actions: add('replicas', 1),
      description: 'spec.replicas is one more: by a client or by its autoscaler',
    },
    scale_down: [
      {
        guard: atLeast('replicas', 1),
        target,
        reenter: true,
        actions: add('replicas', -1),
        description: 'spec.replicas is one less: by a client or by its autoscaler',
      },
      { description: 'spec.replicas is 0 already' },
    ],
  };
}

/** A state in which the controller works towards what is wanted, under the progress deadline. */
function progressing(name: string, verb: string, spec: StateConfig): StateConfig {
  return {
    ...spec,
    tags: ['transient'],
    entry: request(verb),
    on: {
      ...spec.on,
      progressed: {
        target: name,
        reenter: true,
        description: 'another pod became available: the deadline starts anew',
      },
      ...scaling(name),
      rollout: ROLL_OUT,
      pause: { target: 'paused', description: 'kubectl rollout pause' },
      delete: DELETE,
    },
    after: {
      progress_deadline: {
        target: 'failed',
        description: 'ProgressDeadlineExceeded: no pod became available in time',
      },
    },
  };
}

const PROGRESS: StateConfig = {
  initial: 'scaling',
  states: {
    scaling: progressing('scaling', 'scale', {
      description: 'Progressing: pods are added or removed, without a new template.',
      on: {
        done: { target: 'complete', description: 'NewReplicaSetAvailable: all replicas are there' },
      },
    }),
    rolling_out: progressing('rolling_out', 'roll_out', {
      description: 'Progressing: the new replica set grows, the old ones shrink.',
      on: {
        done: { target: 'complete', description: 'every replica is of the new template' },
      },
    }),
    complete: {
      description: 'Complete: all replicas are of the current template and available.',
      tags: ['stable'],
      on: {
        ...scaling('scaling'),
        rollout: ROLL_OUT,
        pause: { target: 'paused', description: 'kubectl rollout pause' },
        delete: DELETE,
      },
    },
    paused: {
      description: 'Paused: changes of the template wait; scaling goes on.',
      tags: ['stable'],
      entry: request('scale'),
      on: {
        resume: {
          target: 'rolling_out',
          actions: add('revision', 1),
          description: 'kubectl rollout resume: the template as it is now is rolled out',
        },
        ...scaling('paused'),
        delete: DELETE,
      },
    },
    failed: {
      description: 'Progressing=False, ProgressDeadlineExceeded; the controller still tries.',
      tags: ['failed'],
      on: {
        progressed: {
          target: 'rolling_out',
          description: 'a pod became available after all: it progresses again',
        },
        complete: { target: 'complete', description: 'every replica is there after all' },
        ...scaling('scaling'),
        rollout: ROLL_OUT,
        delete: DELETE,
      },
    },
    deleting: DELETING,
    deleted: DELETED,
  },
};

const AVAILABILITY: StateConfig = {
  initial: 'Unavailable',
  states: {
    Unavailable: {
      description: 'Available=False (MinimumReplicasUnavailable).',
      tags: ['failed'],
      on: {
        available: {
          target: 'Available',
          description: 'at least replicas - maxUnavailable pods are available',
        },
        delete: { target: 'Released', description: 'nobody relies on it any more' },
      },
    },
    Available: {
      description: 'Available=True: it has its minimum of available pods.',
      tags: ['stable', 'serving'],
      on: {
        unavailable: {
          target: 'Unavailable',
          description: 'fewer than replicas - maxUnavailable pods are available',
        },
        delete: { target: 'Released', description: 'nobody relies on it any more' },
      },
    },
    Released: { description: 'Being deleted: availability has no meaning.', tags: ['stable'] },
  },
};

export const deployment = defineKind({
  kind: 'deployment',
  layer: 'caas',
  describes: 'A Deployment: progress of its rollout, and whether enough of its pods are available.',
  source: 'kubernetes.io "Deployment status" (progressing, complete, failed) and its conditions',
  /** spec.replicas, and how often the template was changed. */
  slots: { replicas: 0, revision: 0 },
  ignores: [
    ...['done', 'fault', 'progressed', 'complete', 'available', 'unavailable', 'rollout'],
    ...['pause', 'resume', 'scale_up', 'scale_down', 'delete'],
  ],
  machine: { type: 'parallel', states: { progress: PROGRESS, availability: AVAILABILITY } },
});
