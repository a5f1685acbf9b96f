/** Random machines within the DSL: up to two regions, two levels, guards, counters, timeouts. */
import fc from 'fast-check';
import {
  type ActionRef,
  add,
  atLeast,
  below,
  type GuardRef,
  type KindSpec,
  request,
  type StateConfig,
  set,
  type TransitionConfig,
} from '../../model/kind.ts';

const EVENTS = ['e0', 'e1', 'e2', 'e3'] as const;

const action: fc.Arbitrary<ActionRef> = fc.oneof(
  fc.integer({ min: 0, max: 3 }).map((v) => set('n', v)),
  fc.integer({ min: -2, max: 2 }).map((v) => add('n', v)),
);
const guard: fc.Arbitrary<GuardRef | undefined> = fc.option(
  fc.oneof(
    fc.integer({ min: -1, max: 3 }).map((v) => below('n', v)),
    fc.integer({ min: -1, max: 3 }).map((v) => atLeast('n', v)),
  ),
  { nil: undefined },
);

function transitionTo(targets: readonly string[]): fc.Arbitrary<TransitionConfig> {
  return fc.record(
    {
      target: fc.option(fc.constantFrom(...targets), { nil: undefined }),
      guard,
      actions: fc.array(action, { maxLength: 2 }),
      reenter: fc.option(fc.constant(true as const), { nil: undefined }),
      description: fc.constant('because'),
    },
    { requiredKeys: ['actions', 'description'] },
  ) as fc.Arbitrary<TransitionConfig>;
}

const handlers = (targets: readonly string[]): fc.Arbitrary<Record<string, TransitionConfig[]>> =>
  fc.dictionary(
    fc.constantFrom(...EVENTS),
    fc.array(transitionTo(targets), { minLength: 1, maxLength: 2 }),
    { maxKeys: 3 },
  );

function leaf(targets: readonly string[], verb: string, delay: string): fc.Arbitrary<StateConfig> {
  return fc
    .record({
      on: handlers(targets),
      asks: fc.boolean(),
      timeout: fc.option(fc.array(transitionTo(targets), { minLength: 1, maxLength: 2 }), {
        nil: undefined,
      }),
    })
    .map(({ on, asks, timeout }) => ({
      tags: ['stable'] as const,
      on,
      ...(asks ? { entry: request(verb) } : {}),
      ...(timeout ? { after: { [delay]: timeout } } : {}),
    }));
}

/** A region: leaves a and b, and a compound c with leaves x and y. */
function region(prefix: string): fc.Arbitrary<StateConfig> {
  const ids = ['a', 'b', 'c', 'c.x', 'c.y'].map((s) => `#k.${prefix}${s}`);
  return fc
    .record({
      a: leaf(ids, 'va', `${prefix[0] ?? 'q'}a`),
      b: leaf(ids, 'vb', `${prefix[0] ?? 'q'}b`),
      x: leaf(ids, 'vx', `${prefix[0] ?? 'q'}x`),
      y: leaf(ids, 'vy', `${prefix[0] ?? 'q'}y`),
      on: handlers(ids),
    })
    .map(({ a, b, x, y, on }) => ({
      initial: 'a',
      states: { a, b, c: { initial: 'x', on, states: { x, y } } },
    }));
}

/** A random machine; its events, states and timeouts have short fixed names. */
export function randomKind(): fc.Arbitrary<KindSpec> {
  const flat = region('');
  const parallel = fc
    .record({
      p: region('p.'),
      q: region('q.'),
      on: handlers(['#k.p.b', '#k.q.c']),
      both: fc.boolean(),
    })
    .map(({ p, q, on, both }): StateConfig => {
      const targets = { target: ['#k.p.c.y', '#k.q.b'], description: 'both at once' };
      return {
        type: 'parallel',
        on: both ? { ...on, e3: targets } : on,
        states: { p, q },
      };
    });
  return fc.oneof(flat, parallel).map((machine) => ({
    kind: 'k',
    layer: 'sds',
    describes: 'random',
    source: 'random',
    slots: { n: 0 },
    ignores: EVENTS,
    machine,
  }));
}
