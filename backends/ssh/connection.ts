/** One SSH connection: reached through its jump hosts, host keys checked, commands as arguments. */
import { connect } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import {
  type AnyAuthMethod,
  Client,
  type ClientCallback,
  type ClientChannel,
  type ConnectConfig,
} from 'ssh2';
import { FaultError } from '../fault.ts';
import { readText, type SshTarget } from './config.ts';
import { type SshFaultCode, sshFault } from './faults.ts';
import {
  fingerprint,
  judge,
  type KnownHost,
  parseKnownHosts,
  type Verdict,
} from './known-hosts.ts';
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
  readonly #hops: readonly Hop[];
  readonly #last: Client;
  readonly #target: SshTarget;

  private constructor(hops: readonly Hop[], target: SshTarget) {
    const last = hops[hops.length - 1];
    this.#hops = hops;
    this.#last = last.client;
    this.#target = target;
    this.ended = last.closed;
  }

  /** Connects, jump by jump. Throws `SSH_UNREACHABLE`, `SSH_HOST_KEY_...` or `SSH_AUTH`. */
  static async open(target: SshTarget, signal?: AbortSignal): Promise<SshConnection> {
    const hops: Hop[] = [];
    try {
      let way: Duplex | undefined;
      const targets = [...target.jumps, target];
      for (const [i, each] of targets.entries()) {
        const hop = await connected(each, way, signal);
        hops.push(hop);
        const next = targets[i + 1];
        way = next && (await forwarded(hop.client, next, signal));
      }
      return new SshConnection(hops, target);
    } catch (cause) {
      await hungUp(hops);
      throw cause;
    }
  }

  /** Runs a command and returns how it ended, whatever its status. */
  async run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const channel = await this.#channel(argv, options);
    return new Promise((resolve, reject) => {
      const max = options.output_bytes_max ?? OUTPUT_BYTES_MAX;
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      let size_bytes = 0;
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
      if (options.signal?.aborted) abort();
      this.#last.once('close', lost);
      const collect = (into: Buffer[]) => (chunk: Buffer) => {
        size_bytes += chunk.length;
        if (size_bytes > max) stop(sshFault('SSH_OUTPUT_TOO_LARGE', `${argv[0]}: ${max} bytes`));
        else into.push(chunk);
      };
      channel.on('data', collect(out));
      channel.stderr.on('data', collect(err));
      // Not by the event `exit`: that of a quick command may have come with the channel itself.
      channel.on('close', (code: number | null | undefined, died: string | undefined) => {
        clean();
        const stdout = Buffer.concat(out).toString();
        const stderr = Buffer.concat(err).toString();
        resolve({ status: code ?? undefined, signal: died, stdout, stderr });
      });
      channel.end(options.input);
    });
  }

  /** A stream to a unix socket on the host (OpenSSH's streamlocal forwarding). */
  async socket(path: string): Promise<Duplex> {
    const open = (done: ClientCallback) => this.#last.openssh_forwardOutStreamLocal(path, done);
    try {
      return await opened(this.#last, open, { what: path, timeout_s: this.#target.connect_s });
    } catch (cause) {
      throw sshFault('SSH_SOCKET_REFUSED', `${this.#target.alias}: ${(cause as Error).message}`);
    }
  }

  /** Hangs up; afterwards no socket or timer is left. */
  async close(): Promise<void> {
    await hungUp(this.#hops);
  }

  async #channel(argv: readonly string[], options: CommandOptions): Promise<ClientChannel> {
    const { sent, signal, timeout_s = COMMAND_S } = options;
    const command = commandLine(argv);
    const what = `${argv[0]} on ${this.#target.alias}`;
    try {
      sent?.();
      const open = (done: ClientCallback) => this.#last.exec(command, done);
      return await opened(this.#last, open, { what, timeout_s, signal });
    } catch (cause) {
      if (cause instanceof FaultError) throw cause;
      const { message } = cause as Error;
      if (!message.includes(NOT_OPENED)) throw this.#lost(message);
      throw sshFault('SSH_CONNECTION_LOST', `${what}: ${message}`, {
        ...{ upstream: NOT_OPENED, effect: 'none' },
      });
    }
  }

  #lost(what: string): FaultError {
    return sshFault('SSH_CONNECTION_LOST', `${this.#target.alias}: ${what}`);
  }
}

/** What ssh2 says when a host refuses to open a channel (SSH_MSG_CHANNEL_OPEN_FAILURE). */
const NOT_OPENED = 'Channel open failure';

/** Whether a host had no room for one more command: nothing was begun. */
export function isCrowded(thrown: unknown): boolean {
  return thrown instanceof FaultError && thrown.fault.upstream === NOT_OPENED;
}

/** A connection to one host on the way. */
interface Hop {
  readonly client: Client;
  /** What the client speaks over: ssh2 does not end one that it has said goodbye on. */
  readonly socket: Duplex;
  readonly closed: Promise<void>;
}

/** How long a host may take to hang up as well. */
const FAREWELL_MS = 1_000;

/** Hangs up at every host, the last first; resolves when no socket is left. */
async function hungUp(hops: readonly Hop[]): Promise<void> {
  for (const { client } of hops.toReversed()) client.end();
  const last = setTimeout(() => {
    for (const { socket } of hops.toReversed()) socket.destroy();
  }, FAREWELL_MS);
  await Promise.all(hops.map(({ closed }) => closed));
  clearTimeout(last);
}

interface Opening {
  readonly what: string;
  readonly timeout_s: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a channel. ssh2 calls nobody back when the connection ends before it is open, nor while the
 * host does not answer. Throws `SSH_NO_ANSWER`, or what ssh2 says.
 */
function opened(
  client: Client,
  open: (done: ClientCallback) => void,
  { what, timeout_s, signal }: Opening,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (act: () => void) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      client.off('close', lost);
      signal?.removeEventListener('abort', abort);
      act();
    };
    const lost = () => end(() => reject(new Error('it hung up')));
    const late = (why: string) =>
      end(() => reject(sshFault('SSH_NO_ANSWER', `${what} did not begin: ${why}`)));
    const abort = () => late('it was given up');
    const timer = setTimeout(() => late(`${timeout_s} s`), timeout_s * 1000);
    if (signal?.aborted) return abort();
    client.once('close', lost);
    signal?.addEventListener('abort', abort);
    const done: ClientCallback = (cause, channel) => {
      if (isOver) channel?.destroy();
      else end(() => (cause ? reject(cause) : resolve(channel)));
    };
    try {
      open(done);
    } catch (cause) {
      end(() => reject(cause));
    }
  });
}

function connected(
  target: SshTarget,
  way: Duplex | undefined,
  signal: AbortSignal | undefined,
): Promise<Hop> {
  const client = new Client();
  const socket = way ?? connect({ host: target.host, port: target.port });
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.on('error', () => {}); // `close` follows, and ends whatever is under way
  client.setMaxListeners(0); // each command under way listens for the end of the connection
  const known = knownHostsOf(target);
  let verdict: Verdict | undefined;
  let shown = '';
  return new Promise((resolve, reject) => {
    const fail = (cause: Error & { level?: string; code?: string }) => {
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      reject(connectFault(target, cause, verdict, shown));
    };
    const abort = () => fail(new Error('given up'));
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) return abort();
    client.once('error', fail);
    client.once('ready', () => {
      signal?.removeEventListener('abort', abort);
      client.off('error', fail);
      resolve({ client, socket, closed });
    });
    const config: ConnectConfig = {
      username: target.user,
      readyTimeout: target.connect_s * 1000,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
      hostVerifier: (key: Buffer) => {
        verdict = judge(known, target.host, target.port, key);
        shown = fingerprint(key);
        return verdict === 'known';
      },
      authHandler: waysIn(target),
      sock: socket as Readable,
    };
    try {
      client.connect(config);
    } catch (cause) {
      fail(cause as Error);
    }
  });
}

/** What the files of known hosts say. Throws `SSH_BAD_CONFIG`. */
function knownHostsOf({ knownHosts }: SshTarget): readonly KnownHost[] {
  return knownHosts.flatMap((path) => parseKnownHosts(readText(path)));
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

async function forwarded(
  client: Client,
  { host, port, connect_s }: SshTarget,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  const open = (done: ClientCallback) => client.forwardOut('127.0.0.1', 0, host, port, done);
  try {
    const what = 'the way through the jump host';
    return await opened(client, open, { what, timeout_s: connect_s, signal });
  } catch (cause) {
    throw sshFault('SSH_UNREACHABLE', `${host}:${port}: ${(cause as Error).message}`);
  }
}

const FAULT_OF: Readonly<Record<Exclude<Verdict, 'known'>, SshFaultCode>> = {
  unknown: 'SSH_HOST_KEY_UNKNOWN',
  changed: 'SSH_HOST_KEY_CHANGED',
  revoked: 'SSH_HOST_KEY_REVOKED',
  certified: 'SSH_HOST_KEY_CERTIFIED',
};

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
  if (verdict !== undefined && verdict !== 'known') {
    return sshFault(FAULT_OF[verdict], `${where}: ${shown}`, more);
  }
  if (cause.level === 'client-authentication') return sshFault('SSH_AUTH', where, more);
  return sshFault('SSH_UNREACHABLE', `${where}: ${cause.message}`, more);
}
