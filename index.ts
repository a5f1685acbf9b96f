/**
 * What programs may import from `strata`: scenarios, simulated runs, the model and recordings. See
 * docs/how-to for property suites and for reading recordings.
 */
export { planFor } from './cli/check/arbitrary.ts';
export { type PlanOutcome, runPlan } from './cli/check/run-plan.ts';
export { decodeToken, encodeToken, type Token } from './cli/check/token.ts';
export { type Simulated, type SimulateOptions, simulate } from './cli/simulate.ts';
export type { Action, Backend, Fault, Observation, Outcome } from './engine/contract.ts';
export { Engine } from './engine/engine.ts';
export { StrataError } from './engine/errors.ts';
export type { InvariantResult, Violation } from './engine/invariants.ts';
export { Stream } from './engine/random.ts';
export { openRecording } from './engine/recording/decode.ts';
export { Recorder } from './engine/recording/recorder.ts';
export type { Recording } from './engine/recording/recording.ts';
export { MemorySink } from './engine/recording/sink.ts';
export { Scheduler } from './engine/scheduler.ts';
export { standardModel } from './engine/standard-model.ts';
export { KINDS, STACK } from './model/index.ts';
export { INVARIANTS } from './model/invariants/index.ts';
export type { Invariant } from './model/invariants/invariant.ts';
export { defineKind } from './model/kind.ts';
export type { Scenario } from './model/scenario.ts';
export {
  defineScenario,
  formatProblems,
  type LoadResult,
  loadScenario,
  parameter,
  type ScenarioInput,
} from './scenarios/index.ts';
export type { Plan, PlanStep } from './sim/plan.ts';
export { type Query, reach, type Verdict, verdicts } from './sim/sdn/reachability/reach.ts';
export type { Topology } from './sim/sdn/reachability/topology.ts';
export { Simulation } from './sim/simulation.ts';
