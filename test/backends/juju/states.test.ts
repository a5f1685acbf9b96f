import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelContents } from '../../../backends/juju/inventory.ts';
import {
  actionState,
  applicationState,
  machineState,
  modelState,
  relationState,
  unitState,
} from '../../../backends/juju/states.ts';
import { fullStatusShape, type UnitStatus } from '../../../backends/juju/status.ts';
import { compileModel } from '../../../engine/compile.ts';
import { KINDS } from '../../../model/orchestration/index.ts';

const STATES = new Set(compileModel(KINDS, []).stateNames);

/** Every word that Juju has for these (core/status). */
const AGENT = ['allocating', 'error', 'failed', 'rebooting', 'executing', 'idle', 'lost'];
const WORKLOAD = [
  ...['blocked', 'maintenance', 'waiting', 'active', 'unknown', 'terminated', 'error'],
];
const MACHINE = ['error', 'started', 'pending', 'stopped', 'down'];
const INSTANCE = ['', 'pending', 'provisioning error', 'allocating', 'running', 'error', 'unknown'];
const MODEL = ['available', 'busy', 'destroying', 'suspended', 'error'];
const RELATION = ['joining', 'joined', 'broken', 'suspending', 'suspended', 'error'];
const ACTION = [
  ...['pending', 'running', 'completed', 'failed', 'cancelled', 'aborting', 'aborted', 'error'],
];
const HOOKS = [
  ...['install', 'leader-elected', 'config-changed', 'start', 'update-status', 'upgrade-charm'],
  ...['stop', 'remove', 'collect-metrics', 'secret-changed', 'data-storage-attached'],
  ...['db-relation-created', 'db-relation-joined', 'db-relation-changed', 'db-relation-broken'],
];
const INFOS = [
  '',
  ...HOOKS.map((hook) => `running ${hook} hook`),
  'running db-relation-joined hook for mysql/0',
  'running action backup',
  'running commands',
];
const LIFE = ['', 'alive', 'dying'];

const status = (words: readonly string[], infos: readonly string[] = ['', 'anything']) =>
  fc.record({
    status: fc.constantFrom(...words),
    info: fc.constantFrom(...infos),
    life: fc.constantFrom(...LIFE),
    since: fc.constant(''),
  });

const unit: fc.Arbitrary<UnitStatus> = fc.record({
  'agent-status': status(AGENT, INFOS),
  'workload-status': status(WORKLOAD),
  'workload-version': fc.constant(''),
  machine: fc.constant('0'),
  'public-address': fc.constant(''),
  charm: fc.constantFrom('', 'local:other-1'),
  leader: fc.boolean(),
  subordinates: fc.constant(new Map<string, UnitStatus>()),
});

describe('whatever Juju says is a state of the machine:', () => {
  it('units', () => {
    const before = fc.constantFrom(
      '',
      'allocating+waiting',
      'executing.install+waiting',
      'idle+active',
    );
    fc.assert(
      fc.property(unit, before, (each, was) => {
        expect(STATES).toContain(`unit/${unitState(each, was)}`);
      }),
    );
  });

  it('applications', () => {
    const application = fc.record({
      ...{ charm: fc.constant('local:web-0'), 'charm-channel': fc.constant('') },
      ...{ base: fc.constant(''), exposed: fc.boolean(), life: fc.constantFrom(...LIFE) },
      status: status([...WORKLOAD, 'unset', '']),
      'subordinate-to': fc.constant<string[]>([]),
      units: fc
        .array(unit, { maxLength: 3 })
        .map((all) => new Map(all.map((u, n) => [`web/${n}`, u]))),
      ...{ 'workload-version': fc.constant(''), int: fc.constant(undefined) },
    });
    fc.assert(
      fc.property(application, (each) => {
        expect(STATES).toContain(`application/${applicationState(each)}`);
      }),
    );
  });

  it('machines', () => {
    const rest = { 'dns-name': '', 'instance-id': '', hostname: '', base: '', constraints: '' };
    const machine = fc.record({
      ...{ 'agent-status': status(MACHINE), 'instance-status': status(INSTANCE) },
    });
    fc.assert(
      fc.property(machine, (each) => {
        const whole = { ...each, ...rest, hardware: '', containers: new Map() };
        expect(STATES).toContain(`juju-machine/${machineState(whole)}`);
      }),
    );
  });

  it.each([
    ['model', [...MODEL, ''], (word: string, life: string) => modelState(word, life)],
    [
      'relation',
      [...RELATION, ''],
      (word: string, life: string) => relationState({ status: word, info: '', life, since: '' }),
    ],
    ['action', [...ACTION, ''], (word: string) => actionState(word)],
  ] as const)('%ss', (kind, words, stateOf) => {
    for (const word of words) {
      for (const life of LIFE) expect(STATES).toContain(`${kind}/${stateOf(word, life)}`);
    }
  });
});

describe('the agent of a unit', () => {
  const stateOf = (info: string, before = '', life = '') =>
    unitState(
      {
        'agent-status': { status: 'executing', info, life, since: '' },
        'workload-status': { status: 'active', info: '', life: '', since: '' },
        ...{ 'workload-version': '', machine: '', 'public-address': '', charm: '', leader: false },
        subordinates: new Map(),
      },
      before,
    );

  it.each([
    ['running install hook', '', 'executing.install'],
    ['running config-changed hook', 'executing.install+maintenance', 'executing.config_changed'],
    ['running leader-elected hook', 'executing.install+maintenance', 'executing.config_changed'],
    ['running config-changed hook', 'idle+active', 'executing.update_config'],
    ['running update-status hook', 'idle+active', 'executing.update_config'],
    ['running start hook', '', 'executing.start'],
    ['running upgrade-charm hook', '', 'executing.upgrade_charm'],
    ['running action backup', '', 'executing.action'],
    ['running my-db-relation-changed hook', '', 'executing.relation_changed'],
  ])('%s after %j: %s', (info, before, state) => {
    expect(stateOf(info, before)).toBe(`${state}+active`);
  });

  it('stops, whatever its hook, when its life is dying', () => {
    expect(stateOf('running db-relation-broken hook', 'idle+active', 'dying')).toBe(
      'executing.stop+active',
    );
  });

  it('keeps a word that nobody knows, for the divergence that it is', () => {
    expect(actionState('juggling')).toBe('juggling');
    expect(actionState('x'.repeat(1_000))).toHaveLength(40);
  });
});

it('lists subordinates and containers with what they are on', () => {
  const idle = { 'agent-status': { status: 'idle' }, 'workload-status': { status: 'active' } };
  const up = { 'agent-status': { status: 'started' }, 'instance-status': { status: 'running' } };
  const status = fullStatusShape.parse({
    model: { name: 'm', 'model-status': { status: 'available' } },
    applications: {
      web: { status: {}, units: { 'web/0': { ...idle, subordinates: { 'logs/0': idle } } } },
      logs: { status: {}, 'subordinate-to': ['web'], units: null },
    },
    machines: { 0: { ...up, containers: { '0/lxd/1': up } } },
    relations: null,
  });
  const seen = modelContents('m', status, { before: () => undefined, called: (id) => id });
  expect(seen.map(({ entity, kind, state }) => `${kind}/${entity} ${state}`)).toEqual([
    'unit/web/0 idle+active',
    'unit/logs/0 idle+active',
    'application/web unknown+steady',
    'application/logs unknown+steady',
    'juju-machine/0 started',
    'juju-machine/0/lxd/1 started',
  ]);
  expect(seen[1].attributes).toMatchObject({ application: 'logs', principal: 'web/0' });
});
