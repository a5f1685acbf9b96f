import { defineKind, request, type TransitionConfig } from '../kind.ts';

const LOST: TransitionConfig = {
  target: 'dead',
  description: 'its host is down or cut off: no tunnel to it works',
};
const START: TransitionConfig = {
  target: 'registering',
  description: 'ovs-vswitchd and ovn-controller are started',
};
const REGISTERED: TransitionConfig = {
  target: 'up',
  description: 'its Chassis row is in the southbound database',
};
const REMOVED: TransitionConfig = {
  target: 'stopped',
  description: 'its Chassis row is gone (ovn-sbctl chassis-del)',
};
const EXIT: TransitionConfig = {
  target: 'deregistering',
  description: 'ovn-controller exits in order (ovn-appctl exit)',
};

export const chassis = defineKind({
  kind: 'chassis',
  layer: 'sdn',
  describes:
    'A host in the overlay network: ovs-vswitchd with its flows, steered by ovn-controller.',
  source: 'OVN southbound Chassis table (ovn-sb(5)); faults observed with OVN 23.03.1',
  ignores: [
    'done',
    'fault',
    'start',
    'exit',
    'fail',
    'datapath_fail',
    'repair',
    'lost',
    'restored',
    'registered',
    'deregistered',
  ],
  machine: {
    initial: 'stopped',
    states: {
      stopped: {
        description: 'Nothing runs, no Chassis row.',
        tags: ['stable'],
        on: { start: START, registered: REGISTERED, lost: LOST },
      },
      registering: {
        description: 'ovn-controller connects, writes its rows and installs its flows.',
        tags: ['transient'],
        entry: request('register'),
        on: {
          done: { target: 'up', description: 'registered, flows installed, tunnels up' },
          fault: { target: 'datapath_failed', description: 'vswitchd or the database is missing' },
          registered: REGISTERED,
          deregistered: REMOVED,
          lost: LOST,
        },
      },
      up: {
        description: 'Forwards; ovn-controller keeps its flows current.',
        tags: ['stable', 'serving'],
        on: {
          fail: {
            target: 'controller_failed',
            description: 'ovn-controller is killed: no row changes, its flows stay',
          },
          datapath_fail: {
            target: 'datapath_failed',
            description: 'ovs-vswitchd dies: nothing is forwarded',
          },
          exit: EXIT,
          deregistered: REMOVED,
          lost: LOST,
        },
      },
      controller_failed: {
        description: 'Traffic goes on with the flows there are; changes do not arrive.',
        tags: ['failed', 'serving'],
        on: {
          repair: { target: 'resuming', description: 'ovn-controller is started again' },
          start: { target: 'resuming', description: 'ovn-controller is started again' },
          registered: REGISTERED,
          datapath_fail: {
            target: 'datapath_failed',
            description: 'ovs-vswitchd dies as well: nothing is forwarded',
          },
          deregistered: REMOVED,
          lost: LOST,
        },
        after: {
          restart_delay: { target: 'resuming', description: 'systemd starts ovn-controller again' },
        },
      },
      resuming: {
        description: 'ovn-controller, started again, compares flows; traffic goes on.',
        tags: ['transient', 'serving'],
        entry: request('resume'),
        on: {
          done: { target: 'up', description: 'its flows are current again' },
          fault: { target: 'controller_failed', description: 'it died again' },
          fail: { target: 'controller_failed', description: 'it died again' },
          registered: REGISTERED,
          deregistered: REMOVED,
          lost: LOST,
        },
      },
      datapath_failed: {
        description: 'ovs-vswitchd does not run: nothing is forwarded.',
        tags: ['failed'],
        on: {
          repair: START,
          start: START,
          registered: REGISTERED,
          deregistered: REMOVED,
          lost: LOST,
        },
        after: {
          restart_delay: { target: 'registering', description: 'systemd starts it again' },
        },
      },
      deregistering: {
        description: 'ovn-controller removes its rows: ports on it go down.',
        tags: ['transient'],
        entry: request('deregister'),
        on: {
          done: { target: 'stopped', description: 'its rows are gone' },
          fault: { target: 'stopped', description: 'its rows are left to chassis-del' },
          deregistered: REMOVED,
          lost: LOST,
        },
      },
      dead: {
        description: 'Its host is gone; its row stays in the southbound database.',
        tags: ['failed'],
        on: {
          restored: START,
          registered: REGISTERED,
          deregistered: REMOVED,
        },
      },
    },
  },
});
