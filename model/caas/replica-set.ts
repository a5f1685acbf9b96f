import { defineKind, type TransitionConfig } from '../kind.ts';

const SCALE: TransitionConfig = {
  target: 'scaling',
  description: 'its deployment asks for another number of replicas',
};
const RETIRE: TransitionConfig = {
  target: 'retired',
  description: 'scaled to 0: kept for a rollback (revisionHistoryLimit)',
};
const DELETE: TransitionConfig = {
  target: 'deleted',
  description: 'garbage collected: its deployment is gone, or its revision too old',
};
const FAILURE: TransitionConfig = {
  target: 'replica_failure',
  description: 'ReplicaFailure: the API refuses new pods (quota, admission)',
};

export const replicaSet = defineKind({
  kind: 'replica-set',
  layer: 'caas',
  describes: 'A ReplicaSet: one revision of a deployment, which keeps its number of pods.',
  source: 'kubernetes.io "ReplicaSet" and ReplicaSetStatus',
  ignores: ['scale', 'ready', 'degraded', 'scaled_to_zero', 'failure', 'delete'],
  machine: {
    initial: 'scaling',
    states: {
      scaling: {
        description: 'Pods are created or deleted until spec.replicas of them are ready.',
        tags: ['transient'],
        on: {
          ready: { target: 'ready', description: 'readyReplicas equals spec.replicas' },
          scaled_to_zero: RETIRE,
          failure: FAILURE,
          delete: DELETE,
        },
      },
      ready: {
        description: 'As many pods are ready as are wanted.',
        tags: ['stable', 'serving'],
        on: {
          scale: SCALE,
          degraded: {
            target: 'degraded',
            description: 'a pod failed, was deleted or lost its node: it is being replaced',
          },
          scaled_to_zero: RETIRE,
          delete: DELETE,
        },
      },
      degraded: {
        description: 'Fewer pods are ready than are wanted.',
        tags: ['failed'],
        on: {
          ready: { target: 'ready', description: 'readyReplicas equals spec.replicas again' },
          scale: SCALE,
          scaled_to_zero: RETIRE,
          failure: FAILURE,
          delete: DELETE,
        },
      },
      replica_failure: {
        description: 'The condition ReplicaFailure is True.',
        tags: ['failed'],
        on: {
          scale: SCALE,
          ready: { target: 'ready', description: 'the API took its pods after all' },
          scaled_to_zero: RETIRE,
          delete: DELETE,
        },
      },
      retired: {
        description: 'Wants no pods; holds an old template.',
        tags: ['stable'],
        on: { scale: SCALE, delete: DELETE },
      },
      deleted: { description: 'The ReplicaSet object is gone.', tags: ['stable'] },
    },
  },
});
