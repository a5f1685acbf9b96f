/** `stack.kubernetes` and `stack.containers` of what a cluster lists. */
import type { Observation } from '../../engine/contract.ts';
import { number, text } from './hosts.ts';
import { exactBytes, Names } from './names.ts';
import type { ImportedSite } from './site.ts';

const CLUSTER = 'imported';
const IMAGE_SIZE = '100MiB';

/** Sections by their names; empty without nodes. */
export function kubernetesOf(
  seen: readonly Observation[],
  site: ImportedSite,
  remarks: string[],
): Record<string, unknown> {
  const nodes = site.flavorsWith('node');
  if (nodes.length === 0) return {};
  const images = new Names();
  const used = new Set<string>();
  const image = (written: string): string => {
    const name = images.of(written.split('/').at(-1) ?? written);
    used.add(name);
    return name;
  };
  const set = (kind: string) => {
    const names = new Names();
    return Object.fromEntries(
      seen
        .filter((each) => each.kind === kind)
        .map(({ entity, attributes = {} }) => [
          names.of(entity),
          {
            image: image(text(attributes, 'images')?.split(',')[0] ?? entity),
            ...(kind === 'daemon-set' ? {} : { replicas: number(attributes, 'replicas') ?? 1 }),
            ...requests(attributes),
          },
        ]),
    );
  };
  const workloads = {
    deployments: set('deployment'),
    stateful_sets: set('stateful-set'),
    daemon_sets: set('daemon-set'),
  };
  if (used.size > 0) {
    remarks.push(
      `stack.containers: sizes of images are not listed; ${IMAGE_SIZE} stands for each.`,
    );
  }
  const filled = Object.entries(workloads).filter(([, found]) => Object.keys(found).length > 0);
  return {
    containers: {
      on: nodes,
      images: Object.fromEntries([...used].map((name) => [name, { size: IMAGE_SIZE }])),
    },
    kubernetes: {
      [CLUSTER]: { nodes: { type: 'machines', on: nodes }, ...Object.fromEntries(filled) },
    },
  };
}

function requests(attributes: NonNullable<Observation['attributes']>): Record<string, unknown> {
  const cpu_m = number(attributes, 'cpu_request_m');
  const memory_bytes = number(attributes, 'memory_request_bytes');
  return {
    ...(cpu_m ? { cpu: `${cpu_m}m` } : {}),
    ...(memory_bytes ? { memory: exactBytes(memory_bytes) } : {}),
  };
}
