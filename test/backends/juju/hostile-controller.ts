import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { JUJU_CERTIFICATE, JUJU_KEY } from './tls-files.ts';

export interface Request {
  readonly 'request-id': number;
  readonly type: string;
  readonly request: string;
}

const FACADES = [
  ...['Action 7', 'Annotations 2', 'Application 19', 'Charms 7', 'Client 7', 'MachineManager 10'],
  ...['ModelConfig 3', 'ModelManager 9', 'Pinger 1'],
].map((each) => ({ name: each.split(' ')[0], versions: [Number(each.split(' ')[1])] }));

const UUID = '5e1d43c1-b02f-4dcb-9096-628f84a59857';

/** What a well-behaved controller with one empty model answers. */
const GOOD: Readonly<Record<string, object>> = {
  'Admin.Login': { facades: FACADES, 'server-version': '3.6.14' },
  'ModelManager.ListModelSummaries': {
    results: [
      { result: { name: 'under-test', uuid: UUID, 'owner-tag': 'user-admin', life: 'alive' } },
    ],
  },
  'Client.FullStatus': { model: { name: 'under-test', 'model-status': { status: 'available' } } },
  'Action.ListOperations': { results: [] },
};

/** What is sent instead of an answer: the rest of it as it is, or done to the connection. */
export type Sabotage = (request: Request, client: WebSocket, below: Duplex) => unknown;

/** A controller that behaves well until it is asked one thing, which `sabotage` answers. */
export class HostileController {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  sabotage: Readonly<Record<string, Sabotage>> = {};

  constructor(certificate = JUJU_CERTIFICATE, key = JUJU_KEY) {
    this.#server = createServer({ cert: certificate, key });
    this.#server.on('tlsClientError', () => {});
    this.#server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => {});
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        client.on('error', () => {});
        client.on('message', (data) => this.#answer(JSON.parse(String(data)), client, socket));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: Request, client: WebSocket, below: Duplex): void {
    const name = `${request.type}.${request.request}`;
    const sabotage = this.sabotage[name];
    if (sabotage) sabotage(request, client, below);
    else client.send(answerTo(request, GOOD[name] ?? {}));
  }
}

export function answerTo(request: Request, response: unknown): string {
  return JSON.stringify({ 'request-id': request['request-id'], response });
}

export function errorTo(request: Request, code: string, error: string): string {
  return JSON.stringify({ 'request-id': request['request-id'], error, 'error-code': code });
}
