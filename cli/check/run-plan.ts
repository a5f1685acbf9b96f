/** Runs one plan and holds every invariant at every instant. */

import type { Violation } from '../../engine/invariants.ts';
import { Recorder } from '../../engine/recording/recorder.ts';
import type { ByteSink } from '../../engine/recording/sink.ts';
import { recordingHead } from '../../engine/recording-head.ts';
import type { CompiledModel } from '../../engine/tables.ts';
import { INVARIANTS } from '../../model/invariants/index.ts';
import type { Distribution, Scenario } from '../../model/scenario.ts';
import { type Plan, PlanDriver } from '../../sim/plan.ts';
import { resolveProfile } from '../../sim/profile.ts';
import { BUILT_IN_PROFILES } from '../../sim/profiles/index.ts';
import { recordedEvents, Simulation } from '../../sim/simulation.ts';

export interface PlanOutcome {
  readonly violation: Violation | undefined;
  readonly steps: readonly { readonly time_s: number; readonly text: string }[];
  readonly transitions: number;
  readonly simulatedSeconds: number;
}

/** The cloud is given this long to come up before the first step. */
const BRING_UP_s = 2 * 3600;
/** After the last step: time for repairs, recovery and requests to end. */
const SETTLE_s = 6 * 3600;

/** Runs a plan on a scenario; the scenario's own faults and maintenance are left out. */
export function runPlan(
  model: CompiledModel,
  scenario: Scenario,
  plan: Plan,
  sink: ByteSink | null = null,
): PlanOutcome {
  const drawn = withPlan(scenario, plan);
  const head = recordingHead(model, recordedEvents(model, drawn.workload.operations), {
    scenario: scenario.name,
    seed: String(plan.seed),
    mode: 'simulated',
    profile: scenario.profile,
    parameters: scenario.parameters,
  });
  const recorder = new Recorder(head, sink);
  const simulation = new Simulation({
    model,
    scenario: drawn,
    seed: plan.seed,
    recorder,
    invariants: INVARIANTS,
    invariantMode: 'every',
  });
  const driver = new PlanDriver(simulation.world, simulation.faults, plan.steps);
  driver.start(BRING_UP_s);
  const steps_s = plan.steps.reduce((sum, step) => sum + step.after_s, 0);
  simulation.run(BRING_UP_s + steps_s + SETTLE_s);
  recorder.close();
  const failed = simulation.results().find((r) => !r.ok);
  return {
    violation: failed?.firstViolation,
    steps: driver.log,
    transitions: simulation.engine.transitions,
    simulatedSeconds: simulation.engine.now,
  };
}

const DRAWN_PROFILE = 'drawn';

function withPlan(scenario: Scenario, plan: Plan): Scenario {
  const base = resolveProfile(scenario.profile, scenario.profiles, BUILT_IN_PROFILES);
  const keys = base.keys();
  const timings: Record<string, Distribution> = {};
  for (const { key, factor } of plan.stretches) {
    const name = keys[key % keys.length];
    timings[name] = stretched(timings[name] ?? base.get(name).distribution, factor);
  }
  const overlay = { extends: scenario.profile, timings, fault_ratio: {} };
  return {
    ...scenario,
    profile: DRAWN_PROFILE,
    profiles: { ...scenario.profiles, [DRAWN_PROFILE]: overlay },
    faults: { ...scenario.faults, rates: [], script: [] },
    maintenance: [],
    objectives: [],
  };
}

/** The same distribution with every duration times a factor. */
function stretched(d: Distribution, factor: number): Distribution {
  switch (d.type) {
    case 'constant':
      return { ...d, value: d.value * factor };
    case 'uniform':
      return { ...d, min: d.min * factor, max: d.max * factor };
    case 'exponential':
      return { ...d, mean: d.mean * factor };
    case 'lognormal':
      return { ...d, median: d.median * factor };
    case 'weibull':
    case 'gamma':
      return { ...d, scale: d.scale * factor };
    case 'empirical':
      return { ...d, values: d.values.map((v) => v * factor) };
  }
}
