import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubernetesBackend } from '../../backends/kubernetes/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { NODE_NAME } from '../../lab/kubernetes/daemons.ts';
import { KINDS } from '../../model/caas/index.ts';
import { MachinePaths } from '../support/machine-paths.ts';
import {
  ask,
  closed,
  observe,
  openKubernetes,
  podSpec,
  removeAll,
  START_TIMEOUT_MS,
  startLab,
  workload,
} from './kubernetes-lab.ts';

const SEQUENCES = 3;
const COMMANDS_MAX = 8;
const SEEN_MS = 30_000;
const PREFIX = 'sequence-';

/** What there should be. */
interface Model {
  isThere: boolean;
  isPaused: boolean;
  isCordoned: boolean;
  /** Whether it had another template before, to which `undo` returns. */
  hasHistory: boolean;
}

interface Reality {
  readonly backend: KubernetesBackend;
  readonly name: string;
}

interface Step {
  readonly verb: string;
  readonly params?: (name: string) => Readonly<Record<string, unknown>>;
  applies(model: Readonly<Model>): boolean;
  /** What the step changes, and the state that the deployment must then be seen in. */
  follow(model: Model): string | undefined;
}

const exists = (model: Readonly<Model>) => model.isThere && !model.isCordoned;
const runs = (model: Readonly<Model>) => exists(model) && !model.isPaused;
const WHOLE = 'complete+Available';

const scaleTo = (replicas: number): Step => ({
  verb: 'scale',
  params: (name) => ({ manifest: workload(name), replicas }),
  applies: (model) => !model.isPaused && !model.isCordoned,
  follow: (model) => {
    model.isThere = true;
    return WHOLE;
  },
});

function anotherTemplate(model: Model): string {
  model.hasHistory = true;
  return WHOLE;
}

/** Another program makes another template. */
const rollOut: Step = {
  verb: 'roll_out',
  params: (name) => ({ manifest: workload(name, {}, podSpec(['sleep', '1000'])), force: true }),
  applies: runs,
  follow: anotherTemplate,
};

const DEPLOYMENT: readonly Step[] = [
  ...[0, 1, 2].map(scaleTo),
  rollOut,
  { verb: 'restart', applies: runs, follow: anotherTemplate },
  { verb: 'undo', applies: (model) => runs(model) && model.hasHistory, follow: () => WHOLE },
  {
    verb: 'pause',
    applies: runs,
    follow: (model) => {
      model.isPaused = true;
      return 'paused+Available';
    },
  },
  {
    verb: 'resume',
    applies: (model) => exists(model) && model.isPaused,
    follow: (model) => {
      model.isPaused = false;
      return WHOLE;
    },
  },
  {
    verb: 'delete',
    applies: (model) => model.isThere,
    follow: (model) => {
      Object.assign(model, { isThere: false, isPaused: false, hasHistory: false });
      return 'absent';
    },
  },
];

class DeploymentCommand implements fc.AsyncCommand<Model, Reality> {
  readonly #step: Step;

  constructor(step: Step) {
    this.#step = step;
  }

  check(model: Readonly<Model>): boolean {
    return this.#step.applies(model);
  }

  async run(model: Model, { backend, name }: Reality): Promise<void> {
    const { params, verb } = this.#step;
    const outcome = await ask(backend, 'deployment', name, verb, params?.(name) ?? {});
    expect(outcome, `${this}: ${JSON.stringify(outcome)}`).toMatchObject({ type: 'done' });
    const { state } = await observe(backend, 'deployment', name);
    expect(state, `${this}`).toBe(this.#step.follow(model));
  }

  toString(): string {
    return this.#step.verb;
  }
}

/** What is asked of a deployment that is not there is refused, and makes none. */
class RefusedCommand implements fc.AsyncCommand<Model, Reality> {
  readonly #verb: string;

  constructor(verb: string) {
    this.#verb = verb;
  }

  check(model: Readonly<Model>): boolean {
    return !model.isThere;
  }

  async run(_model: Model, { backend, name }: Reality): Promise<void> {
    const outcome = await ask(backend, 'deployment', name, this.#verb, { replicas: 1 });
    expect(outcome, `${this}: ${JSON.stringify(outcome)}`).toMatchObject({
      fault: { code: 'KUBERNETES_NOT_FOUND', effect: 'none' },
    });
    expect(await observe(backend, 'deployment', name)).toMatchObject({ state: 'absent' });
  }

  toString(): string {
    return `${this.#verb} what is not there`;
  }
}

/** A pod of the deployment is taken away by somebody else; its replica set makes a new one. */
class KillCommand implements fc.AsyncCommand<Model, Reality> {
  check(model: Readonly<Model>): boolean {
    return runs(model);
  }

  async run(_model: Model, { backend, name }: Reality): Promise<void> {
    const pods = (await backend.driver.list()).filter(
      ({ attributes, kind }) => kind === 'pod' && String(attributes?.['owner']).startsWith(name),
    );
    for (const { entity } of pods) await ask(backend, 'pod', entity, 'force_delete');
    expect(await ask(backend, 'deployment', name, 'roll_out')).toMatchObject({ type: 'done' });
  }

  toString(): string {
    return 'kill the pods';
  }
}

class CordonCommand implements fc.AsyncCommand<Model, Reality> {
  check(): boolean {
    return true;
  }

  async run(model: Model, { backend }: Reality): Promise<void> {
    model.isCordoned = !model.isCordoned;
    const verb = model.isCordoned ? 'cordon' : 'uncordon';
    const state = model.isCordoned ? 'Ready+cordoned' : 'Ready+schedulable';
    const outcome = await ask(backend, 'node', NODE_NAME, verb);
    expect(outcome).toMatchObject({ type: 'done', observation: { state } });
  }

  toString(): string {
    return 'cordon or uncordon';
  }
}

let count = 0;

async function drive(commands: Iterable<fc.AsyncCommand<Model, Reality>>): Promise<void> {
  const backend = await openKubernetes();
  const name = `${PREFIX}${process.pid}-${++count}`;
  const reports = new Map<string, string[]>();
  const before = new Map((await backend.driver.list()).map((each) => [keyOf(each), each.state]));
  backend.watch((seen) => {
    const key = keyOf(seen);
    reports.set(key, [...(reports.get(key) ?? [before.get(key) ?? 'absent']), seen.state]);
  });
  try {
    const model: Model = {
      ...{ isThere: false, isPaused: false, isCordoned: false, hasHistory: false },
    };
    const real = { backend, name };
    // None is over before it has begun.
    for (const step of [scaleTo(1), rollOut]) await new DeploymentCommand(step).run(model, real);
    await fc.asyncModelRun(() => ({ model, real }), commands);
    // A watch that says nothing would find no divergence either.
    const now = await observe(backend, 'deployment', name);
    const last = () => reports.get(keyOf(now))?.at(-1);
    await expect.poll(last, { timeout: SEEN_MS }).toBe(now.state);
    for (const [key, states] of reports) {
      const kind = KINDS.find((each) => key.startsWith(`${each.kind}/`));
      if (!kind) throw new Error(`no kind of ${key}`);
      const divergence = new MachinePaths(kind).divergence(states);
      expect(divergence, `${key}: ${states.join(' -> ')}`).toBeUndefined();
    }
  } finally {
    await ask(backend, 'node', NODE_NAME, 'uncordon');
    await closed(backend);
    await removeAll(name);
  }
}

function keyOf({ entity, kind }: Observation): string {
  return `${kind}/${entity}`;
}

beforeAll(startLab, START_TIMEOUT_MS);
afterAll(() => removeAll(PREFIX));

it('random verbs on a cluster never leave the machines', async () => {
  const commands = fc.commands(
    [
      ...DEPLOYMENT.map((step) => fc.constant(new DeploymentCommand(step))),
      fc.constantFrom('scale', 'restart', 'pause', 'undo').map((verb) => new RefusedCommand(verb)),
      fc.constant(new KillCommand()),
      fc.constant(new CordonCommand()),
    ],
    { maxCommands: COMMANDS_MAX * 3, size: 'max' },
  );
  await fc.assert(fc.asyncProperty(commands, drive), { numRuns: SEQUENCES, endOnFailure: true });
}, 300_000);
