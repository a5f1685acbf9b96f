/** Every code with an example, and what problems say: place, path, nearest name, all at once. */
import { describe, expect, it } from 'vitest';
import { PROBLEM_KINDS, type ProblemCode } from '../../scenarios/index.ts';
import { brief, type Files, load, problemsOf, reference, STACK, yaml } from './support.ts';

interface Case {
  readonly code: ProblemCode;
  readonly files: Files;
  /** Path of the problem; `§` marks its place in main.yaml (1:1 without it). */
  readonly path: string;
  /** Line and column, where no mark can be. */
  readonly at?: readonly [number, number];
  readonly nearest?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly sweep?: Readonly<Record<string, string>>;
}

const main = (text: string | Uint8Array): Files => ({ 'main.yaml': text });
/** A workload on the whole stack; `marked` is where in the stack the mark goes. */
const workload = (text: string, marked = ''): Files =>
  main(yaml({ stack: STACK.replace(marked, marked && `§${marked}`), workload: text }));
const SERVERS = 'project: demo, image: ubuntu, network: lan';
const deep = `${'['.repeat(80)}${']'.repeat(80)}`;

const FRAGMENTS = Array.from({ length: 64 }, (_, i) => `f${i}.yaml`);

const CASES: readonly Case[] = [
  // files
  { code: 'SCENARIO_FILE', files: {}, path: '' },
  { code: 'SCENARIO_FILE_TOO_LARGE', files: main('#'.repeat(2 ** 20 + 1)), path: '' },
  {
    code: 'SCENARIO_NOT_UTF8',
    files: main(Buffer.from('name: a\nb: \xff', 'latin1')),
    path: '',
    at: [2, 4],
  },
  { code: 'SCENARIO_EMPTY', files: main('# nothing\n'), path: '' },
  // YAML
  { code: 'SCENARIO_YAML_SYNTAX', files: main('version: 1\nname: [a\n§'), path: '' },
  { code: 'SCENARIO_YAML_SYNTAX', files: main('version: 1\nname: §*a\n'), path: 'name' },
  { code: 'SCENARIO_YAML_SYNTAX', files: main('a: &a [§*a]\n'), path: 'a[0]' },
  { code: 'SCENARIO_YAML_FEATURE', files: main('version: 1\n§---\nname: a'), path: '' },
  { code: 'SCENARIO_YAML_FEATURE', files: main('name: §!thing a'), path: '' },
  { code: 'SCENARIO_YAML_FEATURE', files: main('%YAML 1.1\n---\nname: a'), path: '' },
  { code: 'SCENARIO_DUPLICATE_KEY', files: main('name: a\n§name: b'), path: 'name' },
  { code: 'SCENARIO_BAD_KEY', files: main('name: a\n§__proto__: 1'), path: '' },
  { code: 'SCENARIO_BAD_KEY', files: main('name: a\n§constructor: 1'), path: '' },
  { code: 'SCENARIO_BAD_KEY', files: main('name: a\n? §[a]\n: 1'), path: '' },
  { code: 'SCENARIO_BAD_KEY', files: main('name: a\n§<<: { b: 1 }'), path: '' },
  {
    code: 'SCENARIO_TOO_MANY_NODES',
    files: main(`name: ${deep.slice(0, 64)}§${deep.slice(64)}`),
    path: `name${'[0]'.repeat(63)}`,
  },
  // include
  { code: 'SCENARIO_INCLUDE', files: main(yaml({ include: '§/etc/passwd' })), path: 'include' },
  {
    code: 'SCENARIO_INCLUDE',
    files: main(yaml({ include: '[§https://example.org/a.yaml]' })),
    path: 'include',
  },
  { code: 'SCENARIO_FILE', files: main(yaml({ include: '§gone.yaml' })), path: '' },
  {
    code: 'SCENARIO_INCLUDE_CYCLE',
    files: main(yaml({ include: '§main.yaml' })),
    path: 'include',
  },
  {
    code: 'SCENARIO_INCLUDE_LIMIT',
    files: {
      ...main(yaml({ include: `[${FRAGMENTS.join().replace('f63', '§f63')}]` })),
      ...Object.fromEntries(FRAGMENTS.map((f) => [f, 'seed: 1'])),
    },
    path: 'include',
  },
  // parameters
  {
    code: 'SCENARIO_UNKNOWN_PARAMETER',
    files: main(
      yaml({ parameters: '{ racks: { default: 3 } }', duration: `§${reference('rack')}` }),
    ),
    path: 'duration',
    nearest: 'racks',
  },
  {
    code: 'SCENARIO_UNKNOWN_PARAMETER',
    files: main(yaml({ parameters: '{ racks: { default: 3 } }' })),
    set: { raks: '4' },
    path: '',
    nearest: 'racks',
  },
  {
    code: 'SCENARIO_PARAMETER_REQUIRED',
    files: main(yaml({ parameters: '{ §trace: { type: path, required: true } }' })),
    path: 'parameters.trace',
  },
  {
    code: 'SCENARIO_BAD_PARAMETER',
    files: main(yaml({ parameters: '{ racks: { default: 3, max: 9 } }' })),
    set: { racks: '10' },
    path: 'parameters.racks',
  },
  {
    code: 'SCENARIO_BAD_PARAMETER',
    files: main(yaml({ parameters: '{ life: { default: §3, type: duration } }' })),
    path: 'parameters.life.default',
  },
  {
    code: 'SCENARIO_BAD_OVERRIDE',
    files: main(yaml()),
    sweep: { 'site.rack[0].pdus': '1' },
    path: 'site.rack',
    nearest: 'racks',
  },
  // shape
  {
    code: 'SCENARIO_UNKNOWN_KEY',
    files: main(yaml({ '§worklaod': '{}' })),
    path: 'worklaod',
    nearest: 'workload',
  },
  {
    code: 'SCENARIO_UNKNOWN_KEY',
    files: main(yaml({ faults: '{ rates: { §disc: { rate: 1%/y, repair: 1d } } }' })),
    path: 'faults.rates.disc',
    nearest: 'disk',
  },
  {
    code: 'SCENARIO_MISSING_KEY',
    files: main('version: 1\nname: a\n§site: { flavors: {} }'),
    path: 'site.racks',
  },
  { code: 'SCENARIO_MISSING_KEY', files: main('version: 1\nname: a'), path: 'site' },
  { code: 'SCENARIO_WRONG_TYPE', files: main(yaml({ seed: '§many' })), path: 'seed' },
  { code: 'SCENARIO_WRONG_TYPE', files: main(yaml({ '§workload': '' })), path: 'workload' },
  { code: 'SCENARIO_WRONG_TYPE', files: main('- version: 1'), path: '' },
  { code: 'SCENARIO_WRONG_TYPE', files: main(yaml({ seed: '§.inf' })), path: 'seed' },
  { code: 'SCENARIO_BAD_UNIT', files: main(yaml({ duration: '§5' })), path: 'duration' },
  {
    code: 'SCENARIO_BAD_DISTRIBUTION',
    files: workload(
      `{ servers: { a: { ${SERVERS}, flavors: { small: 1 }, lifetime: { expo: §1h } } } }`,
    ),
    path: 'workload.servers.a.lifetime.expo',
  },
  {
    code: 'SCENARIO_BAD_CHOICE',
    files: main(yaml({ maintenance: '[{ at: 1h, action: §rebot, on: [compute] }]' })),
    path: 'maintenance[0].action',
    nearest: 'reboot',
  },
  { code: 'SCENARIO_OUT_OF_RANGE', files: main(yaml({ seed: '§-1' })), path: 'seed' },
  { code: 'SCENARIO_OUT_OF_RANGE', files: main(yaml({ duration: '§0s' })), path: 'duration' },
  {
    code: 'SCENARIO_OUT_OF_RANGE',
    files: workload(`{ servers: { a: { ${SERVERS}, §flavors: { small: 0 } } } }`),
    path: 'workload.servers.a.flavors',
  },
  {
    code: 'SCENARIO_BAD_FORMAT',
    files: main(yaml({ workload: '{ operations: [{ entity: §vm, do: start, until: running }] }' })),
    path: 'workload.operations[0].entity',
  },
  // meaning
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: main(yaml({ stack: '{ hypervisor: { on: [§computer] } }' })),
    path: 'stack.hypervisor.on[0]',
    nearest: 'compute',
  },
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: main(yaml({ faults: '{ script: [{ at: 1h, target: pdu, §name: r1-pdu-3 }] }' })),
    path: 'faults.script[0].name',
    nearest: 'r1-pdu-1',
  },
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: workload('{ operations: [{ §entity: domain/vm, do: start, until: running }] }'),
    path: 'workload.operations[0].entity',
  },
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: main(yaml({ profile: '§labs' })),
    path: 'profile',
    nearest: 'lab',
  },
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: main(
      yaml({ objectives: '{ a: { measure: availability, §of: sever/*, at_least: 9% } }' }),
    ),
    path: 'objectives.a.of',
    nearest: 'server',
  },
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: main(
      yaml({ objectives: '{ a: { measure: count, of: pg/*, §state: donw, at_most: 0 } }' }),
    ),
    path: 'objectives.a.state',
    nearest: 'down',
  },
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: main(
      yaml({
        stack: STACK,
        objectives: '{ a: { measure: utilisation, of: pods, cluster: §prof, at_most: 80% } }',
      }),
    ),
    path: 'objectives.a.cluster',
    nearest: 'prod',
  },
  {
    code: 'SCENARIO_CONTRADICTION',
    files: main(
      yaml({
        objectives: '{ a: { measure: utilisation, of: vcpus, §cluster: prod, at_most: 80% } }',
        stack: STACK,
      }),
    ),
    path: 'objectives.a.cluster',
  },
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: workload('{ operations: [{ entity: server/a, §do: sopt, until: stopped }] }'),
    path: 'workload.operations[0].do',
    nearest: 'stop',
  },
  {
    code: 'SCENARIO_UNKNOWN_NAME',
    files: workload('{ operations: [{ entity: bucket/a, §do: put_objekt }] }'),
    path: 'workload.operations[0].do',
    nearest: 'put_object',
  },
  {
    code: 'SCENARIO_MISSING_KEY',
    files: workload('{ operations: [{ entity: server/a, §do: stop }] }'),
    path: 'workload.operations[0].do',
  },
  {
    code: 'SCENARIO_CONTRADICTION',
    files: workload('{ operations: [{ entity: bucket/a, do: put_object, §until: ready }] }'),
    path: 'workload.operations[0].until',
  },
  {
    code: 'SCENARIO_MISSING_SECTION',
    files: main(yaml({ workload: `{ trace: { path: t, project: §demo } }` })),
    path: 'workload.trace.project',
  },
  {
    code: 'SCENARIO_MISSING_SECTION',
    files: main(yaml({ objectives: '{ a: { measure: utilisation, §of: pods, at_most: 80% } }' })),
    path: 'objectives.a.of',
  },
  {
    code: 'SCENARIO_DUPLICATE_NAME',
    files: main(
      'version: 1\nname: a\nsite:\n  flavors: { m: { cores: 1, memory: 1GiB } }\n' +
        '  §racks: [{ name: r, machines: { m: 1 } }, { name: r, machines: { m: 1 } }]',
    ),
    path: 'site.racks',
  },
  ...['[a, a]', '[a, r]', '[a], n: [a]'].map((machines) => ({
    code: 'SCENARIO_DUPLICATE_NAME' as const,
    files: main(
      'version: 1\nname: a\nsite:\n  flavors:\n    m: { cores: 1, memory: 1GiB }\n' +
        `    n: { cores: 2, memory: 1GiB }\n  §racks: [{ name: r, machines: { m: ${machines} } }]`,
    ),
    path: 'site.racks',
  })),
  {
    code: 'SCENARIO_TOO_FEW_MACHINES',
    files: main(
      yaml({
        stack: STACK.replace(
          'mons: { on: [storage], count: 3 }',
          '§mons: { on: [storage], count: 11 }',
        ),
      }),
    ),
    path: 'stack.ceph.mons',
  },
  {
    code: 'SCENARIO_TOO_LARGE',
    files: workload(
      `{ servers: { a: { ${SERVERS}, flavors: { small: 1 }, arrivals: { type: poisson, §rate: 1000000/s } } } }`,
    ),
    path: 'workload.servers.a.arrivals.rate',
  },
  {
    code: 'SCENARIO_CONTRADICTION',
    files: main(yaml({ profiles: '{ a: { §extends: b }, b: { extends: a } }' })),
    path: 'profiles.a.extends',
  },
  // warnings
  {
    code: 'SCENARIO_EVEN_MONS',
    files: main(
      yaml({
        stack: STACK.replace(
          'mons: { on: [storage], count: 3 }',
          '§mons: { on: [storage], count: 4 }',
        ),
      }),
    ),
    path: 'stack.ceph.mons',
  },
  {
    code: 'SCENARIO_PG_NUM',
    files: main(yaml({ stack: STACK.replace('pg_num: 64', '§pg_num: 100') })),
    path: 'stack.ceph.pools.volumes.pg_num',
  },
  {
    code: 'SCENARIO_POOL_SURVIVAL',
    files: main(
      yaml({
        stack: STACK.replace('rack }', 'host }').replace('by-rack }', 'by-rack, §survives: rack }'),
      }),
    ),
    path: 'stack.ceph.pools.volumes.survives',
  },
  {
    code: 'SCENARIO_POOL_PLACEMENT',
    files: main(
      yaml({
        stack: STACK.replace(
          'volumes: { application: rbd',
          '§volumes: { application: rbd, size: 4',
        ),
      }),
    ),
    path: 'stack.ceph.pools.volumes',
  },
  {
    code: 'SCENARIO_OVER_CAPACITY',
    files: workload(
      `{ servers: { a: { ${SERVERS}, initial: 101, flavors: { small: 1 } } } }`,
      'servers: 100',
    ),
    path: 'stack.openstack.projects.demo.servers',
  },
  {
    code: 'SCENARIO_OVER_CAPACITY',
    files: main(
      yaml({
        stack: STACK.replace('compute: [compute]\n    volume', '§compute: [compute]\n    volume')
          .replace('ram: 4GiB', 'ram: 32GiB')
          .replace('ram: 1TiB', 'ram: 9TiB'),
        workload: `{ servers: { a: { ${SERVERS}, initial: 50, flavors: { small: 1 } } } }`,
      }),
    ),
    path: 'stack.openstack.compute',
  },
  {
    code: 'SCENARIO_OVER_CAPACITY',
    files: main(
      yaml({
        stack: STACK.replace('cidr: 10.0.0.0/16', '§cidr: 10.0.0.0/29'),
        workload: `{ servers: { a: { ${SERVERS}, initial: 2, flavors: { small: 1 } } } }`,
      }),
    ),
    path: 'stack.openstack.networks.lan.cidr',
  },
  {
    code: 'SCENARIO_ROLE',
    files: main(
      yaml({
        stack: STACK.replace('volumes: { application: rbd', '§volumes: { application: cephfs'),
      }),
    ),
    path: 'stack.ceph.pools.volumes',
  },
  {
    code: 'SCENARIO_NEVER',
    files: main(yaml({ faults: '{ script: [{ §at: 3d, target: mon, name: a }] }' })),
    path: 'faults.script[0].at',
  },
];

/** Takes the mark out of main.yaml and tells where it was. */
function unmark(files: Files) {
  const text = files['main.yaml'];
  if (typeof text !== 'string' || !text.includes('§')) return { files, place: [1, 1] as const };
  const before = text.slice(0, text.indexOf('§')).split('\n');
  const column = before[before.length - 1].length + 1;
  const unmarked = { ...files, 'main.yaml': text.replace('§', '') };
  return { files: unmarked, place: [before.length, column] as const };
}

describe('problems', () => {
  for (const { code, files: marked, path, at, nearest, set, sweep } of CASES) {
    it(`${code} ${path}`, async () => {
      const { files, place } = unmark(marked);
      const [line, column] = at ?? place;
      const found = problemsOf(await load(files, { set, sweep }));
      const expected = found.find((p) => brief(p) === `${line}:${column} ${code} ${path}`);
      expect(expected, `found: ${found.map(brief).join('; ')}`).toBeDefined();
      if (nearest !== undefined) expect(expected?.nearest).toBe(nearest);
      expect(expected?.severity).toBe(PROBLEM_KINDS[code].severity);
    });
  }

  it('are all shown here, except those of TypeScript scenarios and names of files', () => {
    const shown = new Set(CASES.map((c) => c.code));
    const missing = Object.keys(PROBLEM_KINDS).filter((c) => !shown.has(c as ProblemCode));
    expect(missing).toEqual(['SCENARIO_FILE_TYPE', 'SCENARIO_MODULE']);
  });

  it('are reported all at once, over all files, in order', async () => {
    const files = {
      'main.yaml': yaml({
        include: 'parts/flavors.yaml',
        sede: '3',
        duration: 'long',
        stack: '{ hypervisor: { on: [computer], cpu_ratio: lots } }',
      }),
      'parts/flavors.yaml': 'site:\n  flavors:\n    big: { cores: 0, memory: 1, disc: 1 }\n',
    };
    const found = problemsOf(await load(files)).map((p) => `${p.file} ${brief(p)}`);
    expect(found).toEqual([
      'main.yaml 13:1 SCENARIO_UNKNOWN_KEY sede',
      'main.yaml 14:11 SCENARIO_BAD_UNIT duration',
      'main.yaml 15:29 SCENARIO_UNKNOWN_NAME stack.hypervisor.on[0]',
      'main.yaml 15:51 SCENARIO_WRONG_TYPE stack.hypervisor.cpu_ratio',
      'parts/flavors.yaml 3:19 SCENARIO_OUT_OF_RANGE site.flavors.big.cores',
      'parts/flavors.yaml 3:30 SCENARIO_BAD_UNIT site.flavors.big.memory',
      'parts/flavors.yaml 3:33 SCENARIO_UNKNOWN_KEY site.flavors.big.disc',
    ]);
  });

  it.each([
    ['99999999', 'SCENARIO_OUT_OF_RANGE', '', 'at most 250000'],
    ['-1', 'SCENARIO_OUT_OF_RANGE', '', 'at least 0'],
    ['1.5', 'SCENARIO_WRONG_TYPE', '', 'a whole number'],
    ['[a, 3]', 'SCENARIO_WRONG_TYPE', '[1]', 'text'],
    ['"4"', 'SCENARIO_WRONG_TYPE', '', 'a whole number, or a list'],
  ])('of a value of several forms are about the one that was meant: %s', async (value, ...what) => {
    const [code, at, expected] = what;
    const site = `{ flavors: { f: { cores: 1, memory: 1GiB } }, racks: [{ name: r, machines: { f: ${value} } }] }`;
    const [found, ...others] = problemsOf(await load(main(yaml({ site }))));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ code, path: `site.racks[0].machines.f${at}` });
    expect(found.expected).toContain(expected);
  });

  it('of malformed YAML come with those that stand before it, and no others', async () => {
    const text = 'version: 1\nname: 5\nsite: { racks: 1 }\n  seed: 1\nduration: 5\n';
    const found = problemsOf(await load(main(text))).map((p) => p.code);
    expect(new Set(found)).toEqual(new Set(['SCENARIO_WRONG_TYPE', 'SCENARIO_YAML_SYNTAX']));
  });

  it('say what was expected and what was found', async () => {
    const [problem] = problemsOf(await load(main(yaml({ duration: '5' }))));
    expect(problem).toMatchObject({
      expected: 'a duration with its unit, such as 5m, 1h30m, 2d or 1y',
      found: 'the number 5',
      hint: 'add the unit: did you mean 5s?',
      source: 'duration: 5',
      width: 1,
    });
  });

  it('give a hint for a value that YAML reads as a number', async () => {
    const stack = '{ operating_system: { release: 24.04 } }';
    const [problem] = problemsOf(await load(main(yaml({ stack }))));
    expect(problem.hint).toBe('put it in quotes: "24.04"');
  });

  it('are not repeated for what depends on a parameter without value', async () => {
    const text = yaml({
      parameters: '{ n: { type: integer, required: true }, d: { type: duration, required: true } }',
      seed: reference('n'),
      duration: reference('d'),
    });
    const found = problemsOf(await load(main(text))).map((p) => p.code);
    expect(found).toEqual(['SCENARIO_PARAMETER_REQUIRED', 'SCENARIO_PARAMETER_REQUIRED']);
  });
});
