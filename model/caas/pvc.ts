import { defineKind, request, type TransitionConfig } from '../kind.ts';

const DELETE: TransitionConfig = {
  target: 'Terminating',
  description: 'DELETE: its volume is released and, by its reclaim policy, deleted',
};
const VOLUME_GONE: TransitionConfig = {
  target: 'Lost',
  description: 'the PersistentVolume it was bound to does not exist any more',
};

export const pvc = defineKind({
  kind: 'pvc',
  layer: 'caas',
  describes: 'A PersistentVolumeClaim, bound by the CSI provisioner to a volume (an RBD image).',
  source: 'kubernetes.io "Persistent Volumes": phases Pending, Bound, Lost; Ceph CSI',
  ignores: ['lost', 'restored', 'volume_lost', 'bound', 'delete', 'expand', 'done', 'fault'],
  machine: {
    initial: 'Pending',
    states: {
      Pending: {
        description: 'Waits for its volume to be provisioned and bound.',
        tags: ['transient'],
        entry: request('provision'),
        on: {
          done: { target: 'Bound', description: 'the volume exists and is bound to it' },
          bound: { target: 'Bound', description: 'the API reports phase Bound' },
          fault: { target: 'provisioning_failed', description: 'the provisioner reports an error' },
          restored: {
            target: 'Pending',
            reenter: true,
            description: 'its image is there: the provisioner goes on',
          },
          delete: DELETE,
        },
      },
      provisioning_failed: {
        description: 'Phase Pending, event ProvisioningFailed; the provisioner tries again.',
        tags: ['failed'],
        on: {
          bound: { target: 'Bound', description: 'the API reports phase Bound' },
          delete: DELETE,
        },
        after: {
          provision_retry: { target: 'Pending', description: 'the back-off is over' },
        },
      },
      Bound: {
        description: 'Bound to its volume.',
        initial: 'usable',
        on: { volume_lost: VOLUME_GONE, delete: DELETE },
        states: {
          usable: {
            description: 'Its volume reads and writes.',
            tags: ['stable', 'serving'],
            on: {
              lost: {
                target: 'stalled',
                description: 'its image hangs (inactive or full pool): input and output wait',
              },
              expand: { target: 'resizing', description: 'a larger size is requested' },
            },
          },
          stalled: {
            description: 'Bound, yet reads and writes hang.',
            tags: ['failed'],
            on: { restored: { target: 'usable', description: 'its image answers again' } },
          },
          resizing: {
            description: 'The volume and its file system are being grown online.',
            tags: ['transient', 'serving'],
            entry: request('expand'),
            on: {
              done: { target: 'usable', description: 'the file system has its new size' },
              fault: { target: 'usable', description: 'refused: the old size stays' },
              lost: { target: 'stalled', description: 'its image hangs' },
            },
          },
        },
      },
      Lost: {
        description: 'Its volume is gone, and its data with it.',
        tags: ['failed'],
        on: { delete: DELETE },
      },
      Terminating: {
        description: 'Waits until no pod uses it, then its volume is deleted.',
        tags: ['transient'],
        entry: request('delete'),
        on: {
          done: { target: 'deleted', description: 'the volume is deleted' },
          fault: { target: 'Lost', description: 'the volume could not be deleted' },
        },
      },
      deleted: { description: 'The claim is gone.', tags: ['stable'] },
    },
  },
});
