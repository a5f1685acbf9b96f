import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JujuBackend } from '../../../backends/juju/driver.ts';
import type { Observation } from '../../../engine/contract.ts';
import type { JujuServer } from '../../../lab/juju/server.ts';
import { QUICK } from '../../../lab/juju/world.ts';
import { KINDS } from '../../../model/orchestration/index.ts';
import { MachinePaths } from '../../support/machine-paths.ts';
import { ask, CharmFolder, closed, openJuju, startServer } from './controller-under-test.ts';

const SEQUENCES = 8;
const COMMANDS_MAX = 8;

/** Slow enough that each state is there for a few looks. */
const TIMES = { ...QUICK, provision_s: 0.04, install_s: 0.04, hook_s: 0.04, retry_s: 0.3 };

const charms = new CharmFolder();
const files = ['', '2', '3'].map((version) => charms.charm('web', { version }, `web${version}`));
const paths = new Map(KINDS.map((kind) => [kind.kind, new MachinePaths(kind)]));

let server: JujuServer;
let endpoint: string;

beforeAll(async () => {
  server = startServer({ times: TIMES });
  endpoint = await server.listen();
});
afterAll(async () => {
  await server.close();
  charms.remove();
});

interface Reality {
  readonly backend: JujuBackend;
}

/** Verbs may be refused, or wait for what never comes: what counts is what is seen meanwhile. */
class VerbCommand implements fc.AsyncCommand<object, Reality> {
  readonly #what: readonly [string, string, string, Readonly<Record<string, unknown>>];

  constructor(kind: string, entity: string, verb: string, params = {}) {
    this.#what = [kind, entity, verb, params];
  }

  check(): boolean {
    return true;
  }

  async run(_model: object, { backend }: Reality): Promise<void> {
    const [kind, entity, verb, params] = this.#what;
    const outcome = await ask(backend, kind, entity, verb, params, 2);
    const code = outcome.type === 'fault' ? outcome.fault.code : '';
    expect(code, `${this}`).not.toMatch(/DRIVER_FAILED|MALFORMED/);
  }

  toString(): string {
    const [kind, entity, verb, params] = this.#what;
    return `${verb} ${kind}/${entity} ${JSON.stringify(params)}`;
  }
}

/** The agent of a unit and its machine fall silent, and come back. */
class SilenceCommand implements fc.AsyncCommand<object, Reality> {
  check(): boolean {
    return true;
  }

  async run(_model: object, { backend }: Reality): Promise<void> {
    const set = (isPresent: boolean) => {
      for (const { machines, applications } of server.world.models.values()) {
        for (const machine of machines.values()) machine.isPresent = isPresent;
        for (const { units } of applications.values()) {
          for (const unit of units.values()) unit.isPresent = isPresent;
        }
      }
    };
    set(false);
    await backend.driver.list();
    set(true);
    await backend.driver.list();
  }

  toString(): string {
    return 'silence';
  }
}

const name = fc.constantFrom('a', 'b');
const verb = (kind: string, entity: fc.Arbitrary<string>, verbs: readonly string[], params = {}) =>
  fc.tuple(entity, fc.constantFrom(...verbs)).map(([e, v]) => new VerbCommand(kind, e, v, params));

const deploy = fc
  .tuple(name, fc.nat(2), fc.constantFrom('', '', '', 'install', 'start'))
  .map(([entity, units, hook]) => {
    const config = { 'fail-hook': hook };
    return new VerbCommand('application', entity, 'deploy', { charm: files[0], units, config });
  });
const scale = fc
  .tuple(name, fc.nat(3))
  .map(([entity, units]) => new VerbCommand('application', entity, 'scale', { units }));
const upgrade = fc
  .tuple(name, fc.constantFrom(...files))
  .map(([entity, charm]) => new VerbCommand('application', entity, 'upgrade', { charm }));
const configure = fc
  .tuple(name, fc.constantFrom('', 'blocked', 'waiting'), fc.constantFrom('', 'config-changed'))
  .map(([entity, status, hook]) => {
    const config = { 'workload-status': status, 'fail-hook': hook };
    return new VerbCommand('application', entity, 'configure', { config });
  });
const unit = fc.constantFrom('a/0', 'a/1', 'b/0');
const action = fc.tuple(fc.nat(1_000_000), unit, fc.boolean()).map(([n, at, fail]) => {
  const params = { unit: at, action: 'backup', params: { fail } };
  return new VerbCommand('action', `run-${n}`, 'run', params);
});

const COMMANDS = [
  ...[deploy, deploy, scale, upgrade, configure, action],
  verb('application', name, ['remove'], { force: true }),
  verb('unit', unit, ['stop', 'resolve', 'force_remove', 'start', 'await_retry']),
  verb('relation', fc.constant('a:client b:server'), ['add', 'add', 'break']),
  verb('juju-machine', fc.constantFrom('m', '0', '1'), ['provision', 'install_agent', 'release']),
  fc.constant(new SilenceCommand()),
];

it('shows no change that the machines do not allow, whatever is asked for', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  let changes = 0;
  const property = fc.asyncProperty(
    fc.commands<object, Reality, false>(COMMANDS, { maxCommands: COMMANDS_MAX }),
    async (commands) => {
      for (const { uuid } of [...server.world.models.values()]) server.world.models.delete(uuid);
      server.world.addModel('under-test', 'admin');
      const backend = openJuju(endpoint);
      const seen: Observation[] = [];
      backend.watch((each) => seen.push(each));
      try {
        await fc.asyncModelRun(() => ({ model: {}, real: { backend } }), commands);
        await backend.driver.list();
      } finally {
        await closed(backend);
      }
      changes += seen.length;
      expect(divergences(seen)).toEqual([]);
    },
  );
  await fc.assert(property, { seed, numRuns: SEQUENCES });
  expect(changes).toBeGreaterThan(0);
}, 180_000);

function divergences(seen: readonly Observation[]): readonly string[] {
  const states = new Map<string, string[]>();
  for (const { entity, kind, state } of seen) {
    const key = `${kind} ${entity}`;
    const all = states.get(key) ?? ['absent'];
    states.set(key, all);
    all.push(state);
  }
  return [...states].flatMap(([key, all]) => {
    const found = paths.get(key.slice(0, key.indexOf(' ')))?.divergence(all);
    return found === undefined ? [] : [`${key}: ${found} (${all.join(', ')})`];
  });
}
