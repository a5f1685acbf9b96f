import { z } from 'zod';
import type { KindParams } from '../verb-params.ts';
import { cephFault } from './faults.ts';
import { limits, setQuota } from './gateway-users.ts';
import type { RadosgwAdmin } from './radosgw-admin.ts';
import type { S3, S3How } from './s3.ts';
import { isGone, isThere, settle, type VerbContext, type Verbs } from './verbs.ts';

const ofObject = z.object({ key: z.string().describe('Name of the object.') });

export const BUCKET_PARAMS = {
  put_object: ofObject
    .extend({
      body: z.string().optional().describe('What is in it, as text.'),
      file: z
        .string()
        .optional()
        .describe('File of this machine whose content it gets, where there is no `body`.'),
    })
    .refine(({ body, file }) => body !== undefined || file !== undefined, {
      message: 'body or file',
      path: ['body'],
    }),
  get_object: ofObject.extend({
    file: z.string().describe('File of this machine that its content is written to.'),
  }),
  delete_object: ofObject,
  set_quota: limits,
} as const satisfies KindParams;

function acting({ attempt }: VerbContext): S3How {
  return { signal: attempt.signal, effect: attempt.effect };
}

/** Buckets and their objects by S3; quotas by the gateway's administration. */
export function bucketVerbs(s3: () => S3, admin: RadosgwAdmin): Verbs {
  return {
    create: async (context) => {
      await s3().createBucket(context.name, acting(context));
      return settle(context, isThere);
    },
    remove: async (context) => {
      const before = await context.look(context.attempt.signal);
      if (isGone(before)) return before;
      await s3().deleteBucket(context.name, acting(context));
      return settle(context, isGone);
    },
    put_object: async (context) => {
      const { key, body, file } = context.read(BUCKET_PARAMS.put_object);
      const content = body ?? (file === undefined ? undefined : { file });
      if (content === undefined) throw cephFault('CEPH_BAD_PARAMS', 'body or file is missing');
      await s3().putObject(context.name, key, content, acting(context));
      return settle(context, isThere);
    },
    get_object: async (context) => {
      const params = context.read(BUCKET_PARAMS.get_object);
      const how = { signal: context.attempt.signal };
      await s3().getObject(context.name, params.key, params.file, how);
      return settle(context, isThere);
    },
    delete_object: async (context) => {
      const params = context.read(BUCKET_PARAMS.delete_object);
      await s3().deleteObject(context.name, params.key, acting(context));
      return settle(context, isThere);
    },
    set_quota: (context) =>
      setQuota(admin, ['--quota-scope', 'bucket', '--bucket', context.name], context),
  };
}
