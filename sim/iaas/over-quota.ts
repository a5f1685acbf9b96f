/**
 * Servers that a project's quota did not allow. Requests that exceed the same quotas are one, named as
 * nova and cinder name them (`Quota exceeded for cores, instances`).
 */
import type { OverQuota, QuotaResource } from '../services.ts';

export class OverQuotas {
  readonly #found = new Map<string, OverQuota>();

  /** In the order in which they first happened. */
  get all(): readonly OverQuota[] {
    return [...this.#found.values()];
  }

  /** Notes a request at `time_s` that would have exceeded some quotas of a project. */
  note(project: string, exceeded: readonly QuotaResource[], time_s: number): void {
    const key = [project, ...exceeded].join(' ');
    const known = this.#found.get(key);
    if (known) known.times++;
    else this.#found.set(key, { project, exceeded, times: 1, first_s: time_s });
  }
}
