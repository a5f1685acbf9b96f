/**
 * Juju's RPC: requests and answers as JSON, each in a message of one websocket
 * (juju/rpc/jsoncodec). jujulib's own transport is not used: it loses error codes, prints answers
 * that it cannot read, and never ends the calls of a connection that broke.
 */
import type WebSocket from 'ws';
import type { FaultError } from '../fault.ts';
import { redacted } from '../secret.ts';
import { dial, type RpcLimits, type RpcTarget } from './dial.ts';
import { jujuFault, refusal } from './faults.ts';

/** How one call is made. */
export interface Call {
  /** Says what the call is about, for messages. */
  readonly about: string;
  readonly signal?: AbortSignal;
  /** Called when the request may have reached the controller; only for calls that change things. */
  readonly sent?: () => void;
  /** Infinity for calls that are answered when something happens. */
  readonly answer_s?: number;
}

/** A request as jujulib's facades make it. */
interface Request {
  readonly type: string;
  readonly request: string;
}

/** What jujulib's facades need of a transport. */
export interface RpcTransport {
  write(request: Request, resolve: (value: never) => void, reject: (error: Error) => void): void;
}

interface Pending {
  readonly call: Call;
  readonly what: string;
  settle(): void;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A call that was given up because its action was; nobody sees it. */
class CallAborted extends Error {}

export class RpcConnection {
  readonly #socket: WebSocket;
  readonly #target: RpcTarget;
  readonly #limits: RpcLimits;
  readonly #pending = new Map<number, Pending>();
  #last = 0;
  #broken: FaultError | undefined;
  /** Called once, when the connection has ended. */
  onEnd: () => void = () => {};

  private constructor(socket: WebSocket, target: RpcTarget, limits: RpcLimits) {
    this.#socket = socket;
    this.#target = target;
    this.#limits = limits;
    socket.on('message', (data, isBinary) => this.#take(data, isBinary));
    socket.on('error', (cause) => this.#fail(this.#failure(cause)));
    socket.on('close', () => this.#fail(lost('it was closed')));
  }

  /** Connects to whichever endpoint answers first. Throws UNREACHABLE, TLS_REJECTED, MALFORMED. */
  static async open(target: RpcTarget, limits: RpcLimits, signal: AbortSignal) {
    return new RpcConnection(await dial(target, limits, signal), target, limits);
  }

  get isOpen(): boolean {
    return this.#broken === undefined;
  }

  /** A transport for jujulib's facades whose requests are all made as `call` says. */
  transport(call: Call): RpcTransport {
    return {
      write: (request, resolve, reject) =>
        this.#send(request, call, resolve as (value: unknown) => void, reject),
    };
  }

  /** Ends what is under way; afterwards no socket is left. */
  close(): void {
    this.#fail(lost('it was closed by us'));
  }

  #send(
    request: Request,
    call: Call,
    resolve: Pending['resolve'],
    reject: Pending['reject'],
  ): void {
    const { about, answer_s = this.#limits.answer_s, sent, signal } = call;
    const what = `${request.type}.${request.request} (${about})`;
    if (signal?.aborted || this.#broken) {
      reject(this.#broken ? withoutEffect(this.#broken) : new CallAborted(what));
      return;
    }
    const id = ++this.#last;
    const giveUp = (error: Error) => {
      pending.settle();
      reject(error);
    };
    const timer = Number.isFinite(answer_s)
      ? setTimeout(() => giveUp(jujuFault('JUJU_NO_ANSWER', what, effectOf(call))), answer_s * 1000)
      : undefined;
    const aborted = () => giveUp(new CallAborted(what));
    signal?.addEventListener('abort', aborted);
    const pending: Pending = {
      ...{ call, what, resolve, reject },
      settle: () => {
        this.#pending.delete(id);
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      },
    };
    this.#pending.set(id, pending);
    sent?.();
    this.#socket.send(JSON.stringify({ 'request-id': id, ...request }));
  }

  #take(data: WebSocket.RawData, isBinary: boolean): void {
    const answer = isBinary ? undefined : answerOf(String(data));
    if (!answer || answer.id > this.#last) {
      this.#fail(jujuFault('JUJU_MALFORMED', this.#clean(String(data).slice(0, 200))));
      return;
    }
    // Answers to calls that were given up come all the same.
    const pending = this.#pending.get(answer.id);
    pending?.settle();
    if (answer.error === undefined) pending?.resolve(answer.response);
    else {
      const message = this.#clean(answer.error);
      pending?.reject(refusal({ message, code: this.#clean(answer.code) }, pending.what));
    }
  }

  #fail(fault: FaultError): void {
    if (this.#broken) return;
    this.#broken = fault;
    this.#socket.terminate();
    for (const pending of [...this.#pending.values()]) {
      pending.settle();
      const { code, message } = fault.fault;
      const what = `${pending.what}: ${message}`;
      pending.reject(jujuFault(code as 'JUJU_CONNECTION_LOST', what, effectOf(pending.call)));
    }
    this.onEnd();
  }

  #failure(cause: Error): FaultError {
    const { code = '' } = cause as { code?: string };
    const what = this.#clean(cause.message);
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      const max = this.#limits.message_bytes_max;
      return jujuFault('JUJU_ANSWER_TOO_LARGE', `more than ${max} bytes`, { upstream: code });
    }
    const isGarbage = code.startsWith('WS_ERR_');
    return jujuFault(isGarbage ? 'JUJU_MALFORMED' : 'JUJU_CONNECTION_LOST', what, {
      upstream: code,
    });
  }

  #clean(text: string): string {
    return redacted(text, this.#target.secrets);
  }
}

/** A call that changes nothing had no effect, whatever became of it. */
function effectOf({ sent }: Call): { effect: 'none' | 'unknown' } {
  return { effect: sent ? 'unknown' : 'none' };
}

function withoutEffect({ fault }: FaultError): FaultError {
  return jujuFault('JUJU_CONNECTION_LOST', fault.message, { effect: 'none' });
}

function lost(why: string): FaultError {
  return jujuFault('JUJU_CONNECTION_LOST', why);
}

interface Answer {
  readonly id: number;
  readonly error?: string;
  readonly code: string;
  readonly response: unknown;
}

/** An answer of version 1 of the protocol; undefined for anything else. */
function answerOf(text: string): Answer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { 'request-id': id, error, 'error-code': code = '', response = {} } = value as Fields;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) return undefined;
  if (typeof code !== 'string' || !(error === undefined || typeof error === 'string')) {
    return undefined;
  }
  return error === undefined || error === ''
    ? { id, code, response }
    : { id, code, error, response };
}

interface Fields {
  readonly 'request-id'?: unknown;
  readonly error?: unknown;
  readonly 'error-code'?: unknown;
  readonly response?: unknown;
}
