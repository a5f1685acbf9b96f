import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RegionTimes } from './hardware.ts';
import { type Account, OAuthCheck } from './oauth-check.ts';
import { notFound, Refusal } from './refusal.ts';
import { Region } from './region.ts';
import { PREFIX, route, unrecognised } from './routes.ts';
import { Site } from './site.ts';

export interface MaasServerOptions {
  readonly accounts: readonly Account[];
  readonly times?: RegionTimes;
  readonly version?: string;
  readonly now_s?: () => number;
}

const BODY_BYTES_MAX = 4 * 1024 * 1024;

/**
 * A server that keeps MAAS' side of the contract: the REST API 2.0 with its authentication,
 * statuses, rules and errors as they were seen on a real region, and machines that exist only here.
 */
export class MaasServer {
  readonly region: Region;
  readonly site = new Site();
  readonly #server: Server;
  readonly #oauth: OAuthCheck;
  readonly #version: string;

  constructor(options: MaasServerOptions) {
    this.region = new Region(options.times);
    this.#version = options.version ?? '3.6.5';
    this.#oauth = new OAuthCheck(options.accounts, options.now_s ?? (() => Date.now() / 1000));
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Listens on loopback; port 0 takes any free one. Returns the URL of MAAS. */
  async listen(port = 0): Promise<URL> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    const at = typeof address === 'object' && address ? address.port : port;
    return new URL(`http://127.0.0.1:${at}/MAAS`);
  }

  async close(): Promise<void> {
    this.region.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const value = this.#answer(request, await bodyOf(request));
      if (value === undefined) response.writeHead(204).end();
      else send(response, 200, JSON.stringify(value), 'application/json');
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) {
        send(response, 500, `Internal server error: ${(thrown as Error).message}`, 'text/plain');
        return;
      }
      const { status, body } = thrown;
      const isText = typeof body === 'string';
      const type = isText ? 'text/plain' : 'application/json';
      send(response, status, isText ? body : JSON.stringify(body), type);
    }
  }

  #answer(request: IncomingMessage, body: string): unknown {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith(PREFIX)) throw notFound();
    const path = url.pathname.slice(PREFIX.length);
    if (path === 'version/') return { ...VERSION, version: this.#version };
    const op = url.searchParams.get('op') ?? undefined;
    const { authorization } = request.headers;
    // Machines that nobody knows may enlist themselves: other requests of nobody are unknown there.
    if (!authorization && path === 'machines/') throw unrecognised(request.method ?? 'GET', op);
    const account = this.#oauth.check(authorization);
    if (typeof account === 'string') throw new Refusal(401, account);
    const found = route(request.method ?? 'GET', path, op);
    if (found.route.admin && !account.isAdmin) {
      throw new Refusal(403, 'This method is reserved for admin users.');
    }
    return found.route.answer({
      ...{ region: this.region, site: this.site, account, names: found.names },
      query: url.searchParams,
      form: new URLSearchParams(body),
    });
  }
}

const VERSION = { capabilities: ['networks-management', 'tag-manager'], subversion: '' };

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size_bytes = 0;
  for await (const chunk of request) {
    size_bytes += (chunk as Buffer).length;
    if (size_bytes > BODY_BYTES_MAX) throw new Refusal(413, 'Request Entity Too Large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body);
}
