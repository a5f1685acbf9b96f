/** One SSH connection: reached through its jump hosts, host keys checked, commands as arguments. */
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { type AnyAuthMethod, Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { FaultError } from '../fault.ts';
import type { SshTarget } from './config.ts';
import { sshFault } from './faults.ts';
import { fingerprint, judge, parseKnownHosts, type Verdict } from './known-hosts.ts';
import { commandLine } from './quote.ts';

export interface CommandResult {
  /** Exit status; undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string | Uint8Array;
  readonly timeout_s?: number;
  readonly output_bytes_max?: number;
  readonly signal?: AbortSignal;
  /** Called when the command may have begun. */
  readonly sent?: () => void;
}

const COMMAND_S = 30;
const OUTPUT_BYTES_MAX = 8 * 1024 * 1024;
/** Silence after which the host is asked for a sign of life, and how many may stay unanswered. */
const KEEPALIVE_MS = 5_000;
const KEEPALIVE_COUNT = 3;

export class SshConnection {
  /** Resolves when the connection is over. */
  readonly ended: Promise<void>;
  readonly #clients: readonly Client[];
  readonly #target: SshTarget;

  private constructor(clients: readonly Client[], target: SshTarget) {
    this.#clients = clients;
    this.#target = target;
    const last = this.#last;
    // Each command under way listens for the end of the connection.
    last.setMaxListeners(0);
    this.ended = new Promise((resolve) => last.once('close', () => resolve()));
    last.on('error', () => {}); // `close` follows, and ends whatever is under way
  }

  /** Connects, jump by jump. Throws `SSH_UNREACHABLE`, `SSH_HOST_KEY_...` or `SSH_AUTH`. */
  static async open(target: SshTarget): Promise<SshConnection> {
    const clients: Client[] = [];
    try {
      let sock: Duplex | undefined;
      const hops = [...target.jumps, target];
      for (const [i, hop] of hops.entries()) {
        const client = await connected(hop, sock);
        clients.push(client);
        const next = hops[i + 1];
        sock = next && (await forwarded(client, next.host, next.port));
      }
      return new SshConnection(clients, target);
    } catch (cause) {
      for (const client of clients.reverse()) client.end();
      throw cause;
    }
  }

  /** Runs a command and returns how it ended, whatever its status. */
  async run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const channel = await this.#channel(commandLine(argv), options);
    return new Promise((resolve, reject) => {
      const max = options.output_bytes_max ?? OUTPUT_BYTES_MAX;
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      let size_bytes = 0;
      let status: number | undefined;
      let died: string | undefined;
      const stop = (fault: FaultError) => {
        clean();
        channel.destroy();
        reject(fault);
      };
      const timeout_s = options.timeout_s ?? COMMAND_S;
      const timer = setTimeout(
        () =>
          stop(sshFault('SSH_NO_ANSWER', `${argv[0]} on ${this.#target.alias}, ${timeout_s} s`)),
        timeout_s * 1000,
      );
      const abort = () => stop(sshFault('SSH_NO_ANSWER', `${argv[0]} was given up`));
      const lost = () => stop(this.#lost(argv[0]));
      const clean = () => {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', abort);
        this.#last.off('close', lost);
      };
      options.signal?.addEventListener('abort', abort);
      this.#last.once('close', lost);
      const collect = (into: Buffer[]) => (chunk: Buffer) => {
        size_bytes += chunk.length;
        if (size_bytes > max) stop(sshFault('SSH_OUTPUT_TOO_LARGE', `${argv[0]}: ${max} bytes`));
        else into.push(chunk);
      };
      channel.on('data', collect(out));
      channel.stderr.on('data', collect(err));
      channel.on('exit', (code: number | null, signal?: string) => {
        status = code ?? undefined;
        died = signal;
      });
      channel.on('close', () => {
        clean();
        const stdout = Buffer.concat(out).toString();
        resolve({ status, signal: died, stdout, stderr: Buffer.concat(err).toString() });
      });
      channel.end(options.input);
    });
  }

  /** A stream to a unix socket on the host (OpenSSH's streamlocal forwarding). */
  socket(path: string): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.#last.openssh_forwardOutStreamLocal(path, (cause, channel) => {
        if (cause) reject(sshFault('SSH_UNREACHABLE', `${path}: ${cause.message}`));
        else resolve(channel);
      });
    });
  }

  /** Hangs up; afterwards no socket or timer is left. */
  async close(): Promise<void> {
    for (const client of [...this.#clients].reverse()) client.end();
    await this.ended;
  }

  get #last(): Client {
    return this.#clients[this.#clients.length - 1];
  }

  #channel(command: string, options: CommandOptions): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      // ssh2 calls nobody back when the connection ends before the channel is open.
      const lost = () => reject(this.#lost('it hung up'));
      this.#last.once('close', lost);
      try {
        options.sent?.();
        this.#last.exec(command, (cause, channel) => {
          this.#last.off('close', lost);
          if (cause) reject(this.#lost(cause.message));
          else resolve(channel);
        });
      } catch (cause) {
        this.#last.off('close', lost);
        reject(this.#lost((cause as Error).message));
      }
    });
  }

  #lost(what: string): FaultError {
    return sshFault('SSH_CONNECTION_LOST', `${this.#target.alias}: ${what}`);
  }
}

function connected(target: SshTarget, sock: Duplex | undefined): Promise<Client> {
  const client = new Client();
  let verdict: Verdict | undefined;
  let shown = '';
  return new Promise((resolve, reject) => {
    const fail = (cause: Error & { level?: string; code?: string }) => {
      client.end();
      reject(connectFault(target, cause, verdict, shown));
    };
    client.once('error', fail);
    client.once('ready', () => {
      client.off('error', fail);
      resolve(client);
    });
    const config: ConnectConfig = {
      ...{ host: target.host, port: target.port, username: target.user },
      readyTimeout: target.connect_s * 1000,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
      hostVerifier: (key: Buffer) => {
        const entries = target.knownHosts.flatMap((path) =>
          parseKnownHosts(readFileSync(path, 'utf8')),
        );
        verdict = judge(entries, target.host, target.port, key);
        shown = fingerprint(key);
        return verdict === 'known';
      },
      authHandler: waysIn(target),
      ...(sock === undefined ? {} : { sock }),
    };
    try {
      client.connect(config);
    } catch (cause) {
      fail(cause as Error);
    }
  });
}

/** Private keys first, then whatever the agent holds: never a password. */
function waysIn({ agent, keys, user }: SshTarget): AnyAuthMethod[] {
  const ways: AnyAuthMethod[] = keys.map((key) => ({
    type: 'publickey',
    username: user,
    key: key.reveal(),
  }));
  if (agent !== undefined) ways.push({ type: 'agent', username: user, agent });
  return ways;
}

function forwarded(client: Client, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host, port, (cause, channel) => {
      if (cause) reject(sshFault('SSH_UNREACHABLE', `${host}:${port}: ${cause.message}`));
      else resolve(channel);
    });
  });
}

/** What ssh2 says went wrong, by its `level`, as a fault of ours. */
function connectFault(
  target: SshTarget,
  cause: Error & { level?: string; code?: string },
  verdict: Verdict | undefined,
  shown: string,
): FaultError {
  if (cause instanceof FaultError) return cause;
  const where = `${target.user}@${target.host}:${target.port}`;
  const upstream = cause.code ?? cause.level;
  const more = upstream === undefined ? {} : { upstream };
  if (verdict === 'unknown') return sshFault('SSH_HOST_KEY_UNKNOWN', `${where}: ${shown}`, more);
  if (verdict === 'changed' || verdict === 'revoked') {
    return sshFault('SSH_HOST_KEY_CHANGED', `${where}: ${shown} (${verdict})`, more);
  }
  if (cause.level === 'client-authentication') return sshFault('SSH_AUTH', where, more);
  return sshFault('SSH_UNREACHABLE', `${where}: ${cause.message}`, more);
}
