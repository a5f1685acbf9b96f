import { BusyError } from '../fault.ts';
import { oneLine } from '../fault-table.ts';
import { type HttpAnswer, HttpClient, type HttpOptions } from '../http.ts';
import type { OpenstackSession } from '../openstack/session.ts';
import { Secret } from '../secret.ts';
import { type IronicFaultCode, ironicFault } from './faults.ts';

/**
 * How to sign in; a standalone Ironic often wants nothing. Within a cloud keystone gives tokens, and
 * its catalogue says where Ironic is.
 */
export type IronicAuth =
  | { readonly type: 'none' }
  | { readonly type: 'http_basic'; readonly user: string; readonly password: Secret }
  | { readonly type: 'token'; readonly token: Secret }
  | { readonly type: 'keystone'; readonly session: OpenstackSession };

export interface IronicClientOptions extends Partial<HttpOptions> {
  /** The API's root, such as `http://HOST:6385`; keystone's catalogue has it otherwise. */
  readonly url?: URL | undefined;
  readonly auth: IronicAuth;
}

export interface IronicCall {
  readonly signal?: AbortSignal;
  /** Called when the request may have reached Ironic. */
  readonly sent?: () => void;
  readonly about?: string;
}

/**
 * The microversion that is asked for: nodes begin as `enroll` (1.11), adoption (1.17), soft power
 * (1.27), rescue (1.38), and cleaning by node (1.47).
 */
export const MICROVERSION = '1.47';
const BUSY_RETRY_AFTER_S = 1;
const TOKENS_REMEMBERED = 4;

export class IronicClient {
  readonly #http: HttpClient;
  readonly #url: URL | undefined;
  readonly #auth: IronicAuth;
  readonly #secrets: Secret[];

  constructor(options: IronicClientOptions) {
    const { url, auth, ...http } = options;
    this.#url = url;
    this.#auth = auth;
    this.#secrets = [...secretsOf(auth)];
    this.#http = new HttpClient({
      ...{ prefix: 'IRONIC', who: 'the bare metal API', secrets: this.#secrets },
      ...http,
    });
  }

  /** Asks for `path` below the root; `body` is sent as JSON. */
  async call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    call: IronicCall = {},
  ): Promise<unknown> {
    const url = new URL(path, await this.#root());
    const send = (proof: Readonly<Record<string, string>>) =>
      this.#http.json({
        ...{ method, url, signal: call.signal, sent: call.sent },
        headers: {
          accept: 'application/json',
          'x-openstack-ironic-api-version': MICROVERSION,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...proof,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const answer = await this.#signedIn(send, call.signal);
    if (answer.status < 300) return answer.value;
    throw errorOf(answer, call.about ?? url.pathname);
  }

  async close(): Promise<void> {
    await this.#http.close();
    if (this.#auth.type === 'keystone') await this.#auth.session.close();
  }

  async #root(): Promise<string> {
    if (this.#url) return `${this.#url.href.replace(/\/*$/, '')}/`;
    if (this.#auth.type !== 'keystone') throw ironicFault('IRONIC_NOT_CONFIGURED', 'no URL');
    // Some catalogues name the version, which our paths begin with.
    return `${(await this.#auth.session.endpoint('baremetal')).replace(/\/v1$/, '')}/`;
  }

  /** Sends with what signs in; once more with a new token when keystone's is refused. */
  async #signedIn<A extends HttpAnswer>(
    send: (proof: Readonly<Record<string, string>>) => Promise<A>,
    signal: AbortSignal | undefined,
  ): Promise<A> {
    if (this.#auth.type !== 'keystone') return send(authorization(this.#auth));
    const { session } = this.#auth;
    const token = this.#remember(await session.token(signal));
    const answer = await send({ 'x-auth-token': token.reveal() });
    if (answer.status !== 401) return answer;
    const renewed = this.#remember(await session.token(signal, token));
    return send({ 'x-auth-token': renewed.reveal() });
  }

  /** Tokens are taken out of whatever a server says, the last few at least. */
  #remember(token: Secret): Secret {
    if (!this.#secrets.includes(token)) this.#secrets.push(token);
    if (this.#secrets.length > TOKENS_REMEMBERED) this.#secrets.shift();
    return token;
  }
}

function secretsOf(auth: IronicAuth): readonly Secret[] {
  if (auth.type === 'http_basic') return [auth.password, new Secret(basicPair(auth))];
  return auth.type === 'token' ? [auth.token] : [];
}

function basicPair({ user, password }: Extract<IronicAuth, { type: 'http_basic' }>): string {
  return Buffer.from(`${user}:${password.reveal()}`).toString('base64');
}

function authorization(
  auth: Exclude<IronicAuth, { type: 'keystone' }>,
): Readonly<Record<string, string>> {
  if (auth.type === 'token') return { 'x-auth-token': auth.token.reveal() };
  if (auth.type === 'none') return {};
  return { authorization: `Basic ${basicPair(auth)}` };
}

const CODES: Readonly<Record<number, IronicFaultCode>> = {
  400: 'IRONIC_BAD_PARAMS',
  401: 'IRONIC_AUTH',
  403: 'IRONIC_DENIED',
  404: 'IRONIC_UNKNOWN',
  406: 'IRONIC_UNSUPPORTED',
  409: 'IRONIC_WRONG_STATE',
};

function errorOf(answer: HttpAnswer & { readonly value: unknown }, about: string): Error {
  const { status } = answer;
  const said = faultString(answer.value);
  const what = `${about}: ${said}`;
  // Another request holds the node's lock, or no conductor is free.
  if (status === 503 || (status === 409 && /\blocked\b/.test(said))) {
    return new BusyError(oneLine(what), BUSY_RETRY_AFTER_S);
  }
  return ironicFault(codeOf(status, said), what, { upstream: String(status) });
}

function codeOf(status: number, said: string): IronicFaultCode {
  if (
    /requested action .* can not be performed|invalid state|not allowed|while it is in state|in .* state/i.test(
      said,
    )
  ) {
    if (status === 400 || status === 409) return 'IRONIC_WRONG_STATE';
  }
  if (status === 409 && /already exists/.test(said)) return 'IRONIC_EXISTS';
  if (status < 400) return 'IRONIC_MALFORMED';
  return CODES[status] ?? (status < 500 ? 'IRONIC_BAD_PARAMS' : 'IRONIC_SERVER_ERROR');
}

/** `{"error_message": {"faultstring": ...}}`, whose inner object older versions send as text. */
function faultString(value: unknown): string {
  if (typeof value === 'string') return value;
  const { error_message: message } = (value ?? {}) as { error_message?: unknown };
  if (typeof message === 'string') {
    try {
      return faultString({ error_message: JSON.parse(message) });
    } catch {
      return message;
    }
  }
  const { faultstring } = (message ?? {}) as { faultstring?: unknown };
  return typeof faultstring === 'string' ? faultstring : 'no reason given';
}
