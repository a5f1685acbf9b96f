/** Simulates a scenario with a recording: what `run` does, and `capacity` for each replica. */
import { createHash } from 'node:crypto';
import { Recorder } from '../engine/recording/recorder.ts';
import type { ByteSink } from '../engine/recording/sink.ts';
import { recordingHead } from '../engine/recording-head.ts';
import type { CompiledModel } from '../engine/tables.ts';
import { INVARIANTS } from '../model/invariants/index.ts';
import { LAYERS } from '../model/layers.ts';
import type { Scenario } from '../model/scenario.ts';
import { type InvariantMode, recordedEvents, Simulation } from '../sim/simulation.ts';
import { readTrace } from './read-trace.ts';
import { HashSink } from './tools/recording-file.ts';

export interface SimulateOptions {
  readonly model: CompiledModel;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly until_s: number;
  readonly profile?: string;
  /** Where the recording's bytes go beside the hash; undefined: nowhere. */
  readonly sink?: ByteSink;
  /** Without a recording nothing is encoded or hashed. */
  readonly record: boolean;
  readonly invariantMode: InvariantMode;
}

export interface Simulated {
  readonly simulation: Simulation;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  /** SHA-256 of the recording's bytes, in hexadecimal; empty without a recording. */
  readonly traceHash: string;
}

const SAMPLE_INTERVALS_s = [300, 900, 3600, 10_800, 21_600, 43_200, 86_400];
const SAMPLE_ROWS_MAX = 1_200_000;

/** Five minutes (OpenDC's interval) unless the samples of all machines would fill the recording. */
function sampleInterval_s(scenario: Scenario, until_s: number): number {
  const groups = scenario.site.racks.flatMap((rack) => rack.machines);
  const rowsPerSample = 2 * groups.reduce((sum, group) => sum + group.count, 0);
  const fits = (interval_s: number) => (until_s / interval_s) * rowsPerSample <= SAMPLE_ROWS_MAX;
  return SAMPLE_INTERVALS_s.find(fits) ?? SAMPLE_INTERVALS_s.at(-1)!;
}

/** Runs a scenario to its end. Throws StrataError for what a user can mend. */
export function simulate(options: SimulateOptions): Simulated {
  const steps = simulateStepwise(options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** As `simulate`, but hands over now and then, with the present time in seconds. */
export function* simulateStepwise(options: SimulateOptions): Generator<number, Simulated> {
  const { scenario, seed, until_s } = options;
  const started_ms = performance.now();
  const trace = scenario.workload.trace ? readTrace(scenario.workload.trace.path) : undefined;
  const hash = new HashSink(options.sink);
  const head = recordingHead(
    options.model,
    recordedEvents(options.model, scenario.workload.operations),
    {
      scenario: scenario.name,
      seed: String(seed),
      mode: 'simulated',
      profile: options.profile ?? scenario.profile,
      parameters: scenario.parameters,
    },
  );
  const recorder = new Recorder(head, options.record ? hash : null);
  const simulation = new Simulation({
    model: options.model,
    scenario,
    seed,
    profile: options.profile,
    recorder,
    trace,
    invariants: INVARIANTS,
    invariantMode: options.invariantMode,
    sample_s: options.record ? sampleInterval_s(scenario, until_s) : 0,
  });
  try {
    yield* simulation.slices(until_s);
  } finally {
    // A run that breaks off is recorded until then.
    recorder.close();
  }
  return {
    simulation,
    simulatedSeconds: simulation.engine.now,
    wallSeconds: (performance.now() - started_ms) / 1000,
    traceHash: options.record ? (hash.traceHash ?? '') : '',
  };
}

export interface LayerCount {
  readonly entities: number;
  readonly transitions: number;
}

/** Living entities and transitions of each layer. */
export function layerCounts(simulation: Simulation): Record<string, LayerCount> {
  const { engine } = simulation;
  const counts: Record<string, { entities: number; transitions: number }> = {};
  for (const layer of LAYERS) counts[layer] = { entities: 0, transitions: 0 };
  for (const kind of engine.model.kinds) {
    const count = counts[LAYERS[kind.layer]];
    count.entities += engine.aliveOfKind[kind.id];
    count.transitions += engine.transitionsOfKind[kind.id];
  }
  return counts;
}

/** Hash of a scenario's resolved form, for replay tokens. */
export function scenarioHash(scenario: Scenario): string {
  return createHash('sha256').update(JSON.stringify(scenario)).digest('hex').slice(0, 16);
}
