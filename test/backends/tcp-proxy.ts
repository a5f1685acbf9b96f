import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a TCP server, to break the connection on request. */
export class TcpProxy {
  readonly #host: string;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(host: string, target: number) {
    this.#host = host;
    this.#target = target;
  }

  /** Where clients connect to; the same after every `open`. */
  get port(): number {
    return this.#port;
  }

  /** Lets clients through. */
  async open(): Promise<void> {
    const server = createServer((client) => {
      this.#join(client, connect(this.#target, this.#host));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
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
