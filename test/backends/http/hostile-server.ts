import { createServer, type Server, type Socket } from 'node:net';

/** What a connection is answered once a request's headers have come. */
export type Answer = (socket: Socket, request: string) => void;

/** A server below HTTP: it sends exactly the bytes it is told to, however wrong they are. */
export class HostileServer {
  answer: Answer = () => {};
  /** Sent as soon as somebody connects. */
  greeting: string | undefined;
  /** Request lines and headers, in the order they came. */
  readonly requests: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  url(path = '/thing'): URL {
    return new URL(path, `http://127.0.0.1:${this.port}`);
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {}); // clients hang up on hostile servers
    if (this.greeting !== undefined) socket.write(this.greeting);
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const request = head.slice(0, end);
      head = '';
      this.requests.push(request);
      this.answer(socket, request);
    });
  }
}

/** A whole answer with a body. */
export function whole(status: string, body: string, headers: readonly string[] = []): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return [`HTTP/1.1 ${status}`, length, ...headers, '', body].join('\r\n');
}

/** Writes again and again until the client hangs up. */
export function drip(socket: Socket, bytes: string, every_ms: number): void {
  const timer = setInterval(() => socket.write(bytes), every_ms);
  socket.on('close', () => clearInterval(timer));
}

/** Writes as fast as the client reads, without end. */
export function flood(socket: Socket, bytes: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
}
