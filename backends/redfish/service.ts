import { z } from 'zod';
import { BusyError } from '../fault.ts';
import { oneLine } from '../fault-table.ts';
import { type HttpAnswer, HttpClient, type HttpOptions } from '../http.ts';
import { pause_s } from '../poller.ts';
import { redacted, Secret } from '../secret.ts';
import { type RedfishFaultCode, redfishFault } from './faults.ts';

export interface Credentials {
  readonly user: string;
  readonly password: Secret;
}

export interface ServiceOptions extends Partial<HttpOptions> {
  /** Where the service is: `https://HOST`; the root is `/redfish/v1/` there. */
  readonly url: URL;
  /** Without them the service is asked for nothing that needs any. */
  readonly credentials?: Credentials;
  /** How often a task is looked at, seconds; default 1. */
  readonly task_s?: number;
}

export interface Call {
  readonly signal?: AbortSignal;
  /** Called when the request may have reached the service. */
  readonly sent?: () => void;
  readonly about?: string;
}

export const ROOT = '/redfish/v1/';
const TASK_S = 1;
const BUSY_RETRY_AFTER_S = 2;
/** A service may ask us to look again later than this; we do not wait longer. */
const RETRY_AFTER_S_MAX = 30;

const root = z.object({
  RedfishVersion: z.string().optional(),
  Links: z.object({ Sessions: z.object({ '@odata.id': z.string() }).optional() }).optional(),
});
const task = z.object({ TaskState: z.string().optional(), Messages: z.unknown().optional() });
const RUNNING = new Set([
  ...['New', 'Starting', 'Running', 'Pending', 'Stopping', 'Service', 'Suspended', 'Interrupted'],
]);
const REDIRECTS = new Set([301, 302, 307, 308]);
const HOPS_MAX = 3;
const FAILED = new Set(['Exception', 'Killed', 'Cancelled', 'Cancelling']);

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type Answer = HttpAnswer & { readonly value: unknown };

/** How requests are let in: by the token of a session, or else with the password each time. */
type Pass =
  | { readonly type: 'session'; readonly token: Secret; readonly location: string | undefined }
  | { readonly type: 'basic' }
  | { readonly type: 'none' };

/**
 * One Redfish service (DMTF DSP0266): signs in at the first request and again when its session has
 * ended, follows what it does in tasks to their end, and signs out on close.
 */
export class RedfishService {
  readonly url: URL;
  readonly #http: HttpClient;
  readonly #options: ServiceOptions;
  #pass: Promise<Pass> | undefined;

  constructor(options: ServiceOptions) {
    const { url, credentials, task_s: _, ...http } = options;
    this.url = url;
    this.#options = options;
    this.#http = new HttpClient({
      ...{ prefix: 'REDFISH', who: 'the Redfish service' },
      ...{ secrets: credentials ? [credentials.password, basic(credentials)] : [], ...http },
    });
  }

  /** The version of the protocol, which anybody may ask for. */
  async version(signal?: AbortSignal): Promise<string> {
    return (await this.#root(signal)).RedfishVersion ?? 'unknown';
  }

  /** Asks for a resource by its path. */
  async get(path: string, call: Call = {}): Promise<unknown> {
    return (await this.#call('GET', path, undefined, call)).value;
  }

  /** Changes something, and waits until the service is done with it. */
  async act(method: 'POST' | 'PATCH', path: string, body: object, call: Call): Promise<void> {
    const answer = await this.#call(method, path, body, call);
    if (answer.status === 202) await this.#untilDone(answer, call);
  }

  async close(): Promise<void> {
    const pass = await this.#pass?.catch(() => undefined);
    if (pass?.type === 'session' && pass.location) {
      const path = this.#pathOf(pass.location);
      // Sessions end by themselves as well; a service that is gone keeps us from nothing.
      if (path) await this.#send('DELETE', path, undefined, pass, {}).catch(() => {});
    }
    await this.#http.close();
  }

  /** Asks for a resource, and follows the service to another place on itself (DSP0266, 7.2). */
  async #follow(path: string, pass: Pass, call: Call): Promise<Answer> {
    let answer = await this.#send('GET', path, undefined, pass, call);
    for (let hop = 0; hop < HOPS_MAX && REDIRECTS.has(answer.status); hop++) {
      const { location } = answer.headers;
      const next = typeof location === 'string' ? this.#pathOf(location) : undefined;
      if (!next) break;
      answer = await this.#send('GET', next, undefined, pass, call);
    }
    return answer;
  }

  async #call(method: Method, path: string, body: object | undefined, call: Call): Promise<Answer> {
    const ask = (pass: Pass) =>
      method === 'GET'
        ? this.#follow(path, pass, call)
        : this.#send(method, path, body, pass, call);
    let pass = await this.#signIn(call.signal);
    let answer = await ask(pass);
    if (answer.status === 401 && pass.type === 'session') {
      // The session ran out: what was refused was not done, and is asked for once more.
      this.#pass = undefined;
      pass = await this.#signIn(call.signal);
      answer = await ask(pass);
    }
    if (answer.status < 300) return answer;
    throw this.#errorOf(answer, call.about ?? path, pass);
  }

  #send(
    method: Method,
    path: string,
    body: object | undefined,
    pass: Pass,
    call: Call,
  ): Promise<Answer> {
    return this.#http.json({
      ...{ method, url: new URL(path, this.url), signal: call.signal, sent: call.sent },
      headers: {
        accept: 'application/json',
        'odata-version': '4.0',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...this.#authorization(pass),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }

  #authorization(pass: Pass): Readonly<Record<string, string>> {
    const { credentials } = this.#options;
    if (pass.type === 'session') return { 'x-auth-token': pass.token.reveal() };
    if (pass.type === 'none' || !credentials) return {};
    return { authorization: `Basic ${basic(credentials).reveal()}` };
  }

  #signIn(signal?: AbortSignal): Promise<Pass> {
    if (!this.#options.credentials) return Promise.resolve({ type: 'none' });
    this.#pass ??= this.#openSession(this.#options.credentials, signal);
    this.#pass.catch(() => {
      this.#pass = undefined;
    });
    return this.#pass;
  }

  async #openSession({ user, password }: Credentials, signal?: AbortSignal): Promise<Pass> {
    const sessions = (await this.#root(signal)).Links?.Sessions?.['@odata.id'];
    const path = sessions && this.#pathOf(sessions);
    if (!path) return { type: 'basic' };
    const body = { UserName: user, Password: password.reveal() };
    const answer = await this.#send('POST', path, body, { type: 'none' }, { signal });
    const token = answer.headers['x-auth-token'];
    if (answer.status < 300 && typeof token === 'string') {
      const { location } = answer.headers;
      const where = typeof location === 'string' ? location : undefined;
      return { type: 'session', token: new Secret(token), location: where };
    }
    if ([404, 405, 501].includes(answer.status)) return { type: 'basic' };
    throw this.#errorOf(answer, path, { type: 'none' });
  }

  async #root(signal?: AbortSignal): Promise<z.infer<typeof root>> {
    const answer = await this.#send('GET', ROOT, undefined, { type: 'none' }, { signal });
    if (answer.status >= 300) throw this.#errorOf(answer, ROOT, { type: 'none' });
    const read = root.safeParse(answer.value);
    if (read.success) return read.data;
    throw redfishFault('REDFISH_MALFORMED', 'no service root', { effect: 'none' });
  }

  /** Follows a task, by the address that the service gave for it, to its end. */
  async #untilDone(accepted: Answer, call: Call): Promise<void> {
    const { location } = accepted.headers;
    const given = typeof location === 'string' ? location : odataId(accepted.value);
    const path = given && this.#pathOf(given);
    if (!path) return; // it says nothing of how it goes on
    for (let answer = accepted; ; ) {
      await pause_s(this.#wait_s(answer), call.signal);
      call.signal?.throwIfAborted();
      answer = await this.#call('GET', path, undefined, { signal: call.signal, about: call.about });
      const { TaskState: state, Messages } = task.safeParse(answer.value).data ?? {};
      if (state !== undefined && FAILED.has(state)) {
        const why = JSON.stringify(Messages ?? []);
        throw redfishFault('REDFISH_TASK_FAILED', `${call.about}: ${why}`, { upstream: state });
      }
      const isRunning = answer.status === 202 || (state !== undefined && RUNNING.has(state));
      if (!isRunning) return;
    }
  }

  #wait_s(answer: Answer): number {
    const asked = Number(answer.headers['retry-after']);
    const usual_s = this.#options.task_s ?? TASK_S;
    return asked > 0 ? Math.min(asked, RETRY_AFTER_S_MAX) : usual_s;
  }

  /** The path of an address that the service gave; undefined when it is on another server. */
  #pathOf(given: string): string | undefined {
    if (!URL.canParse(given, this.url)) return undefined;
    const url = new URL(given, this.url);
    return url.origin === this.url.origin ? `${url.pathname}${url.search}` : undefined;
  }

  #errorOf(answer: Answer, about: string, pass: Pass): Error {
    const { status } = answer;
    const secrets = pass.type === 'session' ? [pass.token] : [];
    const { id, text } = messageOf(answer.value);
    const what = redacted(`${about}: ${text}`, secrets);
    if (status === 503) return new BusyError(oneLine(what), BUSY_RETRY_AFTER_S);
    const upstream = id ? `${status} ${redacted(id, secrets)}` : String(status);
    return redfishFault(codeOf(status, id ?? ''), what, { upstream });
  }
}

function basic({ user, password }: Credentials): Secret {
  return new Secret(Buffer.from(`${user}:${password.reveal()}`).toString('base64'));
}

const CODES: Readonly<Record<number, RedfishFaultCode>> = {
  400: 'REDFISH_BAD_PARAMS',
  401: 'REDFISH_AUTH',
  403: 'REDFISH_DENIED',
  404: 'REDFISH_UNKNOWN',
  405: 'REDFISH_UNSUPPORTED',
  409: 'REDFISH_WRONG_STATE',
  501: 'REDFISH_UNSUPPORTED',
};

/** The identifiers of the Base message registry say more than the status. */
function codeOf(status: number, id: string): RedfishFaultCode {
  if (/ActionNotSupported|ActionParameterNotSupported|PropertyNotWritable/.test(id)) {
    return 'REDFISH_UNSUPPORTED';
  }
  if (/ResourceInUse|InvalidStateForOperation|ResourceInStandby/.test(id)) {
    return 'REDFISH_WRONG_STATE';
  }
  if (status < 400) return 'REDFISH_MALFORMED';
  return CODES[status] ?? (status < 500 ? 'REDFISH_BAD_PARAMS' : 'REDFISH_SERVER_ERROR');
}

/** `{"error": {"code", "message", "@Message.ExtendedInfo": [{"MessageId", "Message"}]}}`. */
function messageOf(value: unknown): { readonly id?: string; readonly text: string } {
  if (typeof value === 'string') return { text: value };
  const { error } = (value ?? {}) as { error?: Record<string, unknown> };
  const info = error?.['@Message.ExtendedInfo'];
  const [first] = (Array.isArray(info) ? info : []) as Record<string, unknown>[];
  const id = first?.['MessageId'] ?? error?.['code'];
  const text = first?.['Message'] ?? error?.['message'] ?? 'no reason given';
  return { ...(typeof id === 'string' ? { id } : {}), text: String(text) };
}

function odataId(value: unknown): string | undefined {
  const { '@odata.id': id } = (value ?? {}) as { '@odata.id'?: unknown };
  return typeof id === 'string' ? id : undefined;
}
