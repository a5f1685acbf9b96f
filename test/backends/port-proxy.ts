/** What stands between clients and a server, to break their connections on request. */
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A unix socket, a port, the port of a URL, or whatever makes a connection. */
export type ProxyTarget =
  | { readonly path: string }
  | { readonly port: number; readonly host: string }
  | URL
  | (() => Promise<Duplex>);

abstract class BreakableProxy {
  readonly #target: ProxyTarget;
  readonly #streams = new Set<Duplex>();
  #server: Server | undefined;

  constructor(target: ProxyTarget) {
    this.#target = target;
  }

  /** Begins to listen; always at the same place. */
  protected abstract listen(server: Server): Promise<void>;

  /** Lets clients through. */
  async open(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    this.#server = server;
    await this.listen(server);
  }

  /** Hangs up on everybody and lets nobody in. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => {
      if (server) server.close(() => resolve());
      else resolve();
    });
    for (const stream of this.#streams) stream.destroy();
    await closed;
  }

  async #join(client: Socket): Promise<void> {
    this.#keep(client);
    const server = await connection(this.#target).catch(() => undefined);
    if (!server || client.destroyed) {
      client.destroy();
      server?.destroy();
      return;
    }
    this.#keep(server);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ]) {
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  }

  #keep(stream: Duplex): void {
    this.#streams.add(stream);
    stream.on('error', () => {}); // the other end learns of it by the hang-up
    stream.on('close', () => this.#streams.delete(stream));
  }
}

/** Listens on a loopback port, known once it was opened. */
export class PortProxy extends BreakableProxy {
  port = 0;

  /** A URL, by way of the proxy. */
  through(target: URL): URL {
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url;
  }

  protected async listen(server: Server): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as { port: number }).port;
  }
}

/** Listens on a unix socket. */
export class SocketProxy extends BreakableProxy {
  readonly path: string;

  constructor(path: string, target: ProxyTarget) {
    super(target);
    this.path = path;
  }

  override async close(): Promise<void> {
    await super.close();
    rmSync(this.path, { force: true });
  }

  protected listen(server: Server): Promise<void> {
    rmSync(this.path, { force: true });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.path, resolve);
    });
  }
}

async function connection(target: ProxyTarget): Promise<Duplex> {
  if (typeof target === 'function') return target();
  if (!(target instanceof URL)) return connect(target);
  return connect(Number(target.port), target.hostname);
}
