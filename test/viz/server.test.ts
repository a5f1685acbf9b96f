import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../viz/server.ts';
import { recordBytes, Scribe } from '../recording/build.ts';
import { buildPage } from './page.ts';

let folder = '';
let recordingPath = '';
let page = '';
let server: RunningServer;
const bytes = recordBytes((r) => void new Scribe(r).create(0, 'sda', 'disk/ok'));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-view-'));
  recordingPath = join(folder, 'run.arrow');
  await writeFile(recordingPath, bytes);
  page = await buildPage();
  server = await startServer({ recordingPath, page });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** A request whose host header is chosen freely, which fetch does not allow. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      const call = request({ hostname, port, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      call.on('error', reject);
      call.end();
    },
  );
}

describe('the server', () => {
  it('listens on the loopback address', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it('serves the page and the recording', async () => {
    const html = await fetch(server.url);
    expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await html.text()).toContain('data-from="/recording"');
    const recording = await fetch(new URL('/recording', server.url));
    expect(new Uint8Array(await recording.arrayBuffer())).toEqual(bytes);
  });

  it('follows a recording that grows', async () => {
    const growing = join(folder, 'growing.arrow');
    await writeFile(growing, bytes.subarray(0, 100));
    const other = await startServer({ recordingPath: growing, page });
    const size = async () =>
      (await (await fetch(new URL('/recording', other.url))).arrayBuffer()).byteLength;
    expect(await size()).toBe(100);
    await writeFile(growing, bytes);
    expect(await size()).toBe(bytes.length);
    await other.close();
  });

  it.each(['/', '/recording', '/nothing'])(
    'forbids framing, sniffing and use by others of %s',
    async (path) => {
      const { headers } = await get(path);
      expect(headers).toMatchObject({
        'content-security-policy': "frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example',
  ])('does not answer to the name %s', async (host) => {
    const { status, body } = await get('/recording', { host });
    expect(status).toBe(421);
    expect(body).not.toContain('ARROW1');
  });

  it('answers to localhost', async () => {
    const { port } = new URL(server.url);
    expect((await get('/', { host: `localhost:${port}` })).status).toBe(200);
  });

  it.each([
    '/page',
    '/recording/',
    '/..%2f..%2fetc/passwd',
    '/../server.ts',
    '//recording',
    '/%00',
  ])('has nothing at %s', async (path) => {
    const { status } = await get(path);
    expect([400, 404]).toContain(status);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    expect((await get('/recording', {}, method)).status).toBe(404);
  });

  it('closes with connections still open', async () => {
    const other = await startServer({ recordingPath, page });
    await (await fetch(other.url)).text();
    await other.close();
    await expect(fetch(other.url)).rejects.toThrow();
  });

  it('says that the port is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startServer({ recordingPath, port, page })).rejects.toMatchObject({
      code: 'VIEW_PORT_TAKEN',
    });
  });

  it.each([
    ['is not there', async () => join(folder, 'none.arrow')],
    ['is a folder', async () => folder],
    [
      'is something else',
      async () => {
        await writeFile(join(folder, 'notes.txt'), 'hello, this is no recording');
        return join(folder, 'notes.txt');
      },
    ],
  ])('says that the recording %s', async (_, make) => {
    const path = await make();
    await expect(startServer({ recordingPath: path, page })).rejects.toMatchObject({
      code: 'VIEW_NO_RECORDING',
    });
  });
});
