/** What is said of mistakes in what operations tell real systems: in the words of whoever wrote them. */
import { describe, expect, it, test } from 'vitest';
import type { z } from 'zod';
import { DRIVERS } from '../../backends/catalogue.ts';
import { DRIVER_NAMES, type DriverName } from '../../model/drivers.ts';
import type { Problem } from '../../scenarios/index.ts';
import { sourceFile } from '../../scenarios/tree.ts';
import { problemsIn } from '../../scenarios/validate.ts';
import { parseYaml } from '../../scenarios/yaml.ts';

/** What is wrong with what a verb is told. */
function mistakes(schema: z.ZodObject, told: unknown): readonly Problem[] {
  const { tree } = parseYaml(sourceFile('main.yaml', '', JSON.stringify(told)));
  const { error } = schema.strict().safeParse(told);
  if (tree === undefined || error === undefined) return [];
  return problemsIn(error, { tree, at: [], schema });
}

type Mistake = readonly [
  verb: `${DriverName} ${string} ${string}`,
  told: Readonly<Record<string, unknown>>,
  path: string,
  message: string,
  expected: string,
];

const SERVER = { flavor: 'small', image: 'ubuntu' };
const CARD = { network: 'lan', mac: '52:54:00:0A:0B:0C' };
const NAT = { type: 'snat', external_ip: '192.0.2.1', logical_ip: '10.0.0.1', router: 'r' };
const LIST = 'a list (lines that start with -)';
const SCALAR = 'text, a number, or true or false';

const MISTAKES: readonly Mistake[] = [
  // A bound that is itself too small.
  [
    'openstack volume create',
    { size_bytes: 0 },
    'size_bytes',
    'the number is too small',
    'more than 0',
  ],
  // Values of several forms.
  [
    'openstack server create',
    { ...SERVER, networks: 'lan' },
    'networks',
    'not one of the choices',
    `one of auto, none, or ${LIST}`,
  ],
  ['openstack server create', { ...SERVER, networks: [1] }, 'networks[0]', 'wrong type', 'text'],
  [
    'openstack server create',
    { ...SERVER, networks: {} },
    'networks',
    'wrong type',
    `one of auto, none, or ${LIST}`,
  ],
  ['ceph pool set', {}, 'val', 'val is missing', SCALAR],
  ['ceph pool set', { val: [] }, 'val', 'wrong type', SCALAR],
  [
    'juju application deploy',
    { charm: 'mysql', config: { a: [1] } },
    'config.a',
    'wrong type',
    SCALAR,
  ],
  // One of two.
  ['ceph bucket put_object', { key: 'a' }, 'body', 'body is missing', 'body or file'],
  // Texts of a form: what the schema says of it, or the reference.
  [
    'libvirt domain attach_interface',
    CARD,
    'mac',
    'not of the form',
    'MAC address in the guest, such as 52:54:00:0a:0b:0c',
  ],
  ['libvirt domain define', { kernel: 'boot/x' }, 'kernel', 'not of the form', 'an absolute path'],
  ['libvirt domain define', { uuid: 'x' }, 'uuid', 'not of the form', 'a UUID'],
  [
    'ovn nat create',
    { ...NAT, external_mac: 'zz' },
    'external_mac',
    'not of the form',
    'a MAC address',
  ],
  [
    'juju application deploy',
    { charm: 'mysql', base: 'jammy' },
    'base',
    'not of the form',
    'base, such as ubuntu@22.04',
  ],
  [
    'libvirt migration prepare',
    { destination: 'test:///default', transport: 'udp' },
    'transport',
    'not of the form',
    'where the QEMU there listens, as seen from the source: tcp:HOST or unix:PATH',
  ],
];

test.each(MISTAKES)('%s is told %j', async (verb, told, path, message, expected) => {
  const [driver, kind, name] = verb.split(' ') as [DriverName, string, string];
  const schema = (await DRIVERS[driver]()).params[kind][name];
  const found = mistakes(schema, told).filter((problem) => problem.path === path);
  expect(found).toMatchObject([{ message, expected }]);
});

/** Hardly anything takes all of these. */
const ODD: readonly unknown[] = [
  null,
  '?',
  '',
  'Ab c',
  -1,
  0,
  1.5,
  1e9,
  true,
  [],
  [1],
  {},
  { a: [1] },
];

describe('every mistake that is made in what a verb is told', () => {
  it.each(DRIVER_NAMES)('says what %s expects', async (driver) => {
    const { params } = await DRIVERS[driver]();
    const schemas = new Set(Object.values(params).flatMap((kind) => Object.values(kind)));
    const problems = [...schemas].flatMap((schema) =>
      [undefined, ...ODD].flatMap((odd) => {
        const told = Object.keys(schema.shape).map((name) => [name, odd]);
        return mistakes(schema, JSON.parse(JSON.stringify(Object.fromEntries(told))));
      }),
    );
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) {
      expect(problem.expected ?? '', `${problem.path}: ${problem.message}`).toMatch(/\S/);
      // Zod's own words are about patterns and types.
      expect(problem.message).not.toMatch(/Invalid|pattern|expected/);
    }
  });
});
