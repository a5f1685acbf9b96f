import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Cloud } from '../../../backends/openstack/cloud.ts';
import { Secret } from '../../../backends/secret.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string;
}

/** Answers, or writes to the response by itself. */
export type Route = (seen: Seen, response: ServerResponse) => Reply | undefined;

export const PASSWORD = 'planted-password-41c2';
export const TOKEN = 'planted-token-9f77';

/** A keystone, and every other service, of a few lines: it answers what a test tells it to. */
export class FakeCloud {
  readonly seen: Seen[] = [];
  /** Tokens given out so far. */
  tokens = 0;
  /** Life of a token, by keystone's own clock. */
  life_s = 3600;
  #server: Server | undefined;
  #port = 0;
  #scheme = 'http';
  readonly #sockets = new Set<Socket>();
  readonly #route: Route;

  constructor(route: Route) {
    this.#route = route;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  get cloud(): Cloud {
    return {
      name: 'fake',
      auth_url: `${this.url}/v3`,
      credentials: {
        method: 'password',
        user: { name: 'u', domain: { id: 'default' } },
        password: new Secret(PASSWORD),
      },
      scope: { type: 'project', project: { name: 'p', domain: { id: 'default' } } },
      region: 'RegionOne',
      interface: 'public',
      verify: true,
      endpoints: {},
      microversions: {},
    };
  }

  /** With `tls` it speaks HTTPS only. */
  async open(tls?: ServerOptions): Promise<this> {
    const take = (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#answer(request, Buffer.concat(chunks).toString(), response));
    };
    const server = tls ? createTlsServer(tls, take) : createServer(take);
    this.#scheme = tls ? 'https' : 'http';
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** What was asked of a path. */
  asked(path: string): readonly Seen[] {
    return this.seen.filter((each) => each.path.split('?')[0] === path);
  }

  #answer(request: IncomingMessage, body: string, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    const seen = { method, path: url, headers, body };
    this.seen.push(seen);
    const reply = this.#route(seen, response) ?? this.#standard(seen);
    if (response.writableEnded || response.headersSent || !reply) return;
    const { status = 200, headers: more = {}, body: text = {} } = reply;
    const isText = typeof text === 'string';
    response.writeHead(status, {
      'content-type': isText ? 'text/html' : 'application/json',
      ...more,
    });
    response.end(isText ? text : JSON.stringify(text));
  }

  /** What any cloud answers: a token with its catalogue, and versions. */
  #standard({ path }: Seen): Reply | undefined {
    if (path === '/v3/auth/tokens') {
      const token = `${TOKEN}-${++this.tokens}`;
      return { status: 201, headers: { 'x-subject-token': token }, body: this.#token() };
    }
    if (path === '/compute/v2.1/') {
      const version = { version: '2.93', min_version: '2.1', status: 'CURRENT' };
      return { body: { version } };
    }
    return { status: 404, body: { itemNotFound: { code: 404, message: 'nothing here' } } };
  }

  #token(): object {
    const endpoint = (path: string) => [
      { interface: 'public', region_id: 'RegionOne', url: `${this.url}${path}` },
      { interface: 'public', region_id: 'Elsewhere', url: 'http://192.0.2.1' },
      { interface: 'admin', region_id: 'RegionOne', url: 'http://192.0.2.2' },
    ];
    return {
      token: {
        issued_at: new Date(0).toISOString(),
        expires_at: new Date(this.life_s * 1000).toISOString(),
        project: { id: 'p1' },
        roles: [{ name: 'member' }],
        catalog: [
          { type: 'compute', endpoints: endpoint('/compute/v2.1') },
          { type: 'network', endpoints: endpoint('/network') },
          { type: 'image', endpoints: endpoint('/image') },
        ],
      },
    };
  }
}
