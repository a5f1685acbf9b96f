/** One replica of a capacity study: what it tells of a run, as plain data. */

import type { CompiledModel } from '../../engine/tables.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Usage } from '../../sim/account.ts';
import type { Saturation } from '../../sim/caas/unschedulable-pods.ts';
import type { ObjectiveResult } from '../../sim/objectives.ts';
import { type Shortage, shortagesOf } from '../shortages.ts';
import { simulate } from '../simulate.ts';

export interface ReplicaResult {
  /** Number of the sweep point and of the replica in it. */
  readonly point: number;
  readonly replica: number;
  readonly seed: number;
  readonly transitions: number;
  readonly usages: readonly Usage[];
  /** Of each Kubernetes cluster: pods that waited for a node. */
  readonly saturations: readonly Saturation[];
  readonly shortages: readonly Shortage[];
  readonly objectives: readonly ObjectiveResult[];
  readonly energy_kwh: number;
  readonly invariantsHeld: boolean;
}

export interface ReplicaTask {
  readonly point: number;
  readonly replica: number;
  readonly seed: number;
  readonly until_s: number;
  readonly scenario: Scenario;
}

const JOULES_PER_KWH = 3.6e6;

export function runReplica(model: CompiledModel, task: ReplicaTask): ReplicaResult {
  const { simulation } = simulate({
    model,
    scenario: task.scenario,
    seed: task.seed,
    until_s: task.until_s,
    record: false,
    invariantMode: 'sweep',
  });
  const { engine, world, energy } = simulation;
  return {
    point: task.point,
    replica: task.replica,
    seed: task.seed,
    transitions: engine.transitions,
    usages: world.account.usages(),
    saturations: world.services.clusters?.saturations() ?? [],
    shortages: shortagesOf(world),
    objectives: simulation.objectives.results(),
    energy_kwh: energy.meter.siteEnergy_j(engine.now) / JOULES_PER_KWH,
    invariantsHeld: simulation.results().every((r) => r.ok),
  };
}
