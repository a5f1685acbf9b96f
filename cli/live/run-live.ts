/** Carries a scenario's operations out on real systems, with a recording: what `apply` does. */
import { randomUUID } from 'node:crypto';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { LiveWorld } from '../../backends/live.ts';
import type { Action, Fault } from '../../engine/contract.ts';
import { Engine, NO_ROW } from '../../engine/engine.ts';
import { StrataError } from '../../engine/errors.ts';
import { type OperationResult, Operator } from '../../engine/operator.ts';
import { actEvents, verbsAsked } from '../../engine/recording/acts.ts';
import { Recorder } from '../../engine/recording/recorder.ts';
import type { ByteSink } from '../../engine/recording/sink.ts';
import { recordingHead } from '../../engine/recording-head.ts';
import { ENGINE_EVENTS } from '../../engine/tables.ts';
import type { LiveSystem, Operation, Scenario } from '../../model/scenario.ts';
import { given, type ParamsOf } from '../../scenarios/index.ts';
import { loadModel } from '../model.ts';
import { HashSink } from '../tools/recording-file.ts';
import { type OpenSystem, openSystems, withCodedErrors } from './systems.ts';
import { askDrivers } from './verb-params.ts';

export interface LiveRunOptions {
  readonly scenario: Scenario;
  readonly systems: readonly LiveSystem[];
  readonly sink: ByteSink;
  /** Ends the run: it throws the reason. */
  readonly stop?: AbortSignal;
  /** Called when the systems are open and their things are known: what follows acts. */
  readonly onBegun?: () => void;
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

/** An act that nobody waits for, such as one that a change of state calls for, has this long. */
const DEADLINE_s = 120;

/**
 * Carries the operations out in order. Throws StrataError: LIVE_NOTHING_TO_DO, LIVE_NO_SYSTEM, or
 * what opening the systems and listing what they have gives.
 */
export async function runLive(options: LiveRunOptions): Promise<LiveRun> {
  const { scenario, systems } = options;
  const { operations } = scenario.workload;
  if (operations.length === 0) {
    throw new StrataError(
      'LIVE_NOTHING_TO_DO',
      `${scenario.name} has no workload.operations to carry out`,
      'see scenarios/lab-domain.yaml for an example',
    );
  }
  if (systems.length === 0) throw noSystem(scenario.name);
  const model = await loadModel();
  const hash = new HashSink(options.sink);
  const acts = verbsAsked(operations);
  const events = [...model.eventNames, ...ENGINE_EVENTS, ...actEvents(acts)];
  const head = recordingHead(model, events, {
    scenario: scenario.name,
    seed: String(scenario.seed),
    mode: 'live',
    profile: scenario.profile,
    parameters: scenario.parameters,
    started: new Date().toISOString(),
  });
  const recorder = new Recorder(head, hash);
  const engine = new Engine({ model, recorder, acts });
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

/** Nothing says which real systems are meant: an error for every command that needs some. */
export function noSystem(scenario: string | undefined): StrataError {
  const written =
    scenario === undefined ? 'no scenario is given' : `${scenario} has no section live`;
  return new StrataError(
    'LIVE_NO_SYSTEM',
    `${written}, and no system is named by --driver`,
    'write `live: { libvirt: { uri: qemu:///system } }`, or name one: --driver libvirt',
  );
}

async function carryOut(
  engine: Engine,
  recorder: Recorder,
  options: LiveRunOptions,
): Promise<readonly OperationResult[]> {
  const { operations } = options.scenario.workload;
  const paramsOf = await askDrivers([])(options.systems);
  const open = await openSystems(options.systems);
  const unknown = operations.find((each) => !isOffered(each, open));
  if (unknown) {
    await Promise.all(open.map(({ driver }) => driver.close()));
    throw notOffered(unknown, open);
  }
  const entities = new Map<string, number>();
  const operator = new Operator(
    engine,
    operations,
    (name) => entities.get(name) ?? -1,
    (entity, event) => world.operate(entity, event),
  );
  operator.onStep = options.onStep;
  operator.perform = (entity, verb, ended) => world.perform(entity, verb, ended);
  operator.isInVain = (entity, event) => world.isInVain(entity, event);
  operator.isThere = (entity) => world.isThere(entity);
  let fail: (cause: unknown) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  broken.catch(() => {}); // it may break before anybody waits for it
  options.stop?.addEventListener('abort', () => fail(options.stop?.reason));
  const world = new LiveWorld({
    engine,
    backends: open.map(({ driver }) => new DriverBackend(driver)),
    run: randomUUID(),
    given: new Set(),
    params: (entity, verb) => ({
      ...(verb === 'define' && domainParams(options.scenario, engine, entity)),
      ...toldBy(currentOf(operator, operations, entities, entity), paramsOf),
    }),
    deadline_s: () => operations[operator.results.length]?.within_s ?? DEADLINE_s,
    onFault: (_entity, action, fault) => options.onFault(action, fault),
    onFailed: (entity, fault) => operator.fail(entity, fault),
    onQuiet: () => recorder.flush(),
    onError: fail,
  });
  createEntities(engine, operations, entities);
  try {
    await Promise.race([withCodedErrors(() => world.start()), broken]);
    options.onBegun?.();
    const finished = new Promise<readonly OperationResult[]>((resolve) => {
      operator.onFinished = resolve;
    });
    world.act(() => operator.start());
    return await Promise.race([finished, broken]);
  } finally {
    await world.stop();
  }
}

/** Whether a driver has the verb of an operation; what machines are asked for, they know. */
function isOffered(operation: Operation, open: readonly OpenSystem[]): boolean {
  const [kind] = operation.entity.split('/');
  const hasVerb = ({ driver }: OpenSystem) => driver.verbs(kind).includes(operation.do);
  return operation.until !== undefined || open.some(hasVerb);
}

function notOffered(operation: Operation, open: readonly OpenSystem[]): StrataError {
  const names = open.map(({ system }) => system.driver).join(', ');
  return new StrataError(
    'LIVE_NO_BACKEND',
    `no system that is driven (${names}) can ${operation.do} ${operation.entity}`,
    'docs/reference/drivers.md lists what each driver can do; name its system as well',
  );
}

/**
 * One entity for each that an operation names, in the first state of its kind. Its machine does nothing of
 * its own: what is there of it is seen when the run begins, and the rest is up to the operations.
 */
function createEntities(
  engine: Engine,
  operations: readonly Operation[],
  entities: Map<string, number>,
): void {
  for (const { entity } of operations) {
    if (entities.has(entity)) continue;
    const slash = entity.indexOf('/');
    const kind = engine.model.kindId(entity.slice(0, slash));
    entities.set(entity, engine.create(kind, entity.slice(slash + 1), NO_ROW, false));
  }
}

/** The operation that is under way, when it is one on this entity. */
function currentOf(
  operator: Operator,
  operations: readonly Operation[],
  entities: ReadonlyMap<string, number>,
  entity: number,
): Operation | undefined {
  const current = operations[operator.results.length];
  return current && entities.get(current.entity) === entity ? current : undefined;
}

function toldBy(operation: Operation | undefined, paramsOf: ParamsOf) {
  return operation && given(operation, paramsOf(operation));
}

/** What `workload.domains` says of a domain: the parameters of its `define`. */
function domainParams(
  { workload }: Scenario,
  engine: Engine,
  entity: number,
): Readonly<Record<string, unknown>> {
  const { kind } = engine.kindOf(entity);
  const name = engine.names[entity];
  const spec = workload.domains.find((each) => kind === 'domain' && each.name === name);
  return spec ? { vcpus: spec.vcpus, memory_bytes: spec.memory_bytes, ...spec.boot } : {};
}
