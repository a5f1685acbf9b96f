import { defineKind, request, type Transitions } from '../kind.ts';

const DELETE: Transitions = { target: 'deleted', description: 'DELETE /images/ID' };

export const image = defineKind({
  kind: 'image',
  layer: 'iaas',
  describes: 'A glance image: what the disks of new servers are made from.',
  source:
    'docs.openstack.org/glance "Image statuses"; the store region says whether its data can be read',
  ignores: [
    ...['lost', 'restored', 'done', 'fault', 'upload', 'import', 'delete'],
    ...['deactivate', 'reactivate'],
  ],
  machine: {
    type: 'parallel',
    states: {
      status: {
        initial: 'queued',
        states: {
          queued: {
            description: 'Its record exists; no data was sent.',
            tags: ['transient'],
            on: {
              upload: { target: 'saving', description: 'PUT /images/ID/file: data arrives' },
              import: { target: 'uploading', description: 'PUT /images/ID/stage: data is staged' },
              delete: DELETE,
            },
          },
          saving: {
            description: 'Data is written to the store.',
            tags: ['transient'],
            entry: request('save'),
            on: {
              done: { target: 'active', description: 'all of it is in the store' },
              fault: { target: 'killed', description: 'the upload failed: it cannot be used' },
              delete: DELETE,
            },
          },
          uploading: {
            description: 'Data is staged for an interoperable import.',
            tags: ['transient'],
            entry: request('stage'),
            on: {
              done: { target: 'importing', description: 'POST /images/ID/import' },
              fault: { target: 'queued', description: 'staging failed; it may be tried again' },
              delete: DELETE,
            },
          },
          importing: {
            description: 'The staged data is converted and moved into the store.',
            tags: ['transient'],
            entry: request('import'),
            on: {
              done: { target: 'active', description: 'all of it is in the store' },
              fault: { target: 'queued', description: 'the import failed; it may be tried again' },
              delete: DELETE,
            },
          },
          active: {
            description: 'Can be used.',
            tags: ['stable', 'serving'],
            on: {
              deactivate: { target: 'deactivated', description: 'an operator examines it' },
              delete: { target: 'pending_delete', description: 'DELETE with delayed_delete' },
            },
          },
          deactivated: {
            description: 'Its data may not be read.',
            tags: ['stable'],
            on: {
              reactivate: { target: 'active', description: 'an operator releases it' },
              delete: DELETE,
            },
          },
          killed: {
            description: 'An upload failed.',
            tags: ['failed'],
            on: { delete: DELETE },
          },
          pending_delete: {
            description: 'Its data is being removed.',
            tags: ['transient'],
            entry: request('delete'),
            on: {
              done: { target: 'deleted', description: 'its data is gone' },
              fault: {
                target: 'active',
                description: 'the store refuses: images are cloned from it',
              },
            },
          },
          deleted: { description: 'Gone.', tags: ['stable'] },
        },
      },
      store: {
        initial: 'up',
        states: {
          up: {
            description: 'Its data can be read.',
            tags: ['stable', 'serving'],
            on: { lost: { target: 'down', description: 'its RBD image cannot be read' } },
          },
          down: {
            description: 'Its data cannot be read; glance still says active.',
            tags: ['failed'],
            on: { restored: { target: 'up', description: 'its RBD image can be read again' } },
          },
        },
      },
    },
  },
});
