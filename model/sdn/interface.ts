import { defineKind, request, type TransitionConfig } from '../kind.ts';

const DELETE: TransitionConfig = {
  target: 'deleting',
  description: 'its port is deleted from the bridge (ovs-vsctl del-port)',
};
const GONE: TransitionConfig = { target: 'deleted', description: 'its row is no longer there' };
const UP: TransitionConfig = { target: 'up', description: 'its link is up' };
const DOWN: TransitionConfig = { target: 'down', description: 'it has no link' };
const FAILED: TransitionConfig = {
  target: 'error',
  description: 'ovs-vswitchd cannot open its device: it says why in the column error',
};

export const interface_ = defineKind({
  kind: 'interface',
  layer: 'sdn',
  describes:
    'An interface of an Open vSwitch port: a network device, an internal one, or a tunnel.',
  source:
    'Open vSwitch Interface.ofport, link_state and error (ovs-vswitchd.conf.db(5)); observed with ' +
    'Open vSwitch 3.1.0',
  ignores: ['done', 'fault', 'delete', 'link_up', 'link_down', 'device_failed', 'gone'],
  machine: {
    initial: 'adding',
    states: {
      adding: {
        description: 'In the database; ovs-vswitchd has still to open its device.',
        tags: ['transient'],
        entry: request('add'),
        on: {
          done: {
            target: 'down',
            description: 'its port has a number; nobody has set its link up',
          },
          fault: FAILED,
          link_up: UP,
          link_down: DOWN,
          device_failed: FAILED,
          delete: DELETE,
          gone: GONE,
        },
      },
      up: {
        description: 'Has a port number, and its link is up: frames pass.',
        tags: ['stable', 'serving'],
        on: { link_down: DOWN, device_failed: FAILED, delete: DELETE, gone: GONE },
      },
      down: {
        description: 'Has a port number, and its link is down.',
        tags: ['stable'],
        on: { link_up: UP, device_failed: FAILED, delete: DELETE, gone: GONE },
      },
      error: {
        description: 'Its device cannot be used; the row stays, and is tried again on changes.',
        tags: ['failed'],
        on: { link_up: UP, link_down: DOWN, delete: DELETE, gone: GONE },
      },
      deleting: {
        description: 'Its row is removed; ovs-vswitchd follows.',
        tags: ['transient'],
        entry: request('delete'),
        on: {
          done: GONE,
          gone: GONE,
          fault: { target: 'down', description: 'refused: it is still there' },
        },
      },
      deleted: {
        description: 'No longer in the database.',
        tags: ['stable'],
        on: { link_up: UP, link_down: DOWN, device_failed: FAILED },
      },
    },
  },
});
