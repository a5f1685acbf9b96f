import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Secret } from '../secret.ts';
import { parsed } from './session.ts';
import { isGone, monVerb, parseParams, settle, type VerbContext, type Verbs } from './verbs.ts';

const caps = z.record(z.string(), z.string());
const create = z.object({
  caps,
  /** Where the user's keyring is written, readable by its owner only: a key is shown nowhere. */
  keyring_file: z.string().optional(),
});

const list = (wanted: Readonly<Record<string, string>>) => Object.entries(wanted).flat();
const made = z.array(z.object({ entity: z.string(), key: z.string() })).length(1);

async function createUser(context: VerbContext) {
  const { session, name, attempt } = context;
  const params = parseParams(create, context.params);
  const args = { entity: name, caps: list(params.caps) };
  const { out } = await session.mon('auth get-or-create', args, { act: attempt });
  const [user] = parsed('ceph auth get-or-create', out, made);
  const key = new Secret(user.key);
  if (params.keyring_file !== undefined) {
    const text = `[${user.entity}]\n\tkey = ${key.reveal()}\n`;
    writeFileSync(params.keyring_file, text, { mode: 0o600 });
  }
  return settle(context, ({ state }) => state === 'present');
}

export const USER_VERBS: Verbs = {
  create: createUser,
  set_caps: monVerb({
    params: z.object({ caps }),
    commands: (entity, p) => [['auth caps', { entity, caps: list(p.caps) }]],
    settled: (seen, p) =>
      Object.entries(p.caps).every(([service, allowed]) => {
        return seen.attributes?.[`caps_${service}`] === allowed;
      }),
  }),
  remove: monVerb({
    params: z.object({}),
    commands: (entity) => [['auth rm', { entity }]],
    settled: isGone,
  }),
};
