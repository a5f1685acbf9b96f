import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request as send } from 'undici';
import type { Fault } from '../engine/contract.ts';
import { type BackoffPlan, backoff_s } from './backoff.ts';
import { FaultError } from './fault.ts';
import { broken, type FaultClass, faultsOf, refused, unavailable } from './fault-table.ts';
import { pause_s } from './poller.ts';
import { redacted, type Secret } from './secret.ts';

/** The faults of talking HTTP, in a driver's own table: `...httpFaults('MAAS', 'the MAAS API')`. */
export function httpFaults<const Prefix extends string>(prefix: Prefix, who: string) {
  return {
    [`${prefix}_UNREACHABLE`]: unavailable(
      `nobody answers at the address of ${who}`,
      'Check the address, and that the service runs.',
    ),
    [`${prefix}_TLS_REJECTED`]: refused(
      `the certificate of ${who} is not trusted`,
      'Name the CA certificate that signed it; verification is never turned off silently.',
    ),
    [`${prefix}_CONNECTION_LOST`]: broken(
      `the connection to ${who} ended while a request was under way`,
      'Look at the entity before asking again.',
    ),
    [`${prefix}_NO_ANSWER`]: broken(
      `${who} did not answer in time`,
      'Look at the load and the log of the service, and at the entity before asking again.',
    ),
    [`${prefix}_MALFORMED`]: broken(
      `${who} answered something that is not its protocol`,
      'Check that the address is that of the service, and report this with its version.',
    ),
    [`${prefix}_ANSWER_TOO_LARGE`]: {
      ...broken(`an answer of ${who} is larger than is accepted`, 'Ask for less at a time.'),
      retryable: false,
    },
  } as Record<`${Prefix}_${HttpFailure}`, FaultClass>;
}

export type HttpFailure =
  | 'UNREACHABLE'
  | 'TLS_REJECTED'
  | 'CONNECTION_LOST'
  | 'NO_ANSWER'
  | 'MALFORMED'
  | 'ANSWER_TOO_LARGE';

export interface HttpOptions {
  /** Prefix of the fault codes, such as `MAAS`. */
  readonly prefix: string;
  /** How messages call the other side, such as `the MAAS API`. */
  readonly who: string;
  /** PEM of the certificate authorities to trust instead of the system's. */
  readonly ca?: string;
  /** The client's own certificate and key, and the name that the server's must bear. */
  readonly tls?: {
    readonly cert?: string;
    readonly key?: Secret;
    readonly servername?: string;
    /** Only when the user's own configuration says so. */
    readonly rejectUnauthorized?: boolean;
  };
  /** Time for connecting; default 10. */
  readonly connect_s?: number;
  /** Time for a whole answer; default 60. */
  readonly answer_s?: number;
  /** The largest answer that is read; default 32 MiB. */
  readonly answer_bytes_max?: number;
  /** Connections at most; default 8. */
  readonly connections_max?: number;
  /** Taken out of whatever the server says. */
  readonly secrets?: readonly Secret[];
  readonly retry?: BackoffPlan;
  readonly random?: () => number;
}

type RequestHeaders = Readonly<Record<string, string>>;

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly url: URL;
  /** Never stand in messages. A function is asked each time: signatures count once. */
  readonly headers?: RequestHeaders | (() => RequestHeaders);
  /** A stream is sent as it is read; it suits only requests that are never sent again. */
  readonly body?: string | Uint8Array | Readable;
  readonly signal?: AbortSignal;
  readonly answer_s?: number;
  /** Called when the request may have reached the server. */
  readonly sent?: () => void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

const RETRY: BackoffPlan = { first_s: 0.2, max_s: 2 };
/** How often a request that changes nothing is sent again after the connection failed. */
const RETRIES_MAX = 3;
const ANSWER_S = 60;
const ANSWER_BYTES_MAX = 32 * 1024 * 1024;

/**
 * HTTP as drivers need it: bounded in time and size, TLS verified, failures as typed faults.
 * Statuses are the driver's business: any answer that is whole is returned. GET and HEAD are sent
 * again, with back-off, when the connection fails; nothing else ever is.
 */
export class HttpClient {
  readonly #agent: Agent;
  readonly #options: HttpOptions;
  readonly #fault: (
    code: string,
    what: string,
    more?: { effect?: Fault['effect']; upstream?: string },
  ) => FaultError;

  constructor(options: HttpOptions) {
    const { ca, connect_s = 10, connections_max = 8, tls } = options;
    this.#options = options;
    this.#fault = faultsOf<string>(httpFaults(options.prefix, options.who));
    this.#agent = new Agent({
      connections: connections_max,
      connect: {
        timeout: connect_s * 1000,
        ...(ca === undefined ? {} : { ca }),
        ...(tls && { ...tls, key: tls.key?.reveal() }),
      },
      // Time and size are bounded for the whole answer below.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 64 * 1024,
    });
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    const isSafe = request.method === 'GET' || request.method === 'HEAD';
    for (let retry = 0; ; retry++) {
      try {
        return await this.#once(request, isSafe);
      } catch (thrown) {
        const again = isSafe && this.#isConnectionFailure(thrown);
        if (!again || retry >= RETRIES_MAX || request.signal?.aborted) throw thrown;
      }
      const { retry: plan = RETRY, random = Math.random } = this.#options;
      await pause_s(backoff_s(plan, retry, random), request.signal);
    }
  }

  /** Like `request`, for an answer whose body is JSON; an empty body is `undefined`. */
  async json(request: HttpRequest): Promise<HttpAnswer & { readonly value: unknown }> {
    const answer = await this.request(request);
    if (answer.body.length === 0) return { ...answer, value: undefined };
    const isError = answer.status >= 300;
    // What an error says ends in messages; what succeeds may be a token that is needed as it is.
    const text = isError ? this.text(answer) : answer.body.toString('utf8');
    try {
      return { ...answer, value: JSON.parse(text) };
    } catch {
      if (isError) return { ...answer, value: text };
      const what = `${describe(request)}: not JSON: ${this.text(answer).slice(0, 200)}`;
      throw this.#fault(`${this.#options.prefix}_MALFORMED`, what, effectOf(request));
    }
  }

  /**
   * Reads an answer of any length line by line, as a stream of events is sent. It ends when the
   * server ends it, or throws: `NO_ANSWER` when nothing came for `answer_s`, `ANSWER_TOO_LARGE` for
   * a line longer than an answer may be. A status other than 200 is returned as one last line.
   */
  async *lines(request: HttpRequest): AsyncGenerator<{ status: number; line: string }> {
    const { answer_bytes_max = ANSWER_BYTES_MAX, prefix } = this.#options;
    const idle = new IdleTimer(request.answer_s ?? this.#options.answer_s ?? ANSWER_S);
    const signal = request.signal ? AbortSignal.any([request.signal, idle.signal]) : idle.signal;
    const decoder = new TextDecoder();
    let rest = '';
    try {
      const { method } = request;
      const headers = headersOf(request);
      const answer = await send(request.url, { method, headers, signal, dispatcher: this.#agent });
      const status = answer.statusCode;
      for await (const chunk of answer.body) {
        idle.restart();
        const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of status === 200 ? lines : []) yield { status, line };
        if (status !== 200) rest = [...lines, rest].join('\n');
        if (rest.length > answer_bytes_max) {
          const what = `${describe(request)}: a line of more than ${answer_bytes_max} characters`;
          throw this.#fault(`${prefix}_ANSWER_TOO_LARGE`, what, effectOf(request));
        }
      }
      if (rest !== '') yield { status, line: rest };
    } catch (thrown) {
      if (thrown instanceof FaultError) throw thrown;
      throw this.#failure(thrown, request, idle.signal.aborted);
    } finally {
      idle.stop();
    }
  }

  /** The body as text without secrets. */
  text(answer: HttpAnswer): string {
    return redacted(answer.body.toString('utf8'), this.#options.secrets ?? []);
  }

  /** Ends what is under way; afterwards no socket is left. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  #isConnectionFailure(thrown: unknown): boolean {
    if (!(thrown instanceof FaultError)) return false;
    const { prefix } = this.#options;
    return [`${prefix}_UNREACHABLE`, `${prefix}_CONNECTION_LOST`].includes(thrown.fault.code);
  }

  async #once(request: HttpRequest, isSafe: boolean): Promise<HttpAnswer> {
    request.signal?.throwIfAborted();
    const answer_s = request.answer_s ?? this.#options.answer_s ?? ANSWER_S;
    const tooLate = new AbortController();
    const timer = setTimeout(() => tooLate.abort(), answer_s * 1000);
    const signal = request.signal
      ? AbortSignal.any([request.signal, tooLate.signal])
      : tooLate.signal;
    try {
      if (!isSafe) request.sent?.();
      const answer = await send(request.url, {
        method: request.method,
        headers: headersOf(request),
        body: request.body,
        signal,
        dispatcher: this.#agent,
      });
      const body = await this.#read(answer.body, request);
      return { status: answer.statusCode, headers: answer.headers, body };
    } catch (thrown) {
      if (thrown instanceof FaultError) throw thrown;
      throw this.#failure(thrown, request, tooLate.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(body: Dispatcher.ResponseData['body'], request: HttpRequest): Promise<Buffer> {
    const { answer_bytes_max = ANSWER_BYTES_MAX, prefix } = this.#options;
    const chunks: Buffer[] = [];
    let size_bytes = 0;
    for await (const chunk of body) {
      size_bytes += (chunk as Buffer).length;
      if (size_bytes > answer_bytes_max) {
        body.destroy();
        const what = `${describe(request)}: more than ${answer_bytes_max} bytes`;
        throw this.#fault(`${prefix}_ANSWER_TOO_LARGE`, what, effectOf(request));
      }
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  }

  #failure(thrown: unknown, request: HttpRequest, isLate: boolean): FaultError {
    const { prefix, secrets = [] } = this.#options;
    const code = codeOf(thrown);
    const failure = isLate ? 'NO_ANSWER' : failureOf(thrown, code);
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const what = redacted(`${describe(request)}: ${isLate ? 'gave up' : why}`, secrets);
    const unsent = failure === 'UNREACHABLE' || failure === 'TLS_REJECTED' || isNotTls(code);
    return this.#fault(`${prefix}_${failure}`, what, {
      ...(unsent ? { effect: 'none' } : effectOf(request)),
      ...(code === undefined ? {} : { upstream: code }),
    });
  }
}

/** Aborts when nothing happened for a while. */
class IdleTimer {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(idle_s: number) {
    this.#timer = setTimeout(() => this.#abort.abort(), idle_s * 1000);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  restart(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** A request that changes nothing had no effect, whatever became of it. */
function effectOf(request: HttpRequest): { effect: Fault['effect'] } {
  return { effect: request.method === 'GET' || request.method === 'HEAD' ? 'none' : 'unknown' };
}

function headersOf({ headers }: HttpRequest): RequestHeaders | undefined {
  return typeof headers === 'function' ? headers() : headers;
}

/** Method and address without query, user and password: any of these may hold a secret. */
function describe({ method, url }: HttpRequest): string {
  return `${method} ${url.protocol}//${url.host}${url.pathname}`;
}

const UNREACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function failureOf(thrown: unknown, code: string | undefined): HttpFailure {
  if (isNotHttp(thrown) || isNotTls(code)) return 'MALFORMED';
  if (code === undefined) return 'CONNECTION_LOST';
  if (UNREACHED.has(code)) return 'UNREACHABLE';
  if (/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY|_ALERT_/.test(code)) return 'TLS_REJECTED';
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'ANSWER_TOO_LARGE';
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return 'MALFORMED';
  return 'CONNECTION_LOST';
}

/** The parser often gives no code; an answer that just breaks off is a connection that was lost. */
function isNotHttp(thrown: unknown): boolean {
  const { name, message } = thrown as { name?: unknown; message?: unknown };
  return name === 'HTTPParserError' && !/EOF/.test(String(message));
}

/** OpenSSL's word for a server that does not speak TLS; one that refuses sends an alert. */
function isNotTls(code: string | undefined): boolean {
  return code !== undefined && /^ERR_SSL_(?!.*_ALERT_)|^EPROTO$/.test(code);
}

function codeOf(thrown: unknown): string | undefined {
  const { code, cause } = thrown as { code?: unknown; cause?: { code?: unknown } };
  const found = typeof code === 'string' ? code : cause?.code;
  return typeof found === 'string' ? found : undefined;
}
