import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { ChangeFeed } from '../change-feed.ts';
import { compareVersions, diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { DriverBackend } from '../driver-backend.ts';
import { type ApiLimits, KubernetesApi } from './api.ts';
import type { ClusterAccess } from './config.ts';
import { kubernetesFault } from './faults.ts';
import { EVENTS, isKind, KINDS, type Kind, parseEntity, RESOURCES } from './kinds.ts';
import { metricsOf } from './metrics.ts';
import type { AnyObject } from './objects.ts';
import { absent, type Context, observationOf } from './observation.ts';
import { paramsOf } from './params.ts';
import { REFLECTOR_PLAN, Reflector, type ReflectorPlan } from './reflector.ts';
import { relatedNow } from './related-now.ts';
import { Store, WATCHED } from './store.ts';
import { actOf, orderOf, verbsOf } from './verbs.ts';

export interface KubernetesOptions {
  readonly access: ClusterAccess;
  /** Only these namespaces; every one by default. */
  readonly namespaces?: readonly string[];
  readonly limits?: Partial<ApiLimits>;
  readonly watch?: Partial<ReflectorPlan>;
}

/** The oldest API server that has every group and version that is used (SelfSubjectReview v1). */
const VERSION_MIN = '1.28';
/** Waits do not cost the API server much: many objects may change at a time. */
const ACTIONS_MAX = 32;

/** Drives nodes and workloads of one Kubernetes cluster. */
export class KubernetesDriver implements Driver {
  readonly name = 'kubernetes';
  readonly layer = 'caas';
  readonly actions_max = ACTIONS_MAX;
  readonly #api: KubernetesApi;
  readonly #access: ClusterAccess;
  readonly #feed = new ChangeFeed();
  readonly #store = new Store(this.#feed);
  readonly #reflector: Reflector;
  readonly #namespaces: readonly (string | undefined)[];

  constructor({ access, limits, namespaces, watch }: KubernetesOptions) {
    this.#access = access;
    this.#api = new KubernetesApi(access, limits);
    this.#namespaces = namespaces?.length ? namespaces : [undefined];
    const plan = { ...REFLECTOR_PLAN, ...watch };
    this.#reflector = new Reflector(this.#api, this.#store, this.#namespaces, plan);
  }

  verbs(kind: string): readonly string[] {
    return isKind(kind) ? verbsOf(kind) : [];
  }

  order(kind: string): ActOrder {
    return isKind(kind) ? orderOf(kind) : {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation | undefined> {
    const { entity, kind, verb } = action;
    const act = isKind(kind) ? actOf(kind, verb) : undefined;
    if (!isKind(kind) || !act) return undefined;
    const name = parseEntity(RESOURCES[kind], entity);
    // Read by the schema of this very verb, for which the act was checked.
    const params = paramsOf(action) as never;
    await act({ api: this.#api, store: this.#store, kind, entity, name, params, attempt });
    attempt.effect('done');
    return this.#observe(kind, entity, attempt.signal);
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    if (!isKind(kind)) return { kind, entity, state: 'absent' };
    const name = parseEntity(RESOURCES[kind], entity);
    const seen = await this.#observe(kind, entity);
    if (seen.state === 'absent') return seen;
    const [metrics, warning] = await Promise.all([
      metricsOf(this.#api, kind, name),
      this.#lastWarning(kind, entity),
    ]);
    return { ...seen, attributes: { ...seen.attributes, ...metrics, ...warning } };
  }

  async list(): Promise<readonly Observation[]> {
    const store = new Store(new ChangeFeed());
    const found: [Kind, AnyObject][] = [];
    for (const resource of WATCHED) {
      for (const namespace of resource.namespaced ? this.#namespaces : [undefined]) {
        const { items, resourceVersion } = await this.#api.list(resource, { namespace });
        store.replace(resource, namespace, items, resourceVersion);
        const kind = KINDS.find((each) => RESOURCES[each] === resource);
        if (kind) found.push(...items.map((item): [Kind, AnyObject] => [kind, item]));
      }
    }
    return found.map(([kind, object]) => observationOf(kind, object, this.#context(store)));
  }

  watch(listener: (observation: Observation) => void): () => void {
    const stop = this.#feed.listen(listener);
    this.#reflector.start();
    return () => {
      stop();
      if (!this.#feed.isHeard) this.#reflector.stop();
    };
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    return diagnose([
      { check: 'reachable', look: () => this.#reachable() },
      { check: 'version', look: () => this.#supportedVersion() },
      { check: 'authenticated', look: () => this.#user() },
      { check: 'permitted', look: () => this.#permitted() },
      { check: 'healthy', look: () => this.#healthy() },
    ]);
  }

  async close(): Promise<void> {
    await this.#reflector.stop();
    await this.#api.close();
  }

  async #observe(kind: Kind, entity: string, signal?: AbortSignal): Promise<Observation> {
    const resource = RESOURCES[kind];
    const object = await this.#api.find(resource, parseEntity(resource, entity), { signal });
    if (!object) {
      this.#store.drop(resource, entity);
      return absent(kind, entity);
    }
    this.#store.take(resource, object);
    const related = await relatedNow(this.#api, kind, object);
    return observationOf(kind, object, this.#context(this.#store, related));
  }

  #context(store: Store, related: Context['related'] = store): Context {
    return {
      related,
      before: (kind, entity) => this.#store.before(kind, entity),
      drainOf: (node) => this.#store.drainOf(node),
    };
  }

  /** What the cluster last complained about, from its events. */
  async #lastWarning(kind: Kind, entity: string): Promise<Observation['attributes']> {
    const { kind: involved, namespaced } = RESOURCES[kind];
    const { name, namespace = 'default' } = parseEntity(RESOURCES[kind], entity);
    const fieldSelector = `type=Warning,involvedObject.kind=${involved},involvedObject.name=${name}`;
    const plan = { fieldSelector, ...(namespaced ? { namespace } : {}) };
    const { items } = await this.#api.list<EventObject>(EVENTS, plan);
    const last = items.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b))).at(-1);
    return last ? { warning: `${last.reason ?? ''}: ${last.message ?? ''}`.slice(0, 500) } : {};
  }

  async #reachable(): Promise<string> {
    await this.#api.raw('version');
    const unverified = this.#access.tls.rejectUnauthorized === false;
    const remark = unverified ? '; its certificate is not verified, as the kubeconfig says' : '';
    return `${this.#access.server.host} by context ${this.#access.context}${remark}`;
  }

  async #supportedVersion(): Promise<string> {
    const { gitVersion = '' } = await this.#api.raw<{ gitVersion?: string }>('version');
    if (compareVersions(gitVersion.replace(/^v/, ''), VERSION_MIN) >= 0) return gitVersion;
    throw kubernetesFault('KUBERNETES_UNSUPPORTED', `${gitVersion} is older than ${VERSION_MIN}`);
  }

  async #user(): Promise<string> {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const path = 'apis/authentication.k8s.io/v1/selfsubjectreviews';
    const review = await this.#api.create<SelfReview>(path, body, { what: 'the user' });
    return review.status?.userInfo?.username ?? 'unnamed';
  }

  /** Everything that is listed must be permitted; verbs are told when they are refused. */
  async #permitted(): Promise<string> {
    return `${(await this.list()).length} objects`;
  }

  async #healthy(): Promise<string> {
    const nodes = (await this.list()).filter(({ kind }) => kind === 'node');
    const ready = nodes.filter(({ state }) => state.startsWith('Ready+'));
    return `${ready.length} of ${nodes.length} nodes are ready`;
  }
}

interface SelfReview {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
}

interface EventObject extends AnyObject {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

function timeOf({ eventTime, lastTimestamp, metadata }: EventObject): string {
  return lastTimestamp ?? eventTime ?? String(metadata?.creationTimestamp ?? '');
}

/** A Kubernetes cluster as a backend of the CaaS layer. */
export class KubernetesBackend extends DriverBackend<KubernetesDriver> {
  constructor(options: KubernetesOptions) {
    super(new KubernetesDriver(options));
  }
}
