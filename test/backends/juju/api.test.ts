import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BusyError, FaultError } from '../../../backends/fault.ts';
import type { JujuBackend } from '../../../backends/juju/driver.ts';
import { refusal } from '../../../backends/juju/faults.ts';
import { charmOf } from '../../../lab/juju/charm.ts';
import { labCharm } from '../../../lab/juju/charm-file.ts';
import type { JujuServer } from '../../../lab/juju/server.ts';
import { JUJU_4, problemsOf } from './api-facts.ts';
import { ask, CharmFolder, closed, MODEL, openJuju, startServer } from './controller-under-test.ts';

interface Exchange {
  readonly method: string;
  readonly version: number;
  readonly params: unknown;
  readonly response: unknown;
  readonly failed: boolean;
}

const charms = new CharmFolder();
const exchanges: Exchange[] = [];
let server: JujuServer;
let backend: JujuBackend;

function overheard(request: string, answer: string): void {
  const { params = {}, request: name, type, version } = JSON.parse(request);
  const { error, response } = JSON.parse(answer);
  const method = `${type}.${name}`;
  exchanges.push({ method, version, params, response, failed: error !== undefined });
}

/** Every verb that the driver has, once; some are refused, which is an answer too. */
async function everything(): Promise<void> {
  const charm = charms.charm('web');
  const files = { version: '3' };
  const stored = (revision: number) => async () => {
    const found = await charmOf(labCharm('mysql', files));
    server.world.store.push({ charm: found, revision, channel: 'stable' });
  };
  const bundle = charms.write(
    'bundle.yaml',
    [
      ...['machines:', '  "0": { constraints: mem=2G }', 'applications:'],
      ...['  front: { charm: ./web.charm, num_units: 1, to: ["0"], expose: true }'],
      ...['relations:', '  - [front:client, web:server]'],
    ].join('\n'),
  );
  const settings = { config: { title: 'x' }, reset: ['title'] };
  await stored(3)();
  await ask(backend, 'juju-machine', 'host', 'provision', { constraints: 'cores=1' });
  await ask(backend, 'application', 'web', 'deploy', {
    ...{ charm, units: 2, config: { title: 'x' }, constraints: 'mem=1G', to: ['0'], trust: true },
  });
  await ask(backend, 'application', 'db', 'deploy', { charm: 'mysql', base: 'ubuntu@22.04' });
  await stored(5)();
  for (const [kind, entity, verb, params] of [
    ['application', 'db', 'upgrade', { channel: 'stable' }],
    ['application', 'web', 'upgrade', { charm }],
    ['application', 'web', 'scale', { units: 3 }],
    ['application', 'web', 'scale', { units: 1 }],
    ['application', 'web', 'configure', settings],
    ['application', 'web', 'set_constraints', { constraints: 'mem=2G' }],
    ['application', 'web', 'expose', {}],
    ['application', 'web', 'unexpose', {}],
    ['relation', 'web:client db:server', 'add', {}],
    ['relation', 'web:client db:server', 'suspend', {}],
    ['relation', 'web:client db:server', 'remove', {}],
    ['unit', 'web/0', 'run_action', { action: 'backup' }],
    ['unit', 'web/0', 'resolve', {}],
    ['action', '1', 'cancel', {}],
    ['juju-machine', 'host', 'retry', {}],
    ['model', MODEL, 'configure', { config: { 'default-base': 'x' }, reset: ['default-base'] }],
    ['model', MODEL, 'set_constraints', { constraints: 'mem=1G' }],
    ['model', MODEL, 'deploy_bundle', { bundle }],
    ['unit', 'web/0', 'remove', {}],
    ['application', 'web', 'remove', {}],
    ['juju-machine', 'host', 'release', {}],
    ['model', 'more', 'create', { cloud: 'lab' }],
    ['model', 'more', 'destroy', {}],
  ] as const) {
    await ask(backend, kind, entity, verb, params);
  }
}

beforeAll(async () => {
  server = startServer({ version: '4.0.15', overheard });
  backend = openJuju(await server.listen());
  await everything();
}, 60_000);
afterAll(async () => {
  await closed(backend);
  await server.close();
  charms.remove();
});

/** For Kubernetes models, and for connections that stay long. */
const NOT_CALLED = ['Application.ScaleApplications', 'Pinger.Ping'];

/** Codes that only agents meet, or who asks for secrets and keys. */
const OF_OTHERS = [/^secret /, /key/, /enter scope/, /no address set/, /not leader/];

describe(`by the schema of Juju ${JUJU_4.release}`, () => {
  const facadeOf = (method: string) => JUJU_4.facades[method.split('.')[0]];
  const typesOf = (method: string) => facadeOf(method)?.methods[method.split('.')[1]];
  const distinct = (problems: readonly string[]) => [...new Set(problems)].sort();

  it('every method that the driver calls is there, in the version that it calls', () => {
    const called = new Map(exchanges.map(({ method, version }) => [method, version]));
    const wrong = [...called].filter(
      ([method, version]) => !typesOf(method) || facadeOf(method).version !== version,
    );
    expect(wrong).toEqual([]);
    const all = Object.entries(JUJU_4.facades).flatMap(([facade, { methods }]) =>
      Object.keys(methods).map((name) => `${facade}.${name}`),
    );
    expect(all.filter((each) => !called.has(each) && !NOT_CALLED.includes(each))).toEqual([]);
  });

  it('every request of the driver has the fields and types that the method takes', () => {
    const problems = exchanges.flatMap(({ method, params }) => {
      const type = typesOf(method)?.params ?? '-';
      return type === '-' ? [] : problemsOf(params, type, facadeOf(method), method);
    });
    expect(distinct(problems)).toEqual([]);
  });

  it("every answer of the lab's server has the fields and types that the method gives", () => {
    const problems = exchanges.flatMap(({ failed, method, response }) => {
      const type = typesOf(method)?.result ?? '-';
      return failed || type === '-' ? [] : problemsOf(response, type, facadeOf(method), method);
    });
    expect(distinct(problems)).toEqual([]);
  });

  it('every error code that a client may meet has its fault', () => {
    const codeOf = (code: string) => {
      const thrown = refusal({ code, message: 'x' }, 'it');
      if (thrown instanceof BusyError) return 'busy';
      return thrown instanceof FaultError ? thrown.fault.code : thrown.message;
    };
    const nameless = JUJU_4.codes.filter((code) => codeOf(code) === 'JUJU_REFUSED');
    expect(nameless.filter((code) => !OF_OTHERS.some((each) => each.test(code)))).toEqual([]);
  });
});
