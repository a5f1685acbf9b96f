/**
 * `node forward.js CONFIG`: lets programs outside of a system's network namespace reach a server
 * within it: listens on a free loopback port, and connects by the HTTP CONNECT of a unix socket.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { writeJson } from './folder.ts';

export interface ForwardConfig {
  /** Answers CONNECT from within the namespace. */
  readonly socket: string;
  /** `HOST:PORT` there. */
  readonly target: string;
  /** Where the port is written when it listens. */
  readonly endpoint: string;
}

const config = JSON.parse(readFileSync(process.argv[2], 'utf8')) as ForwardConfig;

function join(client: Socket, server: Duplex): void {
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
    one.pipe(other);
  }
}

const server = createServer((client) => {
  client.on('error', () => {});
  const { socket: socketPath, target } = config;
  const asked = request({ socketPath, method: 'CONNECT', path: target });
  asked.on('connect', (_answer, tunnel) => join(client, tunnel));
  asked.on('error', () => client.destroy());
  asked.end();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') writeJson(config.endpoint, { port: address.port });
});
