import { FaultError } from '../fault.ts';
import { MessageClock } from '../message-clock.ts';
import type { Line } from './dial.ts';
import { libvirtFault, upstreamError } from './faults.ts';
import { FrameSplitter } from './frames.ts';
import {
  Call,
  type CallArgs,
  type CallName,
  type CallResult,
  HEADER_BYTES,
  Header,
  KEEPALIVE_PROGRAM,
  KEEPALIVE_VERSION,
  KeepaliveProc,
  LENGTH_BYTES,
  MESSAGE_BYTES_MAX,
  MessageStatus,
  MessageType,
  REMOTE_PROGRAM,
  REMOTE_VERSION,
  RemoteError,
} from './protocol.ts';
import { CallQueue } from './queue.ts';
import { decode, encode, XdrError, type XdrType } from './xdr.ts';

/** How patient a connection is. Defaults are libvirt's own where it has any. */
export interface ConnectionLimits {
  readonly connect_s: number;
  /** Silence after which the server is asked for a sign of life. */
  readonly keepalive_s: number;
  /** Unanswered signs of life after which the connection counts as lost. */
  readonly keepalive_count: number;
  /** How long a message may take to arrive once it has begun. */
  readonly message_s: number;
  readonly message_bytes_max: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  connect_s: 10,
  keepalive_s: 5,
  keepalive_count: 5,
  message_s: 30,
  message_bytes_max: MESSAGE_BYTES_MAX,
};

export interface CallOptions {
  /** Gives the wait up; the answer is thrown away when it comes. */
  readonly signal?: AbortSignal;
  readonly timeout_s?: number;
  /** Acts wait behind at most four others, so that questions are always answered. */
  readonly act?: boolean;
  /** Called when the call goes out: from here on it may have an effect. */
  readonly sent?: () => void;
}

/** How long a question may take; acts are bounded by their action's deadline. */
const QUESTION_TIMEOUT_S = 30;
/** The longest a timer can wait. */
const TIMER_S_MAX = 2_147_483;

interface Waiting {
  readonly name: CallName;
  resolve(body: Buffer): void;
  reject(cause: Error): void;
}

/** A message that came without being asked for: an event. */
export type MessageListener = (procedure: number, body: Buffer) => void;

/**
 * One connection to libvirtd: calls by name, events by listener. When anything goes wrong on the
 * wire the connection is over: every call under way rejects, and `ended` resolves with the fault.
 */
export class Connection {
  /** Resolves when the connection is over, with the reason. */
  readonly ended: Promise<FaultError>;
  readonly #line: Line;
  readonly #limits: ConnectionLimits;
  readonly #frames: FrameSplitter;
  readonly #queue = new CallQueue();
  readonly #waiting = new Map<number, Waiting>();
  readonly #listener: MessageListener;
  #resolveEnded!: (cause: FaultError) => void;
  #fault: FaultError | undefined;
  #serial = 0;
  #keepalive: NodeJS.Timeout | undefined;
  #unanswered = 0;
  readonly #clock: MessageClock;
  #hungUp: Promise<void> | undefined;

  constructor(line: Line, limits: ConnectionLimits, listener: MessageListener) {
    this.#line = line;
    this.#limits = limits;
    this.#listener = listener;
    this.#frames = new FrameSplitter(limits.message_bytes_max);
    this.#clock = new MessageClock(limits.message_s, (limit_s) => {
      this.#end(libvirtFault('LIBVIRT_NO_ANSWER', `a message did not end within ${limit_s} s`));
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const lost = (why: string) => this.#end(libvirtFault('LIBVIRT_CONNECTION_LOST', why));
    line.stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    line.stream.on('error', (cause) => lost(cause.message));
    line.stream.on('end', () => lost('libvirtd hung up'));
    line.stream.on('close', () => lost('libvirtd hung up'));
  }

  /** Makes a call. Throws the fault that libvirt answers, or that of the connection. */
  async call<N extends CallName>(
    name: N,
    args: CallArgs<N>,
    options: CallOptions = {},
  ): Promise<CallResult<N>> {
    const body = encodeCall(name, args, this.#limits.message_bytes_max);
    const release = await this.#queue.turn(options.act ?? false, options.signal);
    if (!release || this.#fault) throw notSent(name);
    const serial = this.#nextSerial();
    const answer = this.#answer(name, serial, options, release);
    options.sent?.();
    this.#send(REMOTE_PROGRAM, REMOTE_VERSION, Call[name].number, MessageType.CALL, serial, body);
    const reply = await answer;
    return this.#decoded(name, Call[name].result as XdrType<CallResult<N>>, reply);
  }

  /** Asks the server for signs of life from now on; only for servers that know the feature. */
  startKeepalive(): void {
    this.#keepalive ??= setInterval(() => this.#ping(), this.#limits.keepalive_s * 1000);
  }

  /** Hangs up. Calls under way reject; resolves when no socket is left. */
  async close(): Promise<void> {
    this.#end(libvirtFault('LIBVIRT_CONNECTION_LOST', 'we hung up'));
    await this.#hungUp;
  }

  /**
   * Waits for the answer to a call. A call that is given up rejects at once, but keeps its turn
   * until its answer comes: libvirtd is still at work on it.
   */
  #answer(
    name: CallName,
    serial: number,
    options: CallOptions,
    release: () => void,
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const timeout_s = options.timeout_s ?? (options.act ? TIMER_S_MAX : QUESTION_TIMEOUT_S);
      const giveUp = (why: string) => {
        stop();
        reject(libvirtFault('LIBVIRT_NO_ANSWER', `${name} ${why}`));
      };
      const onAbort = () => giveUp('was given up');
      const timer = setTimeout(() => giveUp(`took more than ${timeout_s} s`), timeout_s * 1000);
      const stop = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      signal?.addEventListener('abort', onAbort);
      const ended = () => {
        release();
        stop();
      };
      this.#waiting.set(serial, {
        name,
        resolve: (body) => {
          ended();
          resolve(body);
        },
        reject: (cause) => {
          ended();
          reject(cause);
        },
      });
    });
  }

  #nextSerial(): number {
    this.#serial = this.#serial === 0xffff_ffff ? 1 : this.#serial + 1;
    return this.#serial;
  }

  #send(
    program: number,
    version: number,
    procedure: number,
    type: number,
    serial: number,
    body: Buffer,
  ): void {
    const header = encode(Header, {
      ...{ program, version, procedure, type, serial },
      status: MessageStatus.OK,
    });
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(LENGTH_BYTES + header.length + body.length);
    this.#line.stream.write(Buffer.concat([length, header, body]));
  }

  #receive(chunk: Buffer): void {
    this.#unanswered = 0;
    try {
      this.#frames.push(chunk, (message) => this.#dispatch(message));
    } catch (cause) {
      this.#end(wireFault(cause));
      return;
    }
    if (!this.#fault) this.#clock.follow(this.#frames.isWithinMessage);
  }

  #dispatch(message: Buffer): void {
    // Each whole message starts the clock of the next one anew.
    this.#clock.stop();
    if (this.#fault) return;
    const header = decode(Header, message.subarray(0, HEADER_BYTES));
    const body = message.subarray(HEADER_BYTES);
    if (header.program === KEEPALIVE_PROGRAM) {
      if (header.procedure === KeepaliveProc.PING) this.#sign(KeepaliveProc.PONG);
    } else if (header.program !== REMOTE_PROGRAM || header.version !== REMOTE_VERSION) {
      throw new XdrError(`program ${header.program.toString(16)} version ${header.version}`);
    } else if (header.type === MessageType.MESSAGE) {
      this.#listener(header.procedure, body);
    } else if (header.type === MessageType.REPLY) {
      this.#replied(header, body);
    } else {
      throw new XdrError(`message type ${header.type}`);
    }
  }

  #replied(header: Header, body: Buffer): void {
    const waiting = this.#waiting.get(header.serial);
    if (!waiting) throw new XdrError(`an answer to call ${header.serial}, which was not made`);
    const expected = Call[waiting.name].number;
    if (header.procedure !== expected) {
      throw new XdrError(`an answer of procedure ${header.procedure} to one of ${expected}`);
    }
    const { status } = header;
    if (status !== MessageStatus.OK && status !== MessageStatus.ERROR) {
      throw new XdrError(`status ${status}`);
    }
    this.#waiting.delete(header.serial);
    if (status === MessageStatus.OK) waiting.resolve(body);
    else waiting.reject(this.#refused(waiting, body));
  }

  #refused(waiting: Waiting, body: Buffer): Error {
    try {
      return upstreamError(waiting.name, decode(RemoteError, body));
    } catch (cause) {
      const fault = wireFault(cause);
      this.#end(fault);
      return fault;
    }
  }

  #decoded<T>(name: CallName, type: XdrType<T>, body: Buffer): T {
    try {
      return decode(type, body);
    } catch (cause) {
      const fault = wireFault(cause, name);
      this.#end(fault);
      throw fault;
    }
  }

  #ping(): void {
    if (this.#unanswered >= this.#limits.keepalive_count) {
      const silence_s = this.#limits.keepalive_s * this.#limits.keepalive_count;
      this.#end(libvirtFault('LIBVIRT_CONNECTION_LOST', `libvirtd is silent for ${silence_s} s`));
      return;
    }
    this.#unanswered++;
    this.#sign(KeepaliveProc.PING);
  }

  #sign(procedure: number): void {
    this.#send(KEEPALIVE_PROGRAM, KEEPALIVE_VERSION, procedure, MessageType.MESSAGE, 0, NO_BODY);
  }

  #end(fault: FaultError): void {
    if (this.#fault) return;
    this.#fault = fault;
    clearInterval(this.#keepalive);
    this.#clock.stop();
    this.#hungUp = this.#line.hangUp();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(fault);
    this.#queue.end();
    this.#resolveEnded(fault);
  }
}

const NO_BODY = Buffer.alloc(0);

/** A call that was still waiting for its turn when the connection ended did nothing. */
function notSent(name: string): FaultError {
  return libvirtFault('LIBVIRT_CONNECTION_LOST', `${name} was not sent`, { effect: 'none' });
}

function encodeCall<N extends CallName>(name: N, args: CallArgs<N>, bytes_max: number): Buffer {
  let body: Buffer;
  try {
    body = encode(Call[name].args as XdrType<CallArgs<N>>, args);
  } catch (cause) {
    if (!(cause instanceof XdrError)) throw cause;
    throw libvirtFault('LIBVIRT_BAD_PARAMS', `${name}: ${cause.message}`);
  }
  if (body.length + HEADER_BYTES > bytes_max) {
    const what = `${name} takes ${body.length} bytes`;
    throw libvirtFault('LIBVIRT_MESSAGE_TOO_LARGE', what, { effect: 'none' });
  }
  return body;
}

/** What went wrong on the wire, as a fault; anything else is a mistake of ours and goes on up. */
function wireFault(cause: unknown, name?: string): FaultError {
  if (cause instanceof FaultError) return cause;
  if (!(cause instanceof XdrError)) throw cause;
  return libvirtFault('LIBVIRT_MALFORMED', name ? `${name}: ${cause.message}` : cause.message);
}
