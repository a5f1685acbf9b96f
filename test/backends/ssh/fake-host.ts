import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Socket, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, Server, type ServerChannel, utils } from 'ssh2';

type Exec = (accept: () => ServerChannel, client: Connection, command: string) => void;

/** A host that does what a test says; at first it echoes the name of each command. */
export class FakeHost {
  exec: Exec = (accept, _, command) => FakeHost.echo(accept, command);
  /** Whether it goes on when the other side has hung up. */
  isDeaf = false;
  readonly #key = keyPair();
  readonly #sockets = new Set<Socket>();
  /** In front of it, so that connections end as the test wants. */
  readonly #tcp: TcpServer = createServer({ allowHalfOpen: true }, (socket) => {
    this.#sockets.add(socket.on('error', () => {}));
    const end = socket.end.bind(socket);
    socket.end = () => (this.isDeaf ? socket : end());
    this.#ssh.injectSocket(socket);
  });
  readonly #ssh = new Server({ hostKeys: [this.#key.private] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (context.method === 'publickey') context.accept();
      else context.reject(['publickey']);
    });
    client.on('session', (accept) => {
      accept().on('exec', (take, _, { command }) => this.exec(take, client, command));
    });
    // A way to another host is neither given nor refused.
    client.on('tcpip', () => {});
  });

  static echo(accept: () => ServerChannel, command: string): void {
    const channel = accept();
    channel.write(`${command}\n`);
    channel.exit(0);
    channel.end();
  }

  get port(): number {
    return (this.#tcp.address() as { port: number }).port;
  }

  /** A file that knows this host. */
  knownHosts(): string {
    const file = join(mkdtempSync(join(tmpdir(), 'strata-ssh-')), 'known_hosts');
    const names = [`[127.0.0.1]:${this.port}`, '[192.0.2.1]:*'];
    writeFileSync(file, names.map((name) => `${name} ${this.#key.public}\n`).join(''));
    return file;
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.#tcp.listen(0, '127.0.0.1', done));
  }

  async close(): Promise<void> {
    this.isDeaf = false;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((done) => this.#tcp.close(() => done()));
  }
}

/** A pair that can be read again: of what ssh2 makes, about one in two hundred cannot. */
export function keyPair(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = utils.generateKeyPairSync('ed25519');
    if (!(utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
