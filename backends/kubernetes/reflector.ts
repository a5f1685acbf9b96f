import { type BackoffPlan, backoff_s } from '../backoff.ts';
import { pause_s } from '../poller.ts';
import { isExpired, type KubernetesApi } from './api.ts';
import { kubernetesFault, type StatusObject, upstreamError } from './faults.ts';
import { entityOf, type Resource } from './kinds.ts';
import type { AnyObject } from './objects.ts';
import { type Store, WATCHED } from './store.ts';

export interface ReflectorPlan {
  /** The server ends a watch after this long, and it is begun anew. */
  readonly watch_s: number;
  readonly failed: BackoffPlan;
  readonly random: () => number;
}

export const REFLECTOR_PLAN: ReflectorPlan = {
  watch_s: 300,
  failed: { first_s: 0.1, max_s: 5 },
  random: Math.random,
};

/** One line of a watch. */
interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: AnyObject & StatusObject & { readonly code?: number };
}

const EVENT_TYPES: ReadonlySet<string> = new Set([
  'ADDED',
  'MODIFIED',
  'DELETED',
  'BOOKMARK',
  'ERROR',
]);

/**
 * Keeps a store like the cluster for as long as it runs: a list, then a watch from its version on.
 * A watch that ends or breaks is begun anew from the last version seen; when the server has
 * forgotten that version (410 Gone), everything is listed again.
 */
export class Reflector {
  readonly #api: KubernetesApi;
  readonly #store: Store;
  readonly #plan: ReflectorPlan;
  readonly #namespaces: readonly (string | undefined)[];
  #running: { readonly abort: AbortController; readonly ended: Promise<unknown> } | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(
    api: KubernetesApi,
    store: Store,
    namespaces: readonly (string | undefined)[],
    plan: ReflectorPlan,
  ) {
    this.#api = api;
    this.#store = store;
    this.#namespaces = namespaces;
    this.#plan = plan;
  }

  start(): void {
    if (this.#running) return;
    const abort = new AbortController();
    const ended = this.#ended.then(() => this.#run(abort.signal));
    this.#running = { abort, ended };
  }

  /** Resolves when nothing of it is under way any more. */
  async stop(): Promise<void> {
    this.#running?.abort.abort();
    this.#ended = this.#running?.ended ?? this.#ended;
    this.#running = undefined;
    await this.#ended;
  }

  /** What others depend on is listed first, so that the first states are right. */
  async #run(signal: AbortSignal): Promise<void> {
    const watches: Promise<void>[] = [];
    for (const resource of WATCHED) {
      for (const namespace of resource.namespaced ? this.#namespaces : [undefined]) {
        const version = await this.#list(resource, namespace, signal);
        watches.push(this.#follow(resource, namespace, version, signal));
      }
    }
    await Promise.all(watches);
  }

  /** Lists until it succeeds; returns the version of the list, or `''` when it was stopped. */
  async #list(
    resource: Resource,
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const plan = { namespace, signal };
        const { items, resourceVersion } = await this.#api.list(resource, plan);
        this.#store.replace(resource, namespace, items, resourceVersion);
        return resourceVersion;
      } catch {
        // The watch goes on as soon as the server answers; what failed meanwhile is nobody's.
        await pause_s(this.#wait_s(failures), signal);
      }
    }
    return '';
  }

  async #follow(
    resource: Resource,
    namespace: string | undefined,
    from: string,
    signal: AbortSignal,
  ): Promise<void> {
    let version = from;
    let failures = 0;
    while (!signal.aborted) {
      let hasBrought = false;
      try {
        for await (const event of this.#events(resource, namespace, version, signal)) {
          version = event.object.metadata?.resourceVersion ?? version;
          this.#take(resource, event);
          hasBrought = true;
        }
      } catch (thrown) {
        if (isExpired(thrown)) version = await this.#list(resource, namespace, signal);
      }
      // However it ended: a server that ends every watch at once is not asked in a storm.
      failures = hasBrought ? 0 : failures + 1;
      await pause_s(this.#wait_s(failures), signal);
    }
  }

  async *#events(
    resource: Resource,
    namespace: string | undefined,
    version: string,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    const plan = { namespace, signal };
    for await (const line of this.#api.watch(resource, version, this.#plan.watch_s, plan)) {
      const event = line as Partial<WatchEvent>;
      if (!EVENT_TYPES.has(event.type ?? '') || typeof event.object !== 'object') {
        throw kubernetesFault('KUBERNETES_MALFORMED', `watch of ${resource.plural}: no event`);
      }
      if (event.type === 'ERROR') {
        throw upstreamError(
          `watch of ${resource.plural}`,
          event.object.code ?? 500,
          event.object,
          false,
        );
      }
      yield event as WatchEvent;
    }
  }

  #take(resource: Resource, { object, type }: WatchEvent): void {
    if (type === 'BOOKMARK') return;
    if (type !== 'DELETED') this.#store.take(resource, object);
    else this.#store.drop(resource, entityOf(object), object.metadata?.uid);
  }

  #wait_s(failures: number): number {
    return backoff_s(this.#plan.failed, failures, this.#plan.random);
  }
}
