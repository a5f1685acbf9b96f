import { defineKind, request, type TransitionConfig } from '../kind.ts';

const GONE: TransitionConfig = { target: 'deleted', description: 'libvirt no longer lists it' };
const LISTED: TransitionConfig = { target: 'available', description: 'libvirt lists it' };
const DELETE: TransitionConfig = { target: 'deleting', description: 'virDomainSnapshotDelete' };

export const snapshot = defineKind({
  kind: 'snapshot',
  layer: 'hypervisor',
  describes: 'A snapshot of a domain: its disks and, when it runs, its memory.',
  source: 'libvirt domain snapshots (virDomainSnapshotCreateXML, RevertToSnapshot, Delete)',
  ignores: ['done', 'fault', 'revert', 'delete', 'listed', 'gone'],
  machine: {
    initial: 'creating',
    states: {
      creating: {
        description: 'QEMU writes the state of memory and disks.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'available', description: 'complete' },
          fault: { target: 'error', description: 'not possible with these disks, or no space' },
          listed: LISTED,
          gone: GONE,
        },
      },
      available: {
        description: 'Complete: the domain can be reverted to it.',
        tags: ['stable', 'serving'],
        on: {
          revert: { target: 'reverting', description: 'virDomainRevertToSnapshot' },
          delete: DELETE,
          gone: GONE,
        },
      },
      reverting: {
        description: 'The domain is put back to the state of the snapshot.',
        tags: ['transient'],
        entry: request('revert'),
        on: {
          done: { target: 'available', description: 'the domain is as it was then' },
          fault: { target: 'available', description: 'the domain is left as it is' },
          listed: LISTED,
          gone: GONE,
        },
      },
      error: {
        description: 'Could not be taken or removed.',
        tags: ['failed'],
        on: { delete: DELETE, gone: GONE, listed: LISTED },
      },
      deleting: {
        description: 'Its data is merged or dropped.',
        tags: ['transient'],
        entry: request('delete'),
        on: {
          done: GONE,
          gone: GONE,
          fault: { target: 'error', description: 'could not be removed' },
          listed: LISTED,
        },
      },
      deleted: {
        description: 'Gone.',
        tags: ['stable'],
        on: { listed: LISTED },
      },
    },
  },
});
