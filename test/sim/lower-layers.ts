/** A small site with the four lower layers, for their tests: simulated without anything above. */
import { compileModel } from '../../engine/compile.ts';
import { Engine, NO_STATE } from '../../engine/engine.ts';
import { KINDS as BARE_METAL } from '../../model/bare-metal/index.ts';
import { KINDS as HYPERVISOR } from '../../model/hypervisor/index.ts';
import { KINDS as OPERATING_SYSTEM } from '../../model/operating-system/index.ts';
import type { Scenario } from '../../model/scenario.ts';
import { KINDS as SDN } from '../../model/sdn/index.ts';
import { STACK } from '../../model/stack.ts';
import { installBareMetal } from '../../sim/bare-metal/index.ts';
import { installHypervisor } from '../../sim/hypervisor/index.ts';
import { installOperatingSystem } from '../../sim/operating-system/index.ts';
import { Profile, type ProfileTimings } from '../../sim/profile.ts';
import { DATACENTER_BARE_METAL } from '../../sim/profiles/datacenter/bare-metal.ts';
import { DATACENTER_HYPERVISOR } from '../../sim/profiles/datacenter/hypervisor.ts';
import { DATACENTER_OPERATING_SYSTEM } from '../../sim/profiles/datacenter/operating-system.ts';
import { DATACENTER_SDN } from '../../sim/profiles/datacenter/sdn.ts';
import { LAB_BARE_METAL } from '../../sim/profiles/lab/bare-metal.ts';
import { LAB_HYPERVISOR } from '../../sim/profiles/lab/hypervisor.ts';
import { LAB_OPERATING_SYSTEM } from '../../sim/profiles/lab/operating-system.ts';
import { LAB_SDN } from '../../sim/profiles/lab/sdn.ts';
import { installSdn } from '../../sim/sdn/index.ts';
import { SimWorld } from '../../sim/world.ts';
import { RowList } from '../support/rows.ts';

export const MODEL = compileModel(
  [...BARE_METAL, ...OPERATING_SYSTEM, ...HYPERVISOR, ...SDN],
  STACK,
);

export const LAB: ProfileTimings = {
  ...LAB_BARE_METAL,
  ...LAB_OPERATING_SYSTEM,
  ...LAB_HYPERVISOR,
  ...LAB_SDN,
};
export const DATACENTER: ProfileTimings = {
  ...DATACENTER_BARE_METAL,
  ...DATACENTER_OPERATING_SYSTEM,
  ...DATACENTER_HYPERVISOR,
  ...DATACENTER_SDN,
};

const QUOTA = { servers: 100, vcpus: 100, ram_bytes: 2 ** 40, volumes: 100 };

/** Two racks of two `node` machines each, with two feeds and two switches. */
export function scenarioOf(changes: Partial<Pick<Scenario, 'site' | 'stack'>> = {}): Scenario {
  return {
    version: 1,
    name: 'lower-layers',
    description: '',
    seed: 1,
    duration_s: 86_400,
    profile: 'lab',
    profiles: {},
    parameters: {},
    site: {
      region: 'here',
      flavors: {
        node: {
          cores: 8,
          threads: 2,
          memory_bytes: 2 ** 36,
          disks: [
            { class: 'ssd', size_bytes: 64e9, count: 2, use: 'system' },
            { class: 'hdd', size_bytes: 1e12, count: 2, use: 'data' },
          ],
          nics: [{ speed_bps: 1e10, count: 2 }],
          power: { idle_w: 100, max_w: 300, curve: 'linear' },
        },
      },
      racks: ['r1', 'r2'].map((name) => ({
        name,
        pdus: 2,
        switches: 2,
        power_limit_w: 5000,
        machines: [{ flavor: 'node', count: 2 }],
      })),
    },
    stack: {
      operating_system: { release: 'debian-12', kernel: '6.1', services: ['ssh', 'chrony'] },
      hypervisor: {
        on: ['node'],
        cpu_ratio: 4,
        ram_ratio: 1,
        disk_ratio: 1,
        reserved_memory_bytes: 0,
      },
      ovn: { chassis: ['node'], gateways: ['node'] },
      openstack: {
        control: [],
        compute: ['node'],
        flavors: {},
        images: {},
        networks: {
          public: { cidr: '203.0.113.0/24', external: true },
          blue: { cidr: '10.1.0.0/16', external: false },
          red: { cidr: '10.2.0.0/16', external: false },
        },
        projects: { shop: QUOTA },
        scheduler: {
          max_candidates: 10,
          ram_weight: 1,
          cpu_weight: 1,
          disk_weight: 1,
          host_subset_size: 1,
        },
        service_down_s: 60,
        evacuate: false,
      },
      kubernetes: [],
      juju: [],
    },
    workload: { servers: [], operations: [], domains: [] },
    faults: { rates: [], script: [], budget: {} },
    maintenance: [],
    objectives: [],
    live: [],
    ...changes,
  };
}

/** A simulated site, addressed by `kind/name`. */
export class Lower {
  readonly rows = new RowList();
  readonly engine: Engine;
  readonly world: SimWorld;

  constructor(scenario = scenarioOf(), timings: ProfileTimings = LAB, seed = 1) {
    this.engine = new Engine({ model: MODEL, recorder: this.rows });
    const profile = new Profile('test', new Map(Object.entries(timings)));
    this.world = new SimWorld({ engine: this.engine, scenario, profile, seed });
    installBareMetal(this.world);
    installOperatingSystem(this.world);
    installHypervisor(this.world);
    installSdn(this.world);
  }

  /** Lets seconds pass. */
  pass(seconds: number): this {
    this.engine.run(this.engine.now + seconds);
    return this;
  }

  /** The living entity `kind/name`; throws when there is none. */
  find(path: string): number {
    const kind = MODEL.kindId(path.slice(0, path.indexOf('/')));
    const name = path.slice(path.indexOf('/') + 1);
    let found = -1;
    this.engine.forEach(kind, (entity) => {
      if (this.engine.names[entity] === name) found = entity;
    });
    if (found < 0) throw new Error(`no ${path}`);
    return found;
  }

  names(kind: string): string[] {
    const found: string[] = [];
    this.engine.forEach(MODEL.kindId(kind), (entity) => {
      found.push(this.engine.names[entity]);
    });
    return found;
  }

  stateOf(entity: number): string {
    const s = this.engine.state[entity];
    return s === NO_STATE ? 'removed' : MODEL.stateNames[s].replace(/^[^/]+\//, '');
  }

  state(path: string): string {
    return this.stateOf(this.find(path));
  }

  /** States of all entities of a kind, each once. */
  states(kind: string): string[] {
    const found = new Set<string>();
    this.engine.forEach(MODEL.kindId(kind), (entity) => {
      found.add(this.stateOf(entity));
    });
    return [...found].sort();
  }

  send(path: string, event: string): this {
    this.world.send(this.find(path), event);
    return this.pass(0);
  }

  /** The states an entity went through, since it was created. */
  history(path: string): string[] {
    const entity = this.find(path);
    const uid = this.engine.uidOf(entity);
    const states: string[] = [];
    for (const row of this.rows.list) {
      if (row.uid !== uid) continue;
      const state = MODEL.stateNames[row.to].replace(/^[^/]+\//, '');
      if (state !== states.at(-1)) states.push(state);
    }
    return states;
  }

  /** Names of the states that led to the present one of an entity, latest first, over all layers. */
  why(path: string): string[] {
    const steps: string[] = [];
    let row = this.engine.lastRowOf(this.find(path));
    while (row >= 0) {
      steps.push(MODEL.stateNames[this.rows.list[row].to]);
      row = this.rows.list[row].cause;
    }
    return steps;
  }
}

/** A site of which everything is up. */
export const running = (scenario?: Scenario, timings?: ProfileTimings): Lower =>
  new Lower(scenario, timings).pass(timings === DATACENTER ? 40 * 3600 : 600);
