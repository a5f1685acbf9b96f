import { defineKind, request, type TransitionConfig } from '../kind.ts';
import { type Definable, definitionStates, reportsOf } from './definition.ts';

const LOST: TransitionConfig = {
  target: 'inaccessible',
  description: 'its hypervisor does not answer',
};
const DEFINITION: Definable = { api: 'virStoragePool', inUse: 'running', lost: LOST };
const REPORTS = reportsOf(DEFINITION);
const { absent, defining, undefining } = definitionStates(DEFINITION);

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
      absent,
      defining,
      inactive: {
        description: 'Defined, not in use.',
        tags: ['stable'],
        on: {
          build: { target: 'building', description: 'virStoragePoolBuild: make its directory' },
          start: { target: 'starting', description: 'virStoragePoolCreate' },
          undefine: { target: 'undefining', description: 'virStoragePoolUndefine' },
          started: REPORTS.started,
          undefined: REPORTS.undefined,
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
          ...REPORTS,
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
          ...REPORTS,
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
          stopped: REPORTS.stopped,
          undefined: REPORTS.undefined,
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
          ...REPORTS,
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
          ...REPORTS,
          lost: LOST,
        },
      },
      inaccessible: {
        description: 'Cannot be reached.',
        tags: ['failed'],
        on: {
          restored: { target: 'starting', description: 'the hypervisor starts it (autostart)' },
          repair: { target: 'starting', description: 'its device is there again' },
          ...REPORTS,
        },
      },
      stopping: {
        description: 'It is taken out of use.',
        tags: ['transient'],
        entry: request('destroy'),
        on: {
          done: { target: 'inactive', description: 'out of use' },
          fault: { target: 'running', description: 'still in use' },
          ...REPORTS,
          lost: LOST,
        },
      },
      undefining,
    },
  },
});
