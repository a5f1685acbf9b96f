/**
 * A server that keeps Juju's side of the API: TLS, websockets, login, facades with their versions,
 * error codes, the all-watcher, charms put by HTTP. It follows jujulib's schemas and the API's own
 * source; the models and their agents exist only here. It is not Juju.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Account } from './account.ts';
import type { AgentTimes } from './agents.ts';
import { takeCharm } from './charm-upload.ts';
import { Connection } from './connection.ts';
import { World } from './world.ts';

export interface JujuServerOptions {
  readonly certificate: string;
  readonly key: string;
  readonly accounts: readonly Account[];
  /** `3.6.14` has the all-watcher, `4.0.10` does not. */
  readonly version?: string;
  readonly times?: AgentTimes;
  /** Called with every request and what was answered, as they are on the wire. */
  readonly overheard?: (request: string, answer: string) => void;
}

const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

export class JujuServer {
  readonly world: World;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #options: JujuServerOptions;

  constructor(options: JujuServerOptions) {
    this.#options = options;
    this.world = new World(options.times);
    const tls = { cert: options.certificate, key: options.key };
    this.#server = createServer(tls, (request, response) => void this.#serve(request, response));
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#talk(client, request));
    });
  }

  /** Listens on loopback; port 0 takes any free one. Returns `HOST:PORT`. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' && address ? address.port : port}`;
  }

  async close(): Promise<void> {
    this.world.close();
    for (const client of this.#sockets.clients) client.terminate();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #talk(client: WebSocket, request: IncomingMessage): void {
    const uuid = /^\/model\/([0-9a-f-]{36})\/api$/.exec(request.url ?? '')?.[1];
    const { accounts, overheard, version = '3.6.14' } = this.#options;
    const connection = new Connection(this.world, accounts, version, uuid);
    client.on('message', (data) => {
      connection.answer(String(data)).then(
        (answer) => {
          overheard?.(String(data), answer);
          client.send(answer, () => {});
        },
        () => client.terminate(), // it sent something that is no request
      );
    });
    client.on('error', () => {});
    client.on('close', () => connection.close());
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await takeCharm(this.world, this.#options.accounts, request);
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      ...(answer.url !== undefined && { 'juju-curl': answer.url }),
    });
    response.end(JSON.stringify(answer.body));
  }
}
