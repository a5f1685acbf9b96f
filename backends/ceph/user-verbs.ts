import { z } from 'zod';
import type { KindParams } from '../verb-params.ts';
import { withKeyFile } from './key-file.ts';
import { parsed } from './session.ts';
import { isGone, monVerb, nothing, settle, type VerbContext, type Verbs } from './verbs.ts';

const caps = z
  .record(z.string(), z.string())
  .describe('What it may do, by service, such as `mon: allow r`.');

export const USER_PARAMS = {
  create: z.object({
    caps,
    keyring_file: z
      .string()
      .optional()
      .describe('New file of this machine for its keyring; the key is shown nowhere else.'),
  }),
  set_caps: z.object({ caps }),
} as const satisfies KindParams;

const list = (wanted: Readonly<Record<string, string>>) => Object.entries(wanted).flat();
/** The key is written into a file of lines: it must be what a key looks like, and nothing else. */
const made = z
  .array(z.object({ key: z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, 'is not a key') }))
  .length(1);

async function createUser(context: VerbContext) {
  const { session, name, attempt } = context;
  const params = context.read(USER_PARAMS.create);
  const args = { entity: name, caps: list(params.caps) };
  await withKeyFile(params.keyring_file, async () => {
    const { out } = await session.mon('auth get-or-create', args, { act: attempt });
    const [{ key }] = parsed('ceph auth get-or-create', out, made, 'unknown');
    return `[${name}]\n\tkey = ${key}\n`;
  });
  return settle(context, ({ state }) => state === 'present');
}

export const USER_VERBS: Verbs = {
  create: createUser,
  set_caps: monVerb({
    params: USER_PARAMS.set_caps,
    commands: (entity, p) => [['auth caps', { entity, caps: list(p.caps) }]],
    settled: (seen, p) =>
      Object.entries(p.caps).every(([service, allowed]) => {
        return seen.attributes?.[`caps_${service}`] === allowed;
      }),
  }),
  remove: monVerb({
    params: nothing,
    commands: (entity) => [['auth rm', { entity }]],
    settled: isGone,
  }),
};
