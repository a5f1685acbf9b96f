import { add, atLeast, defineKind, request, type Transitions } from '../kind.ts';
import { DELETED, DELETING } from './deleting.ts';

const SCALING: Readonly<Record<string, Transitions>> = {
  scale_up: {
    target: 'progressing',
    reenter: true,
    actions: add('replicas', 1),
    description: 'spec.replicas is one more: the next ordinal is created',
  },
  scale_down: [
    {
      guard: atLeast('replicas', 1),
      target: 'progressing',
      reenter: true,
      actions: add('replicas', -1),
      description: 'spec.replicas is one less: the highest ordinal is deleted, its claim kept',
    },
    { description: 'spec.replicas is 0 already' },
  ],
};
const ROLL_OUT: Transitions = {
  target: 'progressing',
  reenter: true,
  actions: add('revision', 1),
  description: 'the template changed: pods are replaced from the highest ordinal down',
};
const DELETE: Transitions = {
  target: 'deleting',
  description: 'DELETE: its pods are garbage collected, its claims stay',
};

export const statefulSet = defineKind({
  kind: 'stateful-set',
  layer: 'caas',
  describes: 'A StatefulSet: pods with a stable name and claim, made and replaced in order.',
  source: 'kubernetes.io "StatefulSets": OrderedReady, RollingUpdate, at most one pod per identity',
  /** spec.replicas, and how often the template was changed. */
  slots: { replicas: 0, revision: 0 },
  ignores: [
    ...['scale_up', 'scale_down', 'rollout', 'ready', 'degraded'],
    ...['delete', 'done', 'fault'],
  ],
  machine: {
    initial: 'progressing',
    states: {
      progressing: {
        description: 'Pods are created, replaced or deleted, one at a time.',
        tags: ['transient'],
        entry: request('reconcile'),
        on: {
          done: { target: 'ready', description: 'every ordinal is ready and of the new template' },
          ready: { target: 'ready', description: 'every ordinal is ready' },
          ...SCALING,
          rollout: ROLL_OUT,
          delete: DELETE,
        },
      },
      ready: {
        description: 'Every ordinal is ready.',
        tags: ['stable', 'serving'],
        on: {
          degraded: { target: 'degraded', description: 'a pod failed or lost its node' },
          ...SCALING,
          rollout: ROLL_OUT,
          delete: DELETE,
        },
      },
      degraded: {
        description: 'An ordinal is missing or not ready; a lost one is never doubled.',
        tags: ['failed'],
        on: {
          ready: { target: 'ready', description: 'every ordinal is ready again' },
          ...SCALING,
          rollout: ROLL_OUT,
          delete: DELETE,
        },
      },
      deleting: DELETING,
      deleted: DELETED,
    },
  },
});
