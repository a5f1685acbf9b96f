import { defineKind, request, type TransitionConfig } from '../kind.ts';
import { type Definable, definitionStates, reportsOf } from './definition.ts';

const LOST: TransitionConfig = {
  target: 'unreachable',
  description: 'its host does not answer',
};
const DEFINITION: Definable = { api: 'virNetwork', inUse: 'active', lost: LOST };
const REPORTS = reportsOf(DEFINITION);
const { absent, defining, undefining } = definitionStates(DEFINITION);

export const virtualNetwork = defineKind({
  kind: 'virtual-network',
  layer: 'hypervisor',
  describes: 'A virtual network of libvirt: the bridge of a host that its domains plug into.',
  source: 'libvirt virNetwork API and virNetworkEventLifecycleType',
  ignores: [
    'done',
    'fault',
    'define',
    'start',
    'stop',
    'undefine',
    'lost',
    'restored',
    'defined',
    'started',
    'stopped',
    'undefined',
  ],
  machine: {
    initial: 'absent',
    states: {
      absent,
      defining,
      inactive: {
        description: 'Defined; there is no bridge.',
        tags: ['stable'],
        on: {
          start: { target: 'starting', description: 'virNetworkCreate is called' },
          undefine: { target: 'undefining', description: 'virNetworkUndefine is called' },
          started: REPORTS.started,
          undefined: REPORTS.undefined,
          lost: LOST,
        },
      },
      starting: {
        description: 'The bridge is made, and dnsmasq started where addresses are given out.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'active', description: 'guests can plug in' },
          fault: {
            target: 'inactive',
            description: 'the bridge exists already, or cannot be made',
          },
          ...REPORTS,
          lost: LOST,
        },
      },
      active: {
        description: 'Guests can plug in.',
        tags: ['stable', 'serving'],
        on: {
          stop: { target: 'stopping', description: 'virNetworkDestroy is called' },
          stopped: REPORTS.stopped,
          undefined: REPORTS.undefined,
          lost: LOST,
        },
      },
      stopping: {
        description: 'The bridge is taken away; guests on it lose their link.',
        tags: ['transient'],
        entry: request('destroy'),
        on: {
          done: { target: 'inactive', description: 'the bridge is gone' },
          fault: { target: 'active', description: 'it could not be taken away' },
          ...REPORTS,
          lost: LOST,
        },
      },
      unreachable: {
        description: 'Its host does not answer.',
        tags: ['failed'],
        on: {
          restored: { target: 'starting', description: 'the host starts it again (autostart)' },
          ...REPORTS,
        },
      },
      undefining,
    },
  },
});
