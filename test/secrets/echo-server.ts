import { createServer, type Server } from 'node:http';
import { HEARD } from './planted.ts';

export interface Asked {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** All that was sent, as a text to be repeated. */
  readonly said: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body: object | string;
}

/** An HTTP server on the loopback interface that is told what clients sent, to repeat it. */
export class EchoServer {
  url = '';
  readonly #server: Server;

  constructor(answer: (asked: Asked, url: string) => Reply) {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const said = `${HEARD}: ${url} ${Object.values(headers).join(' ')} ${body}`;
        const { status = 200, ...reply } = answer(
          { method, path: url.split('?')[0], said },
          this.url,
        );
        const isText = typeof reply.body === 'string';
        const type = isText ? 'text/plain' : 'application/json';
        response.writeHead(status, { 'content-type': type, ...reply.headers });
        response.end(isText ? reply.body : JSON.stringify(reply.body));
      });
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
