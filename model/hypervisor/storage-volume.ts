import { defineKind, request, type TransitionConfig } from '../kind.ts';

const LOST: TransitionConfig = { target: 'inaccessible', description: 'its pool is not there' };
const DELETE: TransitionConfig = { target: 'deleting', description: 'virStorageVolDelete' };
const GONE: TransitionConfig = { target: 'deleted', description: 'no longer listed in its pool' };
const LISTED: TransitionConfig = { target: 'available', description: 'listed in its pool' };

export const storageVolume = defineKind({
  kind: 'storage-volume',
  layer: 'hypervisor',
  describes: 'A volume of a libvirt storage pool: the local disk image of a domain.',
  source: 'libvirt storage volume API (virStorageVolCreateXML, Resize, Wipe, Delete)',
  ignores: [
    'done',
    'fault',
    'resize',
    'wipe',
    'delete',
    'listed',
    'gone',
    'fail',
    'repair',
    'lost',
    'restored',
  ],
  machine: {
    initial: 'creating',
    states: {
      creating: {
        description: 'The image is allocated, or copied from a base image.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'available', description: 'allocated' },
          fault: { target: 'error', description: 'no space, or the name is taken' },
          listed: LISTED,
          delete: DELETE,
          gone: GONE,
          lost: { target: 'error', description: 'its pool went away while it was allocated' },
        },
      },
      available: {
        description: 'Can be read and written.',
        tags: ['stable', 'serving'],
        on: {
          resize: { target: 'resizing', description: 'virStorageVolResize' },
          wipe: { target: 'wiping', description: 'virStorageVolWipe' },
          delete: DELETE,
          gone: GONE,
          fail: { target: 'error', description: 'the image is damaged' },
          lost: LOST,
        },
      },
      resizing: {
        description: 'It grows, in use.',
        tags: ['transient', 'serving'],
        entry: request('resize'),
        on: {
          done: { target: 'available', description: 'has its new size' },
          fault: { target: 'available', description: 'keeps its size' },
          listed: LISTED,
          gone: GONE,
          lost: LOST,
        },
      },
      wiping: {
        description: 'It is overwritten.',
        tags: ['transient'],
        entry: request('wipe'),
        on: {
          done: { target: 'available', description: 'overwritten' },
          fault: { target: 'error', description: 'overwritten in part' },
          listed: LISTED,
          delete: DELETE,
          gone: GONE,
          lost: LOST,
        },
      },
      inaccessible: {
        description: 'Its pool is not there; the data stays.',
        tags: ['failed'],
        on: {
          restored: { target: 'available', description: 'its pool is there again' },
          listed: LISTED,
          gone: GONE,
        },
      },
      error: {
        description: 'Incomplete or damaged.',
        tags: ['failed'],
        on: {
          delete: DELETE,
          gone: GONE,
          listed: LISTED,
          repair: { target: 'available', description: 'restored from a backup' },
        },
      },
      deleting: {
        description: 'The image is removed.',
        tags: ['transient'],
        entry: request('delete'),
        on: {
          done: GONE,
          gone: GONE,
          fault: { target: 'error', description: 'could not be removed' },
          listed: LISTED,
          lost: LOST,
        },
      },
      deleted: {
        description: 'No longer in its pool.',
        tags: ['stable'],
        on: { listed: LISTED },
      },
    },
  },
});
