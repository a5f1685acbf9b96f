import type { Observation } from '../../engine/contract.ts';
import type { ChangeFeed } from '../change-feed.ts';
import { ENDPOINT_SLICES, entityOf, KINDS, type Kind, RESOURCES, type Resource } from './kinds.ts';
import {
  type AnyObject,
  condition,
  type EndpointSlice,
  isNodeReady,
  type Node,
  type Pod,
} from './objects.ts';
import { absent, observationOf } from './observation.ts';
import type { Drain } from './states/node.ts';
import type { Related } from './states/related.ts';

/** Label of an EndpointSlice with the name of its service. */
const SERVICE_NAME = 'kubernetes.io/service-name';

/** What is watched: every kind, and what their states depend on, those first. */
export const WATCHED: readonly Resource[] = [
  RESOURCES.node,
  ENDPOINT_SLICES,
  ...Object.values(RESOURCES).filter((resource) => resource !== RESOURCES.node),
];

/**
 * The objects of a cluster as last seen, by whichever way: an older version of an object never
 * takes the place of a newer one. What changes goes to the feed.
 */
export class Store implements Related {
  readonly #feed: ChangeFeed;
  readonly #objects = new Map<Resource, Map<string, AnyObject>>();
  readonly #drains = new Map<string, Drain>();
  /** What was deleted: a late look must not bring it back. */
  readonly #gone = new Set<string>();

  constructor(feed: ChangeFeed) {
    this.#feed = feed;
  }

  before(kind: Kind, entity: string): Observation | undefined {
    return this.#feed.known(kind, entity);
  }

  drainOf(node: string): Drain {
    return this.#drains.get(node);
  }

  /** Remembers what a drain has come to; `undefined` when it was given up. */
  setDrain(node: string, drain: Drain): void {
    this.#drains.set(node, drain);
    const object = this.#of(RESOURCES.node).get(node);
    if (object) this.#report('node', object);
  }

  node(name: string): Node | undefined {
    return this.#of<Node>(RESOURCES.node).get(name);
  }

  podsOn(node: string): readonly Pod[] {
    const pods = [...this.#of<Pod>(RESOURCES.pod).values()];
    return pods.filter(({ spec }) => spec?.nodeName === node);
  }

  slicesOf(namespace: string, service: string): readonly EndpointSlice[] {
    const slices = [...this.#of<EndpointSlice>(ENDPOINT_SLICES).values()];
    return slices.filter(
      ({ metadata }) =>
        metadata?.namespace === namespace && metadata.labels?.[SERVICE_NAME] === service,
    );
  }

  /** Takes an object in, unless a newer version of it is known. */
  take(resource: Resource, object: AnyObject): void {
    const entity = entityOf(object);
    const version = versionOf(object);
    const objects = this.#of(resource);
    const known = objects.get(entity);
    if (known && versionOf(known) > version) return;
    if (this.#gone.has(object.metadata?.uid ?? '')) return;
    objects.set(entity, object);
    if (resource === RESOURCES.node && !(object as Node).spec?.unschedulable) {
      this.#drains.delete(entity);
    }
    this.#changed(resource, object, known);
  }

  /** The object of a name is gone. */
  drop(resource: Resource, entity: string, uid?: string): void {
    const objects = this.#of(resource);
    const known = objects.get(entity);
    const gone = uid ?? known?.metadata?.uid;
    // Another object may have taken the name meanwhile.
    if (known && known.metadata?.uid !== gone) return;
    if (gone !== undefined) this.#rememberGone(gone);
    objects.delete(entity);
    const kind = kindOf(resource);
    if (kind) this.#feed.learn(absent(kind, entity));
    if (known) this.#changed(resource, undefined, known);
  }

  /**
   * Takes in everything of a kind as of a version, in one namespace or in all: what is not among it
   * is gone.
   */
  replace(
    resource: Resource,
    namespace: string | undefined,
    items: readonly AnyObject[],
    version: string,
  ): void {
    const present = new Set(items.map(entityOf));
    const isIn = (object: AnyObject) => !namespace || object.metadata?.namespace === namespace;
    for (const [entity, object] of [...this.#of(resource)]) {
      const isOlder = versionOf(object) <= digits(version);
      if (isIn(object) && isOlder && !present.has(entity)) this.drop(resource, entity);
    }
    for (const item of items) this.take(resource, item);
  }

  readonly #context = {
    related: this as Related,
    before: (kind: Kind, entity: string) => this.before(kind, entity),
    drainOf: (node: string) => this.drainOf(node),
  };

  #of<T extends AnyObject>(resource: Resource): Map<string, T> {
    let objects = this.#objects.get(resource);
    if (!objects) {
      objects = new Map();
      this.#objects.set(resource, objects);
    }
    return objects as Map<string, T>;
  }

  #report(kind: Kind, object: AnyObject): void {
    this.#feed.learn(observationOf(kind, object, this.#context));
  }

  /** Reports an object, and those whose states depend on it. */
  #changed(resource: Resource, now: AnyObject | undefined, before: AnyObject | undefined): void {
    const kind = kindOf(resource);
    if (kind && now) this.#report(kind, now);
    const object = (now ?? before) as AnyObject;
    if (resource === ENDPOINT_SLICES) this.#reportServiceOf(object as EndpointSlice);
    if (kind === 'pod') this.#reportSilentNode((object as Pod).spec?.nodeName);
    if (kind !== 'node' || readinessOf(now) === readinessOf(before)) return;
    for (const pod of this.podsOn(entityOf(object))) this.#report('pod', pod);
    for (const service of this.#of(RESOURCES.service).values()) this.#report('service', service);
  }

  #reportServiceOf({ metadata }: EndpointSlice): void {
    const name = metadata?.labels?.[SERVICE_NAME];
    const entity = entityOf({ metadata: { name, namespace: metadata?.namespace } });
    const service = this.#of(RESOURCES.service).get(entity);
    if (service) this.#report('service', service);
  }

  #reportSilentNode(name: string | undefined): void {
    const node = name === undefined ? undefined : this.node(name);
    if (node && !isNodeReady(node)) this.#report('node', node);
  }

  #rememberGone(uid: string): void {
    this.#gone.add(uid);
    if (this.#gone.size <= GONE_MAX) return;
    for (const oldest of this.#gone) {
      this.#gone.delete(oldest);
      break;
    }
  }
}

const GONE_MAX = 10_000;

const KIND_OF = new Map<Resource, Kind>(KINDS.map((kind) => [RESOURCES[kind], kind]));

export function kindOf(resource: Resource): Kind | undefined {
  return KIND_OF.get(resource);
}

/** Versions are decimal numbers that grow (Kubernetes 1.35 and later say so; etcd made them so before). */
function versionOf(object: AnyObject): bigint {
  return digits(object.metadata?.resourceVersion ?? '0');
}

/** The API allows 128 bits, which are 39 digits; a longer text is not worth the time to read it. */
function digits(version: string): bigint {
  return /^[0-9]{1,39}$/.test(version) ? BigInt(version) : 0n;
}

function readinessOf(object: AnyObject | undefined): string | undefined {
  return condition((object as Node | undefined)?.status?.conditions, 'Ready')?.status;
}
