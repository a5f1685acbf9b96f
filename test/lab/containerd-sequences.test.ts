import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CriBackend } from '../../backends/cri/driver.ts';
import type { Observation, Outcome } from '../../engine/contract.ts';
import { KINDS } from '../../model/container/index.ts';
import { MachinePaths } from '../support/machine-paths.ts';
import {
  ask,
  closed,
  observe,
  openCri,
  removeSandboxes,
  SLOWNESS,
  START_TIMEOUT_MS,
  startLab,
} from './containerd-lab.ts';

const SEQUENCES = 5;
const COMMANDS_MAX = 60;
const SEEN_MS = 30_000 * SLOWNESS;
const TEST_MS = 240_000 * SLOWNESS;
/** One in so many verbs is asked for though it does not apply. */
const BOLDNESS = 5;
const PREFIX = 'sequence-';

/** What a verb needs of the entity's state to be carried out; elsewhere it must be refused. */
interface VerbSpec {
  readonly kind: 'sandbox' | 'container';
  readonly verb: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** States in which containerd does it, or finds it done already. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

const EXITED = [
  'CONTAINER_EXITED.Completed',
  'CONTAINER_EXITED.Error',
  'CONTAINER_EXITED.StartError',
];
const IN_SANDBOX = ['CONTAINER_CREATED', 'CONTAINER_RUNNING', ...EXITED];

const PROGRAMS = {
  lasting: ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 0.05; done"],
  deaf: ['sleep', '1000'],
  missing: ['/no/such/program'],
} as const;

/** `container` verbs other than these need a sandbox that is ready, as `create` does. */
const VERBS: readonly VerbSpec[] = [
  { kind: 'sandbox', verb: 'run', from: ['absent', 'SANDBOX_READY'], to: ['SANDBOX_READY'] },
  {
    kind: 'sandbox',
    verb: 'stop',
    from: ['SANDBOX_READY', 'SANDBOX_NOTREADY'],
    to: ['SANDBOX_NOTREADY'],
  },
  {
    kind: 'sandbox',
    verb: 'remove',
    from: ['absent', 'SANDBOX_READY', 'SANDBOX_NOTREADY'],
    to: ['absent'],
  },
  ...Object.values(PROGRAMS).map((command) => ({
    kind: 'container' as const,
    verb: 'create',
    params: { command },
    from: ['absent', 'CONTAINER_CREATED'],
    to: ['CONTAINER_CREATED'],
  })),
  {
    kind: 'container',
    verb: 'start',
    from: ['CONTAINER_CREATED', 'CONTAINER_RUNNING'],
    to: ['CONTAINER_RUNNING', 'CONTAINER_EXITED.StartError'],
  },
  {
    kind: 'container',
    verb: 'stop',
    params: { grace_s: 1 },
    from: IN_SANDBOX,
    to: ['CONTAINER_CREATED', ...EXITED],
  },
  { kind: 'container', verb: 'remove', from: ['absent', ...IN_SANDBOX], to: ['absent'] },
];

/** What was observed so far. */
interface Seen {
  sandbox: string;
  container: string;
  /** What the container was made to run. */
  program?: readonly string[];
}

interface Reality {
  readonly backend: CriBackend;
  readonly pod: string;
}

class VerbCommand implements fc.AsyncCommand<Seen, Reality> {
  readonly #spec: VerbSpec;
  readonly #isBold: boolean;

  constructor(spec: VerbSpec, isBold: boolean) {
    this.#spec = spec;
    this.#isBold = isBold;
  }

  /** A verb that does not apply must be refused: that is asked for now and then. */
  check(seen: Readonly<Seen>): boolean {
    const { from, kind, verb } = this.#spec;
    const applies = from.includes(seen[kind]) && !this.#isFutile(seen, verb);
    return applies || this.#isBold;
  }

  /** What changes nothing, or lacks its sandbox. */
  #isFutile(seen: Readonly<Seen>, verb: string): boolean {
    const { kind, to } = this.#spec;
    if (to.includes(seen[kind]) && verb !== 'stop') return true;
    return kind === 'container' && seen.sandbox !== 'SANDBOX_READY';
  }

  async run(seen: Seen, { backend, pod }: Reality): Promise<void> {
    const { from, kind, params, to, verb } = this.#spec;
    const entity = kind === 'sandbox' ? pod : `${pod}/main`;
    const before = seen[kind];
    const outcome = await ask(backend, kind, entity, verb, params);
    const after = await observe(backend, kind, entity);
    const what = `${this} in ${before}: ${JSON.stringify(outcome)}`;
    if (outcome.type === 'done') {
      expect(from, what).toContain(before);
      expect(to, what).toContain(after.state);
    } else if (!isExcused(outcome, seen, this.#spec)) {
      expect(from, what).not.toContain(before);
      expect(after.state, what).toBe(before);
    }
    if (verb === 'create' && outcome.type === 'done' && before === 'absent') {
      seen.program = params?.['command'] as readonly string[];
    }
    if (verb === 'stop' && kind === 'container' && before === 'CONTAINER_RUNNING') {
      expect(endingsOf(seen.program), what).toContain(after.state);
    }
    seen.sandbox = (await observe(backend, 'sandbox', pod)).state;
    seen.container = (await observe(backend, 'container', `${pod}/main`)).state;
  }

  toString(): string {
    const { kind, params, verb } = this.#spec;
    return `${verb} ${kind} ${JSON.stringify(params ?? {})}`;
  }
}

/** How a program may end that is asked to, and killed when it has not after the grace. */
function endingsOf(program: readonly string[] | undefined): readonly string[] {
  // One that has only begun may not listen yet.
  const orderly = program === PROGRAMS.lasting ? ['CONTAINER_EXITED.Completed'] : [];
  return [...orderly, 'CONTAINER_EXITED.Error'];
}

/** A verb that its own state allows may fail by the sandbox it needs, or by its program. */
function isExcused(outcome: Outcome, seen: Seen, { kind, verb }: VerbSpec): boolean {
  if (outcome.type !== 'fault' || kind !== 'container') return false;
  if (verb === 'start' && outcome.fault.code === 'CRI_START_FAILED') {
    return seen.program === PROGRAMS.missing;
  }
  return seen.sandbox !== 'SANDBOX_READY' && (verb === 'create' || verb === 'start');
}

let count = 0;

async function drive(commands: Iterable<fc.AsyncCommand<Seen, Reality>>): Promise<void> {
  const backend = openCri();
  const pod = `${PREFIX}${process.pid}-${++count}`;
  const reports = new Map(['sandbox', 'container'].map((kind) => [kind, ['absent']]));
  backend.watch(({ entity, kind, state }: Observation) => {
    if (entity.startsWith(pod)) reports.get(kind)?.push(state);
  });
  const model: Seen = { sandbox: 'absent', container: 'absent' };
  try {
    await new VerbCommand(VERBS[0], true).run(model, { backend, pod });
    await fc.asyncModelRun(() => ({ model, real: { backend, pod } }), commands);
    // A watch that says nothing would find no divergence either.
    for (const kind of ['sandbox', 'container'] as const) {
      const last = () => reports.get(kind)?.at(-1);
      await expect.poll(last, { timeout: SEEN_MS, message: kind }).toBe(model[kind]);
    }
    for (const [kind, states] of reports) {
      const definition = KINDS.find((each) => each.kind === kind);
      if (!definition) throw new Error(`no kind ${kind}`);
      const divergence = new MachinePaths(definition).divergence(states);
      expect(divergence, `${kind}: ${states.join(' -> ')}`).toBeUndefined();
    }
  } finally {
    await closed(backend);
    await removeSandboxes(pod);
  }
}

beforeAll(startLab, START_TIMEOUT_MS);
afterAll(() => removeSandboxes(PREFIX));

async function randomVerbs(): Promise<void> {
  const commands = fc.commands(
    // What ends a sandbox ends the sequence within it: that is asked for less often.
    VERBS.flatMap((spec) => Array(spec.kind === 'container' ? 3 : 1).fill(spec)).map((spec) =>
      fc.nat(BOLDNESS).map((n) => new VerbCommand(spec, n === 0)),
    ),
    { maxCommands: COMMANDS_MAX, size: 'max' },
  );
  await fc.assert(fc.asyncProperty(commands, drive), {
    numRuns: SEQUENCES,
    endOnFailure: true,
  });
}

it('random verbs on containerd never leave the machines', randomVerbs, TEST_MS);
