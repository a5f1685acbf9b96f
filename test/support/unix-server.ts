import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server on a unix socket in a folder of its own: what fakes of real systems are made of. */
export abstract class UnixServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'fake-'));
  readonly path = join(this.folder, 'sock');
  /** Called for each connection; a test may speak first. */
  onConnect: (socket: Socket) => void = () => {};
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    this.onConnect(socket);
    this.serve(socket);
  });

  get connections(): number {
    return this.#sockets.size;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.path, resolve));
  }

  /** Says something to everybody. */
  raw(bytes: string | Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  /** Hangs up on everybody, but goes on listening. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Reads what a client says, and answers. */
  protected abstract serve(socket: Socket): void;
}
