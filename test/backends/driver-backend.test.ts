import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../backends/driver.ts';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { BusyError, FaultError } from '../../backends/fault.ts';
import type { Action, Fault, Observation, Outcome } from '../../engine/contract.ts';
import { SilentDriver } from './silent-driver.ts';

/** A driver whose verbs do what a test says. */
class ScriptedDriver extends SilentDriver {
  performed = 0;
  readonly #act: (attempt: Attempt) => Promise<Observation | undefined>;

  constructor(act: (attempt: Attempt) => Promise<Observation | undefined>) {
    super();
    this.#act = act;
  }

  perform(_: Action, attempt: Attempt): Promise<Observation | undefined> {
    this.performed++;
    return this.#act(attempt);
  }

  verbs(): readonly string[] {
    return ['do'];
  }
}

const ACTION: Action = {
  ...{ key: 'k', layer: 'sds', kind: 'pool', entity: 'p', verb: 'do', params: {}, deadline_s: 60 },
};
const FAULT: Fault = {
  ...{ code: 'NO', message: 'no', advice: 'Do not.', effect: 'none', retryable: true },
};

const ask = (backend: DriverBackend, more: Partial<Action> = {}) =>
  new Promise<Outcome>((reply) => backend.request({ ...ACTION, ...more }, reply));

describe('a driver that', () => {
  it('is busy is asked again under the same key', async () => {
    const driver = new ScriptedDriver(async () => {
      if (driver.performed === 1) throw new BusyError('locked', 3);
      return undefined;
    });
    const backend = new DriverBackend(driver);
    expect(await ask(backend)).toEqual({ type: 'busy', retry_after_s: 3 });
    expect(await ask(backend)).toEqual({ type: 'done', observation: undefined });
    expect(driver.performed).toBe(2);
  });

  it('did nothing and may be asked again acts when the key comes again', async () => {
    const driver = new ScriptedDriver(async () => {
      if (driver.performed === 1) throw new FaultError(FAULT);
      return undefined;
    });
    const backend = new DriverBackend(driver);
    expect(await ask(backend)).toEqual({ type: 'fault', fault: FAULT });
    expect(await ask(backend)).toMatchObject({ type: 'done' });
  });

  it('takes only so many actions at a time is given the others in their order', async () => {
    const ends: (() => void)[] = [];
    class TwoAtATime extends ScriptedDriver {
      readonly actions_max = 2;
    }
    const driver = new TwoAtATime(() => new Promise((done) => ends.push(() => done(undefined))));
    const backend = new DriverBackend(driver);
    const replies = [1, 2, 3].map((n) => ask(backend, { key: `k${n}`, entity: `p${n}` }));
    await new Promise(setImmediate);
    expect(driver.performed).toBe(2);
    ends[0]();
    await replies[0];
    expect(driver.performed).toBe(3);
    for (const end of ends) end();
    await Promise.all(replies);
  });

  it('never hears of an action that was given up before its turn', async () => {
    class OneAtATime extends ScriptedDriver {
      readonly actions_max = 1;
    }
    let end = () => {};
    const driver = new OneAtATime(
      () =>
        new Promise((done) => {
          end = () => done(undefined);
        }),
    );
    const backend = new DriverBackend(driver);
    const first = ask(backend, { key: 'first' });
    const second = ask(backend, { key: 'second', entity: 'q' });
    backend.cancel('second');
    expect(await second).toMatchObject({ fault: { code: 'CANCELLED', effect: 'none' } });
    end();
    await first;
    expect(driver.performed).toBe(1);
  });

  it('may have acted does not act again under the same key', async () => {
    const fault: Fault = { ...FAULT, effect: 'unknown' };
    const driver = new ScriptedDriver(async () => {
      throw new FaultError(fault);
    });
    const backend = new DriverBackend(driver);
    expect(await ask(backend)).toEqual({ type: 'fault', fault });
    expect(await ask(backend)).toEqual({ type: 'fault', fault });
    expect(driver.performed).toBe(1);
  });

  it('throws something of its own ends in a fault, with the effect known so far', async () => {
    const driver = new ScriptedDriver(async (attempt) => {
      attempt.effect('done');
      throw new TypeError('oops');
    });
    expect(await ask(new DriverBackend(driver))).toMatchObject({
      fault: { code: 'DRIVER_FAILED', message: 'oops', effect: 'done' },
    });
  });

  it('throws before it awaits anything still replies later', async () => {
    const driver = new ScriptedDriver(() => {
      throw new FaultError(FAULT);
    });
    let isEarly = true;
    const outcome = new Promise<void>((resolve) => {
      new DriverBackend(driver).request(ACTION, () => {
        expect(isEarly).toBe(false);
        resolve();
      });
    });
    isEarly = false;
    await outcome;
  });

  it('never ends is given up at the deadline, told to stop, and not heard afterwards', async () => {
    let finish: () => void = () => {};
    let isTold = false;
    const driver = new ScriptedDriver((attempt) => {
      attempt.effect('unknown');
      attempt.signal.addEventListener('abort', () => {
        isTold = true;
      });
      return new Promise((resolve) => {
        finish = () => resolve(undefined);
      });
    });
    const backend = new DriverBackend(driver);
    const outcome = await ask(backend, { deadline_s: 0.01 });
    expect(outcome).toMatchObject({ fault: { code: 'DEADLINE_EXCEEDED', effect: 'unknown' } });
    expect(isTold).toBe(true);
    finish();
    expect(await ask(backend)).toEqual(outcome);
  });
});

it('outcomes are forgotten only after ten thousand others', async () => {
  const driver = new ScriptedDriver(async () => undefined);
  const backend = new DriverBackend(driver);
  for (let i = 0; i <= 10_000; i++) await ask(backend, { key: `k${i}` });
  await ask(backend, { key: 'k1' });
  expect(driver.performed).toBe(10_001);
  await ask(backend, { key: 'k0' });
  expect(driver.performed).toBe(10_002);
});
