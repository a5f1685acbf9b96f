/** What becomes of a sandbox whose runtime handler has a shim that is no use. */
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { CriBackend } from '../../backends/cri/driver.ts';
import { containerdPaths, TRIAL_HANDLER } from '../../lab/containerd/daemon.ts';
import {
  ask,
  closed,
  observe,
  openCri,
  proxyPath,
  removeSandboxes,
  START_TIMEOUT_MS,
  startLab,
} from './containerd-lab.ts';

const POD = 'shims-pod';
const { shims } = containerdPaths('containerd');
const SHIM = join(shims, `containerd-shim-${TRIAL_HANDLER}-v1`);
/** `start` of a shim prints where it listens; the test listens there in its stead. */
const ADDRESS = proxyPath('shim');
/** Read as a message of ttrpc it is longer than any may be; containerd waits on. */
const NO_ANSWER = Buffer.alloc(4096, 0x41);
const DEADLINE_S = 3;
/** What containerd allows its own clean-up. */
const CLEANED_MS = 30_000;
const TOO_LATE = { type: 'fault', fault: { code: 'DEADLINE_EXCEEDED', effect: 'unknown' } };

let backend: CriBackend;
let server: Server | undefined;
const sockets = new Set<Socket>();

beforeAll(startLab, START_TIMEOUT_MS);
beforeEach(() => {
  backend = openCri();
});
afterEach(async () => {
  await closed(backend);
  for (const each of sockets) each.destroy();
  server?.close();
  server = undefined;
  rmSync(SHIM, { force: true });
  await removeSandboxes('shims-');
});
afterAll(() => removeSandboxes('shims-'));

/** A shim whose `start` runs these lines; whatever else containerd asks it for succeeds. */
function shimThat(...start: readonly string[]): void {
  const lines = ['#!/bin/sh', 'for last; do :; done', '[ "$last" = start ] || exit 0', ...start];
  writeFileSync(SHIM, `${lines.join('\n')}\n`);
  chmodSync(SHIM, 0o755);
}

/** A shim that is there, and does this with whoever connects. */
async function shimWith(served: (socket: Socket) => void): Promise<void> {
  shimThat(`printf 'unix://${ADDRESS}'`);
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    served(socket);
  });
  await new Promise<void>((resolve) => server?.listen(ADDRESS, resolve));
}

const run = (deadline_s = 60) =>
  ask(backend, 'sandbox', POD, 'run', { handler: TRIAL_HANDLER }, { deadline_s });

/** Not even the name, which containerd keeps until it has cleaned up: another handler takes it. */
async function nothingIsLeft(): Promise<void> {
  expect(await observe(backend, 'sandbox', POD)).toMatchObject({ state: 'absent' });
  const runs = () => ask(backend, 'sandbox', POD, 'run', { handler: 'runc' });
  await expect.poll(runs, { timeout: CLEANED_MS }).toMatchObject({ type: 'done' });
}

it('that dies at its start: its last words are the message', async () => {
  shimThat('echo "no machine to be had" >&2', 'exit 1');
  expect(await run()).toMatchObject({
    fault: {
      code: 'CRI_HANDLER_FAILED',
      message: expect.stringContaining('no machine to be had'),
      upstream: '2 UNKNOWN',
      effect: 'none',
    },
  });
  await nothingIsLeft();
});

it.each([
  ['says nothing', ['exit 0']],
  ['prints no address', ['echo "hello, how are you?"']],
  ['names a socket where nobody listens', [`printf 'unix://${ADDRESS}.none'`]],
])('that %s', async (_, start) => {
  shimThat(...start);
  expect(await run()).toMatchObject({ fault: { code: 'CRI_HANDLER_FAILED', effect: 'none' } });
  await nothingIsLeft();
});

it('that does not come back: the deadline ends it', async () => {
  const mark = `${ADDRESS}.waiting`;
  shimThat(`touch '${mark}'`, 'exec sleep 1000');
  expect(await run(DEADLINE_S)).toMatchObject(TOO_LATE);
  expect(existsSync(mark)).toBe(true);
  rmSync(mark);
  await nothingIsLeft();
});

it('that hangs up on whoever connects', async () => {
  await shimWith((socket) => socket.destroy());
  expect(await run()).toMatchObject({ fault: { code: 'CRI_SANDBOX_FAILED', effect: 'none' } });
  await nothingIsLeft();
});

it.each<[string, (socket: Socket) => void]>([
  ['never answers', (socket) => socket.resume()],
  ['answers what is no answer', (socket) => socket.on('data', () => socket.write(NO_ANSWER))],
])('that accepts and %s: the deadline ends it', async (_, served) => {
  await shimWith(served);
  expect(await run(DEADLINE_S)).toMatchObject(TOO_LATE);
  await nothingIsLeft();
});
