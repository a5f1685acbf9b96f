import { defineKind, request, type TransitionConfig } from '../kind.ts';

const DELETE: TransitionConfig = {
  target: 'deleting',
  description: 'the bridge is deleted with its ports (ovs-vsctl del-br)',
};
const GONE: TransitionConfig = { target: 'deleted', description: 'its row is no longer there' };
const CONFIGURED: TransitionConfig = {
  target: 'active',
  description: 'ovs-vswitchd has configured it: it has a datapath ID',
};

export const bridge = defineKind({
  kind: 'bridge',
  layer: 'sdn',
  describes: 'A bridge of Open vSwitch on one host, such as the integration bridge br-int.',
  source:
    'Open vSwitch Bridge.datapath_id and Open_vSwitch.cur_cfg (ovs-vswitchd.conf.db(5)); observed ' +
    'with Open vSwitch 3.1.0',
  ignores: ['done', 'fault', 'delete', 'configured', 'gone'],
  machine: {
    initial: 'adding',
    states: {
      adding: {
        description: 'In the database; ovs-vswitchd has still to configure it.',
        tags: ['transient'],
        entry: request('add'),
        on: {
          done: CONFIGURED,
          configured: CONFIGURED,
          fault: {
            target: 'rejected',
            description: 'the database refuses it, or no vswitchd runs',
          },
          delete: DELETE,
          gone: GONE,
        },
      },
      active: {
        description: 'Configured: forwards between its ports.',
        tags: ['stable', 'serving'],
        on: { delete: DELETE, gone: GONE },
      },
      rejected: {
        description: 'Refused: it never was there.',
        tags: ['failed'],
        on: { configured: CONFIGURED, delete: DELETE, gone: GONE },
      },
      deleting: {
        description: 'Its row is removed; ovs-vswitchd follows.',
        tags: ['transient'],
        entry: request('delete'),
        on: {
          done: GONE,
          gone: GONE,
          fault: { target: 'active', description: 'refused: it is still there' },
        },
      },
      deleted: {
        description: 'No longer in the database.',
        tags: ['stable'],
        on: { configured: CONFIGURED },
      },
    },
  },
});
