/** A simulated site with Ceph and OpenStack, and nothing above them: for the tests of both. */
import { compileModel } from '../../engine/compile.ts';
import { Engine, NO_STATE } from '../../engine/engine.ts';
import { KINDS as BARE_METAL } from '../../model/bare-metal/index.ts';
import { KINDS as HYPERVISOR } from '../../model/hypervisor/index.ts';
import { KINDS as IAAS } from '../../model/iaas/index.ts';
import { KINDS as OPERATING_SYSTEM } from '../../model/operating-system/index.ts';
import type { CephPool, CephStack, OpenStackStack, Scenario } from '../../model/scenario.ts';
import { KINDS as SDN } from '../../model/sdn/index.ts';
import { KINDS as SDS } from '../../model/sds/index.ts';
import { STACK } from '../../model/stack.ts';
import { installBareMetal } from '../../sim/bare-metal/index.ts';
import { installHypervisor } from '../../sim/hypervisor/index.ts';
import { installIaas } from '../../sim/iaas/index.ts';
import { installOperatingSystem } from '../../sim/operating-system/index.ts';
import { Profile, type ProfileTimings } from '../../sim/profile.ts';
import { DATACENTER_BARE_METAL } from '../../sim/profiles/datacenter/bare-metal.ts';
import { DATACENTER_HYPERVISOR } from '../../sim/profiles/datacenter/hypervisor.ts';
import { DATACENTER_IAAS } from '../../sim/profiles/datacenter/iaas.ts';
import { DATACENTER_OPERATING_SYSTEM } from '../../sim/profiles/datacenter/operating-system.ts';
import { DATACENTER_SDN } from '../../sim/profiles/datacenter/sdn.ts';
import { DATACENTER_SDS } from '../../sim/profiles/datacenter/sds.ts';
import { LAB_BARE_METAL } from '../../sim/profiles/lab/bare-metal.ts';
import { LAB_HYPERVISOR } from '../../sim/profiles/lab/hypervisor.ts';
import { LAB_IAAS } from '../../sim/profiles/lab/iaas.ts';
import { LAB_OPERATING_SYSTEM } from '../../sim/profiles/lab/operating-system.ts';
import { LAB_SDN } from '../../sim/profiles/lab/sdn.ts';
import { LAB_SDS } from '../../sim/profiles/lab/sds.ts';
import { installSdn } from '../../sim/sdn/index.ts';
import { installSds } from '../../sim/sds/index.ts';
import { SimWorld } from '../../sim/world.ts';
import { RowList } from '../support/rows.ts';

export const MODEL = compileModel(
  [...BARE_METAL, ...OPERATING_SYSTEM, ...HYPERVISOR, ...SDN, ...SDS, ...IAAS],
  STACK,
);

export const LAB: ProfileTimings = {
  ...LAB_BARE_METAL,
  ...LAB_OPERATING_SYSTEM,
  ...LAB_HYPERVISOR,
  ...LAB_SDN,
  ...LAB_SDS,
  ...LAB_IAAS,
};
export const DATACENTER: ProfileTimings = {
  ...DATACENTER_BARE_METAL,
  ...DATACENTER_OPERATING_SYSTEM,
  ...DATACENTER_HYPERVISOR,
  ...DATACENTER_SDN,
  ...DATACENTER_SDS,
  ...DATACENTER_IAAS,
};

const TIB = 2 ** 40;
const GIB = 2 ** 30;

const REPLICATED: CephPool = {
  name: 'volumes',
  application: 'rbd',
  pg_num: 32,
  size: 3,
  min_size: 2,
  rule: 'by-rack',
  survives: 'rack',
  stored_bytes: TIB,
};

export const pool = (changes: Partial<CephPool>): CephPool => ({ ...REPLICATED, ...changes });

export const CEPH: CephStack = {
  mons: { on: ['control'], count: 3 },
  mgrs: { on: ['control'], count: 2 },
  osds: { on: ['storage'] },
  mds: { on: ['control'], count: 2 },
  rgw: { on: ['control'], count: 2 },
  down_out_interval_s: 600,
  nearfull_ratio: 0.85,
  backfillfull_ratio: 0.9,
  full_ratio: 0.95,
  rules: [
    { name: 'by-rack', failure_domain: 'rack' },
    { name: 'by-host', failure_domain: 'host' },
  ],
  pools: [REPLICATED],
  buckets: [],
};

export const OPENSTACK: OpenStackStack = {
  control: ['control'],
  compute: ['compute'],
  flavors: {
    small: { vcpus: 1, ram_bytes: 2 * GIB, disk_bytes: 20 * GIB },
    large: { vcpus: 8, ram_bytes: 16 * GIB, disk_bytes: 80 * GIB },
    huge: { vcpus: 512, ram_bytes: 16 * GIB, disk_bytes: 80 * GIB },
  },
  images: { debian: { size_bytes: GIB } },
  networks: { lan: { cidr: '10.0.0.0/16', external: false } },
  projects: { shop: { servers: 40, vcpus: 600, ram_bytes: TIB, volumes: 200 } },
  scheduler: {
    max_candidates: 1000,
    ram_weight: 1,
    cpu_weight: 1,
    disk_weight: 1,
    host_subset_size: 1,
  },
  service_down_s: 60,
  evacuate: true,
};

export interface CloudOptions {
  readonly ceph?: CephStack;
  readonly openstack?: OpenStackStack;
  readonly storage_per_rack?: number;
  readonly compute_per_rack?: number;
  readonly racks?: number;
  readonly disks?: number;
}

/** Racks of one control machine, some that store and some that compute. */
export function scenarioOf(options: CloudOptions = {}): Scenario {
  const { storage_per_rack = 2, compute_per_rack = 2, racks = 3, disks = 2 } = options;
  const machine = {
    cores: 8,
    threads: 2,
    memory_bytes: 64 * GIB,
    nics: [{ speed_bps: 1e10, count: 2 }],
    power: { idle_w: 100, max_w: 300, curve: 'linear' },
  } as const;
  const system = { class: 'ssd', size_bytes: 480e9, count: 2, use: 'system' } as const;
  return {
    version: 1,
    name: 'cloud',
    description: '',
    seed: 1,
    duration_s: 86_400,
    profile: 'lab',
    profiles: {},
    parameters: {},
    site: {
      region: 'here',
      flavors: {
        control: { ...machine, disks: [system] },
        compute: { ...machine, disks: [system] },
        storage: {
          ...machine,
          disks: [system, { class: 'hdd', size_bytes: 4e12, count: disks, use: 'data' }],
        },
      },
      racks: Array.from({ length: racks }, (_, i) => ({
        name: `r${i + 1}`,
        pdus: 2,
        switches: 2,
        power_limit_w: 9000,
        machines: [
          { flavor: 'control', count: 1 },
          { flavor: 'storage', count: options.ceph ? storage_per_rack : 0 },
          { flavor: 'compute', count: options.openstack ? compute_per_rack : 0 },
        ],
      })),
    },
    stack: {
      operating_system: { release: 'debian-12', kernel: '6.1', services: ['ssh'] },
      hypervisor: {
        on: ['compute'],
        cpu_ratio: 4,
        ram_ratio: 1,
        disk_ratio: 1,
        reserved_memory_bytes: 4 * GIB,
      },
      ovn: { chassis: ['control', 'compute'], gateways: ['control'] },
      ceph: options.ceph,
      openstack: options.openstack,
      kubernetes: [],
      juju: [],
    },
    workload: { servers: [], operations: [], domains: [] },
    faults: { rates: [], script: [], budget: {} },
    maintenance: [],
    objectives: [],
    live: [],
  };
}

/** A simulated site, addressed by `kind/name`. */
export class Cloud {
  readonly rows = new RowList();
  readonly engine: Engine;
  readonly world: SimWorld;

  constructor(scenario: Scenario, timings: ProfileTimings = LAB, seed = 1) {
    this.engine = new Engine({ model: MODEL, recorder: this.rows });
    const profile = new Profile('test', new Map(Object.entries(timings)));
    this.world = new SimWorld({ engine: this.engine, scenario, profile, seed });
    installBareMetal(this.world);
    installOperatingSystem(this.world);
    installHypervisor(this.world);
    installSdn(this.world);
    installSds(this.world);
    installIaas(this.world);
  }

  /** Lets seconds pass. */
  pass(seconds: number): this {
    this.engine.run(this.engine.now + seconds);
    return this;
  }

  /** Lets time pass until something holds; throws after `within_s`. */
  until(holds: () => boolean, within_s = 86_400): this {
    const { scheduler } = this.engine;
    const end = this.engine.now + within_s;
    while (!(scheduler.isSettled && holds())) {
      if (scheduler.step(end)) continue;
      throw new Error(`did not come true within ${within_s} s`);
    }
    return this;
  }

  /** All living entities of a kind. */
  all(kind: string): number[] {
    const found: number[] = [];
    this.engine.forEach(MODEL.kindId(kind), (entity) => {
      found.push(entity);
    });
    return found;
  }

  /** The living entity `kind/name`; throws when there is none. */
  find(path: string): number {
    const name = path.slice(path.indexOf('/') + 1);
    const kind = path.slice(0, path.indexOf('/'));
    const found = this.all(kind).find((entity) => this.engine.names[entity] === name);
    if (found === undefined) throw new Error(`no ${path}`);
    return found;
  }

  stateOf(entity: number): string {
    const s = this.engine.state[entity];
    return s === NO_STATE ? 'removed' : MODEL.stateNames[s].replace(/^[^/]+\//, '');
  }

  state(path: string): string {
    return this.stateOf(this.find(path));
  }

  /** How many entities of a kind are in each state. */
  count(kind: string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const entity of this.all(kind)) {
      const state = this.stateOf(entity);
      counts[state] = (counts[state] ?? 0) + 1;
    }
    return counts;
  }

  send(path: string, event: string): this {
    this.world.send(this.find(path), event);
    return this.pass(0);
  }

  /** The states an entity went through since a time, without repetitions. */
  history(entity: number, since_s = 0): string[] {
    const uid = this.engine.uidOf(entity);
    const states: string[] = [];
    for (const row of this.rows.list) {
      if (row.uid !== uid || row.time_s < since_s) continue;
      const state = MODEL.stateNames[row.to].replace(/^[^/]+\//, '');
      if (state !== states.at(-1)) states.push(state);
    }
    return states;
  }
}
