import { defineKind, request, type TransitionConfig } from '../kind.ts';

const PENDING: TransitionConfig = {
  target: 'scaling_up',
  description: 'pods are unschedulable: would a new node take them?',
};
const UNNEEDED: TransitionConfig = {
  target: 'scaling_down',
  description: 'a node was unneeded for scale-down-unneeded-time: its pods fit elsewhere',
};

export const clusterAutoscaler = defineKind({
  kind: 'cluster-autoscaler',
  layer: 'caas',
  describes: 'The cluster autoscaler of a cluster: adds nodes for pending pods, removes idle ones.',
  source:
    'cluster-autoscaler FAQ: scan-interval 10 s, scale-down-delay-after-add 10 min, ' +
    'scale-down-unneeded-time 10 min, max-node-provision-time 15 min',
  ignores: ['pods_pending', 'node_unneeded', 'at_max', 'no_fit', 'done', 'fault'],
  machine: {
    initial: 'idle',
    states: {
      idle: {
        description: 'Every pod has its place, no node is superfluous.',
        tags: ['stable'],
        on: { pods_pending: PENDING, node_unneeded: UNNEEDED },
      },
      scaling_up: {
        description: 'New nodes were asked for; they have max-node-provision-time to join.',
        tags: ['transient'],
        entry: request('scale_up'),
        on: {
          done: { target: 'cooling_down', description: 'every new node has joined' },
          at_max: { target: 'at_max', description: 'the node group has its maximal size' },
          no_fit: { target: 'idle', description: 'no new node would take any of the pods' },
          fault: { target: 'backoff', description: 'the new nodes failed or did not join in time' },
        },
      },
      cooling_down: {
        description: 'No node is removed for a while after one was added.',
        tags: ['stable'],
        on: { pods_pending: PENDING },
        after: {
          delay_after_add: { target: 'idle', description: 'scale-down-delay-after-add is over' },
        },
      },
      at_max: {
        description: 'Pods are pending and the node group cannot grow.',
        tags: ['failed'],
        on: {
          done: { target: 'idle', description: 'no pod is pending any more' },
          node_unneeded: UNNEEDED,
        },
      },
      backoff: {
        description: 'The node group failed to grow and is left alone for a while.',
        tags: ['failed'],
        after: {
          backoff: { target: 'idle', description: 'initial-node-group-backoff-duration is over' },
        },
      },
      scaling_down: {
        description: 'An unneeded node is drained and its server deleted.',
        tags: ['transient'],
        entry: request('scale_down'),
        on: {
          done: { target: 'idle', description: 'the node has left the cluster' },
          fault: { target: 'idle', description: 'the node is needed again: it stays' },
          pods_pending: PENDING,
        },
      },
    },
  },
});
