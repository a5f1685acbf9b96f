import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { cephFault } from './faults.ts';

/**
 * Makes a new file for a key, which only its owner can read, and has it filled by what `make`
 * resolves with. Nothing is overwritten and no link is followed: what was there may be readable by
 * others, or hold keys of others. Throws `CEPH_BAD_PARAMS` before `make` is called. When `make`
 * fails the file is gone again; undefined: there is none.
 */
export async function withKeyFile(
  path: string | undefined,
  make: () => Promise<string>,
): Promise<void> {
  if (path === undefined) {
    await make();
    return;
  }
  const file = opened(path);
  let isWritten = false;
  try {
    writeSync(file, await make());
    isWritten = true;
  } finally {
    closeSync(file);
    if (!isWritten) unlinkSync(path);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (cause) {
    throw cephFault('CEPH_BAD_PARAMS', `the file for the key: ${(cause as Error).message}`);
  }
}
