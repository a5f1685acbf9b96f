/** Random sequences of verbs against the real OVN, held against a model and against the machines. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Observation } from '../../engine/contract.ts';
import { command } from '../../lab/command.ts';
import { northboundRemote } from '../../lab/ovn/paths.ts';
import { divergences } from './machine-holds.ts';
import {
  ask,
  close,
  type OvnBackend,
  openOvn,
  removeAll,
  START_TIMEOUT_MS,
  startLab,
} from './ovn-lab.ts';

const SEQUENCES = 20;
const COMMANDS_MAX = 16;
const PREFIX = `seq-${process.pid}-`;
const SWITCHES = ['a', 'b'];
const PORTS = ['p', 'q', 'r'];
const CHASSIS = ['hv1', 'hv2', 'hv3'];

/** What should be there: the switches, and each port with its switch and its chassis. */
interface Expected {
  readonly switches: Set<string>;
  readonly ports: Map<string, { readonly on: string; chassis: string | undefined }>;
}

interface Real {
  readonly ovn: OvnBackend;
}

interface Step {
  readonly kind: string;
  readonly entity: string;
  readonly verb: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** The state that the verb leads to, or the code of its fault; changes what is expected. */
  predict(expected: Expected): string;
}

/** A verb as fast-check runs it. It may always be tried: what is illegal must be refused. */
class VerbCommand implements fc.AsyncCommand<Expected, Real> {
  readonly #step: Step;

  constructor(step: Step) {
    this.#step = step;
  }

  check(): boolean {
    return true;
  }

  async run(expected: Expected, { ovn }: Real): Promise<void> {
    const { kind, entity, verb, params, predict } = this.#step;
    const wanted = predict(expected);
    const outcome = await ask(ovn, kind, PREFIX + entity, verb, params);
    if (outcome.type === 'fault') {
      expect(outcome.fault, `${this}`).toMatchObject({ code: wanted, effect: 'none' });
      return;
    }
    expect(outcome, `${this}`).toMatchObject({ type: 'done', observation: { state: wanted } });
    expect(await ovn.driver.observe(kind, PREFIX + entity)).toMatchObject({ state: wanted });
  }

  toString(): string {
    const { kind, entity, verb, params = {} } = this.#step;
    return `${verb} ${kind}/${entity} ${JSON.stringify(params)}`;
  }
}

/** Somebody else deletes a port, behind the driver's back. */
class StrangerDeletes implements fc.AsyncCommand<Expected, Real> {
  readonly #port: string;

  constructor(port: string) {
    this.#port = port;
  }

  check({ ports }: Readonly<Expected>): boolean {
    return ports.get(this.#port)?.chassis === undefined;
  }

  async run({ ports }: Expected, { ovn }: Real): Promise<void> {
    ports.delete(this.#port);
    const name = PREFIX + this.#port;
    await command('ovn-nbctl', [`--db=${northboundRemote()}`, '--if-exists', 'lsp-del', name]);
    expect(await ovn.driver.observe('port', name)).toMatchObject({ state: 'absent' });
  }

  toString(): string {
    return `ovn-nbctl lsp-del ${this.#port}`;
  }
}

const switchSteps = fc
  .record({
    entity: fc.constantFrom(...SWITCHES),
    verb: fc.constantFrom('create', 'update', 'delete'),
  })
  .map(
    ({ entity, verb }): Step => ({
      ...{ kind: 'logical-switch', entity, verb },
      predict({ switches, ports }) {
        const isThere = switches.has(entity);
        if (verb === 'create') {
          switches.add(entity);
          return isThere ? 'OVN_EXISTS' : 'active';
        }
        if (verb === 'update') return isThere ? 'active' : 'OVN_UNKNOWN';
        switches.delete(entity);
        for (const [port, { on }] of ports) if (on === entity) ports.delete(port);
        return 'absent';
      },
    }),
  );

const portSteps = fc
  .record({
    entity: fc.constantFrom(...PORTS),
    verb: fc.constantFrom('create', 'create', 'update', 'bind', 'bind', 'unbind', 'delete'),
    on: fc.constantFrom(...SWITCHES),
    chassis: fc.constantFrom(...CHASSIS),
  })
  .map(
    ({ entity, verb, on, chassis }): Step => ({
      ...{ kind: 'port', entity, verb },
      params: verb === 'create' ? { switch: PREFIX + on } : verb === 'bind' ? { chassis } : {},
      predict({ switches, ports }) {
        const port = ports.get(entity);
        if (verb === 'create') {
          if (port) return 'OVN_EXISTS';
          if (!switches.has(on)) return 'OVN_UNKNOWN';
          ports.set(entity, { on, chassis: undefined });
          return 'DOWN';
        }
        if (verb === 'delete') {
          ports.delete(entity);
          return 'absent';
        }
        if (!port) return 'OVN_UNKNOWN';
        if (verb !== 'update') port.chassis = verb === 'bind' ? chassis : undefined;
        return port.chassis === undefined ? 'DOWN' : 'ACTIVE';
      },
    }),
  );

const commands = fc.commands(
  [
    switchSteps.map((step) => new VerbCommand(step)),
    portSteps.map((step) => new VerbCommand(step)),
    fc.constantFrom(...PORTS).map((port) => new StrangerDeletes(port)),
  ],
  { maxCommands: COMMANDS_MAX, size: 'max' },
);

const heard: Observation[] = [];
let ovn: OvnBackend;

beforeAll(async () => {
  await startLab();
  ovn = openOvn();
  ovn.watch((change) => heard.push(change));
}, START_TIMEOUT_MS);

afterAll(async () => {
  await removeAll(PREFIX);
  await close(ovn);
});

it('OVN does what the model says for any sequence of verbs, through states of the machines', async () => {
  const seed = Number(process.env['STRATA_SEED'] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      await removeAll(PREFIX);
      heard.length = 0;
      const setup = () => ({
        model: { switches: new Set<string>(), ports: new Map() },
        real: { ovn },
      });
      await fc.asyncModelRun(setup, sequence);
      expect(divergences(heard)).toEqual([]);
    }),
    { numRuns: SEQUENCES, seed, endOnFailure: true },
  );
}, 180_000);
