import { FaultError } from '../fault.ts';
import { type HttpAnswer, HttpClient } from '../http.ts';
import type { ClusterAccess } from './config.ts';
import {
  type KubernetesFaultCode,
  kubernetesFault,
  type StatusObject,
  upstreamError,
  WHO,
} from './faults.ts';
import type { ObjectName, Resource } from './kinds.ts';
import type { AnyObject } from './objects.ts';

export interface ApiLimits {
  readonly connect_s: number;
  readonly answer_s: number;
  readonly answer_bytes_max: number;
  /** Pages of 500 objects that one list may have. */
  readonly pages_max: number;
}

export const API_LIMITS: ApiLimits = {
  connect_s: 5,
  answer_s: 30,
  answer_bytes_max: 64 * 2 ** 20,
  // Five million objects: more than etcd holds. Only a list without an end has more.
  pages_max: 10_000,
};

export interface CallPlan {
  readonly signal?: AbortSignal;
  /** The request changes something and may have reached the server. */
  readonly sent?: () => void;
}

export interface ListAnswer<T> {
  readonly resourceVersion: string;
  readonly items: readonly T[];
}

/** Who changed a field, for server-side apply. */
export const FIELD_MANAGER = 'strata';
const PAGE = 500;

const PATCH_TYPES = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

export type PatchType = keyof typeof PATCH_TYPES;

export interface ListPlan extends CallPlan {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

interface Call extends CallPlan {
  readonly what: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

/**
 * The REST API of one cluster. Requests are bounded in time and size, which the client library
 * does not do; kubeconfig, credentials and types are the library's.
 */
export class KubernetesApi {
  readonly #access: ClusterAccess;
  readonly #pages_max: number;
  readonly #http: HttpClient;
  /** Watches hold a connection each, and may be quiet for long. */
  readonly #streams: HttpClient;

  constructor(access: ClusterAccess, limits: Partial<ApiLimits> = {}) {
    this.#access = access;
    const { ca, secrets, tls } = access;
    const { pages_max, ...bounds } = { ...API_LIMITS, ...limits };
    this.#pages_max = pages_max;
    const options = { ...bounds, prefix: 'KUBERNETES', who: WHO, ca, secrets, tls };
    this.#http = new HttpClient(options);
    this.#streams = new HttpClient({ ...options, connections_max: 64 });
  }

  get<T = AnyObject>(resource: Resource, name: ObjectName, plan?: CallPlan): Promise<T> {
    return this.#call('GET', pathOf(resource, name), { ...plan, what: nameOf(resource, name) });
  }

  /** Undefined when there is no such object. */
  async find<T = AnyObject>(
    resource: Resource,
    name: ObjectName,
    plan?: CallPlan,
  ): Promise<T | undefined> {
    try {
      return await this.get<T>(resource, name, plan);
    } catch (thrown) {
      if (isNotFound(thrown)) return undefined;
      throw thrown;
    }
  }

  /** Everything of a kind, page by page; begins anew when the pages have expired. */
  async list<T = AnyObject>(resource: Resource, plan: ListPlan = {}): Promise<ListAnswer<T>> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#pages<T>(resource, plan);
      } catch (thrown) {
        if (attempt > 0 || !isExpired(thrown)) throw thrown;
      }
    }
  }

  create<T>(path: string, body: unknown, call: Omit<Call, 'body'>): Promise<T> {
    return this.#call('POST', path, { ...call, body });
  }

  patch<T = AnyObject>(
    resource: Resource,
    name: ObjectName,
    type: PatchType,
    body: unknown,
    plan: CallPlan & { readonly subresource?: string; readonly force?: boolean },
  ): Promise<T> {
    const { subresource, force = false, ...rest } = plan;
    const path = [pathOf(resource, name), ...(subresource ? [subresource] : [])].join('/');
    return this.#call('PATCH', path, {
      ...rest,
      what: nameOf(resource, name),
      query: { fieldManager: FIELD_MANAGER, ...(force ? { force: 'true' } : {}) },
      contentType: PATCH_TYPES[type],
      body,
    });
  }

  delete(
    resource: Resource,
    name: ObjectName,
    options: Readonly<Record<string, unknown>>,
    plan: CallPlan,
  ): Promise<unknown> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
    const what = nameOf(resource, name);
    return this.#call('DELETE', pathOf(resource, name), { ...plan, what, body });
  }

  /** The eviction API: it keeps to disruption budgets, and answers 429 when they forbid it. */
  evict(
    name: ObjectName,
    options: Readonly<Record<string, unknown>>,
    plan: CallPlan,
  ): Promise<unknown> {
    const path = `${pathOf(POD, name)}/eviction`;
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: name.name, namespace: name.namespace },
      deleteOptions: options,
    };
    return this.create(path, body, { ...plan, what: `eviction of ${nameOf(POD, name)}` });
  }

  /** Reads any path; for versions, metrics and what has no resource here. */
  raw<T>(path: string, plan: CallPlan = {}): Promise<T> {
    return this.#call('GET', path, { ...plan, what: path });
  }

  /** The lines of a watch, from a version on, until the server or the signal ends it. */
  async *watch(
    resource: Resource,
    resourceVersion: string,
    timeout_s: number,
    plan: ListPlan,
  ): AsyncGenerator<unknown> {
    const query = {
      ...selectors(plan),
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(timeout_s),
      resourceVersion,
    };
    const path = collectionOf(resource, plan.namespace);
    const lines = this.#streams.lines({
      method: 'GET',
      url: this.#url(path, query),
      headers: await this.#headers(),
      signal: plan.signal,
      // The server ends it at timeoutSeconds; who is quiet for longer is not there any more.
      answer_s: timeout_s + 10,
    });
    for await (const { status, line } of lines) {
      if (status !== 200) throw upstreamError(path, status, statusOf(json(line), line), false);
      const value = json(line);
      if (value === undefined) throw kubernetesFault('KUBERNETES_MALFORMED', `${path}: not JSON`);
      yield value;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#http.close(), this.#streams.close()]);
  }

  async #pages<T>(resource: Resource, plan: ListPlan): Promise<ListAnswer<T>> {
    const path = collectionOf(resource, plan.namespace);
    const items: T[] = [];
    let next = '';
    for (let pages = 0; pages < this.#pages_max; pages++) {
      const query = {
        ...selectors(plan),
        limit: String(PAGE),
        ...(next === '' ? {} : { continue: next }),
      };
      const page = await this.#call<ListPage<T>>('GET', path, { ...plan, what: path, query });
      if (!Array.isArray(page?.items) || typeof page.metadata?.resourceVersion !== 'string') {
        throw kubernetesFault('KUBERNETES_MALFORMED', `${path}: no list`, { effect: 'none' });
      }
      // The items of a list come without their type.
      const { apiVersion, kind } = resource;
      items.push(...page.items.map((item) => ({ apiVersion, kind, ...item })));
      next = page.metadata.continue ?? '';
      if (next === '') return { items, resourceVersion: page.metadata.resourceVersion };
    }
    throw kubernetesFault('KUBERNETES_MALFORMED', `${path}: a list without an end`, {
      effect: 'none',
    });
  }

  async #call<T>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    call: Call,
  ): Promise<T> {
    const { body, contentType = 'application/json', query = {}, what } = call;
    const answer = await this.#http.json({
      method,
      url: this.#url(path, query),
      headers: { ...(await this.#headers()), ...(body ? { 'content-type': contentType } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: call.signal,
      sent: call.sent,
    });
    if (answer.status >= 200 && answer.status < 300) return object<T>(answer.value, what, method);
    throw this.#refusal(method, what, answer);
  }

  #refusal(method: string, what: string, answer: HttpAnswer & { value: unknown }): Error {
    const status = statusOf(answer.value, this.#http.text(answer));
    return upstreamError(what, answer.status, status, method !== 'GET');
  }

  #url(path: string, query: Readonly<Record<string, string>>): URL {
    const url = new URL(path, this.#access.server);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  async #headers(): Promise<Record<string, string>> {
    return { accept: 'application/json', ...(await this.#access.headers()) };
  }
}

interface ListPage<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[];
}

const POD: Resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

function hasCode(code: KubernetesFaultCode): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof FaultError && thrown.fault.code === code;
}

export const isNotFound = hasCode('KUBERNETES_NOT_FOUND');
export const isExpired = hasCode('KUBERNETES_EXPIRED');
/** Also what the API server says of an extension, such as metrics, that does not answer. */
export const isOverloaded = hasCode('KUBERNETES_OVERLOADED');

/** Path of a collection, relative to the server: `apis/apps/v1/namespaces/NS/deployments`. */
export function collectionOf(resource: Resource, namespace?: string): string {
  const { apiVersion, plural } = resource;
  const group = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${group}${scope}/${plural}`;
}

export function pathOf(resource: Resource, { name, namespace }: ObjectName): string {
  return `${collectionOf(resource, namespace)}/${encodeURIComponent(name)}`;
}

function nameOf({ kind }: Resource, { name, namespace }: ObjectName): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

function selectors({ labelSelector, fieldSelector }: ListPlan): Record<string, string> {
  return { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
}

function object<T>(value: unknown, what: string, method: string): T {
  if (typeof value === 'object' && value !== null) return value as T;
  const effect = method === 'GET' ? 'none' : 'unknown';
  throw kubernetesFault('KUBERNETES_MALFORMED', `${what}: no object`, { effect });
}

/** A Status object; whatever else was answered counts as its message. */
function statusOf(value: unknown, text: string): StatusObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const { reason, message, details } = (isObject ? value : {}) as Record<string, unknown>;
  const retry = (details as { retryAfterSeconds?: unknown } | undefined)?.retryAfterSeconds;
  return {
    ...(typeof reason === 'string' && { reason }),
    message: typeof message === 'string' ? message : text.slice(0, 500),
    ...(typeof retry === 'number' && { details: { retryAfterSeconds: retry } }),
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
