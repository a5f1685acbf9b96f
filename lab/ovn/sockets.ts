import { connect } from 'node:net';
import { dirname } from 'node:path';
import { LabError } from '../error.ts';

const LOOKS = 500;
const LOOK_MS = 20;

/** Waits until somebody listens on a unix socket: a daemon runs before it serves. */
export async function listening(path: string): Promise<void> {
  let why: string | undefined;
  for (let look = 0; look < LOOKS; look++) {
    why = await refusal(path);
    if (why === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new LabError(
    'LAB_START_FAILED',
    `nobody listens on ${path}: ${why}`,
    `Look into ${dirname(path)}.`,
  );
}

function refusal(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const client = connect(path);
    client.once('connect', () => {
      client.destroy();
      resolve(undefined);
    });
    client.once('error', (cause) => resolve(cause.message));
  });
}
