import { BusyError, type FaultError } from '../fault.ts';
import { oneLine } from '../fault-table.ts';
import { type HttpAnswer, HttpClient, type HttpOptions } from '../http.ts';
import { type MaasFaultCode, maasFault } from './faults.ts';
import { type ApiKey, oauthHeader } from './oauth.ts';

/** Values of a form; a list becomes one field for each of its values. */
export type Form = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface MaasClientOptions extends Partial<HttpOptions> {
  /** Where MAAS is: `http://HOST:5240/MAAS`. */
  readonly url: URL;
  readonly key: ApiKey;
  /** Seconds since 1970, for signatures. */
  readonly now_s?: () => number;
}

export interface MaasCall {
  readonly signal?: AbortSignal;
  /** Called when the request may have reached MAAS. */
  readonly sent?: () => void;
  /** Says what the call is about, for messages. */
  readonly about?: string;
}

/** When a 503 has no Retry-After, as when a power action is under way. */
const BUSY_RETRY_AFTER_S = 2;
const BUSY_RETRY_AFTER_S_MAX = 60;

/** The REST API 2.0 of one MAAS region. Paths are relative to it and end with a slash. */
export class MaasClient {
  readonly #http: HttpClient;
  readonly #base: URL;
  readonly #key: ApiKey;
  readonly #now_s: () => number;

  constructor(options: MaasClientOptions) {
    const { url, key, now_s = () => Date.now() / 1000, ...http } = options;
    this.#base = new URL(`${url.href.replace(/\/*$/, '')}/api/2.0/`);
    this.#key = key;
    this.#now_s = now_s;
    this.#http = new HttpClient({
      ...{ prefix: 'MAAS', who: 'the MAAS API', secrets: [key.token, key.secret] },
      ...http,
    });
  }

  get(path: string, query: Form = {}, call: MaasCall = {}): Promise<unknown> {
    return this.#call('GET', this.#url(path, query), undefined, call);
  }

  /** Carries out an operation (`?op=`), or the plain POST when `op` is empty. */
  post(path: string, op: string, form: Form, call: MaasCall = {}): Promise<unknown> {
    return this.#call('POST', this.#url(path, op ? { op } : {}), form, call);
  }

  put(path: string, form: Form, call: MaasCall = {}): Promise<unknown> {
    return this.#call('PUT', this.#url(path, {}), form, call);
  }

  delete(path: string, call: MaasCall = {}): Promise<unknown> {
    return this.#call('DELETE', this.#url(path, {}), undefined, call);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #url(path: string, query: Form): URL {
    const url = new URL(path, this.#base);
    url.search = encode(query);
    return url;
  }

  async #call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: URL,
    form: Form | undefined,
    call: MaasCall,
  ): Promise<unknown> {
    // Signed when it is sent, not when it waits: a question that is sent again needs a new nonce.
    const answer = await this.#http.json({
      ...{ method, url, signal: call.signal, sent: call.sent },
      headers: () => ({
        authorization: oauthHeader(this.#key, this.#now_s()),
        accept: 'application/json',
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      }),
      ...(form ? { body: encode(form) } : {}),
    });
    if (answer.status < 300) return answer.value;
    const what = said(answer.value).replace(RIGHT_SECRET, '$1 [redacted]');
    throw errorOf(answer, `${call.about ?? url.pathname}: ${what}`);
  }
}

function encode(form: Form): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    for (const each of Array.isArray(value) ? value : [value]) fields.append(name, String(each));
  }
  return fields.toString();
}

const CODES: Readonly<Record<number, MaasFaultCode>> = {
  400: 'MAAS_BAD_PARAMS',
  401: 'MAAS_AUTH',
  403: 'MAAS_DENIED',
  404: 'MAAS_UNKNOWN',
  405: 'MAAS_UNSUPPORTED',
  409: 'MAAS_WRONG_STATE',
};

/** To a token with a wrong secret, MAAS answers with the right one. */
const RIGHT_SECRET = /(expected signature base string:?).*/is;

/** The forms of commission and test say so with 400 (maasserver.forms.ephemeral). */
const WRONG_STATE = /because of the current state of the node|has never been commissioned/i;

/** What MAAS says with a status other than success. Only its own failures may have had an effect. */
function errorOf(answer: HttpAnswer & { readonly value: unknown }, what: string): Error {
  const { status } = answer;
  if (status === 503) {
    const asked_s = Number(answer.headers['retry-after'] || BUSY_RETRY_AFTER_S);
    const isSane = asked_s > 0 && asked_s <= BUSY_RETRY_AFTER_S_MAX;
    return new BusyError(oneLine(what), isSane ? asked_s : BUSY_RETRY_AFTER_S);
  }
  const upstream = String(status);
  return maasFault(codeOf(status, answer.value), what, { upstream });
}

function codeOf(status: number, value: unknown): MaasFaultCode {
  const text = typeof value === 'string' ? value : '';
  if (status === 409 && /^no (machine available|available machine)/i.test(text)) {
    return 'MAAS_NONE_AVAILABLE';
  }
  if (status === 400 && WRONG_STATE.test(said(value))) return 'MAAS_WRONG_STATE';
  if (status === 400 && /^(unrecognised|unknown|bad) (signature|operation|op)/i.test(text)) {
    return 'MAAS_UNSUPPORTED';
  }
  if (status < 400) return 'MAAS_MALFORMED';
  return CODES[status] ?? (status < 500 ? 'MAAS_BAD_PARAMS' : 'MAAS_SERVER_ERROR');
}

/** Text, or forms: `{field: [messages]}`. */
function said(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  if (typeof value !== 'object' || value === null) return 'no reason given';
  return Object.entries(value)
    .map(([field, messages]) => {
      const all = Array.isArray(messages) ? messages.join(' ') : String(messages);
      return field === '__all__' ? all : `${field}: ${all}`;
    })
    .join('; ');
}

export function isUnknown(thrown: unknown): thrown is FaultError {
  return (thrown as Partial<FaultError>).fault?.code === 'MAAS_UNKNOWN';
}
