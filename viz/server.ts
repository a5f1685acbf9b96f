/**
 * Serves the replay page and one recording to a browser on this machine, and to nobody else: it
 * listens on the loopback address only, and answers only requests that name that address as their
 * host, so that no web page can reach it through a name of its own (DNS rebinding).
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { viewError } from './errors.ts';
import { servedHtml } from './html.ts';

const LOOPBACK = '127.0.0.1';
const RECORDING_URL = '/recording';
const MAGIC = 'ARROW1';

/** The page carries its own policy for scripts and styles; a frame can be forbidden only here. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export interface ServerOptions {
  readonly recordingPath: string;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  /** The built page; the one in `dist/` unless given. */
  readonly page?: string;
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** Ends all connections and stops listening. */
  readonly close: () => Promise<void>;
}

/**
 * Starts serving. The recording is read anew with every request, so that reloading the page follows
 * a run that is still being recorded.
 *
 * Throws StrataError `VIEW_NO_RECORDING`, `VIEW_PORT_TAKEN` or `VIEW_PAGE_NOT_BUILT`.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { recordingPath, port = 0 } = options;
  await checkRecording(recordingPath);
  const app = Fastify({ forceCloseConnections: true });
  guard(app);
  addRoutes(app, recordingPath, servedHtml(RECORDING_URL, options.page));
  const url = await listen(app, port);
  return { url, close: () => app.close() };
}

async function checkRecording(path: string): Promise<void> {
  const advice = 'give a file written by `strata run --out FILE.arrow`';
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw viewError('VIEW_NO_RECORDING', `${path} cannot be opened: ${error.code}`, advice);
  });
  try {
    const head = Buffer.alloc(MAGIC.length);
    const { bytesRead } = await file.read(head, 0, MAGIC.length, 0).catch(() => ({ bytesRead: 0 }));
    if (bytesRead === MAGIC.length && head.toString('latin1') === MAGIC) return;
    throw viewError('VIEW_NO_RECORDING', `${path} is not a recording`, advice);
  } finally {
    await file.close();
  }
}

function guard(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (isOurHost(request.headers.host, request.socket.localPort)) return;
    await reply.code(421).type('text/plain').send('This server answers only at its own address.\n');
  });
  app.setNotFoundHandler((_, reply) => {
    reply.code(404).type('text/plain').send('There is only the page (/) and its recording.\n');
  });
}

function isOurHost(host: string | undefined, port: number | undefined): boolean {
  return host === `${LOOPBACK}:${port}` || host === `localhost:${port}`;
}

function addRoutes(app: FastifyInstance, recordingPath: string, page: string): void {
  app.get('/', (_, reply) => {
    reply.type('text/html; charset=utf-8').send(page);
  });
  app.get(RECORDING_URL, async (_, reply) => {
    const { size } = await stat(recordingPath);
    // A file still being written grows: what is sent ends where it ended when it was asked for.
    const end = Math.max(0, size - 1);
    reply.type('application/vnd.apache.arrow.file').header('content-length', size);
    return reply.send(createReadStream(recordingPath, { start: 0, end }));
  });
}

async function listen(app: FastifyInstance, port: number): Promise<string> {
  try {
    return `${await app.listen({ host: LOOPBACK, port })}/`;
  } catch (error) {
    await app.close();
    const { code } = error as NodeJS.ErrnoException;
    throw viewError(
      'VIEW_PORT_TAKEN',
      `port ${port} cannot be used: ${code}`,
      'give another port, or none for any that is free',
    );
  }
}
