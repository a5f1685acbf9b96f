/** Keeps what the first start makes, so that later ones need not make it again. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { command } from '../command.ts';
import type { Namespace } from './namespace.ts';
import type { StackPaths } from './paths.ts';

/**
 * Saves the databases and images of a running cloud. MariaDB stands still meanwhile, so that what
 * is copied is what a power cut at that moment would leave, which it recovers from at its start.
 */
export async function saveSnapshot(namespace: Namespace, paths: StackPaths): Promise<void> {
  mkdirSync(dirname(paths.snapshot), { recursive: true });
  const half = `${paths.snapshot}.new`;
  process.kill(namespace.holder, 'SIGSTOP');
  try {
    await command('tar', [
      ...['--create', '--sparse', '--zstd', '--file', half],
      ...['--directory', dirname(paths.var), '--exclude=ib_buffer_pool', '--exclude=*.sock'],
      basename(paths.var),
    ]);
  } finally {
    process.kill(namespace.holder, 'SIGCONT');
  }
  renameSync(half, paths.snapshot);
}

/** Begins with the snapshot, if there is one. */
export async function restoreSnapshot(paths: StackPaths): Promise<boolean> {
  rmSync(paths.var, { recursive: true, force: true });
  mkdirSync(paths.var, { recursive: true, mode: 0o755 });
  if (!existsSync(paths.snapshot)) return false;
  await command('tar', ['--extract', '--file', paths.snapshot, '--directory', dirname(paths.var)]);
  return true;
}
