/** A run's summary to start from; tests change what they are about. */
import type { RunSummary } from '../../cli/report/summary.ts';
import type { Scenario } from '../../model/scenario.ts';

const SCENARIO: Scenario = {
  version: 1,
  name: 'by-hand',
  description: 'Made for a test.',
  seed: 1,
  duration_s: 86_400,
  profile: 'datacenter',
  profiles: {},
  parameters: {},
  site: { region: 'eu-1', flavors: {}, racks: [] },
  stack: {
    kubernetes: [],
    juju: [],
  } as unknown as Scenario['stack'],
  workload: { servers: [], domains: [], operations: [] } as unknown as Scenario['workload'],
  faults: { rates: [], script: [], budget: {} },
  maintenance: [],
  objectives: [],
  live: [],
};

export function summary(
  changes: Partial<RunSummary> = {},
  scenario: Partial<Scenario> = {},
): RunSummary {
  return {
    scenario: { ...SCENARIO, ...scenario },
    seed: 1,
    profile: 'datacenter',
    simulated_s: 86_400,
    wall_s: 0.5,
    transitions: 1_500_000,
    divergences: 0,
    traceHash: 'ab'.repeat(32),
    layers: {
      'bare-metal': { entities: 1_234, transitions: 5_678 },
      iaas: { entities: 10, transitions: 99 },
    },
    operations: [],
    objectives: [],
    invariants: [],
    usages: [],
    saturations: [],
    failedSchedulings: [],
    energy: { total_j: 0, peak_w: 0, racks: [] },
    refusedServers: 0,
    addressShortages: [],
    noValidHosts: [],
    overQuotas: [],
    excesses: [],
    request: { path: 'scenarios/by-hand.yaml', set: [], out: 'out/by-hand.arrow' },
    ...changes,
  };
}
