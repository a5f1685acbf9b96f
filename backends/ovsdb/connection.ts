import type { Socket } from 'node:net';
import { FaultError } from '../fault.ts';
import { MessageClock } from '../message-clock.ts';
import { isTlsError } from './dial.ts';
import { ovsdbFault, upstreamFault } from './faults.ts';
import { type FrameLimits, JsonFrames } from './json-frames.ts';

/** How patient a connection is, and how much it takes. */
export interface ConnectionLimits extends FrameLimits {
  readonly connect_s: number;
  /** Silence after which the server is asked for a sign of life; lost after as long again. */
  readonly probe_s: number;
  /** How long a message may take to arrive once it has begun. */
  readonly message_s: number;
  /** How long a question may take; transactions are bounded by their action's deadline. */
  readonly answer_s: number;
}

/** OVN's own clients probe every 5 s; a northbound database of a large cloud has some 100 MB. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  connect_s: 10,
  probe_s: 5,
  message_s: 60,
  answer_s: 30,
  message_bytes_max: 512 * 1024 * 1024,
  depth_max: 64,
};

export interface CallOptions {
  /** Gives the wait up; the answer is thrown away when it comes. */
  readonly signal?: AbortSignal;
  /** Called when the call goes out: from here on it may have an effect. */
  readonly sent?: () => void;
  /** No time limit but the signal's. */
  readonly isAct?: boolean;
  /**
   * Given the result before anything that the server sent after it is looked at, which whoever
   * awaits the call is not. What it throws ends the connection.
   */
  readonly received?: (result: unknown) => void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(cause: Error): void;
}

/** Hears what the server says of its own accord, such as `update2`. Throws what is wrong with it. */
export type NoticeListener = (method: string, params: readonly unknown[]) => void;

/**
 * JSON-RPC 1.0 on one socket, as RFC 7047 uses it. When anything goes wrong on the wire the
 * connection is over: every call under way rejects, and `ended` resolves with the fault.
 */
export class Connection {
  /** Resolves when the connection is over, with the reason. */
  readonly ended: Promise<FaultError>;
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  readonly #frames: JsonFrames;
  readonly #listeners: NoticeListener[] = [];
  readonly #waiting = new Map<number, Waiting>();
  /** Calls that were given up; their answers may still come. */
  readonly #givenUp = new Set<number>();
  readonly #probe: NodeJS.Timeout;
  #resolveEnded!: (cause: FaultError) => void;
  #fault: FaultError | undefined;
  #serial = 0;
  #silences = 0;
  readonly #clock: MessageClock;

  constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.#frames = new JsonFrames(limits);
    this.#clock = new MessageClock(limits.message_s, (limit_s) => {
      this.end(ovsdbFault('OVSDB_NO_ANSWER', `a message did not end within ${limit_s} s`));
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (cause: NodeJS.ErrnoException) => this.end(socketFault(cause)));
    socket.on('close', () => this.end(ovsdbFault('OVSDB_CONNECTION_LOST', 'the server hung up')));
    this.#probe = setInterval(() => this.#askForLife(), limits.probe_s * 1000);
  }

  /** Hears the server's notices from now on. */
  listen(listener: NoticeListener): void {
    this.#listeners.push(listener);
  }

  /** Calls a method. Throws the server's error or the connection's as a fault. */
  call(
    method: string,
    params: readonly unknown[],
    { signal, sent, isAct = false, received }: CallOptions = {},
  ): Promise<unknown> {
    if (this.#fault) return Promise.reject(notSent(method));
    const id = ++this.#serial;
    const text = JSON.stringify({ id, method, params });
    if (Buffer.byteLength(text) > this.#limits.message_bytes_max) {
      const what = `${method}: more than ${this.#limits.message_bytes_max} bytes`;
      return Promise.reject(ovsdbFault('OVSDB_MESSAGE_TOO_LARGE', what, { effect: 'none' }));
    }
    return new Promise((resolve, reject) => {
      const giveUp = (why: string) => {
        this.#waiting.delete(id);
        this.#givenUp.add(id);
        stop();
        reject(ovsdbFault('OVSDB_NO_ANSWER', `${method} ${why}`));
      };
      const abort = () => giveUp('was given up');
      const { answer_s } = this.#limits;
      const late = () => giveUp(`took more than ${answer_s} s`);
      const timer = isAct ? undefined : setTimeout(late, answer_s * 1000);
      const stop = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      if (signal?.aborted) {
        stop();
        reject(notSent(method));
        return;
      }
      signal?.addEventListener('abort', abort);
      this.#waiting.set(id, {
        resolve: (result) => {
          stop();
          received?.(result);
          resolve(result);
        },
        reject: (cause) => {
          stop();
          reject(cause);
        },
      });
      sent?.();
      this.#socket.write(text);
    });
  }

  /** Hangs up. Calls under way reject with `fault`. */
  end(fault: FaultError = ovsdbFault('OVSDB_CONNECTION_LOST', 'we hung up')): void {
    if (this.#fault) return;
    this.#fault = fault;
    clearInterval(this.#probe);
    this.#clock.stop();
    this.#socket.destroy();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(fault);
    this.#resolveEnded(fault);
  }

  #receive(chunk: Buffer): void {
    this.#silences = 0;
    try {
      this.#frames.push(chunk, (message) => this.#dispatch(message));
    } catch (cause) {
      this.end(wireFault(cause));
      return;
    }
    if (!this.#fault) this.#clock.follow(this.#frames.isWithinMessage);
  }

  #dispatch(message: unknown): void {
    this.#clock.stop();
    if (this.#fault) return;
    const { id, method, params, result, error } = message as Readonly<Record<string, unknown>>;
    if (method === undefined) this.#answered(id, result, error);
    else if (typeof method !== 'string' || !Array.isArray(params)) {
      throw ovsdbFault('OVSDB_MALFORMED', 'a request without method and parameters');
    } else if (method === 'echo') {
      this.#socket.write(JSON.stringify({ id, result: params, error: null }));
    } else for (const listener of this.#listeners) listener(method, params);
  }

  #answered(id: unknown, result: unknown, error: unknown): void {
    if (typeof id === 'number' && this.#givenUp.delete(id)) return;
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined;
    if (!waiting) {
      throw ovsdbFault('OVSDB_MALFORMED', `an answer to call ${brief(id)}, which was not made`);
    }
    // It waits until its result is taken in: should that throw, the end of the connection rejects it.
    if (error === null || error === undefined) waiting.resolve(result);
    else waiting.reject(errorFault('call', error));
    this.#waiting.delete(id as number);
  }

  #askForLife(): void {
    const { probe_s } = this.#limits;
    if (this.#silences >= 2) {
      this.end(ovsdbFault('OVSDB_CONNECTION_LOST', `the server is silent for ${2 * probe_s} s`));
      return;
    }
    if (this.#silences++ === 0) return; // something came since the last look
    this.call('echo', []).catch(() => {}); // its answer, like any other, is a sign of life
  }
}

/** An error as the server sends it, `{error, details}` or a bare string, as a fault. */
export function errorFault(where: string, error: unknown): FaultError {
  if (typeof error === 'string') return upstreamFault(where, error, '');
  const { error: kind, details } = error as { error?: unknown; details?: unknown };
  if (typeof kind !== 'string') {
    return ovsdbFault('OVSDB_MALFORMED', `${where}: an error of ${brief(error)}`);
  }
  return upstreamFault(where, kind, typeof details === 'string' ? details : '');
}

/** A value from outside for a message: short, whatever it is. */
export function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100);
}

function notSent(method: string): FaultError {
  return ovsdbFault('OVSDB_CONNECTION_LOST', `${method} was not sent`, { effect: 'none' });
}

function socketFault(cause: NodeJS.ErrnoException): FaultError {
  const code = isTlsError(cause) ? 'OVSDB_TLS_REJECTED' : 'OVSDB_CONNECTION_LOST';
  return ovsdbFault(code, cause.message, { upstream: cause.code });
}

function wireFault(cause: unknown): FaultError {
  if (cause instanceof FaultError) return cause;
  return ovsdbFault('OVSDB_MALFORMED', cause instanceof Error ? cause.message : brief(cause));
}
