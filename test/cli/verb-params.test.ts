/** What operations tell real systems is held against the tables of their drivers before anything is done. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRIVERS } from '../../backends/catalogue.ts';
import { askDrivers } from '../../cli/live/verb-params.ts';
import { FURTHER_VERBS } from '../../model/driver-verbs.ts';
import type { DriverName } from '../../model/drivers.ts';
import { brief, load, problemsOf } from '../scenarios/support.ts';

const LAB = readFileSync('scenarios/lab-domain.yaml', 'utf8');
const HEAD = LAB.slice(0, LAB.indexOf('live:'));

/** The problems of one operation, of a scenario that drives these systems. */
async function problems(
  drivers: readonly DriverName[],
  operation: Readonly<Record<string, unknown>>,
  named: readonly string[] = [],
): Promise<readonly string[]> {
  const live = Object.fromEntries(drivers.map((driver) => [driver, {}]));
  const domains = { vm: { vcpus: 1, memory: '128MiB' } };
  const workload = { domains, operations: [operation] };
  const text = `${HEAD}live: ${JSON.stringify(live)}\nworkload: ${JSON.stringify(workload)}\n`;
  const result = await load({ 'main.yaml': text }, { drivers: askDrivers(named) });
  return problemsOf(result).map((each) => brief(each).replace(/^\d+:\d+ /, ''));
}

const WITH = 'workload.operations[0].with';
const disk = { entity: 'domain/vm', do: 'attach_disk' };

describe('a further verb', () => {
  it.each([
    ['what it takes', { source: '/a', target: 'vdb' }, []],
    ['nothing', {}, [`MISSING_KEY ${WITH}.source`, `MISSING_KEY ${WITH}.target`]],
    ['a key too many', { source: '/a', target: 'vdb', size: 1 }, [`UNKNOWN_KEY ${WITH}.size`]],
    ['another type', { source: 7, target: 'vdb' }, [`WRONG_TYPE ${WITH}.source`]],
    ['no choice', { source: '/a', target: 'vdb', bus: 'usb' }, [`BAD_CHOICE ${WITH}.bus`]],
    ['another form', { source: 'a', target: 'vdb' }, [`BAD_FORMAT ${WITH}.source`]],
    ['an optional one left empty', { source: '/a', target: 'vdb', bus: '' }, []],
    ['a required one left empty', { source: '', target: 'vdb' }, [`WRONG_TYPE ${WITH}.source`]],
  ])('is told %s', async (_, given, expected) => {
    const found = await problems(['libvirt'], { ...disk, with: given });
    expect(found).toEqual(expected.map((each) => `SCENARIO_${each}`));
  });

  it('is not looked at where no system that is driven has it', async () => {
    expect(await problems(['ceph'], { ...disk, with: { nonsense: 1 } })).toEqual([]);
    expect(await problems([], { ...disk, with: { nonsense: 1 } })).toEqual([]);
  });

  it('is looked at for systems of the command line as well', async () => {
    const found = await problems([], { ...disk, with: { nonsense: 1 } }, ['libvirt:uri=test:///x']);
    expect(found).toContain(`SCENARIO_UNKNOWN_KEY ${WITH}.nonsense`);
  });
});

describe('an event of a machine', () => {
  const define = { entity: 'domain/vm', do: 'define', until: 'shutoff' };

  it('is told what any verb takes that the machine may request', async () => {
    expect(await problems(['libvirt'], { ...define, with: { vcpus: 2 } })).toEqual([]);
    expect(await problems(['libvirt'], { ...define, with: { vcpu: 2, arch: 1 } })).toEqual([
      `SCENARIO_UNKNOWN_KEY ${WITH}.vcpu`,
      `SCENARIO_WRONG_TYPE ${WITH}.arch`,
    ]);
  });

  it('is told what the verb of its name needs', async () => {
    const extend = { entity: 'volume/v', do: 'extend', until: 'available' };
    expect(await problems(['openstack'], extend)).toEqual([
      `SCENARIO_MISSING_KEY ${WITH}.size_bytes`,
    ]);
    const size = { with: { size_bytes: 2 ** 31 } };
    expect(await problems(['openstack'], { ...extend, ...size })).toEqual([]);
    const resize = { entity: 'server/s', do: 'resize', until: 'resized' };
    expect(await problems(['openstack'], resize)).toEqual([`SCENARIO_MISSING_KEY ${WITH}.flavor`]);
  });

  it('is told nothing of a kind whose verbs take nothing', async () => {
    const operation = { entity: 'snapshot/vm/a', do: 'delete', until: 'deleted' };
    expect(await problems(['libvirt'], { ...operation, with: { depth: 1 } })).toEqual([
      `SCENARIO_UNKNOWN_KEY ${WITH}.depth`,
    ]);
    expect(await problems(['libvirt'], operation)).toEqual([]);
  });
});

/** Every further verb of every driver. */
const ALL = Object.entries(FURTHER_VERBS).flatMap(([driver, kinds]) =>
  Object.entries(kinds).flatMap(([kind, verbs]) =>
    (verbs as readonly string[]).map((verb) => ({ driver: driver as DriverName, kind, verb })),
  ),
);

it('no further verb of any driver is told what it does not take', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ALL),
      fc.stringMatching(/^x[a-z]{1,9}$/),
      async (of, key) => {
        const table = (await DRIVERS[of.driver]()).params[of.kind]?.[of.verb];
        const operation = { entity: `${of.kind}/x`, do: of.verb, with: { [key]: 1 } };
        const found = await problems([of.driver], operation);
        fc.pre(!(key in (table?.shape ?? {})));
        expect(found).toContain(`SCENARIO_UNKNOWN_KEY ${WITH}.${key}`);
      },
    ),
    { numRuns: 60 },
  );
});

describe('keys of what a real system is told', () => {
  const vip = (key: string) => ({
    ...{ entity: 'load-balancer/lb', do: 'update', until: 'active' },
    with: { vips: { [key]: '10.0.1.2:80' } },
  });

  it('are those of the system', async () => {
    for (const key of ['10.0.0.9:80', 'app.kubernetes.io/name', 'a b', '[fd00::9]:80']) {
      expect(await problems(['ovn'], vip(key)), key).toEqual([]);
    }
  });

  it.each(['constructor', 'x'.repeat(318), '', '<<'])('are not %j', async (key) => {
    expect(await problems(['ovn'], vip(key))).toEqual([`SCENARIO_BAD_KEY ${WITH}.vips`]);
  });

  it('of the parameters themselves are names', async () => {
    const operation = { ...vip('a'), with: { 'a b': 1 } };
    expect(await problems(['ovn'], operation)).toEqual([`SCENARIO_BAD_KEY ${WITH}`]);
  });
});
