import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { FaultError } from '../fault.ts';
import type { KindParams } from '../verb-params.ts';
import { withKeyFile } from './key-file.ts';
import type { RadosgwAdmin } from './radosgw-admin.ts';
import { hasGatewayPools } from './service-map.ts';
import { parsed } from './session.ts';
import { isGone, settle, type Verb, type VerbContext, type Verbs } from './verbs.ts';
import type { View } from './view.ts';

const quota = z.object({ enabled: z.boolean(), max_size: z.number(), max_objects: z.number() });
/** Only what is named here is kept of the answer: the keys are not. */
const user = z.object({
  user_id: z.string(),
  display_name: z.string(),
  suspended: z.number(),
  max_buckets: z.number(),
  user_quota: quota,
  bucket_quota: quota,
});

/** EINVAL is what it says of a user that is not there. */
const NO_USER = /no user info saved|user not found|NoSuchUser/i;

export async function gatewayUser(
  admin: RadosgwAdmin,
  uid: string,
  signal?: AbortSignal,
): Promise<Observation> {
  try {
    const info = await admin.json(['user', 'info', '--uid', uid], user, { signal });
    return observation(info);
  } catch (thrown) {
    const isAbsent = thrown instanceof FaultError && NO_USER.test(thrown.fault.message);
    if (isAbsent) return { kind: 'rgw-user', entity: uid, state: 'absent' };
    throw thrown;
  }
}

/** Users of the object gateway; they are there, suspended or not. */
export async function gatewayUserObservations(
  view: View,
  admin: RadosgwAdmin,
): Promise<readonly Observation[]> {
  if (!(await view.of(hasGatewayPools))) return [];
  const { signal } = view;
  const uids = await admin.json(['user', 'list'], z.array(z.string()), { signal });
  const found: Observation[] = [];
  for (const uid of uids) found.push(await gatewayUser(admin, uid, signal));
  return found.filter((seen) => !isGone(seen));
}

function observation(info: z.infer<typeof user>): Observation {
  const { enabled, max_size, max_objects } = info.user_quota;
  return {
    kind: 'rgw-user',
    entity: info.user_id,
    state: info.suspended ? 'suspended' : 'present',
    attributes: {
      display_name: info.display_name,
      max_buckets: info.max_buckets,
      quota_max_bytes: enabled && max_size >= 0 ? max_size : 0,
      quota_max_objects: enabled && max_objects >= 0 ? max_objects : 0,
    },
  };
}

export const limits = z.object({
  max_bytes: z.int().min(0).optional().describe('Bytes of its objects; without limit by default.'),
  max_objects: z.int().min(0).optional().describe('Objects; without limit by default.'),
});
type Limits = z.infer<typeof limits>;

export const GATEWAY_USER_PARAMS = {
  create: z.object({
    display_name: z.string().optional().describe('For people; by default its own name.'),
    max_buckets: z.int().optional().describe('Buckets at most; the gateway chooses by default.'),
    credentials_file: z
      .string()
      .optional()
      .describe('New file of this machine for its keys, as the tools of AWS read it.'),
    profile: z
      .string()
      .regex(/^[\w-]+$/, 'the name of a profile')
      .default('default')
      .describe('Name of the profile in that file.'),
  }),
  set_quota: limits,
} as const satisfies KindParams;

/**
 * Keys are written into a file of lines, in which another line could be a program to run: so they
 * must be one word each.
 */
const word = z.string().regex(/^[\x21-\x7e]+$/, 'is not a key');
const keys = z.object({ keys: z.array(z.object({ access_key: word, secret_key: word })).min(1) });

async function createUser(admin: RadosgwAdmin, context: VerbContext): Promise<Observation> {
  const { name, attempt } = context;
  const params = context.read(GATEWAY_USER_PARAMS.create);
  const args = [
    ...['user', 'create', '--uid', name, '--display-name', params.display_name ?? name],
    ...(params.max_buckets === undefined ? [] : ['--max-buckets', String(params.max_buckets)]),
  ];
  await withKeyFile(params.credentials_file, async () => {
    const out = await admin.run(args, { act: attempt });
    const made = parsed('radosgw-admin user create', out, keys, 'unknown');
    const [{ access_key, secret_key }] = made.keys;
    return [
      `[${params.profile}]`,
      `aws_access_key_id = ${access_key}`,
      `aws_secret_access_key = ${secret_key}\n`,
    ].join('\n');
  });
  return settle(context, ({ state }) => state === 'present');
}

/** Sets a quota and turns it on; nothing given: turns it off. */
export async function setQuota(
  admin: RadosgwAdmin,
  scope: readonly string[],
  context: VerbContext,
): Promise<Observation> {
  const given = context.read(limits);
  const { max_bytes, max_objects } = given;
  const how = { act: context.attempt };
  if (max_bytes === undefined && max_objects === undefined) {
    await admin.run(['quota', 'disable', ...scope], how);
  } else {
    const sizes = [
      '--max-size',
      String(max_bytes ?? -1),
      '--max-objects',
      String(max_objects ?? -1),
    ];
    await admin.run(['quota', 'set', ...scope, ...sizes], how);
    await admin.run(['quota', 'enable', ...scope], how);
  }
  return settle(context, (seen) => hasQuota(seen, given));
}

function hasQuota(seen: Observation, { max_bytes = 0, max_objects = 0 }: Limits): boolean {
  const { quota_max_bytes, quota_max_objects } = seen.attributes ?? {};
  return quota_max_bytes === max_bytes && quota_max_objects === max_objects;
}

export function gatewayUserVerbs(admin: RadosgwAdmin): Verbs {
  const simple =
    (args: readonly string[], settled: (seen: Observation) => boolean): Verb =>
    async (context) => {
      await admin.run([...args, '--uid', context.name], { act: context.attempt });
      return settle(context, settled);
    };
  return {
    create: (context) => createUser(admin, context),
    suspend: simple(['user', 'suspend'], ({ state }) => state === 'suspended'),
    enable: simple(['user', 'enable'], ({ state }) => state === 'present'),
    set_quota: (context) =>
      setQuota(admin, ['--quota-scope', 'user', '--uid', context.name], context),
    remove: simple(['user', 'rm'], isGone),
  };
}
