/** How long the kubelet waits before it starts a container, or pulls an image, once more. */
import type { DrawKey } from '../world.ts';
import { constantOf, type KubeContext } from './context.ts';
import type { PodRecord } from './records.ts';

export class BackOff {
  readonly #k: KubeContext;
  readonly #initial: DrawKey;
  readonly #max_s: number;
  readonly #reset_s: number;

  constructor(context: KubeContext) {
    this.#k = context;
    this.#initial = context.world.timing('pod.back_off_initial');
    this.#max_s = constantOf(context, 'pod.back_off_max');
    this.#reset_s = constantOf(context, 'pod.back_off_reset');
  }

  /** Counts a restart; true when it is the first after a good while, and happens at once. */
  isFirstRestart(pod: PodRecord): boolean {
    if (this.#k.engine.now - pod.started_s >= this.#reset_s) pod.failures = 0;
    pod.failures++;
    return pod.failures === 1;
  }

  /** Seconds before the restart that was counted last. */
  ofRestart_s(pod: PodRecord): number {
    // The first restart was at once, so the first back-off comes with the second one.
    return this.#doubled_s(pod, pod.failures - 2);
  }

  /** Seconds before the image is pulled again. */
  ofImage_s(pod: PodRecord): number {
    return this.#doubled_s(pod, pod.imageFailures - 1);
  }

  #doubled_s(pod: PodRecord, doublings: number): number {
    const initial_s = this.#k.world.draw(pod.entity, this.#initial);
    return Math.min(initial_s * 2 ** Math.max(0, doublings), this.#max_s);
  }
}
