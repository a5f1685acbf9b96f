/** Files of a host: read whole, and written so that nobody ever sees half of one. */
import { randomBytes } from 'node:crypto';
import type { Attempt } from '../driver.ts';
import { acting } from './kind-driver.ts';
import type { SshSession } from './session.ts';

const FILE_S = 60;

/** The content of a file, at most 8 MiB. */
export async function readFile(session: SshSession, path: string): Promise<string> {
  return (await session.ask(['cat', '--', path])).stdout;
}

/**
 * Writes a file beside its place and moves it there. `mode` is octal, such as `0644`; the owner is
 * the user who signed in.
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
  await session.act(['install', '-m', '0600', '/dev/stdin', beside], {
    ...options,
    input: content,
  });
  await session.act(['chmod', mode, '--', beside], options);
  await session.act(['mv', '-f', '--', beside, path], options);
  attempt.effect('done');
}
