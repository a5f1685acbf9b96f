/**
 * One simulated run: a scenario, a seed, the engine and everything that makes the world go round.
 */

import { Engine, NO_STATE, type RowSink } from '../engine/engine.ts';
import { InvariantMonitor, type InvariantResult } from '../engine/invariants.ts';
import type { Operator } from '../engine/operator.ts';
import { actEvents, verbsAsked } from '../engine/recording/acts.ts';
import { type CompiledModel, ENGINE_EVENTS } from '../engine/tables.ts';
import { EngineView } from '../engine/view.ts';
import type { Invariant } from '../model/invariants/invariant.ts';
import type { Operation, Scenario } from '../model/scenario.ts';
import { ENERGY_METRICS, EnergyDriver } from './energy.ts';
import { expectedEntities } from './expected-entities.ts';
import { FaultDriver } from './faults/driver.ts';
import { installLayers } from './layers.ts';
import { MaintenanceDriver } from './maintenance.ts';
import { ObjectiveMonitor } from './objectives.ts';
import { resolveProfile } from './profile.ts';
import { BUILT_IN_PROFILES } from './profiles/index.ts';
import type { Trace } from './trace/trace.ts';
import { WorkloadDriver } from './workload/driver.ts';
import { TraceDriver, withTraceFlavors } from './workload/trace.ts';
import { SimWorld } from './world.ts';

/** The part of a recorder that a run needs beside rows: keyframes. */
export interface RunRecorder extends RowSink {
  keyframeDue(liveEntities: number): boolean;
  keyframe(
    time_s: number,
    fill: (add: (entity: number, state: number, cause: number) => void) => void,
  ): void;
}

export type InvariantMode = 'every' | 'sweep' | 'off';

export interface SimulationOptions {
  readonly model: CompiledModel;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly profile?: string;
  readonly recorder: RunRecorder;
  readonly trace?: Trace;
  readonly invariants: readonly Invariant[];
  /** Hold invariants after every instant, in sweeps, or not at all. */
  readonly invariantMode: InvariantMode;
  /** Seconds between samples of utilisation and power in the recording; 0: none. */
  readonly sample_s?: number;
}

/** Events between two looks at keyframes, sweeps and progress. */
const SLICE_EVENTS = 8192;
/** A sweep costs as much as this many transitions for each living entity. */
const SWEEP_TRANSITIONS_PER_ENTITY = 20;

/** Names of all events of a simulated run's recording. */
export function recordedEvents(
  model: CompiledModel,
  operations: readonly Operation[] = [],
): readonly string[] {
  const metrics = ENERGY_METRICS.map((m) => `metric:${m}`);
  const acts = actEvents(verbsAsked(operations));
  return [...model.eventNames, ...ENGINE_EVENTS, ...metrics, ...acts];
}

export class Simulation {
  readonly scenario: Scenario;
  readonly engine: Engine;
  readonly world: SimWorld;
  readonly faults: FaultDriver;
  readonly monitor: InvariantMonitor;
  readonly energy: EnergyDriver;
  readonly objectives: ObjectiveMonitor;
  /** Carries out the scenario's operations; its results are those that ended. */
  readonly operator: Operator;
  readonly trace: TraceDriver | undefined;
  readonly #recorder: RunRecorder;
  readonly #mode: InvariantMode;
  #sweptAt = 0;

  constructor(options: SimulationOptions) {
    this.scenario = options.trace
      ? withTraceFlavors(options.scenario, options.trace)
      : options.scenario;
    const { scenario } = this;
    this.#recorder = options.recorder;
    this.#mode = options.invariantMode;
    const engine = new Engine({
      model: options.model,
      recorder: options.recorder,
      metrics: ENERGY_METRICS,
      acts: verbsAsked(scenario.workload.operations),
      capacity: expectedEntities(scenario),
    });
    const profile = resolveProfile(
      options.profile ?? scenario.profile,
      scenario.profiles,
      BUILT_IN_PROFILES,
    );
    const world = new SimWorld({ engine, scenario, profile, seed: options.seed });
    this.engine = engine;
    this.world = world;
    this.faults = new FaultDriver(world);
    installLayers(world);
    // The site's bare components exist at once; everything above them has yet to come up.
    engine.run(0);
    this.energy = new EnergyDriver(world, {
      sample_s: options.sample_s ?? 0,
      defaultUtilisation: profile.get('domain.cpu_utilisation').distribution,
    });
    this.objectives = new ObjectiveMonitor(world);
    const workload = new WorkloadDriver(world, this.energy);
    this.operator = workload.operator;
    this.trace = this.#traceDriver(options.trace);
    const view = new EngineView(engine, world.quantities, () => this.faults.tracker.exceeded);
    this.monitor = new InvariantMonitor(engine, view, options.invariants);
    if (this.#mode === 'every') this.monitor.follow();
    workload.start(() => this.trace?.start());
    this.faults.start();
    new MaintenanceDriver(world, this.faults).start();
  }

  /**
   * Runs until a time in seconds; `progress` is called now and then with the present time. Stops at
   * the first violation when invariants are held at every instant.
   */
  run(until_s: number, progress: (now_s: number) => void = () => {}): void {
    for (const now_s of this.slices(until_s)) progress(now_s);
  }

  /** As `run`, but hands over between slices, with the present time. */
  *slices(until_s: number): Generator<number, void> {
    while (this.#slice(until_s)) yield this.engine.now;
  }

  /** Runs some thousand events; false when the run is over. */
  #slice(until_s: number): boolean {
    const every = this.#mode === 'every';
    const count = every
      ? this.#fireHolding(until_s)
      : this.engine.scheduler.fire(until_s, SLICE_EVENTS);
    if (count < SLICE_EVENTS) {
      this.#finish(until_s);
      return false;
    }
    if (every && this.monitor.violated) return false;
    this.#betweenSlices();
    return true;
  }

  /** As the scheduler's `fire`, and holds the invariants after every instant. */
  #fireHolding(until_s: number): number {
    const { scheduler } = this.engine;
    for (let i = 0; i < SLICE_EVENTS; i++) {
      if (!scheduler.step(until_s)) return i;
      if (scheduler.isSettled) this.monitor.checkTouched();
    }
    return SLICE_EVENTS;
  }

  results(): InvariantResult[] {
    return this.monitor.results();
  }

  #finish(until_s: number): void {
    this.engine.run(until_s);
    if (this.#mode === 'every') this.monitor.checkTouched();
    if (this.#mode !== 'off') this.monitor.sweep();
  }

  #betweenSlices(): void {
    const { engine } = this;
    if (this.#recorder.keyframeDue(engine.alive)) this.#keyframe();
    const due = this.#sweptAt + SWEEP_TRANSITIONS_PER_ENTITY * engine.alive;
    if (this.#mode !== 'sweep' || engine.transitions < due || !engine.scheduler.isSettled) return;
    this.#sweptAt = engine.transitions;
    this.monitor.sweep();
  }

  #keyframe(): void {
    const { engine } = this;
    this.#recorder.keyframe(engine.now, (add) => {
      for (let e = 0; e < engine.slotCount; e++) {
        const state = engine.state[e];
        if (state !== NO_STATE) add(engine.uidOf(e), state, engine.lastRowOf(e));
      }
    });
  }

  #traceDriver(trace: Trace | undefined): TraceDriver | undefined {
    if (!trace) return undefined;
    const hostCount = this.world.services.bareMetal?.machines.length ?? 0;
    return new TraceDriver(this.world, trace, this.energy, hostCount);
  }
}
