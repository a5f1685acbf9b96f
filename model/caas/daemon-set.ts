import { add, defineKind, request, type Transitions } from '../kind.ts';
import { DELETED, DELETING } from './deleting.ts';

const ROLL_OUT: Transitions = {
  target: 'progressing',
  reenter: true,
  actions: add('revision', 1),
  description: 'the template changed: pods are replaced node by node (maxUnavailable 1)',
};
const NODES_CHANGED: Transitions = {
  target: 'progressing',
  reenter: true,
  description: 'a node joined or left: desiredNumberScheduled changed',
};
const DELETE: Transitions = {
  target: 'deleting',
  description: 'DELETE: its pods are garbage collected',
};

export const daemonSet = defineKind({
  kind: 'daemon-set',
  layer: 'caas',
  describes: 'A DaemonSet: one pod on every node.',
  source: 'kubernetes.io "DaemonSet" and DaemonSetStatus',
  /** How often the template was changed. */
  slots: { revision: 0 },
  ignores: ['rollout', 'nodes_changed', 'ready', 'degraded', 'delete', 'done', 'fault'],
  machine: {
    initial: 'progressing',
    states: {
      progressing: {
        description: 'Pods are created or replaced until every node has a ready one.',
        tags: ['transient'],
        entry: request('reconcile'),
        on: {
          done: { target: 'ready', description: 'numberReady equals desiredNumberScheduled' },
          ready: { target: 'ready', description: 'numberReady equals desiredNumberScheduled' },
          nodes_changed: NODES_CHANGED,
          rollout: ROLL_OUT,
          delete: DELETE,
        },
      },
      ready: {
        description: 'Every node has its pod, and it is ready.',
        tags: ['stable', 'serving'],
        on: {
          degraded: { target: 'degraded', description: 'a pod failed or its node is lost' },
          nodes_changed: NODES_CHANGED,
          rollout: ROLL_OUT,
          delete: DELETE,
        },
      },
      degraded: {
        description: 'numberUnavailable > 0.',
        tags: ['failed'],
        on: {
          ready: { target: 'ready', description: 'every pod is ready again' },
          nodes_changed: NODES_CHANGED,
          rollout: ROLL_OUT,
          delete: DELETE,
        },
      },
      deleting: DELETING,
      deleted: DELETED,
    },
  },
});
