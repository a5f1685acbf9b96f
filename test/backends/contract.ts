import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Action, Backend, Fault, Observation, Outcome } from '../../engine/contract.ts';
import type { Layer } from '../../model/layers.ts';

/** One verb, and the state that it leads to. */
export interface Step {
  readonly verb: string;
  readonly to: string;
}

/** What the suite needs to know of a backend and of the world behind it. */
export interface BackendHarness {
  readonly layer: Layer;
  readonly kind: string;
  /** What the kind calls it when nothing is there; default `absent`. */
  readonly absent?: string;
  /** Names the entity of one test; default a name of its own. */
  name?(count: number): string;
  /** Parameters that every verb is given. */
  readonly params: Readonly<Record<string, unknown>>;
  /** From `absent` and back, through every verb; the last one also leads back from the first. */
  readonly life: readonly Step[];
  /** Leads from `absent` to a state in which `slow.verb` takes seconds, from `slow.from`. */
  readonly before: readonly Step[];
  readonly slow: Step & { readonly from: string; readonly during: readonly string[] };
  /** Makes the world behind the backend slow, where `slow.verb` alone is not; and quick again. */
  readonly brake?: { hold(): Promise<void>; release(): Promise<void> };
  /** A verb that `absent` does not allow. */
  readonly illegal: string;
  /** Seconds within which anything here ends. */
  readonly patience_s: number;

  /** Opens the backend under test. */
  open(): Promise<Backend>;
  /** Waits for something that calls back; in virtual time it makes time pass meanwhile. */
  wait<T>(begin: (resolve: (value: T) => void) => void): Promise<T>;
  /** Lets time pass. */
  pass(seconds: number): Promise<void>;
  /** Changes an entity behind the backend's back, by the verb of a step. */
  behindItsBack(entity: string, step: Step): Promise<void>;
  /** Breaks and mends the connection between the backend and its system. */
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
  /** What is still open; the same before `open` and after `close`. */
  openResources(): readonly string[];
  /** Takes away whatever a test left. */
  clean(): Promise<void>;
}

let count = 0;

/** How often what is open is looked at, and how long what was closed may take to be gone. */
const LOOK_S = 0.2;
const LOOKS_MAX = 100;
/** The first wait for an action to begin. */
const BEGIN_S = 0.2;

/**
 * The contract of `engine/contract.ts` as tests: every backend passes them, the simulated one
 * always, the real ones in the lab.
 */
export function backendContract(name: string, harness: BackendHarness): void {
  describe(`${name} keeps the contract of a backend`, () => {
    const { layer, kind, life, before, slow } = harness;
    const absent = harness.absent ?? 'absent';
    const first = life[0];
    const last = life[life.length - 1];
    const test_s = 1000 * harness.patience_s * (life.length + 4);
    let backend: Backend;
    let entity: string;

    beforeEach(async () => {
      backend = await harness.open();
      entity = harness.name?.(++count) ?? `contract-${process.pid}-${++count}`;
    }, test_s);

    afterEach(async () => {
      await harness.brake?.release();
      await harness.wait<void>((closed) => backend.close(closed));
      await harness.clean();
    }, test_s);

    const action = (verb: string, more: Partial<Action> = {}): Action => ({
      key: `key-${process.pid}-${++count}`,
      ...{ layer, kind, entity, verb, params: harness.params },
      deadline_s: harness.patience_s,
      ...more,
    });
    const request = (wanted: Action) =>
      harness.wait<Outcome>((reply) => backend.request(wanted, reply));
    const observe = () =>
      harness.wait<Observation | Fault>((reply) => backend.observe(kind, entity, reply));
    const list = () => harness.wait<readonly Observation[] | Fault>((reply) => backend.list(reply));

    async function live(steps: readonly Step[]): Promise<void> {
      for (const { verb, to } of steps) {
        const outcome = await request(action(verb));
        const said = outcome.type === 'fault' ? `${verb}: ${outcome.fault.message}` : verb;
        expect(outcome, said).toMatchObject({
          type: 'done',
          observation: { kind, entity, state: to },
        });
      }
    }

    /**
     * Asks for the slow verb and breaks it off after a while. On a busy machine it may not have begun
     * by then, which the fault says: then nothing may have happened, and it is given more time.
     */
    async function breakOff(
      how: (wanted: Action) => unknown,
      mend: () => unknown = () => {},
    ): Promise<Outcome> {
      for (let wait_s = BEGIN_S; ; wait_s *= 2) {
        await harness.brake?.hold();
        const wanted = action(slow.verb);
        const replied = harness.wait<Outcome>((reply) => backend.request(wanted, reply));
        await harness.pass(wait_s);
        await how(wanted);
        const outcome = await replied;
        await mend();
        const hadBegun = outcome.type !== 'fault' || outcome.fault.effect !== 'none';
        if (hadBegun || wait_s > harness.patience_s) return outcome;
        await harness.brake?.release();
        expect(await observe()).toMatchObject({ state: slow.from });
      }
    }

    /** What is open once that no longer changes: what was closed takes a moment to be gone. */
    async function openAtRest(): Promise<readonly string[]> {
      let seen = harness.openResources();
      for (let look = 0; look < LOOKS_MAX; look++) {
        await harness.pass(LOOK_S);
        const before = seen;
        seen = harness.openResources();
        if (seen.join() === before.join()) break;
      }
      return seen;
    }

    /** What is open besides `opened`; given time to close. */
    async function leftOpen(opened: readonly string[]): Promise<readonly string[]> {
      for (let look = 0; ; look++) {
        await harness.pass(LOOK_S);
        const left = without(harness.openResources(), opened);
        if (left.length === 0 || look === LOOKS_MAX) return left;
      }
    }

    /** Watches until the entity is seen in a state. */
    function untilSeen(state: string, act: () => void = () => {}): Promise<Observation> {
      return harness.wait<Observation>((resolve) => {
        const stop = backend.watch((seen) => {
          if (seen.entity !== entity || seen.state !== state) return;
          stop();
          resolve(seen);
        });
        act();
      });
    }

    it('says what it drives', () => {
      expect(backend.layer).toBe(layer);
      expect(backend.name).not.toBe('');
      expect(backend.verbs(kind)).toEqual(expect.arrayContaining(life.map(({ verb }) => verb)));
      expect(backend.verbs('no such kind')).toEqual([]);
    });

    it(
      'carries each verb out to its state, observes, lists and reports that state',
      async () => {
        const reported = new Set<string>();
        backend.watch((each) => {
          if (each.entity === entity) reported.add(each.state);
        });
        expect(await observe()).toMatchObject({ kind, entity, state: absent });
        for (const step of life) {
          await live([step]);
          expect(await observe()).toMatchObject({ kind, entity, state: step.to });
          const found = ((await list()) as readonly Observation[]).filter(
            (each) => each.entity === entity,
          );
          expect(found.map(({ state }) => state)).toEqual(step.to === absent ? [] : [step.to]);
          expect([...reported]).toContain(step.to);
        }
      },
      test_s,
    );

    it(
      'reports nothing to a watcher that left',
      async () => {
        let reports = 0;
        const stop = backend.watch(() => {
          reports++;
        });
        await live([first]);
        stop();
        const heard = reports;
        expect(heard).toBeGreaterThan(0);
        await live([last]);
        expect(reports).toBe(heard);
      },
      test_s,
    );

    it(
      'answers no request before the call returns, and each exactly once',
      async () => {
        let returned = false;
        let replies = 0;
        let early = false;
        const wanted = action(first.verb);
        await harness.wait<void>((resolve) => {
          backend.request(wanted, () => {
            early = early || !returned;
            replies++;
            resolve();
          });
          returned = true;
        });
        backend.cancel(wanted.key); // too late, and nothing happens
        await harness.pass(0.2);
        expect({ early, replies }).toEqual({ early: false, replies: 1 });
      },
      test_s,
    );

    it(
      'acts once for a key that comes twice, with one outcome for both',
      async () => {
        const wanted = action(first.verb);
        const both = await harness.wait<Outcome[]>((resolve) => {
          const outcomes: Outcome[] = [];
          for (const _ of [1, 2]) {
            backend.request(wanted, (outcome) => {
              if (outcomes.push(outcome) === 2) resolve(outcomes);
            });
          }
        });
        expect(both[0], JSON.stringify(both[0])).toMatchObject({ type: 'done' });
        expect(both[1]).toEqual(both[0]);
        // Later the same key brings the same outcome again, and does not act again.
        await live([last]);
        expect(await request(wanted)).toEqual(both[0]);
        expect(await observe()).toMatchObject({ state: absent });
      },
      test_s,
    );

    it('refuses a key that stands for something else', async () => {
      const wanted = action(first.verb);
      await request(wanted);
      const other = await request({ ...wanted, entity: `${entity}-other` });
      expect(other).toMatchObject({ fault: { code: 'KEY_REUSED', effect: 'none' } });
    });

    it('refuses verbs, kinds and layers that it does not have', async () => {
      const strange = [
        action('no such verb'),
        action(first.verb, { kind: 'no such kind' }),
        action(first.verb, { layer: layer === 'sdn' ? 'sds' : 'sdn' }),
      ];
      for (const each of strange) {
        expect(await request(each)).toMatchObject({
          type: 'fault',
          fault: { code: 'UNSUPPORTED_VERB', effect: 'none', retryable: false },
        });
      }
    });

    it('refuses a verb in a state that does not allow it, without effect', async () => {
      const outcome = await request(action(harness.illegal));
      expect(outcome).toMatchObject({ type: 'fault', fault: { effect: 'none', retryable: false } });
      expect(await observe()).toMatchObject({ state: absent });
    });

    it(
      'gives a fault that a person can use',
      async () => {
        const outcome = await request(action(harness.illegal));
        const { fault } = outcome as Extract<Outcome, { type: 'fault' }>;
        expect(fault.code).toMatch(/^[A-Z][A-Z0-9_]+$/);
        expect(fault.message).toContain(entity);
        expect(fault.advice).toMatch(/\.$/);
      },
      test_s,
    );

    it(
      'gives up an action that is cancelled',
      async () => {
        await live(before);
        await harness.brake?.hold();
        const wanted = action(slow.verb);
        const outcome = await harness.wait<Outcome>((resolve) => {
          backend.request(wanted, resolve);
          backend.cancel(wanted.key);
        });
        expect(outcome).toMatchObject({ type: 'fault', fault: { code: 'CANCELLED' } });
        expect(await request(wanted)).toEqual(outcome);
        backend.cancel('a key nobody used');
      },
      test_s,
    );

    it(
      'tells that a cancelled action may have happened once it began',
      async () => {
        await live(before);
        const outcome = await breakOff(({ key }) => backend.cancel(key));
        expect(outcome).toMatchObject({ fault: { code: 'CANCELLED', effect: 'unknown' } });
      },
      test_s,
    );

    it(
      'gives up an action at its deadline',
      async () => {
        await live(before);
        await harness.brake?.hold();
        const outcome = await request(action(slow.verb, { deadline_s: 0.1 }));
        expect(outcome).toMatchObject({ type: 'fault', fault: { code: 'DEADLINE_EXCEEDED' } });
      },
      test_s,
    );

    it(
      'observes the state before, during and after an action',
      async () => {
        await live(before);
        expect(await observe()).toMatchObject({ state: slow.from });
        await harness.brake?.hold();
        const replied = harness.wait<Outcome>((resolve) =>
          backend.request(action(slow.verb), resolve),
        );
        // Unless it is held up, it may be over before one sees it.
        const during = harness.brake ? slow.during : [...slow.during, slow.to];
        expect(during).toContain(((await observe()) as Observation).state);
        await harness.brake?.release();
        expect(await replied).toMatchObject({ type: 'done' });
        expect(await observe()).toMatchObject({ state: slow.to });
      },
      test_s,
    );

    it(
      'reports changes made behind its back',
      async () => {
        await live([first]);
        const [, next] = life;
        const seen = untilSeen(next.to);
        await harness.behindItsBack(entity, next);
        expect(await seen).toMatchObject({ kind, entity, state: next.to });
      },
      test_s,
    );

    it(
      'ends an action in a fault when the connection is lost, and says what may have happened',
      async () => {
        await live(before);
        const outcome = await breakOff(
          () => harness.disconnect(),
          () => harness.reconnect(),
        );
        expect(outcome).toMatchObject({
          type: 'fault',
          fault: { code: expect.stringMatching(/CONNECTION_LOST|UNREACHABLE/), effect: 'unknown' },
        });
      },
      test_s,
    );

    it(
      'comes back when the connection does, and reports what changed meanwhile',
      async () => {
        await live([first]);
        const [, next] = life;
        const seen = untilSeen(next.to);
        await harness.disconnect();
        await harness.behindItsBack(entity, next);
        expect(await observe()).toMatchObject({ effect: 'none', retryable: true });
        await harness.reconnect();
        expect(await seen).toMatchObject({ kind, entity, state: next.to });
        expect(await observe()).toMatchObject({ state: next.to });
      },
      test_s,
    );

    it(
      'ends everything on close, and leaves nothing open',
      async () => {
        await harness.wait<void>((closed) => backend.close(closed));
        const opened = await openAtRest();
        backend = await harness.open();
        await live(before);
        backend.watch(() => {});
        await harness.brake?.hold();
        const replied = harness.wait<Outcome>((resolve) =>
          backend.request(action(slow.verb), resolve),
        );
        await harness.pass(0.2);
        await harness.wait<void>((closed) => backend.close(closed));
        expect(await replied).toMatchObject({ fault: { code: 'BACKEND_CLOSED' } });
        expect(await request(action(slow.verb))).toMatchObject({
          fault: { code: 'BACKEND_CLOSED', effect: 'none' },
        });
        expect(await observe()).toMatchObject({ code: 'BACKEND_CLOSED' });
        expect(await list()).toMatchObject({ code: 'BACKEND_CLOSED' });
        await harness.wait<void>((closed) => backend.close(closed));
        expect(await leftOpen(opened)).toEqual([]);
      },
      test_s,
    );
  });
}

/** What a list has more of than another. */
function without(all: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...all];
  for (const each of others) {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}
