/** Acts on one entity: never two at a time that the driver does not allow, in the order of asking. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ActOrder } from '../../backends/act-order.ts';
import type { Attempt } from '../../backends/driver.ts';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { BusyError } from '../../backends/fault.ts';
import type { Action, Observation, Outcome } from '../../engine/contract.ts';
import { SilentDriver } from './silent-driver.ts';

const VERBS = ['save', 'ask', 'cut', 'watch'] as const;
type Verb = (typeof VERBS)[number];
/** `cut` may begin while the guest was `ask`ed and has not reacted; nothing waits for `watch`. */
const ORDER: ActOrder = { interrupts: { cut: ['ask'] }, waits: ['watch'] };
const PLACES = 3;

interface Script {
  readonly entity: string;
  readonly verb: Verb;
  /** How long the system takes; what never ends is given up by its deadline. */
  readonly takes_ms: number;
  /** When it has had an effect; never, if that is later than its end. */
  readonly acts_ms: number;
  /** How long it takes to stop once it is told to. */
  readonly stops_ms: number;
  readonly ends: 'done' | 'fault' | 'busy';
  readonly deadline_ms: number;
}

interface Act {
  readonly script: Script;
  readonly outcomes: Outcome[];
  stage: 'asked' | 'begun' | 'settled';
  hasActed: boolean;
}

/** A driver that carries out what was written for an act, and notes what is wrong with its turn. */
class ScriptedDriver extends SilentDriver {
  readonly actions_max = PLACES;
  readonly acts: Act[] = [];
  readonly wrong: string[] = [];
  isClosed = false;

  verbs(): readonly string[] {
    return VERBS;
  }

  order(): ActOrder {
    return ORDER;
  }

  async perform({ key }: Action, attempt: Attempt): Promise<Observation | undefined> {
    const act = this.acts[Number(key)];
    const { acts_ms, ends, takes_ms, stops_ms } = act.script;
    this.#check(act);
    act.stage = 'begun';
    const acting = setTimeout(() => {
      act.hasActed = true;
      attempt.effect('unknown');
    }, acts_ms);
    await Promise.race([pause(takes_ms), aborted(attempt.signal).then(() => pause(stops_ms))]);
    clearTimeout(acting);
    act.stage = 'settled';
    if (ends === 'fault') throw new Error('refused');
    if (ends === 'busy') throw new BusyError('locked', 1);
    return undefined;
  }

  #check(act: Act): void {
    if (this.isClosed) this.wrong.push('began after it was closed');
    if (act.stage !== 'asked') this.wrong.push('began twice');
    if (act.outcomes.length > 0) this.wrong.push('began after it was answered');
    if (this.begun.length >= PLACES) this.wrong.push('more than there are places');
    for (const each of this.obstacles(act)) {
      // One that never begins was given up at this very moment: that is answered a moment later.
      if (each.stage === 'begun') this.wrong.push(`began while ${each.script.verb} was under way`);
    }
    const later = this.acts.slice(this.acts.indexOf(act) + 1);
    const isOvertaken = later.some(
      (each) => each.script.entity === act.script.entity && each.stage !== 'asked',
    );
    if (isOvertaken && act.script.verb !== 'watch') this.wrong.push('began after a later one');
  }

  get begun(): readonly Act[] {
    return this.acts.filter(({ stage }) => stage === 'begun');
  }

  /** What was asked for earlier on the same entity, has not ended, and may not be passed. */
  obstacles(act: Act): readonly Act[] {
    return this.acts.slice(0, this.acts.indexOf(act)).filter((earlier) => {
      const isOver =
        earlier.stage === 'settled' || (earlier.stage === 'asked' && earlier.outcomes.length > 0);
      if (earlier.script.entity !== act.script.entity || isOver) return false;
      if (earlier.script.verb === 'watch') return false;
      return !(act.script.verb === 'cut' && earlier.script.verb === 'ask' && earlier.hasActed);
    });
  }

  override async close(): Promise<void> {
    this.isClosed = true;
  }
}

const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    if (ms < Number.POSITIVE_INFINITY) setTimeout(resolve, ms);
  });
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

/** A driver with its backend, and what was asked of it. */
class Play {
  readonly driver = new ScriptedDriver();
  readonly backend = new DriverBackend(this.driver);

  ask(script: Script): Act {
    const act: Act = { script, outcomes: [], stage: 'asked', hasActed: false };
    const key = String(this.driver.acts.push(act) - 1);
    const { entity, verb, deadline_ms } = script;
    this.backend.request(
      {
        ...{ key, layer: 'sds', kind: 'pool', entity, verb, params: {} },
        deadline_s: deadline_ms / 1000,
      },
      (outcome) => act.outcomes.push(outcome),
    );
    return act;
  }

  cancel(act: Act): void {
    this.backend.cancel(String(this.driver.acts.indexOf(act)));
  }

  /** Acts that could begin, and have not. */
  get idle(): readonly Act[] {
    const { acts, begun } = this.driver;
    if (begun.length >= PLACES) return [];
    return acts.filter(
      (act) =>
        act.stage === 'asked' &&
        act.outcomes.length === 0 &&
        this.driver.obstacles(act).length === 0,
    );
  }
}

const script = fc.record<Script>({
  entity: fc.constantFrom('a', 'b', 'c', 'd'),
  verb: fc.constantFrom(...VERBS),
  takes_ms: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constant(Number.POSITIVE_INFINITY)),
  acts_ms: fc.integer({ min: 1, max: 40 }),
  stops_ms: fc.integer({ min: 0, max: 30 }),
  ends: fc.constantFrom('done', 'done', 'fault', 'busy'),
  deadline_ms: fc.integer({ min: 1, max: 200 }),
});
type Step = { readonly ask: Script } | { readonly cancel: number } | { readonly pass_ms: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ask: script }) },
  { weight: 2, arbitrary: fc.record({ cancel: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ pass_ms: fc.integer({ min: 0, max: 60 }) }) },
);

/** Longer than any act and all that wait for it. */
const ALL_MS = 10_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function play(steps: readonly Step[]): Promise<Play> {
  const made = new Play();
  for (const each of steps) {
    if ('ask' in each) made.ask(each.ask);
    else if ('pass_ms' in each) await vi.advanceTimersByTimeAsync(each.pass_ms);
    else if (made.driver.acts[each.cancel]) made.cancel(made.driver.acts[each.cancel]);
  }
  return made;
}

describe('whatever is asked, given up and carried out,', () => {
  it('acts on one entity follow one another, each is answered once, and no place is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const made = await play(steps);
        await vi.advanceTimersByTimeAsync(1);
        expect(made.idle).toEqual([]);
        await vi.advanceTimersByTimeAsync(ALL_MS);
        expect(made.driver.wrong).toEqual([]);
        expect(made.driver.begun).toEqual([]);
        for (const { outcomes } of made.driver.acts) expect(outcomes).toHaveLength(1);
        // As many as ever find a place, on whichever entity.
        const before = { ...QUICK, takes_ms: 5 };
        const last = ['a', 'b', 'c'].map((entity) => made.ask({ ...before, entity }));
        await vi.advanceTimersByTimeAsync(1);
        expect(last.map(({ stage }) => stage)).toEqual(['begun', 'begun', 'begun']);
        await vi.advanceTimersByTimeAsync(ALL_MS);
        expect(last.map(({ stage }) => stage)).toEqual(['settled', 'settled', 'settled']);
      }),
    );
  });

  it('closing answers all of it once, and begins nothing more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const made = await play(steps);
        const begun = made.driver.begun.length;
        made.backend.close(() => {});
        expect(made.driver.begun.length).toBe(begun);
        await vi.advanceTimersByTimeAsync(ALL_MS);
        expect(made.driver.wrong).toEqual([]);
        for (const { outcomes } of made.driver.acts) expect(outcomes).toHaveLength(1);
      }),
    );
  });
});

const QUICK: Script = {
  ...{ entity: 'vm', verb: 'save', takes_ms: 20, acts_ms: 5, stops_ms: 0, ends: 'done' },
  deadline_ms: 1_000,
};
const NEVER = { ...QUICK, takes_ms: Number.POSITIVE_INFINITY, deadline_ms: 60_000 };

describe('an act behind another on its entity', () => {
  it('ends at its own deadline in a fault that names what it waited for, without effect', async () => {
    const made = new Play();
    made.ask(NEVER);
    const second = made.ask({ ...QUICK, verb: 'cut', deadline_ms: 100 });
    await vi.advanceTimersByTimeAsync(101);
    expect(second.outcomes).toMatchObject([
      { fault: { code: 'EARLIER_ACT_UNDER_WAY', effect: 'none', retryable: false } },
    ]);
    const [outcome] = second.outcomes;
    expect(outcome.type === 'fault' && outcome.fault.message).toBe(
      'cut of pool/vm waited 0.1 s for save of pool/vm, which has not ended',
    );
    expect(second.stage).toBe('asked');
  });

  it('that is cancelled leaves the queue, and the next does not wait for it', async () => {
    const made = new Play();
    made.ask({ ...QUICK, takes_ms: 50 });
    const [second, third] = [made.ask(NEVER), made.ask(QUICK)];
    made.cancel(second);
    await vi.advanceTimersByTimeAsync(51);
    expect(second).toMatchObject({ stage: 'asked', outcomes: [{ fault: { code: 'CANCELLED' } }] });
    expect(third.stage).toBe('begun');
  });

  it('waits for one that was given up until it has really ended', async () => {
    const made = new Play();
    const first = made.ask({ ...NEVER, stops_ms: 30 });
    await vi.advanceTimersByTimeAsync(10);
    made.cancel(first);
    const second = made.ask(QUICK);
    await vi.advanceTimersByTimeAsync(20);
    expect(first.outcomes).toHaveLength(1);
    expect(second.stage).toBe('asked');
    await vi.advanceTimersByTimeAsync(11);
    expect(second.stage).toBe('begun');
  });

  it('takes no place: acts on other entities go on', async () => {
    const made = new Play();
    made.ask(NEVER);
    for (let i = 0; i < PLACES; i++) made.ask(QUICK);
    const others = ['b', 'c'].map((entity) => made.ask({ ...QUICK, entity }));
    await vi.advanceTimersByTimeAsync(1);
    expect(others.map(({ stage }) => stage)).toEqual(['begun', 'begun']);
  });
});

describe('an act that interrupts', () => {
  it('begins as soon as what it interrupts may have had an effect', async () => {
    const made = new Play();
    made.ask({ ...NEVER, verb: 'ask', acts_ms: 10 });
    const cut = made.ask({ ...QUICK, verb: 'cut' });
    await vi.advanceTimersByTimeAsync(9);
    expect(cut.stage).toBe('asked');
    await vi.advanceTimersByTimeAsync(2);
    expect(cut.stage).toBe('begun');
  });

  it('waits for what it does not interrupt', async () => {
    const made = new Play();
    made.ask({ ...QUICK, takes_ms: 50 });
    const cut = made.ask({ ...QUICK, verb: 'cut' });
    await vi.advanceTimersByTimeAsync(49);
    expect(cut.stage).toBe('asked');
    await vi.advanceTimersByTimeAsync(2);
    expect(cut.stage).toBe('begun');
  });
});
