import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Stream } from '../../engine/random.ts';
import type { NovaScheduler } from '../../model/scenario.ts';
import { Placement } from '../../sim/iaas/placement.ts';
import type { Demand, Inventory } from '../../sim/iaas/resources.ts';
import { multipliersOf, Scheduler } from '../../sim/iaas/scheduler.ts';
import { OPENSTACK } from './cloud.ts';

const GIB = 2 ** 30;
const SIZES: readonly Inventory[] = [1, 2].map((n) => ({
  vcpus: 16 * n,
  ram_bytes: 64 * GIB * n,
  reserved_ram_bytes: 4 * GIB,
  disk_bytes: 400 * GIB,
  cpu_ratio: 4,
  ram_ratio: 1,
  disk_ratio: 1,
}));
const DEMANDS: readonly Demand[] = [
  { vcpus: 1, ram_bytes: 2 * GIB, disk_bytes: 20 * GIB },
  { vcpus: 4, ram_bytes: 8 * GIB, disk_bytes: 40 * GIB },
  { vcpus: 20, ram_bytes: 30 * GIB, disk_bytes: 0 },
];

/** Hosts as a plain list, and nova's rules written down without any index. */
class PlainNova {
  readonly hosts: { size: Inventory; used: Demand; isUp: boolean; isEnabled: boolean }[] = [];

  select(demand: Demand, config: NovaScheduler, ignored: readonly number[]): number {
    const found = this.hosts
      .map((host, number) => ({ ...host, number }))
      .filter((h) => h.isEnabled && this.#fits(h.size, h.used, demand))
      .slice(0, config.max_candidates)
      .filter((h) => h.isUp && !ignored.includes(h.number));
    const weigher = (value: (h: (typeof found)[0]) => number, multiplier: number) => {
      const values = found.map((h) => Math.max(0, value(h)));
      const most = Math.max(...values);
      return values.map((v) => (most > 0 ? multiplier * (v / most) : 0));
    };
    const ram = weigher(
      (h) => h.size.ram_bytes - h.size.reserved_ram_bytes - h.used.ram_bytes,
      config.ram_weight,
    );
    const cpu = weigher((h) => h.size.vcpus * h.size.cpu_ratio - h.used.vcpus, config.cpu_weight);
    const disk = weigher((h) => h.size.disk_bytes - h.used.disk_bytes, config.disk_weight);
    const weights = found.map((_, i) => cpu[i] + ram[i] + disk[i]);
    return found[weights.indexOf(Math.max(...weights))]?.number ?? -1;
  }

  #fits(size: Inventory, used: Demand, demand: Demand): boolean {
    return (
      demand.vcpus <= size.vcpus &&
      used.vcpus + demand.vcpus <= size.vcpus * size.cpu_ratio &&
      used.ram_bytes + demand.ram_bytes <= size.ram_bytes - size.reserved_ram_bytes &&
      used.disk_bytes + demand.disk_bytes <= size.disk_bytes
    );
  }
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('boot' as const), n: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('move' as const), n: fc.nat(999) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete' as const), n: fc.nat(999) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('up' as const), n: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('enable' as const), n: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), n: fc.nat(1) }) },
);

const weight = fc.constantFrom(1, 1, 0, 2.5, -1);
const configs = fc
  .record({ max_candidates: fc.constantFrom(3, 40, 1000), ram: weight, cpu: weight, disk: weight })
  .map(
    ({ max_candidates, ram, cpu, disk }): NovaScheduler => ({
      max_candidates,
      ram_weight: ram,
      cpu_weight: cpu,
      disk_weight: disk,
      host_subset_size: 1,
    }),
  );

/** The simulated nova and the plain one, side by side. */
class Twins {
  readonly plain = new PlainNova();
  readonly placement: Placement;
  readonly scheduler: Scheduler;
  readonly servers: { host: number; demand: Demand }[] = [];
  readonly config: NovaScheduler;

  constructor(config: NovaScheduler, hosts: number) {
    this.config = config;
    this.placement = new Placement(multipliersOf(config));
    this.scheduler = new Scheduler(this.placement, config, Stream.fromSeed(1));
    for (let i = 0; i < hosts; i++) this.add(SIZES[i % 2]);
  }

  add(size: Inventory): void {
    this.placement.add(size);
    const used = { vcpus: 0, ram_bytes: 0, disk_bytes: 0 };
    this.plain.hosts.push({ size, used, isUp: true, isEnabled: true });
  }

  select(demand: Demand, ignored: readonly number[] = []): number {
    const chosen = this.scheduler.select(demand, ignored);
    expect(chosen).toBe(this.plain.select(demand, this.config, ignored));
    return chosen;
  }

  change(host: number, demand: Demand, sign: 1 | -1): void {
    this.placement.allocate(host, demand, sign);
    const { used } = this.plain.hosts[host];
    this.plain.hosts[host].used = {
      vcpus: used.vcpus + sign * demand.vcpus,
      ram_bytes: used.ram_bytes + sign * demand.ram_bytes,
      disk_bytes: used.disk_bytes + sign * demand.disk_bytes,
    };
  }

  boot(demand: Demand): void {
    const host = this.select(demand);
    if (host < 0) return;
    this.change(host, demand, 1);
    this.servers.push({ host, demand });
  }

  move(n: number): void {
    const server = this.servers[n % this.servers.length];
    if (!server) return;
    const host = this.select(server.demand, [server.host]);
    if (host < 0) return;
    this.change(host, server.demand, 1);
    this.change(server.host, server.demand, -1);
    server.host = host;
  }

  delete(n: number): void {
    if (this.servers.length === 0) return;
    const [{ host, demand }] = this.servers.splice(n % this.servers.length, 1);
    this.change(host, demand, -1);
  }

  toggle(n: number, what: 'isUp' | 'isEnabled'): void {
    const number = n % this.plain.hosts.length;
    const host = this.plain.hosts[number];
    host[what] = !host[what];
    if (what === 'isUp') this.placement.setUp(number, host.isUp);
    else this.placement.setEnabled(number, host.isEnabled);
  }
}

describe('placement and nova-scheduler', () => {
  it('choose the host that the rules choose without an index, after any history', () => {
    fc.assert(
      fc.property(
        configs,
        fc.integer({ min: 1, max: 90 }),
        fc.array(step, { minLength: 20, maxLength: 250 }),
        (config, hosts, steps) => {
          const twins = new Twins(config, hosts);
          for (const { do: what, n } of steps) {
            if (what === 'boot') twins.boot(DEMANDS[n]);
            else if (what === 'move') twins.move(n);
            else if (what === 'delete') twins.delete(n);
            else if (what === 'up') twins.toggle(n, 'isUp');
            else if (what === 'enable') twins.toggle(n, 'isEnabled');
            else twins.add(SIZES[n]);
          }
          for (let host = 0; host < twins.plain.hosts.length; host++) {
            const { used } = twins.plain.hosts[host];
            expect(twins.placement.usedVcpus(host)).toBe(used.vcpus);
            expect(used.vcpus).toBeLessThanOrEqual(twins.placement.vcpusLimit(host));
            expect(used.ram_bytes).toBeLessThanOrEqual(twins.placement.ramLimit_bytes(host));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('fill a cloud to the last host and say so', () => {
    const twins = new Twins({ ...OPENSTACK.scheduler, max_candidates: 40 }, 100);
    let booted = 0;
    while (twins.scheduler.select(DEMANDS[2], []) >= 0) {
      twins.boot(DEMANDS[2]);
      booted++;
    }
    // Two of 30 GiB fit 60 GiB; the large hosts have 124 GiB for four. 20 vCPUs need the large ones.
    expect(booted).toBe(50 * 4);
  });

  it('a host that failed to build is a last resort, until it builds', () => {
    const twins = new Twins(OPENSTACK.scheduler, 6);
    const first = twins.scheduler.select(DEMANDS[0], []);
    twins.scheduler.noteBuild(first, true);
    expect(twins.scheduler.select(DEMANDS[0], [])).not.toBe(first);
    twins.scheduler.noteBuild(first, false);
    expect(twins.scheduler.select(DEMANDS[0], [])).toBe(first);
  });

  it('draw from the best hosts when host_subset_size says so', () => {
    const twins = new Twins({ ...OPENSTACK.scheduler, host_subset_size: 3 }, 40);
    const chosen = new Set<number>();
    for (let i = 0; i < 100; i++) chosen.add(twins.scheduler.select(DEMANDS[0], []));
    expect([...chosen].sort((a, b) => a - b)).toEqual([1, 3, 5]);
  });
});
