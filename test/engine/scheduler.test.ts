import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../engine/scheduler.ts';

type Command =
  | { readonly op: 'after'; readonly delay_s: number; readonly chain?: number }
  | { readonly op: 'soon' }
  | { readonly op: 'cancel'; readonly which: number }
  | { readonly op: 'run'; readonly for_s: number };

const delay = fc.oneof(
  fc.constantFrom(0, 0, 1, 1, 2, 5),
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.double({ min: 0, max: 1e7, noNaN: true }),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('after' as const), delay_s: delay }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('after' as const), delay_s: delay, chain: delay }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('soon' as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cancel' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('run' as const),
      for_s: fc.double({ min: 0, max: 50, noNaN: true }),
    }),
  },
);

interface Waiting {
  readonly id: number;
  readonly time: number;
  readonly sequence: number;
  readonly chain?: number;
}

/** The same scheduler as a sorted list. */
class ListScheduler {
  now = 0;
  waiting: Waiting[] = [];
  readonly fired: string[] = [];
  #sequence = 0;

  add(id: number, delay_s: number, chain?: number): void {
    this.waiting.push({ id, time: this.now + delay_s, sequence: this.#sequence++, chain });
  }

  run(until_s: number): void {
    for (;;) {
      const due = this.waiting.filter((w) => w.time <= until_s);
      if (due.length === 0) break;
      const first = due.reduce((a, b) =>
        b.time < a.time || (b.time === a.time && b.sequence < a.sequence) ? b : a,
      );
      this.waiting = this.waiting.filter((w) => w !== first);
      this.now = Math.max(this.now, first.time);
      this.fired.push(`${first.id}@${this.now}`);
      if (first.chain !== undefined) this.add(-first.id, first.chain);
    }
    this.now = Math.max(this.now, until_s);
  }
}

function sameOrder(commands: readonly Command[], copies: number): void {
  const scheduler = new Scheduler(16);
  const list = new ListScheduler();
  const fired: string[] = [];
  const handles = new Map<number, number>();
  const chains = new Map<number, number>();
  const handler = scheduler.handler((id) => {
    fired.push(`${id}@${scheduler.now}`);
    handles.delete(id);
    const chain = chains.get(id);
    if (chain !== undefined) scheduler.after(chain, handler, -id);
  });
  let id = 0;
  for (const c of commands) {
    if (c.op === 'after') {
      for (let i = 0; i < copies; i++) {
        id++;
        const delay_s = c.delay_s * (1 + i / 7);
        if (c.chain !== undefined) chains.set(id, c.chain);
        handles.set(id, scheduler.after(delay_s, handler, id));
        list.add(id, delay_s, c.chain);
      }
    } else if (c.op === 'soon') {
      id++;
      scheduler.soon(handler, id);
      list.add(id, 0);
    } else if (c.op === 'cancel') {
      const ids = [...handles.keys()];
      if (ids.length === 0) continue;
      const victim = ids[c.which % ids.length];
      scheduler.cancel(handles.get(victim)!);
      handles.delete(victim);
      list.waiting = list.waiting.filter((w) => w.id !== victim);
    } else {
      const until_s = scheduler.now + c.for_s;
      scheduler.run(until_s);
      list.run(until_s);
    }
    expect(scheduler.pending).toBe(list.waiting.length);
  }
  scheduler.run(1e9);
  list.run(1e9);
  expect(fired).toEqual(list.fired);
}

describe('the future event list', () => {
  it('fires as a sorted list would, whatever is cancelled', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (c) => sameOrder(c, 1)),
      {
        numRuns: 500,
      },
    );
  });

  it('fires as a sorted list would when there are enough events for the wheel', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (c) => sameOrder(c, 60)),
      {
        numRuns: 60,
      },
    );
  });

  it('refuses delays that are no time', () => {
    const scheduler = new Scheduler();
    const handler = scheduler.handler(() => {});
    expect(() => scheduler.after(-1, handler)).toThrow(RangeError);
    expect(() => scheduler.after(Number.NaN, handler)).toThrow(RangeError);
    expect(() => scheduler.after(Number.POSITIVE_INFINITY, handler)).toThrow(RangeError);
  });
});
