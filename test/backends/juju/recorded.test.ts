/** What a real controller said, held against the driver: `recorded` in the file tells what it was. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ChangeFeed } from '../../../backends/change-feed.ts';
import { FaultError } from '../../../backends/fault.ts';
import type { Controller } from '../../../backends/juju/controller.ts';
import { refusal } from '../../../backends/juju/faults.ts';
import type { MachineNames } from '../../../backends/juju/machine-names.ts';
import { fullStatusShape, modelSummariesShape } from '../../../backends/juju/status.ts';
import { View } from '../../../backends/juju/view.ts';
import { Secret } from '../../../backends/secret.ts';
import { KINDS } from '../../../model/orchestration/index.ts';
import { MachinePaths } from '../../support/machine-paths.ts';
import { JUJU_4, problemsOf } from './api-facts.ts';

interface Exchange {
  readonly method: string;
  readonly version: number;
  readonly params: unknown;
  readonly response?: unknown;
  readonly error?: string;
  readonly 'error-code'?: string;
}

/** Status, what is said of it, life. */
type Said = readonly [status: string, info?: string, life?: string];

interface Look {
  readonly applications: Readonly<
    Record<
      string,
      {
        readonly charm: string;
        readonly life: string;
        readonly status: Said;
        readonly units: Readonly<Record<string, { readonly agent: Said; readonly workload: Said }>>;
      }
    >
  >;
  readonly relations: Readonly<Record<string, Said>>;
  readonly machines: Readonly<Record<string, { readonly agent: Said; readonly instance: Said }>>;
}

const RECORDED: {
  readonly exchanges: readonly Exchange[];
  readonly fullStatus: object;
  readonly looks: Readonly<Record<string, readonly Look[]>>;
} = JSON.parse(readFileSync(new URL('./juju-4.0.15-recorded.json', import.meta.url), 'utf8'));

const facadeOf = (method: string) => JUJU_4.facades[method.split('.')[0]];
const typesOf = (method: string) => facadeOf(method).methods[method.split('.')[1]];

describe(`recorded of Juju ${JUJU_4.release}`, () => {
  it('its own answers are as its schema says: so do the facts that the lab is held against', () => {
    const problems = RECORDED.exchanges.flatMap(({ method, response }) => {
      const type = typesOf(method).result;
      return response === undefined || type === '-'
        ? []
        : problemsOf(response, type, facadeOf(method), method);
    });
    // The schema shows the embedded struct of an address as a field, which JSON has in its place.
    expect(problems).toEqual(['Admin.Login.servers[0][0].Address: missing']);
  });

  it.each([
    ['Action.EnqueueOperation', /not defined/, 'JUJU_UNKNOWN'],
    ['Admin.Login', /invalid entity/, 'JUJU_AUTH'],
    ['Application.AddRelation', /endpoint not found/, 'JUJU_UNKNOWN'],
    ['Application.AddRelation', /ambiguous/, 'JUJU_REFUSED'],
    ['Application.DestroyApplication', /controller application/, 'JUJU_UNSUPPORTED'],
    ['Application.Expose', /nope/, 'JUJU_UNKNOWN'],
    ['Application.ResolveUnitErrors', /not in error state/, 'JUJU_WRONG_STATE'],
    ['MachineManager.DestroyMachineWithParams', /has units/, 'JUJU_WRONG_STATE'],
    ['MachineManager.RetryProvisioning', /not in an error/, 'JUJU_WRONG_STATE'],
    ['ModelManager.CreateModel', /mars/, 'JUJU_UNKNOWN'],
  ])('%s refused with %s is %s', (method, said, fault) => {
    const refused = RECORDED.exchanges.flatMap((each) =>
      each.method === method ? errorsOf(each) : [],
    );
    const error = refused.find(({ message }) => said.test(message));
    expect(error, JSON.stringify(refused)).toBeDefined();
    const thrown = error && refusal(error, 'it');
    expect(thrown).toBeInstanceOf(FaultError);
    expect((thrown as FaultError).fault.code).toBe(fault);
  });

  it('the whole status is read', () => {
    const status = fullStatusShape.parse(RECORDED.fullStatus);
    expect([...status.applications.keys()]).toContain('web');
    expect(status.machines.get('0')).toMatchObject({ 'instance-id': 'manual:' });
    expect(status.relations).toHaveLength(1);
  });

  it.each(Object.keys(RECORDED.looks))('%s: the machines allow all that was seen', async (part) => {
    const told = await statesTold(RECORDED.looks[part]);
    const wrong = [...told].flatMap(([key, states]) => {
      const kind = key.slice(0, key.indexOf(' '));
      const found = PATHS.get(kind)?.divergence(states);
      return found === undefined ? [] : [`${key}: ${found} (${states.join(', ')})`];
    });
    expect(wrong).toEqual([]);
    expect(told.size).toBeGreaterThan(2);
  });

  it('an upgrade is seen by its hook, since its units are of the new charm at once', async () => {
    const [part] = Object.keys(RECORDED.looks);
    const told = await statesTold(RECORDED.looks[part]);
    expect(told.get('unit web/0')).toContain('executing.upgrade_charm+active');
    expect(told.get('application web')).toContain('active+upgrading');
  });

  it('relations that are made before the first start are no hooks of a started unit', async () => {
    const told = await statesTold(RECORDED.looks['a bundle']);
    const states = told.get('unit front/0')?.map((each) => each.split('+')[0]) ?? [];
    const seen = states.filter((each, n) => each !== states[n - 1]);
    expect(seen.slice(0, 6)).toEqual([
      ...['absent', 'allocating', 'executing.install', 'executing.config_changed'],
      ...['executing.start', 'executing.relation_changed'],
    ]);
  });

  it('a resolved unit is never in error with its workload in order', async () => {
    const parts = Object.values(RECORDED.looks).map(statesTold);
    const told = (await Promise.all(parts)).map((each) => each.get('unit bad/0') ?? []);
    const states = told.flat();
    expect(states).toContain('error+error');
    expect(states.filter((each) => /^error\+(?!error)/.test(each))).toEqual([]);
  });
});

const PATHS = new Map(KINDS.map((kind) => [kind.kind, new MachinePaths(kind)]));

/** The error of an answer, at its top or in its results. */
function errorsOf({ error, response, ...rest }: Exchange) {
  if (error !== undefined) return [{ message: error, code: rest['error-code'] ?? '' }];
  const { results = [] } = response as { results?: readonly { error?: Partial<ApiError> }[] };
  return results.flatMap(({ error: each }) =>
    each?.message ? [{ message: each.message, code: each.code ?? '' }] : [],
  );
}

interface ApiError {
  readonly message: string;
  readonly code: string;
}

/** What the driver tells of each entity, look by look. */
async function statesTold(looks: readonly Look[]): Promise<ReadonlyMap<string, readonly string[]>> {
  let at = 0;
  const summary = modelSummariesShape.parse(
    RECORDED.exchanges.find(({ method }) => method === 'ModelManager.ListModelSummaries')?.response,
  ).results[0].result;
  const facades: Readonly<Record<string, object>> = {
    Client: { fullStatus: async () => statusOf(looks[at]) },
    Action: { listOperations: async () => ({ results: [] }) },
  };
  const controller = {
    access: { account: { password: new Secret('planted') } },
    models: async () => [summary],
    isChosen: () => true,
    nameOf: () => 'controller',
    useModel: () => {},
    modelFacade: async (name: string) => facades[name],
  };
  const names = { learn: async () => {}, nameOf: (id: string) => id, idOf: (id: string) => id };
  const feed = new ChangeFeed();
  const told = new Map<string, string[]>();
  feed.listen(({ entity, kind, state }) => {
    const key = `${kind} ${entity}`;
    const states = told.get(key) ?? ['absent'];
    told.set(key, states);
    states.push(state);
  });
  const view = new View(
    controller as unknown as Controller,
    feed,
    names as unknown as MachineNames,
  );
  for (at = 0; at < looks.length; at++) await view.read();
  return told;
}

function statusOf(look: Look): object {
  const said = ([status, info = '', life = '']: Said) => ({ status, info, life });
  const mapped = <T>(all: Readonly<Record<string, T>>, show: (each: T) => object) =>
    Object.fromEntries(Object.entries(all).map(([name, each]) => [name, show(each)]));
  return {
    model: { 'model-status': said(['available']) },
    applications: mapped(look.applications, ({ status, units, ...rest }) => ({
      ...{ ...rest, status: said(status) },
      units: mapped(units, ({ agent, workload }) => ({
        ...{ 'agent-status': said(agent), 'workload-status': said(workload) },
      })),
    })),
    relations: Object.entries(look.relations).map(([key, status], id) => ({
      ...{ id, key, status: said(status) },
    })),
    machines: mapped(look.machines, ({ agent, instance }) => ({
      ...{ 'agent-status': said(agent), 'instance-status': said(instance) },
    })),
  };
}
