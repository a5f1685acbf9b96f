import { z } from 'zod';
import { hasQuota, setQuota } from './gateway-users.ts';
import type { RadosgwAdmin } from './radosgw-admin.ts';
import type { S3, S3How } from './s3.ts';
import { isGone, isThere, parseParams, settle, type VerbContext, type Verbs } from './verbs.ts';

const text = z.string();
const put = z.union([z.object({ key: text, body: text }), z.object({ key: text, file: text })]);
const key = z.object({ key: text });
const get = z.object({ key: text, file: text });

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
      const params = parseParams(put, context.params);
      const body = 'file' in params ? { file: params.file } : params.body;
      await s3().putObject(context.name, params.key, body, acting(context));
      return settle(context, isThere);
    },
    get_object: async (context) => {
      const params = parseParams(get, context.params);
      const how = { signal: context.attempt.signal };
      await s3().getObject(context.name, params.key, params.file, how);
      return settle(context, isThere);
    },
    delete_object: async (context) => {
      const params = parseParams(key, context.params);
      await s3().deleteObject(context.name, params.key, acting(context));
      return settle(context, isThere);
    },
    set_quota: async (context) => {
      await setQuota(admin, ['--quota-scope', 'bucket', '--bucket', context.name], context);
      return settle(context, (seen) => hasQuota(seen, context.params));
    },
  };
}
