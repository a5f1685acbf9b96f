import { defineKind, request } from '../kind.ts';

export const bucket = defineKind({
  kind: 'bucket',
  layer: 'sds',
  describes: 'An S3 bucket: an index and objects in the pools of the object gateway.',
  source:
    'docs.ceph.com "S3 bucket operations", "Quota management" (403 QuotaExceeded); seen with 16.2.15',
  ignores: [...['lost', 'restored', 'done', 'fault', 'quota_exceeded', 'quota_cleared', 'remove']],
  machine: {
    initial: 'creating',
    states: {
      creating: {
        description: 'PUT bucket: the index objects are written.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'available', description: 'the bucket exists' },
          fault: { target: 'absent', description: 'refused: the name is taken' },
        },
      },
      available: {
        description: 'Objects can be read and written.',
        tags: ['stable', 'serving'],
        on: {
          lost: {
            target: 'unreachable',
            description: 'no gateway serves, or the pool is inactive',
          },
          quota_exceeded: { target: 'over_quota', description: 'PUT gives 403 QuotaExceeded' },
          remove: { target: 'removing', description: 'DELETE bucket' },
        },
      },
      over_quota: {
        description: 'Objects can be read and deleted, not written.',
        tags: ['failed', 'serving'],
        on: {
          lost: {
            target: 'unreachable',
            description: 'no gateway serves, or the pool is inactive',
          },
          quota_cleared: {
            target: 'available',
            description: 'objects were deleted, or more is allowed',
          },
          remove: { target: 'removing', description: 'DELETE bucket, with its objects' },
        },
      },
      unreachable: {
        description: 'Requests hang or are refused.',
        tags: ['failed'],
        on: {
          restored: { target: 'available', description: 'a gateway and the pool serve again' },
          remove: { target: 'removing', description: 'DELETE bucket, tried until it works' },
        },
      },
      removing: {
        description: 'The index objects are deleted.',
        tags: ['transient'],
        entry: request('remove'),
        on: {
          done: { target: 'absent', description: 'the bucket is gone' },
          fault: { target: 'available', description: '409 BucketNotEmpty' },
        },
      },
      absent: { description: 'There is no such bucket.', tags: ['stable'] },
    },
  },
});
