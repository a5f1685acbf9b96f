/**
 * nova's own filter and weigher classes against the simulated ones.
 *
 * nova-weighers.jsonl was recorded with nova 26.2.2 (Debian 12, python3-nova), whose HostManager
 * filtered and weighed random hosts offline, with io_ops_weight_multiplier 0 (the simulated nova does
 * not count builds in flight). One case a line: multipliers, hosts as [vcpus, vcpus_used, ram_mb,
 * ram_mb_used, disk_gb, disk_gb_used, cpu_allocation_ratio, failed_builds, up], hosts to ignore, and
 * nova's answer: [host, weight], best first.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Stream } from '../../engine/random.ts';
import { Placement } from '../../sim/iaas/placement.ts';
import { multipliersOf, Scheduler } from '../../sim/iaas/scheduler.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

interface RecordedCase {
  readonly weights: { readonly ram: number; readonly cpu: number; readonly disk: number };
  readonly ignored: readonly number[];
  readonly hosts: readonly (readonly number[])[];
  readonly order: readonly (readonly [host: number, weight: number])[];
}

const CASES: readonly RecordedCase[] = readFileSync(
  new URL('nova-weighers.jsonl', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));

/** Fits every host: what nova's classes see has passed placement already. */
const NOTHING = { vcpus: 0, ram_bytes: 0, disk_bytes: 0 };

function schedulerOf({ weights, hosts }: RecordedCase): Scheduler {
  const config = {
    max_candidates: 1000,
    ram_weight: weights.ram,
    cpu_weight: weights.cpu,
    disk_weight: weights.disk,
    host_subset_size: 1,
  };
  const placement = new Placement(multipliersOf(config));
  const scheduler = new Scheduler(placement, config, Stream.fromSeed(1));
  hosts.forEach(([vcpus, usedVcpus, ram, usedRam, disk, usedDisk, cpu_ratio, failed, up], host) => {
    placement.add({
      vcpus,
      ram_bytes: ram * MIB,
      reserved_ram_bytes: 0,
      disk_bytes: disk * GIB,
      cpu_ratio,
      // Room for what nova was told is used, whatever the ratios: these do not enter the weights.
      ram_ratio: 10,
      disk_ratio: 10,
    });
    const used = { vcpus: usedVcpus, ram_bytes: usedRam * MIB, disk_bytes: usedDisk * GIB };
    placement.allocate(host, used, 1);
    for (let i = 0; i < failed; i++) scheduler.noteBuild(host, true);
    placement.setUp(host, up === 1);
  });
  return scheduler;
}

/** Hosts with more virtual CPUs in use than their ratio allows are none of placement's. */
const isPossible = ({ hosts }: RecordedCase): boolean =>
  hosts.every(([vcpus, used, , , , , ratio]) => used <= Math.floor(vcpus * ratio));

describe('hosts ranked by nova itself', () => {
  const cases = CASES.filter(isPossible);

  it('are many and varied', () => {
    expect(cases.length).toBeGreaterThan(60);
    expect(cases.some(({ order, hosts }) => order.length < hosts.length - 2)).toBe(true);
    expect(cases.some(({ order }) => order.length > 15)).toBe(true);
  });

  it('pass and weigh the same here', () => {
    for (const recorded of cases) {
      const ranked = schedulerOf(recorded).rank(NOTHING, recorded.ignored);
      const weightOf = new Map(ranked.map(({ host, weight }) => [host, weight]));
      expect([...weightOf.keys()].sort((a, b) => a - b)).toEqual(
        recorded.order.map(([host]) => host).sort((a, b) => a - b),
      );
      // nova does not weigh a host that is the only one.
      if (recorded.order.length === 1) continue;
      for (const [host, weight] of recorded.order) {
        expect(weightOf.get(host)!).toBeCloseTo(weight, 9);
      }
    }
  });

  it('give the same choice, but for equal hosts', () => {
    for (const recorded of cases) {
      const chosen = schedulerOf(recorded).select(NOTHING, recorded.ignored);
      const best = recorded.order[0]?.[1];
      const equals = recorded.order.filter(([, w]) => w > best - 1e-9).map(([host]) => host);
      if (recorded.order.length === 0) expect(chosen).toBe(-1);
      else expect(equals).toContain(chosen);
    }
  });
});
