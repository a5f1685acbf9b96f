/** A large cloud over several days, with a recording: what a day costs once everything is up. */
import { FileSink, HashSink } from '../cli/tools/recording-file.ts';
import { Recorder } from '../engine/recording/recorder.ts';
import { recordingHead } from '../engine/recording-head.ts';
import type { CompiledModel } from '../engine/tables.ts';
import type { Scenario } from '../model/scenario.ts';
import { recordedEvents, Simulation } from '../sim/simulation.ts';

export interface Phase {
  readonly transitions: number;
  readonly rows: number;
  /** Processor time of the process, its compiler and garbage collector included. */
  readonly cpu_s: number;
}

export interface Steady {
  /** Everything from nothing to the end of the first day. */
  readonly bringUp: Phase;
  /** The days after it. */
  readonly days: readonly Phase[];
  readonly alive: number;
  /** Memory that the run holds at its end, for each living entity. */
  readonly bytesPerEntity: number;
}

const DAY_s = 86_400;
const DAYS = 10;
const SAMPLE_s = 10_800;

/** Adds phases up. */
export function sum(phases: readonly Phase[]): Phase {
  return phases.reduce((a, b) => ({
    transitions: a.transitions + b.transitions,
    rows: a.rows + b.rows,
    cpu_s: a.cpu_s + b.cpu_s,
  }));
}

/** Runs a scenario for a day and then for further days, recording to a file. */
export function steady(model: CompiledModel, scenario: Scenario, out: string): Steady {
  globalThis.gc?.();
  const before = heldBytes();
  const sink = new HashSink(new FileSink(out));
  const head = recordingHead(model, recordedEvents(model), {
    scenario: scenario.name,
    seed: String(scenario.seed),
    mode: 'simulated',
    profile: scenario.profile,
    parameters: scenario.parameters,
  });
  const recorder = new Recorder(head, sink);
  const { seed } = scenario;
  let simulation: Simulation | undefined;
  const measure = (act: () => void): Phase => {
    const { transitions, rows } = counts();
    const start = process.cpuUsage();
    act();
    const { user, system } = process.cpuUsage(start);
    const after = counts();
    return {
      transitions: after.transitions - transitions,
      rows: after.rows - rows,
      cpu_s: (user + system) / 1e6,
    };
  };
  const counts = () => ({
    transitions: simulation?.engine.transitions ?? 0,
    rows: recorder.rows,
  });
  const bringUp = measure(() => {
    simulation = new Simulation({
      model,
      scenario,
      seed,
      recorder,
      invariants: [],
      invariantMode: 'off',
      sample_s: SAMPLE_s,
    });
    simulation.run(DAY_s);
  });
  const days = Array.from({ length: DAYS - 1 }, (_, i) =>
    measure(() => simulation!.run((i + 2) * DAY_s)),
  );
  recorder.close();
  globalThis.gc?.();
  const { alive } = simulation!.engine;
  return { bringUp, days, alive, bytesPerEntity: (heldBytes() - before) / alive };
}

function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
