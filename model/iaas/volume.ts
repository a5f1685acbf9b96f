import { defineKind, request, type StateConfig, type Transitions } from '../kind.ts';

type On = Readonly<Record<string, Transitions>>;

const RESET: On = {
  reset_error: { target: 'error', description: 'an operator resets the status to error' },
};

function busy(
  description: string,
  verb: string,
  done: string,
  fault: string,
  on: On = {},
): StateConfig {
  return {
    description,
    tags: ['transient'],
    entry: request(verb),
    on: {
      ...RESET,
      ...on,
      done: { target: done, description: 'the backend has done it' },
      fault: { target: fault, description: 'the backend failed' },
    },
  };
}

/** As `busy`, on a volume whose data a server can use meanwhile. */
const busyInUse = (...args: Parameters<typeof busy>): StateConfig => ({
  ...busy(...args),
  tags: ['transient', 'serving'],
});

const DELETE: On = { delete: { target: 'deleting', description: 'DELETE /volumes/ID' } };

export const volume = defineKind({
  kind: 'volume',
  layer: 'iaas',
  describes: 'A cinder volume: a block device that servers attach.',
  source:
    'docs.openstack.org/api-ref/block-storage/v3 "Volume statuses"; create and attach seen with ' +
    'cinder 21 (Zed). The backend region is what cinder calls backend_state.',
  ignores: [
    ...['lost', 'restored', 'done', 'fault', 'reserve', 'unreserve', 'attach', 'detach', 'delete'],
    ...['extend', 'upload', 'retype', 'backup', 'restore_backup', 'revert', 'offer_transfer'],
    ...['accept_transfer', 'cancel_transfer', 'maintain', 'end_maintenance'],
    ...['reset_error', 'reset_available', 'download'],
  ],
  machine: {
    type: 'parallel',
    states: {
      status: {
        initial: 'creating',
        states: {
          creating: busy('The backend makes it.', 'create', 'available', 'error', {
            ...DELETE,
            download: { target: 'downloading', description: 'it is filled from an image' },
          }),
          downloading: busy('Filled from an image.', 'download', 'available', 'error'),
          available: {
            description: 'Exists, attached to nothing.',
            tags: ['stable', 'serving'],
            on: {
              ...RESET,
              ...DELETE,
              reserve: { target: 'reserved', description: 'nova will attach it' },
              attach: {
                target: 'reserved',
                actions: request('attach'),
                description: 'nova reserves it for a server, whose host connects it then',
              },
              extend: { target: 'extending', description: 'os-extend' },
              upload: { target: 'uploading', description: 'os-volume_upload_image' },
              retype: { target: 'retyping', description: 'os-retype' },
              backup: { target: 'backing-up', description: 'POST /backups' },
              restore_backup: {
                target: 'restoring-backup',
                description: 'POST /backups/ID/restore',
              },
              revert: { target: 'reverting', description: 'revert to its last snapshot' },
              offer_transfer: {
                target: 'awaiting-transfer',
                description: 'POST /volume-transfers: offered to another project',
              },
              maintain: { target: 'maintenance', description: 'locked for a migration' },
            },
          },
          reserved: {
            description: 'Claimed by nova for an attachment.',
            tags: ['transient', 'serving'],
            on: {
              ...RESET,
              attach: { target: 'attaching', description: 'the host connects it' },
              unreserve: { target: 'available', description: 'the attachment was given up' },
              done: { target: 'in-use', description: 'connected before anybody looked' },
              fault: { target: 'available', description: 'the attachment was refused' },
            },
          },
          attaching: busyInUse('Its host connects it.', 'attach', 'in-use', 'available'),
          'in-use': {
            description: 'Attached to a server.',
            tags: ['stable', 'serving'],
            on: {
              ...RESET,
              detach: { target: 'detaching', description: 'the attachment is deleted' },
              extend: { target: 'extending', description: 'os-extend of an attached volume' },
              retype: { target: 'retyping', description: 'os-retype with migration' },
              reserve: { target: 'reserved', description: 'it moves with its server' },
            },
          },
          detaching: busyInUse('Its host disconnects it.', 'detach', 'available', 'in-use'),
          extending: busyInUse('Grows.', 'extend', 'available', 'error_extending'),
          error_extending: {
            description: 'Growing it failed.',
            tags: ['failed', 'serving'],
            on: {
              ...DELETE,
              reset_available: { target: 'available', description: 'an operator resets it' },
            },
          },
          uploading: busyInUse('Copied into an image.', 'upload', 'available', 'available'),
          retyping: busyInUse('Moves to another volume type.', 'retype', 'available', 'available'),
          'backing-up': busyInUse('A backup is taken.', 'backup', 'available', 'error_backing-up'),
          'error_backing-up': {
            description: 'The backup failed; the volume is untouched.',
            tags: ['failed', 'serving'],
            on: {
              ...DELETE,
              reset_available: { target: 'available', description: 'an operator resets it' },
            },
          },
          'restoring-backup': busy(
            'A backup overwrites it.',
            'restore_backup',
            'available',
            'error_restoring',
          ),
          error_restoring: {
            description: 'Restoring failed: its data is of no use.',
            tags: ['failed'],
            on: DELETE,
          },
          reverting: busy('Goes back to its last snapshot.', 'revert', 'available', 'error'),
          'awaiting-transfer': {
            description: 'Offered to another project.',
            tags: ['stable'],
            on: {
              accept_transfer: { target: 'available', description: 'the other project took it' },
              cancel_transfer: { target: 'available', description: 'the offer is withdrawn' },
            },
          },
          maintenance: {
            description: 'Locked while it migrates between backends.',
            tags: ['transient'],
            on: { end_maintenance: { target: 'available', description: 'the migration ended' } },
          },
          deleting: busy('The backend removes it.', 'delete', 'deleted', 'error_deleting'),
          error_deleting: {
            description: 'The backend could not remove it (snapshots, watchers).',
            tags: ['failed'],
            on: DELETE,
          },
          error: {
            description: 'Cannot be used.',
            tags: ['failed'],
            on: {
              ...DELETE,
              reset_available: { target: 'available', description: 'an operator resets it' },
            },
          },
          deleted: { description: 'Gone.', tags: ['stable'] },
        },
      },
      backend: {
        initial: 'up',
        states: {
          up: {
            description: 'Its data can be read and written.',
            tags: ['stable', 'serving'],
            on: { lost: { target: 'down', description: 'its RBD image is blocked: I/O hangs' } },
          },
          down: {
            description: 'I/O hangs; the status of the volume does not change.',
            tags: ['failed'],
            on: { restored: { target: 'up', description: 'I/O goes on' } },
          },
        },
      },
    },
  },
});
