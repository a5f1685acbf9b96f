import type { KubernetesApi } from './api.ts';
import { ENDPOINT_SLICES, type Kind, RESOURCES } from './kinds.ts';
import { type AnyObject, condition, type EndpointSlice, type Node, type Pod } from './objects.ts';
import type { Related } from './states/related.ts';

/** Looks up what the state of one object depends on, as it is now. */
export async function relatedNow(
  api: KubernetesApi,
  kind: Kind,
  object: AnyObject,
): Promise<Related> {
  if (kind === 'pod') return toPod(api, object as Pod);
  if (kind === 'node') return toNode(api, object as Node);
  if (kind === 'service') return toService(api, object);
  return NOTHING;
}

const NOTHING: Related = { node: () => undefined, podsOn: () => [], slicesOf: () => [] };

async function toPod(api: KubernetesApi, { spec }: Pod): Promise<Related> {
  if (!spec?.nodeName) return NOTHING;
  const node = await api.find<Node>(RESOURCES.node, { name: spec.nodeName });
  return { ...NOTHING, node: () => node };
}

/** Only the pods of a silent node matter. */
async function toNode(api: KubernetesApi, { metadata, status }: Node): Promise<Related> {
  if (condition(status?.conditions, 'Ready')?.status !== 'Unknown') return NOTHING;
  const fieldSelector = `spec.nodeName=${metadata?.name}`;
  const { items } = await api.list<Pod>(RESOURCES.pod, { fieldSelector });
  return { ...NOTHING, podsOn: () => items };
}

async function toService(api: KubernetesApi, { metadata }: AnyObject): Promise<Related> {
  const labelSelector = `kubernetes.io/service-name=${metadata?.name}`;
  const { namespace } = metadata ?? {};
  const slices = await api.list<EndpointSlice>(ENDPOINT_SLICES, { namespace, labelSelector });
  const names = slices.items.flatMap(({ endpoints }) =>
    (endpoints ?? []).flatMap(({ nodeName }) => nodeName ?? []),
  );
  const nodes = new Map<string, Node | undefined>();
  for (const name of new Set(names)) {
    nodes.set(name, await api.find<Node>(RESOURCES.node, { name }));
  }
  return { ...NOTHING, node: (name) => nodes.get(name), slicesOf: () => slices.items };
}
