import { defineKind, request, type TransitionConfig } from '../kind.ts';

const LOST: TransitionConfig = { target: 'unreachable', description: 'its host does not answer' };
const STARTED: TransitionConfig = { target: 'active', description: 'libvirt reports STARTED' };
const STOPPED: TransitionConfig = { target: 'inactive', description: 'libvirt reports STOPPED' };
const UNDEFINED: TransitionConfig = { target: 'absent', description: 'libvirt reports UNDEFINED' };

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
      absent: {
        description: 'Not known to libvirt.',
        tags: ['stable'],
        on: {
          define: { target: 'defining', description: 'virNetworkDefineXML is called' },
          defined: { target: 'inactive', description: 'libvirt reports DEFINED' },
          started: STARTED,
        },
      },
      defining: {
        description: 'libvirt stores the definition.',
        tags: ['transient'],
        entry: request('define'),
        on: {
          done: { target: 'inactive', description: 'the definition is stored' },
          fault: { target: 'absent', description: 'libvirt rejects the definition' },
          defined: { target: 'inactive', description: 'libvirt reports DEFINED' },
          started: STARTED,
          undefined: UNDEFINED,
          lost: { target: 'absent', description: 'the host is lost before it was stored' },
        },
      },
      inactive: {
        description: 'Defined; there is no bridge.',
        tags: ['stable'],
        on: {
          start: { target: 'starting', description: 'virNetworkCreate is called' },
          undefine: { target: 'undefining', description: 'virNetworkUndefine is called' },
          started: STARTED,
          undefined: UNDEFINED,
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
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      active: {
        description: 'Guests can plug in.',
        tags: ['stable', 'serving'],
        on: {
          stop: { target: 'stopping', description: 'virNetworkDestroy is called' },
          stopped: STOPPED,
          undefined: UNDEFINED,
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
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      undefining: {
        description: 'libvirt removes the definition.',
        tags: ['transient'],
        entry: request('undefine'),
        on: {
          done: { target: 'absent', description: 'removed' },
          fault: { target: 'inactive', description: 'refused' },
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      unreachable: {
        description: 'Its host does not answer.',
        tags: ['failed'],
        on: {
          restored: { target: 'starting', description: 'the host starts it again (autostart)' },
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
        },
      },
    },
  },
});
