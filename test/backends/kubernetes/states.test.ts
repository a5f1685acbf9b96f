import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS, type Kind } from '../../../backends/kubernetes/kinds.ts';
import type { AnyObject } from '../../../backends/kubernetes/objects.ts';
import { type Context, observationOf } from '../../../backends/kubernetes/observation.ts';
import { cpu_m, quantity } from '../../../backends/kubernetes/quantity.ts';
import { verbsOf } from '../../../backends/kubernetes/verbs.ts';
import { compileModel } from '../../../engine/compile.ts';
import type { Observation } from '../../../engine/contract.ts';
import { KINDS as DEFINITIONS } from '../../../model/caas/index.ts';

const model = compileModel(DEFINITIONS, []);

const context = (more: Partial<Context> & { nodes?: readonly AnyObject[] } = {}): Context => ({
  related: {
    node: (name) => more.nodes?.find(({ metadata }) => metadata?.name === name) as never,
    podsOn: () => [],
    slicesOf: () => [],
  },
  before: () => undefined,
  drainOf: () => undefined,
  ...more,
});

const stateOf = (kind: Kind, object: object, more?: Parameters<typeof context>[0]) =>
  observationOf(kind, { metadata: { name: 'x' }, ...object } as AnyObject, context(more)).state;

/** Words that the API puts into statuses, and some that it does not. */
const word = fc.constantFrom(
  ...['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown', 'Bound', 'Lost', 'Strange', ''],
);
const condition = fc.record({
  type: fc.constantFrom(
    ...['Ready', 'Available', 'Progressing', 'PodScheduled', 'Complete', 'Failed', 'Resizing'],
    ...['ScalingActive', 'ScalingLimited', 'AbleToScale', 'ReplicaFailure'],
  ),
  status: fc.constantFrom('True', 'False', 'Unknown'),
  reason: fc.constantFrom(
    'Unschedulable',
    'ProgressDeadlineExceeded',
    'ScaleDownStabilized',
    'Other',
  ),
});
const small = fc.option(fc.nat(3), { nil: undefined });
const terminated = fc.record({
  exitCode: fc.nat(255),
  reason: fc.constantFrom('Completed', 'Error', 'OOMKilled'),
});
const container = fc.record({
  state: fc.oneof(
    fc.constant({}),
    fc.record({ running: fc.constant({}) }),
    fc.record({ terminated }),
    fc.record({
      waiting: fc.record({
        reason: fc.constantFrom(
          ...['CrashLoopBackOff', 'ErrImagePull', 'ImagePullBackOff', 'CreateContainerError'],
          ...['ContainerCreating', 'PodInitializing', 'NobodyKnows'],
        ),
      }),
    }),
  ),
  lastState: fc.oneof(fc.constant({}), fc.record({ terminated })),
  restartCount: fc.nat(5),
});
const object = fc.record({
  metadata: fc.record({
    name: fc.constant('x'),
    generation: small,
    deletionTimestamp: fc.option(fc.constant('2026-01-01T00:00:00Z'), { nil: undefined }),
    annotations: fc.constantFrom({}, { 'deployment.kubernetes.io/revision': '3' }),
  }),
  spec: fc.record({
    replicas: small,
    paused: fc.boolean(),
    suspend: fc.boolean(),
    unschedulable: fc.boolean(),
    nodeName: fc.constantFrom(undefined, 'n1'),
    template: fc.constant({}),
    containers: fc.constant([]),
    scaleTargetRef: fc.constant({ kind: 'Deployment', name: 'd' }),
  }),
  status: fc.record({
    phase: word,
    reason: fc.constantFrom(undefined, 'Evicted', 'DeadlineExceeded', 'NodeLost'),
    conditions: fc.array(condition, { maxLength: 4 }),
    containerStatuses: fc.array(container, { maxLength: 3 }),
    observedGeneration: small,
    ...{ replicas: small, readyReplicas: small, updatedReplicas: small, availableReplicas: small },
    ...{ numberReady: small, desiredNumberScheduled: small, updatedNumberScheduled: small },
    ...{ currentReplicas: small, desiredReplicas: small, disruptionsAllowed: small },
    ...{ currentHealthy: small, desiredHealthy: small },
  }),
});

describe('whatever the API says', () => {
  it.each(KINDS)('of a %s is a state of its machine', (kind) => {
    const before = fc.constantFrom<Observation | undefined>(undefined, {
      ...{ kind, entity: 'x', state: 'ready', attributes: { replicas: 1 } },
    });
    fc.assert(
      fc.property(object, before, (seen, known) => {
        const state = stateOf(kind, seen, { before: () => known });
        expect(model.stateNames).toContain(`${kind}/${state}`);
      }),
    );
  });

  it('has verbs for everything that machines request of the cluster', () => {
    const requested = model.verbNames.map((name) => name.split('.'));
    for (const [kind, verb] of requested) {
      if (kind === 'cluster-autoscaler') continue; // a program of its own, not an object
      expect(verbsOf(kind as Kind), `${kind}.${verb}`).toContain(verb);
    }
  });
});

describe('pods', () => {
  const pod = (phase: string, state: object, lastState: object = {}, more: object = {}) => ({
    spec: { nodeName: 'n1', containers: [] },
    status: { phase, containerStatuses: [{ state, lastState, restartCount: 0 }], ...more },
  });
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

  it.each([
    ['Running.Started+Ready', pod('Running', { running: {} }, {}, ready)],
    ['Running.Started+NotReady', pod('Running', { running: {} })],
    [
      'Running.CrashLoopBackOff+NotReady',
      pod('Running', { waiting: { reason: 'CrashLoopBackOff' } }),
    ],
    [
      'Running.OOMKilled+NotReady',
      pod('Running', { terminated: { exitCode: 137, reason: 'OOMKilled' } }),
    ],
    ['Pending.ErrImagePull+NotReady', pod('Pending', { waiting: { reason: 'ErrImagePull' } })],
    [
      'Pending.ContainerCreating+NotReady',
      pod('Pending', { waiting: { reason: 'ContainerCreating' } }),
    ],
    ['Failed.Evicted+NotReady', pod('Failed', {}, {}, { reason: 'Evicted' })],
  ])('%s', (state, object) => expect(stateOf('pod', object)).toBe(state));

  it('of a silent node are lost, not merely unready', () => {
    const node = {
      metadata: { name: 'n1' },
      status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
    };
    const running = pod('Running', { running: {} });
    expect(stateOf('pod', running, { nodes: [node] })).toBe('Running.Started+NodeLost');
  });
});

describe('deployments', () => {
  const deployment = (status: object, spec: object = {}) => ({
    spec: { replicas: 2, template: {}, ...spec },
    status: { observedGeneration: 1, ...status },
  });
  const whole = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  const available = { conditions: [{ type: 'Available', status: 'True' }] };

  it.each([
    ['complete+Available', deployment({ ...whole, ...available })],
    ['scaling+Unavailable', deployment({ replicas: 1, updatedReplicas: 1 })],
    [
      'rolling_out+Available',
      deployment({ ...whole, replicas: 3, updatedReplicas: 1, ...available }),
    ],
    ['paused+Available', deployment({ ...whole, ...available }, { paused: true })],
    [
      'failed+Unavailable',
      deployment({
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      }),
    ],
  ])('%s', (state, object) => expect(stateOf('deployment', object)).toBe(state));
});

describe('services', () => {
  const node = (name: string, ready: string) => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  });
  const nodes = [node('up', 'True'), node('silent', 'Unknown')];
  const on = (...names: string[]) => [
    { endpoints: names.map((nodeName) => ({ nodeName, conditions: { ready: true } })) },
  ];

  it.each([
    ['no_endpoints', []],
    ['available', on('up', 'up')],
    ['degraded', on('up', 'silent')],
    ['blackholed', on('silent')],
  ])('%s', (state, slices) => {
    const known = context({ nodes });
    const related = { ...known.related, slicesOf: () => slices as never };
    expect(stateOf('service', { spec: { type: 'ClusterIP' } }, { related })).toBe(state);
  });
});

describe('quantities', () => {
  it.each([
    ['128Mi', 134_217_728],
    ['1.5Gi', 1_610_612_736],
    ['2', 2],
    ['5k', 5000],
    ['1e3', 1000],
    ['250m', 0.25],
    ['12E', 12e18],
  ])('%s', (text, number) => expect(quantity(text)).toBeCloseTo(number, 6));

  it.each(['', 'a', '1Zi', '1.2.3', '--1', '1 Gi'])('"%s" is none', (text) =>
    expect(quantity(text)).toBeUndefined(),
  );

  it('of CPUs are thousandths, rounded up', () => {
    expect(cpu_m('250m')).toBe(250);
    expect(cpu_m('1.5')).toBe(1500);
    expect(cpu_m('100u')).toBe(1);
    fc.assert(fc.property(fc.nat(100_000), (n) => cpu_m(`${n}m`) === n));
  });
});
