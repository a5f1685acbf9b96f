import type { Observation } from '../../engine/contract.ts';
import { isNotFound, isOverloaded, type KubernetesApi } from './api.ts';
import type { Kind, ObjectName } from './kinds.ts';
import { cpu_m, quantity } from './quantity.ts';

interface Usage {
  readonly cpu?: string;
  readonly memory?: string;
}

interface Metrics {
  readonly usage?: Usage;
  readonly containers?: readonly { readonly usage?: Usage }[];
}

/** Where metrics-server, or what takes its place, tells the use of an object. */
function pathOf(kind: Kind, { name, namespace }: ObjectName): string | undefined {
  const base = 'apis/metrics.k8s.io/v1beta1';
  if (kind === 'node') return `${base}/nodes/${name}`;
  return kind === 'pod' ? `${base}/namespaces/${namespace}/pods/${name}` : undefined;
}

/** CPU and memory in use; nothing where the cluster does not measure them. */
export async function metricsOf(
  api: KubernetesApi,
  kind: Kind,
  name: ObjectName,
): Promise<Observation['attributes']> {
  const path = pathOf(kind, name);
  if (path === undefined) return {};
  try {
    const { containers = [], usage } = await api.raw<Metrics>(path);
    const parts = usage ? [usage] : containers.flatMap((each) => each.usage ?? []);
    return {
      cpu_used_m: parts.reduce((sum, { cpu }) => sum + (cpu_m(cpu) ?? 0), 0),
      memory_used_bytes: parts.reduce((sum, { memory }) => sum + (quantity(memory) ?? 0), 0),
    };
  } catch (thrown) {
    // No metrics API, or not one sample of the object yet.
    if (isNotFound(thrown) || isOverloaded(thrown)) return {};
    throw thrown;
  }
}
