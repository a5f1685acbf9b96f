import { connect, createServer, type Server, type Socket } from 'node:net';

/** A unix socket or a port. */
export type ProxyTarget =
  | { readonly path: string }
  | { readonly port: number; readonly host: string };

/** Stands between clients of a loopback port and a server, to break the connection on request. */
export class PortProxy {
  /** Known once it was opened, and the same ever after. */
  port = 0;
  readonly #target: ProxyTarget;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(target: ProxyTarget) {
    this.#target = target;
  }

  /** Lets clients through. */
  async open(): Promise<void> {
    const server = createServer((client) => this.#join(client, connect(this.#target)));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (typeof address === 'object' && address) this.port = address.port;
  }

  /** Hangs up on everybody and lets nobody in. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => {
      if (server) server.close(() => resolve());
      else resolve();
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ]) {
      this.#sockets.add(from);
      from.on('error', () => {}); // the other end learns of it by the hang-up
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
