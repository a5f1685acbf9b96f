/** What the tests of all machines share: walks, and what holds for every kind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../engine/compile.ts';
import { UNHANDLED } from '../../engine/tables.ts';
import type { KindDefinition, StateConfig } from '../../model/kind.ts';
import { EngineRun, XStateRun } from './xstate-twin.ts';

/** Lengths of timeouts that differ from each other, in seconds. */
const lengthOf = (name: string): number =>
  5 + [...name].reduce((sum, c, i) => sum + (c.charCodeAt(0) * (i + 7)) / 1009, 0);

/**
 * Sends the events of `path` (words separated by spaces; `+7s` lets seconds pass) to a new entity
 * of a kind and returns the states it went through, the initial one first.
 */
export function walk(kind: KindDefinition, path: string): string[] {
  const run = new EngineRun(kind, lengthOf);
  const states = [run.view().state];
  let now_s = 0;
  for (const word of path.split(' ').filter((w) => w !== '')) {
    if (word.startsWith('+')) {
      now_s += Number.parseFloat(word.slice(1));
      run.advance(now_s);
    } else {
      run.send(word);
    }
    const { state } = run.view();
    if (state !== states.at(-1)) states.push(state);
  }
  return states;
}

/** The last state of `walk`. */
export const endOf = (kind: KindDefinition, path: string): string => walk(kind, path).at(-1)!;

function leaves(state: StateConfig, path: string, tags: readonly string[], into: string[]): void {
  const own = [...tags, ...(state.tags ?? [])];
  const children = Object.entries(state.states ?? {});
  if (children.length === 0) {
    const classes = own.filter((t) => t !== 'serving');
    if (classes.length !== 1) into.push(`${path} has classes [${classes}]`);
    if (!state.description) into.push(`${path} has no description`);
  }
  for (const [name, child] of children) leaves(child, `${path}.${name}`, own, into);
}

interface Expectations {
  /** Random sequences that are compared with XState. */
  readonly runs: number;
  /** States of regions that never meet. */
  readonly unreachable?: RegExp;
}

/** What holds for every kind of a layer. */
export function describeKinds(
  kinds: readonly KindDefinition[],
  { runs, unreachable }: Expectations,
): void {
  describe.each(kinds.map((k) => [k.kind, k] as const))('%s', (_, kind) => {
    it('is complete: classes, descriptions, reasons, an answer to every event', () => {
      expectComplete(kind);
    });
    it('has no state that cannot be reached', () => {
      expect(unreachableStates(kind).filter((name) => !unreachable?.test(name))).toEqual([]);
    });
    it('equals XState', () => {
      expectLikeXState(kind, runs);
    });
  });
}

/** Every leaf has one class and a description; every event has an answer in every state. */
function expectComplete(kind: KindDefinition): void {
  const problems: string[] = [];
  leaves(kind.machine, kind.kind, [], problems);
  const model = compileModel([kind], []);
  const { events, firstState, stateCount } = model.kinds[0];
  for (let s = firstState; s < firstState + stateCount; s++) {
    for (const e of events) {
      const entry = model.table[s * model.eventNames.length + e];
      if (entry === UNHANDLED && !isTimeout(kind.machine, model.eventNames[e])) {
        problems.push(`${model.stateNames[s]} has no answer to ${model.eventNames[e]}`);
      }
    }
  }
  for (let i = 1; i < model.reasons.length; i++) {
    if (model.reasons[i] === '') problems.push(`${kind.kind}: transition ${i} has no reason`);
  }
  expect(problems).toEqual([]);
}

function isTimeout(state: StateConfig, event: string): boolean {
  if (state.after && Object.hasOwn(state.after, event)) return true;
  return Object.values(state.states ?? {}).some((child) => isTimeout(child, event));
}

/** Every state can be reached from the initial one by events and timeouts. */
function unreachableStates(kind: KindDefinition): string[] {
  const model = compileModel([kind], []);
  const { firstState, stateCount, initialState } = model.kinds[0];
  const seen = new Set([initialState]);
  const queue = [initialState];
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    for (let e = 0; e < model.eventNames.length; e++) {
      let candidate = model.table[s * model.eventNames.length + e];
      for (; candidate > 0; candidate = model.candidates[candidate * 4 + 3]) {
        const to = model.candidates[candidate * 4 + 1];
        if (!seen.has(to)) queue.push(to);
        seen.add(to);
      }
    }
  }
  const all = Array.from({ length: stateCount }, (_, i) => firstState + i);
  return all.filter((s) => !seen.has(s)).map((s) => model.stateNames[s]);
}

/** The compiled tables and XState's `transition()` agree over random event sequences. */
function expectLikeXState(kind: KindDefinition, runs: number): void {
  const model = compileModel([kind], []);
  const alphabet = model.eventNames.filter((name) => !isTimeout(kind.machine, name));
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.nat(alphabet.length - 1) },
    { weight: 1, arbitrary: fc.integer({ min: -40, max: -1 }) },
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const reference = new XStateRun(kind, lengthOf);
      const compiled = new EngineRun(kind, lengthOf);
      let now_s = 0;
      for (const s of steps) {
        if (s < 0) {
          now_s -= s;
          reference.advance(now_s);
          compiled.advance(now_s);
        } else {
          reference.send(alphabet[s]);
          compiled.send(alphabet[s]);
        }
        const { timers, ...expected } = reference.view();
        const { timers: _, pending, ...actual } = compiled.view();
        expect(actual).toEqual(expected);
        expect(pending).toBe(timers.length);
      }
    }),
    { numRuns: runs },
  );
}
