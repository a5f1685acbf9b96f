/** The scenarios that come with Strata are sound, in every form in which they can be checked. */
import { readdirSync, readFileSync } from 'node:fs';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import minimal from '../../scenarios/examples/minimal.ts';
import { loadScenario, scenarioJsonSchema } from '../../scenarios/index.ts';
import { bare, problemsOf, scenarioOf } from './support.ts';

const listed = (folder: string) =>
  readdirSync(folder)
    .filter((name) => /\.(yaml|ts)$/.test(name))
    .map((name) => `${folder}/${name}`);

const YAML = listed('scenarios').filter((name) => name.endsWith('.yaml'));
const EXAMPLES = [...YAML, ...listed('scenarios/examples')];
const FIXTURE = 'test/scenarios/fixtures/shared-rack.yaml';

/** Parameters without a default. */
const required = (path: string): Record<string, string> =>
  /surf|bitbrains/.test(path) ? { trace: 'traces' } : {};

describe('example scenarios', () => {
  it.each(EXAMPLES)('%s loads without a warning', async (path) => {
    expect(problemsOf(await loadScenario(path, { set: required(path) }))).toEqual([]);
  });

  it('the planted mistake is a warning, so that a property check can find it', async () => {
    const result = await loadScenario(FIXTURE);
    expect(problemsOf(result).map((p) => p.code)).toEqual(['SCENARIO_POOL_SURVIVAL']);
    const [pool] = scenarioOf(result).stack.ceph!.pools;
    expect(pool).toMatchObject({ survives: 'rack', rule: 'by-host', size: 3 });
  });

  it('the trace scenarios need the trace', async () => {
    const problems = problemsOf(await loadScenario('scenarios/surf-week.yaml'));
    expect(problems).toMatchObject([{ code: 'SCENARIO_PARAMETER_REQUIRED' }]);
    expect(problems[0].hint).toBe('give it with --set trace=VALUE');
  });

  it('surf-week has 277 hosts', async () => {
    const path = 'scenarios/surf-week.yaml';
    const { site, workload } = scenarioOf(await loadScenario(path, { set: { trace: 'here' } }));
    const hosts = site.racks.flatMap((r) => r.machines).reduce((sum, m) => sum + m.count, 0);
    expect(hosts).toBe(277);
    expect(workload.trace).toEqual({ path: 'here', format: 'opendc', project: 'science' });
  });

  it('hosts-50k has 50,000 hosts and 100,000 servers', async () => {
    const { site, workload } = scenarioOf(await loadScenario('scenarios/hosts-50k.yaml'));
    expect(site.racks.flatMap((r) => r.machines).reduce((sum, m) => sum + m.count, 0)).toBe(50_000);
    expect(workload.servers[0].initial).toBe(100_000);
  });

  it('minimal is the same in YAML and in TypeScript', async () => {
    const yaml = scenarioOf(await loadScenario('scenarios/examples/minimal.yaml'));
    const typed = scenarioOf(await loadScenario('scenarios/examples/minimal.ts'));
    expect({ ...typed, parameters: {} }).toEqual(yaml);
    expect(typed.parameters).toEqual({ machines: 4 });
  });

  it('minimal is short', () => {
    const lines = readFileSync('scenarios/examples/minimal.yaml', 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(30);
  });

  it('every figure of the reference cloud that fails by rate says where it comes from', async () => {
    const { faults } = scenarioOf(await loadScenario('scenarios/reference-cloud.yaml'));
    for (const rate of faults.rates) expect(rate.source, rate.target).toMatch(/\S/);
  });
});

describe('the JSON Schema', () => {
  const app = fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
  });
  const check = async (scenario: unknown) => {
    const response = await app.inject({ method: 'POST', url: '/', payload: scenario as object });
    return response.statusCode === 200 ? 'ok' : response.json().message;
  };
  const { $schema: _, ...schema } = scenarioJsonSchema();
  app.post('/', { schema: { body: schema } }, () => ({}));

  it.each([...YAML, FIXTURE, 'scenarios/examples/minimal.yaml'])('accepts %s', async (path) => {
    expect(await check(parse(readFileSync(path, 'utf8')))).toBe('ok');
  });

  it('accepts the TypeScript form', async () => {
    expect(await check(minimal)).toBe('ok');
  });

  it.each([
    ['duration', '5'],
    ['duration', '5GiB'],
    ['seed', 'many'],
    ['sede', 1],
    ['version', 2],
    ['maintenance', [{ at: '1h', action: 'rebot', on: ['compute'] }]],
    ['faults', { rates: { disc: { rate: '1%/y', repair: '1d' } } }],
    ['faults', { rates: { disk: { rate: '1%', repair: '1d' } } }],
    ['faults', { rates: { disk: { rate: '1%/y', repair: { expo: '1d' } } } }],
  ])('refuses a wrong %s: %j', async (key, value) => {
    expect(await check({ ...minimal, [key]: value })).not.toBe('ok');
  });

  it('accepts parameters in place of any plain value', async () => {
    expect(await check({ ...minimal, seed: bare('x'), duration: bare('x') })).toBe('ok');
  });
});
