import { defineKind, request, type TransitionConfig } from '../kind.ts';

const LOST: TransitionConfig = {
  target: 'inaccessible',
  description: 'its hypervisor does not answer',
};
const STARTED: TransitionConfig = { target: 'running', description: 'libvirt reports STARTED' };
const STOPPED: TransitionConfig = { target: 'inactive', description: 'libvirt reports STOPPED' };
const UNDEFINED: TransitionConfig = { target: 'absent', description: 'libvirt reports UNDEFINED' };

export const storagePool = defineKind({
  kind: 'storage-pool',
  layer: 'hypervisor',
  describes: 'A libvirt storage pool of a host, such as the directory of local disk images.',
  source: 'libvirt virStoragePoolState: inactive, building, running, degraded, inaccessible',
  ignores: [
    'done',
    'fault',
    'define',
    'build',
    'start',
    'refresh',
    'stop',
    'undefine',
    'degrade',
    'recover',
    'fail',
    'repair',
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
          define: { target: 'defining', description: 'virStoragePoolDefineXML' },
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
          fault: { target: 'absent', description: 'rejected' },
          defined: { target: 'inactive', description: 'libvirt reports DEFINED' },
          started: STARTED,
          undefined: UNDEFINED,
          lost: { target: 'absent', description: 'the host is lost before it was stored' },
        },
      },
      inactive: {
        description: 'Defined, not in use.',
        tags: ['stable'],
        on: {
          build: { target: 'building', description: 'virStoragePoolBuild: make its directory' },
          start: { target: 'starting', description: 'virStoragePoolCreate' },
          undefine: { target: 'undefining', description: 'virStoragePoolUndefine' },
          started: STARTED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      building: {
        description: 'Its directory, file system or volume group is being made.',
        tags: ['transient'],
        entry: request('build'),
        on: {
          done: { target: 'inactive', description: 'built' },
          fault: { target: 'inactive', description: 'could not be built' },
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      starting: {
        description: 'It is mounted and its volumes are listed.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'running', description: 'its volumes are known' },
          fault: { target: 'inactive', description: 'its directory or device is not there' },
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      running: {
        description: 'Volumes can be made and used.',
        tags: ['stable', 'serving'],
        on: {
          refresh: { target: 'refreshing', description: 'virStoragePoolRefresh: list it anew' },
          stop: {
            target: 'stopping',
            description: 'virStoragePoolDestroy: out of use, data stays',
          },
          degrade: { target: 'degraded', description: 'the device below lost redundancy' },
          fail: { target: 'inaccessible', description: 'its file system or device fails' },
          stopped: STOPPED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      refreshing: {
        description: 'Its volumes are listed anew; they stay in use.',
        tags: ['transient', 'serving'],
        entry: request('refresh'),
        on: {
          done: { target: 'running', description: 'listed' },
          fault: { target: 'running', description: 'the listing failed; the old one is kept' },
          fail: { target: 'inaccessible', description: 'its file system or device fails' },
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      degraded: {
        description: 'In use, on a device without redundancy.',
        tags: ['failed', 'serving'],
        on: {
          recover: { target: 'running', description: 'the device is redundant again' },
          fail: { target: 'inaccessible', description: 'the device fails altogether' },
          stop: { target: 'stopping', description: 'virStoragePoolDestroy' },
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
          lost: LOST,
        },
      },
      inaccessible: {
        description: 'Cannot be reached.',
        tags: ['failed'],
        on: {
          restored: { target: 'starting', description: 'the hypervisor starts it (autostart)' },
          repair: { target: 'starting', description: 'its device is there again' },
          started: STARTED,
          stopped: STOPPED,
          undefined: UNDEFINED,
        },
      },
      stopping: {
        description: 'It is taken out of use.',
        tags: ['transient'],
        entry: request('destroy'),
        on: {
          done: { target: 'inactive', description: 'out of use' },
          fault: { target: 'running', description: 'still in use' },
          stopped: STOPPED,
          started: STARTED,
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
          undefined: UNDEFINED,
          stopped: STOPPED,
          lost: LOST,
        },
      },
    },
  },
});
