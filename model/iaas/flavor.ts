import { defineKind, request } from '../kind.ts';

export const flavor = defineKind({
  kind: 'flavor',
  layer: 'iaas',
  describes: 'A nova flavor: the size of a server (vCPUs, memory, disk).',
  source: 'docs.openstack.org/api-ref/compute (flavors); 409 for a duplicate name seen with Zed',
  ignores: ['done', 'fault', 'make_private', 'make_public', 'delete'],
  machine: {
    initial: 'creating',
    states: {
      creating: {
        description: 'POST /flavors is on its way.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'public', description: 'every project may use it' },
          fault: { target: 'deleted', description: '409: the name or the id is taken' },
        },
      },
      public: {
        description: 'Every project may use it.',
        tags: ['stable', 'serving'],
        on: {
          make_private: { target: 'private', description: 'only projects with access may use it' },
          delete: { target: 'deleted', description: 'no new servers of it; old ones keep theirs' },
        },
      },
      private: {
        description: 'Only projects with access may use it.',
        tags: ['stable', 'serving'],
        on: {
          make_public: { target: 'public', description: 'every project may use it again' },
          delete: { target: 'deleted', description: 'no new servers of it; old ones keep theirs' },
        },
      },
      deleted: { description: 'Not listed; servers remember their own copy.', tags: ['stable'] },
    },
  },
});
