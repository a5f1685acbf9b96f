/** Files of a host: looked at by their digest, and written so that nobody ever sees half of one. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Action } from '../../engine/contract.ts';
import type { Attempt } from '../driver.ts';
import { paramsReader } from '../verb-params.ts';
import { sshFault } from './faults.ts';
import { acting, type KindDriver } from './kind-driver.ts';
import { fileOf } from './names.ts';
import type { SshSession } from './session.ts';

const KIND = 'file';
const FILE_S = 60;
/** A file that changes all the time is told of as it was seen last. */
const LOOKS_MAX = 5;
const SUMS_S = 300;

export const FILE_PARAMS = {
  write: z
    .object({
      content: z.string().optional().describe('What it holds, as text; or give `source`.'),
      source: z
        .string()
        .startsWith('/', { message: 'an absolute path' })
        .optional()
        .describe('File on this side with what must not stand in a scenario, an absolute path.'),
      mode: z
        .string()
        .regex(/^0?[0-7]{3}$/, { message: 'a mode, such as 0644' })
        .default('0644')
        .describe('Permissions in octal, as text.'),
    })
    .refine(({ content, source }) => (content === undefined) !== (source === undefined), {
      message: 'either content or source',
    }),
} as const;

const paramsOf = paramsReader({ [KIND]: FILE_PARAMS }, (what) => sshFault('SSH_BAD_PARAMS', what));

/** Regular files, named `HOST/PATH`. Nobody lists all of them. */
export const files: KindDriver = {
  kind: KIND,
  verbs: ['write', 'remove'],
  watched: 'asked',
  hostOf: (entity) => fileOf(entity).host,

  async perform(session, action, attempt) {
    const { entity, verb } = action;
    const { path } = fileOf(entity);
    const { type } = await statusOf(session, path);
    if (type !== 'absent' && !type.startsWith('regular')) {
      throw sshFault('SSH_WRONG_STATE', `${entity} is a ${type}`);
    }
    if (verb === 'write') {
      const { content, mode } = writingOf(action);
      await writeFile(session, path, content, mode, attempt);
    } else {
      await session.act(['rm', '-f', '--', path], acting(attempt, FILE_S));
      attempt.effect('done');
    }
  },

  async observe(session, entity) {
    const { path } = fileOf(entity);
    for (let looks = 1; ; looks++) {
      const { type, facts, stamp } = await statusOf(session, path);
      if (type === 'absent') return { kind: KIND, entity, state: 'absent' };
      const seen = { kind: KIND, entity, state: 'present' };
      if (!type.startsWith('regular')) return { ...seen, reason: type, attributes: facts };
      const sha256 = await digestOf(session, path);
      // Another file may have taken its place meanwhile: then size and content are of two files.
      const isOne = (await statusOf(session, path)).stamp === stamp;
      if (!isOne && looks < LOOKS_MAX) continue;
      // As a part of the reason, another content is a change that is reported.
      return { ...seen, reason: `${type} ${sha256}`, attributes: { ...facts, sha256 } };
    }
  },

  list: async () => [],
};

function writingOf(action: Action) {
  const { content, mode, source } = paramsOf(action, FILE_PARAMS.write);
  if (content !== undefined) return { content, mode };
  const bad = (what: string) => sshFault('SSH_BAD_PARAMS', `write of ${action.entity}: ${what}`);
  if (source === undefined) throw bad('neither content nor source');
  try {
    return { content: readFileSync(source), mode };
  } catch (cause) {
    throw bad(`source: ${(cause as Error).message}`);
  }
}

/** What is at a path: `absent`, or stat(1)'s own word for its type with what it tells of it. */
async function statusOf(session: SshSession, path: string) {
  // The last two, inode and time of change, tell one file from another.
  const format = '%F\\t%s\\t%a\\t%U\\t%G\\t%i\\t%z';
  const argv = ['env', 'LC_ALL=C', 'stat', '--printf', format, '--', path];
  const { status, stderr, stdout } = await session.ask(argv, {}, [0, 1]);
  if (status !== 0) {
    const isAbsent = /No such file or directory|Not a directory/.test(stderr);
    if (isAbsent) return { type: 'absent', facts: {}, stamp: '' };
    throw sshFault('SSH_COMMAND_FAILED', `${path}: ${stderr}`, { effect: 'none', upstream: '1' });
  }
  const [type, size, mode, owner, group] = stdout.split('\t');
  if (group === undefined) throw sshFault('SSH_MALFORMED', `stat ${path}`);
  const facts = { size_bytes: Number(size), mode: mode.padStart(4, '0'), owner, group };
  return { type, facts, stamp: stdout };
}

async function digestOf(session: SshSession, path: string): Promise<string> {
  const { stdout } = await session.ask(['sha256sum', '--', path], { timeout_s: SUMS_S });
  // A name with a backslash or the end of a line in it makes the line begin with a backslash.
  const found = /^\\?([0-9a-f]{64}) /.exec(stdout)?.[1];
  if (found !== undefined) return found;
  throw sshFault('SSH_MALFORMED', `sha256sum ${path}`);
}

/** The content of a file, at most 8 MiB. */
export async function readFile(session: SshSession, path: string): Promise<string> {
  return (await session.ask(['cat', '--', path])).stdout;
}

/**
 * Writes a file beside its place, looks whether all of it arrived, and moves it there. `mode` is
 * octal, such as `0644`; the owner is the user who signed in.
 */
export async function writeFile(
  session: SshSession,
  path: string,
  content: string | Uint8Array,
  mode: string,
  attempt: Attempt,
): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  const options = acting(attempt, FILE_S);
  try {
    const input = { ...options, input: content };
    await session.act(['install', '-m', '0600', '/dev/stdin', beside], input);
    await session.act(['chmod', mode, '--', beside], options);
    if ((await digestOf(session, beside)) !== createHash('sha256').update(content).digest('hex')) {
      throw sshFault('SSH_MALFORMED', `${path} arrived as something else`);
    }
    // -T: a folder of that name is not moved into.
    await session.act(['mv', '-f', '-T', '--', beside, path], options);
  } catch (cause) {
    await session.act(['rm', '-f', '--', beside], { timeout_s: FILE_S }).catch(() => {});
    throw cause;
  }
  attempt.effect('done');
}
