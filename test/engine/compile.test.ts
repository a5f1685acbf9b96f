import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../engine/compile.ts';
import { defineKind, type KindSpec, type StateConfig } from '../../model/kind.ts';
import { randomKind } from '../support/random-kind.ts';
import { EngineRun, XStateRun } from '../support/xstate-twin.ts';

type Step = { readonly send: number } | { readonly wait_s: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ send: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ wait_s: fc.integer({ min: 1, max: 40 }) }) },
);

/** Lengths that differ from each other, so that two timers are never due at the same instant. */
const lengthOf = (name: string): number =>
  5 + [...name].reduce((sum, c, i) => sum + (c.charCodeAt(0) * (i + 7)) / 1009, 0);

function timeoutsOf(state: StateConfig): Set<string> {
  const inner = Object.values(state.states ?? {}).flatMap((child) => [...timeoutsOf(child)]);
  return new Set([...Object.keys(state.after ?? {}), ...inner]);
}

function sameBehaviour(spec: KindSpec, steps: readonly Step[]): void {
  const kind = defineKind(spec);
  const reference = new XStateRun(kind, lengthOf);
  const compiled = new EngineRun(kind, lengthOf);
  const { model } = compiled.engine;
  const timeouts = timeoutsOf(kind.machine);
  const alphabet = [...model.kinds[0].events]
    .map((e) => model.eventNames[e])
    .filter((name) => !timeouts.has(name));
  const check = () => {
    const { timers, ...expected } = reference.view();
    const { timers: _, pending, ...actual } = compiled.view();
    expect(actual).toEqual(expected);
    expect(pending).toBe(timers.length);
  };
  if (alphabet.length === 0) return;
  check();
  let now_s = 0;
  for (const s of steps) {
    if ('send' in s) {
      const event = alphabet[s.send % alphabet.length];
      reference.send(event);
      compiled.send(event);
    } else {
      now_s += s.wait_s;
      reference.advance(now_s);
      compiled.advance(now_s);
    }
    check();
  }
}

describe('the compiled tables equal XState', () => {
  it('on random machines: hierarchy, regions, guards, counters, timeouts, cancelled timers', () => {
    fc.assert(
      fc.property(randomKind(), fc.array(step, { minLength: 1, maxLength: 25 }), sameBehaviour),
      { numRuns: 1500 },
    );
  });
});

describe('what the tables cannot hold is refused', () => {
  const base = { kind: 'thing', layer: 'sds', describes: '', source: '' } as const;

  it('a state without a class', () => {
    const kind = defineKind({ ...base, machine: { initial: 'a', states: { a: {} } } });
    expect(() => compileModel([kind], [])).toThrow(/state 'a' is tagged none of/);
  });

  it('more timers at once than there is room for', () => {
    const on = { description: 'x' };
    const after = { t1: on, t2: on, t3: on, t4: on };
    const machine = { initial: 'a', states: { a: { tags: ['stable'], after } } } as const;
    expect(() => compileModel([defineKind({ ...base, machine })], [])).toThrow(/4 timers at once/);
  });
});
