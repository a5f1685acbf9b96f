import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { FaultError } from '../fault.ts';
import { type HttpAnswer, HttpClient } from '../http.ts';
import { redacted, Secret } from '../secret.ts';
import {
  type CatalogEntry,
  endpointOf,
  readCatalog,
  type Service,
  versionRoot,
} from './catalog.ts';
import { authBody, type Cloud, secretsOf } from './cloud.ts';
import { isObject, openstackFault, readRefusal, refusal } from './faults.ts';
import { MICROVERSIONS, negotiate, readOffer } from './microversion.ts';

/** One call of an API. */
export interface Call {
  readonly method: Dispatcher.HttpMethod;
  /** Within the service, such as `/servers/detail`; already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** A body that is not JSON. */
  readonly data?: Uint8Array | Readable;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called when the request may have reached the service. */
  readonly sent?: () => void;
  readonly answer_s?: number;
}

export interface Answer {
  readonly status: number;
  readonly value: unknown;
  readonly headers: HttpAnswer['headers'];
}

export interface SessionOptions {
  readonly cloud: Cloud;
  /** Seconds of a clock that never goes back. */
  readonly now_s?: () => number;
  readonly random?: () => number;
}

/** What keystone let us in with. */
interface Token {
  readonly secret: Secret;
  readonly renew_at_s: number;
  readonly catalog: readonly CatalogEntry[];
  readonly projectId: string | undefined;
  readonly roles: readonly string[];
}

/** A token is renewed this long before it ends, or when a tenth of its life is left. */
const RENEW_BEFORE_S = 60;
/** Old tokens that are still taken out of whatever a server says. */
const TOKENS_REMEMBERED = 4;
const TEXT_QUOTED = 500;

/** Signed in to one cloud: calls its services, with tokens renewed and versions negotiated. */
export class OpenstackSession {
  readonly cloud: Cloud;
  readonly #http: HttpClient;
  readonly #now_s: () => number;
  readonly #secrets: Secret[];
  readonly #permanent: number;
  #token: Promise<Token> | undefined;
  readonly #refusedTokens = new WeakSet<Token>();
  readonly #microversions = new Map<Service, Promise<string>>();

  constructor({ cloud, now_s = () => performance.now() / 1000, random }: SessionOptions) {
    this.cloud = cloud;
    this.#now_s = now_s;
    this.#secrets = secretsOf(cloud);
    this.#permanent = this.#secrets.length;
    this.#http = new HttpClient({
      prefix: 'OPENSTACK',
      who: 'the OpenStack API',
      secrets: this.#secrets,
      ...(cloud.ca !== undefined && { ca: cloud.ca }),
      tls: { ...cloud.client, rejectUnauthorized: cloud.verify },
      ...(random && { random }),
    });
  }

  /** Calls a service; anything but success is thrown, as the service's own refusal. */
  async call(service: Service, call: Call): Promise<Answer> {
    const token = await this.#signedIn(call.signal);
    const version = await this.#microversion(service, token, call.signal);
    const first = await this.#send(service, call, token, version);
    if (first.status !== 401) return this.#accepted(call, first);
    // The token may have been revoked, or keystone's keys rotated: once more with a new one.
    this.#refusedTokens.add(token);
    const again = await this.#signedIn(call.signal);
    return this.#accepted(call, await this.#send(service, call, again, version));
  }

  async get(
    service: Service,
    path: string,
    query?: Call['query'],
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const { value } = await this.call(service, { method: 'GET', path, query, signal });
    if (isObject(value)) return value;
    throw openstackFault('OPENSTACK_MALFORMED', `GET ${path}: not a JSON object`, {
      effect: 'none',
    });
  }

  /** Signs in unless that was done, and tells what the token permits. */
  async whoAmI(): Promise<{ projectId: string | undefined; roles: readonly string[] }> {
    const { projectId, roles } = await this.#signedIn();
    return { projectId, roles };
  }

  /** A token for calls that others make; not the one that a service has `refused`. */
  async token(signal?: AbortSignal, refused?: Secret): Promise<Secret> {
    const token = await this.#signedIn(signal);
    if (token.secret !== refused) return token.secret;
    this.#refusedTokens.add(token);
    return (await this.#signedIn(signal)).secret;
  }

  /** The microversion that calls of a service use; undefined for a service without. */
  async microversion(service: Service): Promise<string | undefined> {
    return this.#microversion(service, await this.#signedIn());
  }

  async endpoint(service: Service): Promise<string> {
    return endpointOf(service, this.cloud, (await this.#signedIn()).catalog);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  // ---------------------------------------------------------------- tokens

  async #signedIn(signal?: AbortSignal): Promise<Token> {
    const current = this.#token;
    if (current) {
      const token = await untilAborted(current, signal);
      const isGood = this.#now_s() < token.renew_at_s && !this.#refusedTokens.has(token);
      if (isGood) return token;
      if (this.#token === current) this.#token = undefined;
    }
    // One sign-in for all who wait for it.
    this.#token ??= this.#signIn();
    const wanted = this.#token;
    wanted.catch(() => {
      if (this.#token === wanted) this.#token = undefined;
    });
    return untilAborted(wanted, signal);
  }

  async #signIn(): Promise<Token> {
    const { cloud } = this;
    const url = new URL(`${endpointOf('identity', { ...cloud, endpoints: {} }, [])}/auth/tokens`);
    const began_s = this.#now_s();
    const answer = await this.#http
      .json({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: authBody(cloud),
      })
      .catch((thrown) => {
        throw withoutEffect(thrown);
      });
    if (answer.status >= 300) throw this.#refused(`sign in to ${url.host}`, answer);
    return this.#readToken(answer, began_s);
  }

  #readToken(answer: HttpAnswer & { value: unknown }, began_s: number): Token {
    const id = answer.headers['x-subject-token'];
    const token = isObject(answer.value) ? answer.value['token'] : undefined;
    if (typeof id !== 'string' || !isObject(token)) {
      const what = 'sign in: keystone answered without a token; is auth_url that of keystone?';
      throw openstackFault('OPENSTACK_MALFORMED', what, { effect: 'none' });
    }
    const secret = this.#remember(new Secret(id));
    const life_s = lifeOf(token);
    return {
      secret,
      renew_at_s: began_s + Math.max(life_s - RENEW_BEFORE_S, life_s * 0.9),
      catalog: readCatalog(token['catalog']),
      projectId: isObject(token['project']) ? String(token['project']['id']) : undefined,
      roles: rolesOf(token['roles']),
    };
  }

  #remember(secret: Secret): Secret {
    this.#secrets.push(secret);
    if (this.#secrets.length > this.#permanent + TOKENS_REMEMBERED) {
      this.#secrets.splice(this.#permanent, 1);
    }
    return secret;
  }

  // ---------------------------------------------------------------- calls

  async #microversion(
    service: Service,
    token: Token,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const need = MICROVERSIONS[service];
    if (!need) return undefined;
    const fixed = this.cloud.microversions[service];
    if (fixed !== undefined) return fixed;
    let known = this.#microversions.get(service);
    if (!known) {
      known = this.#offer(service, token).then((offer) => negotiate(need, offer));
      this.#microversions.set(service, known);
      known.catch(() => this.#microversions.delete(service));
    }
    return untilAborted(known, signal);
  }

  async #offer(service: Service, token: Token) {
    const root = versionRoot(endpointOf(service, this.cloud, token.catalog));
    const answer = await this.#http.json({
      method: 'GET',
      url: new URL(root),
      headers: { accept: 'application/json', 'x-auth-token': token.secret.reveal() },
    });
    if (answer.status >= 400) throw this.#refused(`version of ${service}`, answer);
    return readOffer(answer.value);
  }

  async #send(service: Service, call: Call, token: Token, version: string | undefined) {
    const url = new URL(endpointOf(service, this.cloud, token.catalog) + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      url.searchParams.append(name, value);
    }
    const { header } = MICROVERSIONS[service] ?? {};
    return this.#http.json({
      method: call.method,
      url,
      headers: {
        accept: 'application/json',
        ...(call.body && { 'content-type': 'application/json' }),
        ...(version !== undefined && { 'openstack-api-version': `${header} ${version}` }),
        ...call.headers,
        'x-auth-token': token.secret.reveal(),
      },
      ...(call.body && { body: JSON.stringify(call.body) }),
      ...(call.data && { body: call.data }),
      ...(call.signal && { signal: call.signal }),
      ...(call.sent && { sent: call.sent }),
      ...(call.answer_s !== undefined && { answer_s: call.answer_s }),
    });
  }

  #accepted(call: Call, answer: HttpAnswer & { value: unknown }): Answer {
    const { status, value, headers } = answer;
    if (status < 300) return { status, value, headers };
    throw this.#refused(`${call.method} ${call.path}`, answer);
  }

  #refused(what: string, answer: HttpAnswer & { value: unknown }): Error {
    const { status, value, headers } = answer;
    const said = readRefusal(status, value);
    const own = redacted(said.message, this.#secrets);
    const message = own || this.#http.text(answer).slice(0, TEXT_QUOTED);
    const retry_after_s = Number(headers['retry-after'] ?? Number.NaN);
    return refusal(what, {
      status,
      word: redacted(said.word, this.#secrets),
      message: message || `HTTP ${status}`,
      ...(retry_after_s > 0 && { retry_after_s: Math.min(retry_after_s, 60) }),
    });
  }
}

/** How long a token lives, by keystone's own clock; a day when it does not say. */
function lifeOf(token: Record<string, unknown>): number {
  const [issued, expires] = [token['issued_at'], token['expires_at']].map((at) =>
    typeof at === 'string' ? Date.parse(at) / 1000 : Number.NaN,
  );
  return Number.isNaN(expires - issued) ? 86_400 : Math.max(0, expires - issued);
}

function rolesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isObject).map(({ name }) => String(name)) : [];
}

/** Signing in changes nothing, whatever became of the request. */
function withoutEffect(thrown: unknown): unknown {
  if (!(thrown instanceof FaultError)) return thrown;
  return new FaultError({ ...thrown.fault, effect: 'none' });
}

/** The same promise, but given up when the signal aborts. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
