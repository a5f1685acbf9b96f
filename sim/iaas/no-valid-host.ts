/**
 * Why nova found no valid host: what placement had, and which filter left none, as nova-scheduler
 * logs it (`Got no allocation candidates from the Placement API`, `Filter ComputeFilter returned 0
 * hosts`). Worked out only when it happens; requests of a flavor that fail at the same step are one.
 */
import type { NoHostStep, NoValidHost } from '../services.ts';
import { Tally } from '../tally.ts';
import type { Placement } from './placement.ts';
import type { Flavor } from './projects.ts';
import { DISK, RAM, VCPU } from './resources.ts';

export class NoValidHosts {
  readonly #tally = new Tally<NoValidHost>();

  /** In the order in which they first happened. */
  get all(): readonly NoValidHost[] {
    return this.#tally.all;
  }

  /** Notes a request of a flavor that found no host at `time_s`, all but `ignored` considered. */
  note(placement: Placement, flavor: Flavor, ignored: readonly number[], time_s: number): void {
    const found = explain(placement, flavor, ignored);
    const key = `${flavor.name} ${found.step}`;
    this.#tally.note(key, () => ({ flavor: flavor.name, first_s: time_s, ...found }));
  }
}

function explain(placement: Placement, flavor: Flavor, ignored: readonly number[]) {
  const short = { vcpus: 0, memory: 0, disk: 0 };
  let [disabled, candidates, left] = [0, 0, 0];
  for (let host = 0; host < placement.count; host++) {
    if (!placement.isEnabled(host)) {
      disabled++;
      continue;
    }
    if (!placement.fits(host, VCPU, flavor.vcpus)) short.vcpus++;
    if (!placement.fits(host, RAM, flavor.ram_bytes)) short.memory++;
    if (!placement.fits(host, DISK, flavor.disk_bytes)) short.disk++;
    if (!placement.isCandidate(host, flavor)) continue;
    candidates++;
    if (!ignored.includes(host)) left++;
  }
  const step: NoHostStep =
    candidates === 0 ? 'placement' : left === 0 ? 'ignored' : 'ComputeFilter';
  return { step, hosts: placement.count, disabled, short, candidates, ignored: candidates - left };
}
