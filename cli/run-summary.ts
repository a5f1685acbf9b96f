/** What a simulated run came to, as the report and `--json` need it. */
import type { Scenario } from '../model/scenario.ts';
import type { EnergySummary, RunRequest, RunSummary } from './report/summary.ts';
import { layerCounts, type Simulated } from './simulate.ts';

export function runSummary(
  scenario: Scenario,
  seed: number,
  simulated: Simulated,
  request: RunRequest,
): RunSummary {
  const { simulation, simulatedSeconds, wallSeconds, traceHash } = simulated;
  const { engine, world, faults } = simulation;
  return {
    scenario,
    seed,
    profile: world.profile.name,
    simulated_s: simulatedSeconds,
    wall_s: wallSeconds,
    transitions: engine.transitions,
    divergences: engine.divergences,
    traceHash,
    layers: layerCounts(simulation),
    operations: simulation.operator.results,
    objectives: simulation.objectives.results(),
    invariants: simulation.results(),
    usages: world.account.usages(),
    saturations: world.services.clusters?.saturations() ?? [],
    energy: energySummary(simulated),
    refusedServers: world.services.servers?.refused ?? 0,
    addressShortages: world.services.sdn?.addressShortages ?? [],
    noValidHosts: world.services.servers?.noValidHosts ?? [],
    overQuotas: world.services.servers?.overQuotas ?? [],
    failedSchedulings: world.services.clusters?.failedSchedulings ?? [],
    excesses: faults.tracker.excesses,
    request,
  };
}

function energySummary({ simulation }: Simulated): EnergySummary {
  const { engine, energy, scenario } = simulation;
  const { meter } = energy;
  const { now } = engine;
  return {
    total_j: meter.siteEnergy_j(now),
    peak_w: meter.sitePeak_w(now),
    racks: scenario.site.racks.slice(0, meter.rackCount).map(({ name }, rack) => ({
      name,
      energy_j: meter.rackEnergy_j(rack, now),
      peak_w: meter.rackPeak_w(rack, now),
    })),
  };
}
