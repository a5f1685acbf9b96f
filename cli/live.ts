/** Carries a scenario's operations out on real systems, with a recording: what `apply` does. */
import { randomUUID } from 'node:crypto';
import { LibvirtBackend } from '../backends/libvirt/driver.ts';
import { LiveWorld } from '../backends/live.ts';
import type { Action, Fault } from '../engine/contract.ts';
import { Engine } from '../engine/engine.ts';
import { StrataError } from '../engine/errors.ts';
import { type OperationResult, Operator } from '../engine/operator.ts';
import { Recorder } from '../engine/recording/recorder.ts';
import type { ByteSink } from '../engine/recording/sink.ts';
import { recordingHead } from '../engine/recording-head.ts';
import { ENGINE_EVENTS } from '../engine/tables.ts';
import type { Scenario } from '../model/scenario.ts';
import { loadModel } from './model.ts';
import { HashSink } from './tools/recording-file.ts';

export interface LiveRunOptions {
  readonly scenario: Scenario;
  /** libvirt URI. */
  readonly connect: string;
  readonly sink: ByteSink;
  readonly onStep: (result: OperationResult) => void;
  readonly onFault: (action: Action, fault: Fault) => void;
}

export interface LiveRun {
  readonly results: readonly OperationResult[];
  readonly ok: boolean;
  readonly wallSeconds: number;
  readonly transitions: number;
  readonly divergences: number;
  readonly traceHash: string;
}

/** An action that takes longer has failed; libvirt itself has no time limit for most of them. */
const DEADLINE_s = 120;

/** Throws StrataError: LIVE_NOTHING_TO_DO, or what connecting gives. */
export async function runLive(options: LiveRunOptions): Promise<LiveRun> {
  const { scenario } = options;
  const { domains, operations } = scenario.workload;
  if (operations.length === 0 || domains.length === 0) {
    throw new StrataError(
      'LIVE_NOTHING_TO_DO',
      `${scenario.name} has no workload.domains with workload.operations to carry out`,
      'see scenarios/lab-domain.yaml for an example',
    );
  }
  const model = await loadModel();
  const hash = new HashSink(options.sink);
  const head = recordingHead(model, [...model.eventNames, ...ENGINE_EVENTS], {
    scenario: scenario.name,
    seed: String(scenario.seed),
    mode: 'live',
    profile: scenario.profile,
    parameters: scenario.parameters,
    started: new Date().toISOString(),
  });
  const recorder = new Recorder(head, hash);
  const engine = new Engine({ model, recorder });
  const started_ms = performance.now();
  const results = await carryOut(engine, recorder, options);
  recorder.close();
  return {
    results,
    ok: results.length === operations.length && results.every((r) => r.ok),
    wallSeconds: (performance.now() - started_ms) / 1000,
    transitions: engine.transitions,
    divergences: engine.divergences,
    traceHash: hash.traceHash ?? '',
  };
}

async function carryOut(
  engine: Engine,
  recorder: Recorder,
  options: LiveRunOptions,
): Promise<readonly OperationResult[]> {
  const { domains, operations } = options.scenario.workload;
  const specs = new Map(domains.map((spec) => [spec.name, spec]));
  const entities = new Map<string, number>();
  let fail: (cause: unknown) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const world = new LiveWorld({
    engine,
    backends: [new LibvirtBackend({ uri: options.connect })],
    run: randomUUID(),
    given: new Set(),
    params: (entity) => {
      const { vcpus, memory_bytes, boot } = specs.get(engine.names[entity])!;
      return { vcpus, memory_bytes, ...boot };
    },
    deadline_s: () => DEADLINE_s,
    onFault: (_entity, action, fault) => options.onFault(action, fault),
    onQuiet: () => recorder.flush(),
    onError: fail,
  });
  for (const { name } of domains) {
    entities.set(`domain/${name}`, engine.create(engine.model.kindId('domain'), name));
  }
  const operator = new Operator(engine, operations, (name) => entities.get(name) ?? -1);
  operator.onStep = options.onStep;
  try {
    await world.start();
    const finished = new Promise<readonly OperationResult[]>((resolve) => {
      operator.onFinished = resolve;
    });
    world.act(() => operator.start());
    return await Promise.race([finished, broken]);
  } finally {
    await world.stop();
  }
}
