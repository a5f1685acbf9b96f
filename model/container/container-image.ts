import { defineKind, request } from '../kind.ts';

export const containerImage = defineKind({
  kind: 'container-image',
  layer: 'container',
  describes: 'One OCI image in the store of one runtime.',
  source: 'CRI v1 ImageService (PullImage, ImageStatus, RemoveImage); kubelet image pull policy',
  // Pulling what is there and removing what is not change nothing (CRI: both succeed).
  ignores: ['pull', 'remove', 'imported', 'gone', 'interrupted', 'done', 'fault'],
  machine: {
    initial: 'absent',
    states: {
      absent: {
        description: 'Not in the store (ImageStatus returns no image).',
        tags: ['stable'],
        on: {
          pull: { target: 'pulling', description: 'PullImage: a container needs it here' },
          imported: { target: 'present', description: 'it was imported from an archive' },
        },
      },
      pulling: {
        description: 'Layers are fetched from the registry and unpacked.',
        tags: ['transient'],
        entry: request('pull'),
        on: {
          done: { target: 'present', description: 'all layers are unpacked' },
          imported: { target: 'present', description: 'it appeared by an import meanwhile' },
          fault: { target: 'failed', description: 'ErrImagePull: registry unreachable or denies' },
          interrupted: { target: 'failed', description: 'the runtime died during the pull' },
        },
      },
      present: {
        description: 'In the store: containers can be created from it.',
        tags: ['stable', 'serving'],
        on: {
          remove: { target: 'removing', description: 'image garbage collection, or crictl rmi' },
          gone: { target: 'absent', description: 'it was removed behind our back' },
        },
      },
      failed: {
        description: 'The last pull failed; the kubelet tries again with a back-off.',
        tags: ['failed'],
        on: {
          pull: { target: 'pulling', description: 'the back-off is over' },
          imported: { target: 'present', description: 'it was imported from an archive' },
          remove: { target: 'absent', description: 'nobody wants it any more' },
        },
      },
      removing: {
        description: 'References and layers are dropped from the store.',
        tags: ['transient'],
        entry: request('remove'),
        on: {
          done: { target: 'absent', description: 'the image is gone' },
          gone: { target: 'absent', description: 'the image is gone' },
          fault: { target: 'present', description: 'the store refuses; the image stays' },
          interrupted: { target: 'present', description: 'the runtime died; the image stays' },
        },
      },
    },
  },
});
