import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterAccess } from '../../../backends/kubernetes/config.ts';
import { Secret } from '../../../backends/secret.ts';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly type: string;
}

type Answer = (request: FakeRequest, response: ServerResponse) => void;

export const TOKEN = 'a-token-nobody-may-see';

/** An API server that answers what a test says; lists are empty, everything else is not there. */
export class FakeApi {
  readonly requests: FakeRequest[] = [];
  /** By `METHOD path` without query; `GET path?watch` for watches. */
  answers: Record<string, Answer> = {};
  readonly #server: Server = createServer((request, response) => this.#serve(request, response));

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get access(): ClusterAccess {
    const { port } = this.#server.address() as AddressInfo;
    return {
      context: 'fake',
      server: new URL(`http://127.0.0.1:${port}/`),
      namespace: 'default',
      tls: {},
      headers: async () => ({ authorization: `Bearer ${TOKEN}` }),
      secrets: [new Secret(TOKEN)],
    };
  }

  hangUp(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.hangUp();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    const text = (await request.toArray()).join('');
    const { method = '' } = request;
    const asked: FakeRequest = {
      method,
      path: url.pathname.slice(1),
      query: url.searchParams,
      body: text === '' ? undefined : JSON.parse(text),
      type: request.headers['content-type'] ?? '',
    };
    this.requests.push(asked);
    const watch = url.searchParams.has('watch') ? '?watch' : '';
    const answer = this.answers[`${method} ${asked.path}${watch}`];
    if (answer) answer(asked, response);
    else if (watch) response.writeHead(200).flushHeaders();
    else if (method === 'GET' && isCollection(asked.path)) json(response, 200, list([]));
    else json(response, 404, status(404, 'NotFound', 'there is nothing here'));
  }
}

function isCollection(path: string): boolean {
  const parts = path.split('/').slice(path.startsWith('apis/') ? 3 : 2);
  return parts.length === 1 || (parts[0] === 'namespaces' && parts.length === 3);
}

export function json(response: ServerResponse, code: number, value: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function list(items: readonly unknown[], resourceVersion = '100') {
  return { kind: 'List', metadata: { resourceVersion }, items };
}

export function status(code: number, reason: string, message: string) {
  return { kind: 'Status', status: 'Failure', code, reason, message };
}
