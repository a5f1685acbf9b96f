/** Pods without a controller, for what runs on Kubernetes from outside: Juju's units. */
import { StrataError } from '../../engine/errors.ts';
import type { PodService } from '../services.ts';
import type { KubeContext } from './context.ts';
import type { PodOwner, PodTemplate } from './records.ts';

/** What a charm's pod asks for: Juju sets small requests unless constraints say otherwise. */
const TEMPLATE = { cpu_m: 100, memory_bytes: 256 * 1024 ** 2 } as const;

const NOBODY: PodOwner = {
  entity: -1,
  restarts: true,
  isDaemon: false,
  endpoints: undefined,
  budget: undefined,
  podChanged: () => {},
  podGone: () => {},
  podStarted: () => {},
};

export class BarePods implements PodService {
  readonly #k: KubeContext;

  constructor(context: KubeContext) {
    this.#k = context;
  }

  /** Throws SIM_UNKNOWN_CLUSTER when the scenario has no such cluster. */
  createPod(cluster: string, name: string, image: string, cause: number): number {
    const record = this.#k.clusters.find(({ spec }) => spec.name === cluster);
    if (!record) throw new StrataError('SIM_UNKNOWN_CLUSTER', `no Kubernetes cluster '${cluster}'`);
    const template: PodTemplate = { image, ...TEMPLATE };
    return this.#k.createPod({ cluster: record, owner: NOBODY, name, template }, cause).entity;
  }

  deletePod(pod: number, cause: number): void {
    const record = this.#k.pods[pod];
    if (record) this.#k.deletePod(record, cause);
  }
}
