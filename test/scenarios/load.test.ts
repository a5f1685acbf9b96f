/** Parameters, includes, overrides and TypeScript scenarios. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defineScenario, loadScenario } from '../../scenarios/index.ts';
import { bare, load, problemsOf, reference, STACK, scenarioOf, yaml } from './support.ts';

const TRACE = (path: string) =>
  yaml({
    parameters: '{ trace: { type: path, default: traces/a }, n: { default: 7 } }',
    stack: STACK,
    workload: `{ trace: { path: ${path}, project: demo } }`,
  });

describe('parameters', () => {
  const text = yaml({
    parameters: `
  racks: { default: 3, description: How many., max: 9 }
  flavor: { default: compute }
  life: { default: 2d, type: duration }
  fast: { default: false }`,
    description: `${bare('racks')} racks of $${bare('flavor')}, ${bare('flavor')}`,
    seed: reference('racks'),
    duration: reference('life'),
    stack: `{ hypervisor: { on: [${reference('flavor')}] } }`,
  });

  it('stand for values of their type, or for a part of a text', async () => {
    const scenario = scenarioOf(await load({ 'main.yaml': text }));
    expect(scenario).toMatchObject({ seed: 3, duration_s: 172_800 });
    expect(scenario.stack.hypervisor?.on).toEqual(['compute']);
    expect(scenario.description).toBe(`3 racks of ${bare('flavor')}, compute`);
    expect(scenario.parameters).toEqual({ racks: 3, flavor: 'compute', life: '2d', fast: false });
  });

  it('are filled in by --set', async () => {
    const set = { racks: '5', life: '1h', fast: 'true' };
    const scenario = scenarioOf(await load({ 'main.yaml': text }, { set }));
    expect(scenario).toMatchObject({ seed: 5, duration_s: 3600 });
    expect(scenario.parameters).toMatchObject({ racks: 5, fast: true });
  });

  it.each([
    [{ racks: 'many' }, 'a number'],
    [{ racks: '10' }, 'at most 9'],
    [{ life: '5' }, 'a duration with its unit, such as 5m, 1h30m, 2d or 1y'],
    [{ fast: 'yes' }, 'true or false'],
  ])('refuse %j', async (set, expected) => {
    const [problem] = problemsOf(await load({ 'main.yaml': text }, { set }));
    expect(problem).toMatchObject({ code: 'SCENARIO_BAD_PARAMETER', file: '--set', expected });
  });

  it('that are paths start from the folder of the file, or from where --set is typed', async () => {
    const files = { 'main.yaml': 'include: parts/trace.yaml', 'parts/trace.yaml': '' };
    const path = async (written: string, set = {}) => {
      const all = { ...files, 'parts/trace.yaml': TRACE(written) };
      return scenarioOf(await load(all, { set })).workload.trace?.path;
    };
    expect(await path('traces/b')).toBe('parts/traces/b');
    expect(await path('/traces/b')).toBe('/traces/b');
    expect(await path(reference('trace'))).toBe('parts/traces/a');
    expect(await path(reference('trace'), { trace: 'here' })).toBe('here');
    expect(await path(`'x${bare('n')}'`)).toBe('parts/x7');
  });
});

describe('includes', () => {
  it('merge mappings key by key; the later file and the including file win', async () => {
    const scenario = scenarioOf(
      await load({
        'main.yaml': yaml({ include: '[a.yaml, sub/b.yaml]', seed: '3' }),
        'a.yaml': 'seed: 1\nduration: 1h\nsite: { flavors: { a: { cores: 1, memory: 1GiB } } }',
        'sub/b.yaml': 'include: ../c.yaml\nseed: 2\nduration: 2h',
        'c.yaml': 'description: from c\nduration: 9h\nsite: { racks: [] }',
      }),
    );
    expect(scenario).toMatchObject({ seed: 3, duration_s: 7200, description: 'from c' });
    expect(Object.keys(scenario.site.flavors).sort()).toEqual(['a', 'compute', 'storage']);
    expect(scenario.site.racks).toHaveLength(3);
  });

  it('may be used twice by different files', async () => {
    const files = {
      'main.yaml': yaml({ include: '[a.yaml, b.yaml]' }),
      'a.yaml': 'include: c.yaml',
      'b.yaml': 'include: c.yaml',
      'c.yaml': 'seed: 4',
    };
    expect(scenarioOf(await load(files)).seed).toBe(4);
  });
});

describe('malformed YAML', () => {
  it('is one error, not one for every token that follows', async () => {
    const text = yaml({
      workload: `{ servers: { a: { initial: ${bare('n')}, flavors: { small: 1 } } } }`,
    });
    const problems = problemsOf(await load({ 'main.yaml': `${text}\nfaults: {}\n` }));
    expect(problems.map((p) => p.code)).toEqual(['SCENARIO_YAML_SYNTAX']);
    expect(problems[0].hint).toBe(`quote what refers to a parameter: "${bare('name')}"`);
  });
});

describe('a key that is no name', () => {
  it.each([
    ['constructor', 'objects of JavaScript have one of that name already: choose another'],
    ['<<', 'merge keys are not read: use include, or write the keys'],
    ['-', undefined],
  ])('%s is told with what to do about it', async (key, hint) => {
    const [problem] = problemsOf(await load({ 'main.yaml': `'${key}': 1\n${yaml()}` }));
    expect(problem).toMatchObject({ code: 'SCENARIO_BAD_KEY' });
    expect(problem.hint).toBe(hint);
  });
});

describe('overrides', () => {
  it('replace values by path, also where a key has dots', async () => {
    const text = yaml({
      stack: STACK.replace('small: {', 'm1.small: {').replace(/flavor: small/, 'flavor: m1.small'),
    });
    const sweep = {
      'site.racks[0].machines.compute': '9',
      'stack.openstack.flavors.m1.small.vcpus': '3',
      'stack.hypervisor.cpu_ratio': '2.5',
      duration: '3d',
    };
    const { site, stack, duration_s } = scenarioOf(await load({ 'main.yaml': text }, { sweep }));
    expect(site.racks[0].machines[0]).toEqual({ flavor: 'compute', count: 9 });
    expect(stack.openstack?.flavors['m1.small'].vcpus).toBe(3);
    expect(stack.hypervisor?.cpu_ratio).toBe(2.5);
    expect(duration_s).toBe(259_200);
  });

  it('are checked like any value, and the problem names --sweep', async () => {
    const sweep = { duration: '3' };
    const [problem] = problemsOf(await load({ 'main.yaml': yaml() }, { sweep }));
    expect(problem).toMatchObject({ file: '--sweep duration', code: 'SCENARIO_BAD_UNIT', line: 1 });
  });

  it('of a parameter name --sweep, those of --set name --set', async () => {
    const files = { 'main.yaml': yaml({ parameters: '{ racks: { default: 3 } }' }) };
    for (const option of ['set', 'sweep'] as const) {
      const [problem] = problemsOf(await load(files, { [option]: { racks: 'x' } }));
      expect(problem).toMatchObject({ file: `--${option}`, code: 'SCENARIO_BAD_PARAMETER' });
      expect(problem.message).toBe(`--${option} racks: not a legal value`);
    }
    const { parameters } = scenarioOf(
      await load(files, { set: { racks: '1' }, sweep: { racks: '2' } }),
    );
    expect(parameters).toEqual({ racks: 2 });
  });

  it('reach what is not written, and nothing that there is not', async () => {
    const { seed } = scenarioOf(await load({ 'main.yaml': yaml() }, { sweep: { seed: '7' } }));
    expect(seed).toBe(7);
    const [problem] = problemsOf(await load({ 'main.yaml': yaml() }, { sweep: { sead: '7' } }));
    expect(problem).toMatchObject({ code: 'SCENARIO_BAD_OVERRIDE', nearest: 'seed' });
  });
});

describe('the resolved form', () => {
  it('has racks numbered, lists named and defaults filled in', async () => {
    const { site, stack, workload, objectives, faults } = scenarioOf(
      await load({
        'main.yaml': yaml({
          stack: STACK,
          faults: '{ rates: { disk: { rate: 1%/y, repair: { exponential: 1d } } } }',
          objectives: '{ up: { measure: availability, of: server/*, at_least: 99% } }',
        }),
      }),
    );
    expect(site.racks.map((r) => r.name)).toEqual(['r1', 'r2', 'r3']);
    expect(site.racks[0]).toMatchObject({ pdus: 2, switches: 2, power_limit_w: 20_000 });
    expect(stack.ceph?.pools[0]).toEqual({
      name: 'volumes',
      application: 'rbd',
      pg_num: 64,
      size: 3,
      min_size: 2,
      rule: 'by-rack',
      survives: 'rack',
      stored_bytes: 0,
    });
    expect(stack.kubernetes[0]).toMatchObject({ name: 'prod', nodes: { count: 3, max: 3 } });
    expect(workload).toEqual({ servers: [], operations: [], domains: [] });
    expect(objectives).toEqual([
      { name: 'up', measure: 'availability', of: 'server/*', at_least_ratio: 0.99 },
    ]);
    expect(faults.rates[0]).toMatchObject({ target: 'disk', rate_per_s: 0.01 / 31_536_000 });
  });

  it('of an erasure-coded pool has k + m chunks and needs k + 1', async () => {
    const pool = 'volumes: { application: rbd, erasure: { k: 2, m: 1 }';
    const stack = STACK.replace('volumes: { application: rbd', pool);
    const { ceph } = scenarioOf(await load({ 'main.yaml': yaml({ stack }) })).stack;
    expect(ceph?.pools[0]).toMatchObject({ size: 3, min_size: 3, erasure: { k: 2, m: 1 } });
  });
});

describe('TypeScript scenarios', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-scenarios-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const body = JSON.stringify({
    version: 1,
    name: 'typed',
    site: {
      flavors: { m: { cores: 1, memory: '1GiB' } },
      racks: [{ name: 'r1', machines: { m: 1 } }],
    },
  });

  it.each(['ts', 'mts', 'mjs', 'js'])('are read from .%s files', async (extension) => {
    const typed = extension.endsWith('ts') ? ' as Record<string, unknown>' : '';
    const path = write(`good.${extension}`, `export default (${body}${typed});\n`);
    expect(scenarioOf(await loadScenario(path)).name).toBe('typed');
  });

  it('import defineScenario from strata wherever they lie', async () => {
    const path = write(
      'defined.ts',
      `import { defineScenario } from 'strata';\nexport default defineScenario(${body});\n`,
    );
    expect(scenarioOf(await loadScenario(path)).name).toBe('typed');
  });

  it('are read again when they have changed', async () => {
    const path = write('changing.ts', `export default ${body};`);
    expect(scenarioOf(await loadScenario(path)).name).toBe('typed');
    write('changing.ts', `export default ${body.replace('typed', 'changed')};`);
    expect(scenarioOf(await loadScenario(path)).name).toBe('changed');
  });

  it.each([
    ['syntax.ts', 'export default {'],
    ['throws.ts', 'throw new Error("no");'],
    ['nothing.ts', 'export const a = 1;'],
    ['number.ts', 'export default 5;'],
    ['getter.ts', 'export default { get name(): string { throw new Error("no"); } };'],
    ['import.ts', "import 'not-there';\nexport default {};"],
    ['throws.mjs', 'throw null;'],
  ])('that cannot be loaded are a problem: %s', async (name, text) => {
    const problems = problemsOf(await loadScenario(write(name, text)));
    expect(problems.map((p) => p.code)).toEqual(['SCENARIO_MODULE']);
  });

  it('may hold only plain data', async () => {
    const text = `const self: Record<string, unknown> = {}; self.self = self;
      export default { ...${body}, seed: () => 1, description: 10n, faults: self };`;
    const codes = problemsOf(await loadScenario(write('odd.ts', text))).map((p) => p.code);
    expect(codes).toContain('SCENARIO_WRONG_TYPE');
    expect(codes).toContain('SCENARIO_TOO_MANY_NODES');
  });

  it('give their problems with the path', async () => {
    const path = write('bad.ts', `export default ${body.replace('1GiB', '1G')};`);
    const [problem] = problemsOf(await loadScenario(path));
    expect(problem).toMatchObject({
      code: 'SCENARIO_BAD_UNIT',
      file: path,
      line: 1,
      column: 1,
      path: 'site.flavors.m.memory',
    });
  });

  it('have types that refuse wrong units, unknown keys and unknown choices', () => {
    const site = { flavors: {}, racks: [] };
    defineScenario({ version: 1, name: 'a', site, duration: '1h30m' });
    // @ts-expect-error a unit of another quantity
    defineScenario({ version: 1, name: 'a', site, duration: '5GiB' });
    // @ts-expect-error an unknown key
    defineScenario({ version: 1, name: 'a', site, workload: { server: {} } });
    // @ts-expect-error an unknown choice
    defineScenario({ version: 1, name: 'a', site, maintenance: [{ at: 0, action: 'x', on: [] }] });
  });

  it('with another extension are no scenarios', async () => {
    const problems = problemsOf(await loadScenario(write('a.toml', '')));
    expect(problems.map((p) => p.code)).toEqual(['SCENARIO_FILE_TYPE']);
  });
});
