import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NoValidHosts } from '../../sim/iaas/no-valid-host.ts';
import { Placement } from '../../sim/iaas/placement.ts';
import type { Flavor } from '../../sim/iaas/projects.ts';

const GIB = 2 ** 30;
const RATIOS = { reserved_ram_bytes: 0, cpu_ratio: 1, ram_ratio: 1, disk_ratio: 1 };

const flavor = (vcpus: number, ram: number, disk: number): Flavor => ({
  name: 'web',
  vcpus,
  ram_bytes: ram * GIB,
  disk_bytes: disk * GIB,
  rootDisk_bytes: disk * GIB,
  entity: -1,
});

/** Hosts of 8 CPUs, 16 GiB and 100 GiB of disk. */
function placementOf(hosts: number): Placement {
  const placement = new Placement([1, 1, 1]);
  const inventory = { vcpus: 8, ram_bytes: 16 * GIB, disk_bytes: 100 * GIB, ...RATIOS };
  for (let i = 0; i < hosts; i++) placement.add(inventory);
  return placement;
}

function explained(placement: Placement, wanted: Flavor, ignored: readonly number[] = []) {
  const noValidHosts = new NoValidHosts();
  noValidHosts.note(placement, wanted, ignored, 60);
  return noValidHosts.all[0];
}

it('tells what the hosts had too little of', () => {
  const placement = placementOf(3);
  placement.setEnabled(2, false);
  placement.allocate(0, flavor(7, 1, 1), 1);
  expect(explained(placement, flavor(2, 32, 10))).toEqual({
    flavor: 'web',
    step: 'placement',
    times: 1,
    first_s: 60,
    hosts: 3,
    disabled: 1,
    short: { vcpus: 1, memory: 2, disk: 0 },
    candidates: 0,
    ignored: 0,
  });
});

it('tells hosts that were tried before from hosts that are down', () => {
  const placement = placementOf(2);
  placement.setUp(1, false);
  const small = flavor(1, 1, 1);
  expect(explained(placement, small, [0])).toMatchObject({
    step: 'ComputeFilter',
    candidates: 2,
    ignored: 1,
  });
  expect(explained(placement, small, [0, 1])).toMatchObject({ step: 'ignored', ignored: 2 });
});

it('counts requests of a flavor that fail at the same step together', () => {
  const noValidHosts = new NoValidHosts();
  const placement = placementOf(1);
  for (const time_s of [10, 20, 30]) noValidHosts.note(placement, flavor(9, 1, 1), [], time_s);
  placement.setUp(0, false);
  noValidHosts.note(placement, flavor(1, 1, 1), [], 40);
  expect(noValidHosts.all.map(({ step, times, first_s }) => [step, times, first_s])).toEqual([
    ['placement', 3, 10],
    ['ComputeFilter', 1, 40],
  ]);
});

it('has no candidates exactly when every enabled host is short of something', () => {
  const amounts = fc.tuple(fc.nat(10), fc.nat(20), fc.nat(120));
  fc.assert(
    fc.property(fc.array(amounts, { minLength: 1, maxLength: 6 }), amounts, (used, wanted) => {
      const placement = placementOf(used.length);
      for (const [host, amount] of used.entries()) placement.allocate(host, flavor(...amount), 1);
      const found = explained(placement, flavor(...wanted));
      const least = Math.max(found.short.vcpus, found.short.memory, found.short.disk);
      const most = found.short.vcpus + found.short.memory + found.short.disk;
      expect(found.hosts - found.candidates).toBeGreaterThanOrEqual(least);
      expect(found.hosts - found.candidates).toBeLessThanOrEqual(most);
      if (found.step === 'placement') expect(most).toBeGreaterThanOrEqual(found.hosts);
    }),
  );
});
