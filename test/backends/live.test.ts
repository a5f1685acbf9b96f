import { afterEach, describe, expect, it } from 'vitest';
import type { Action, Backend, Fault, Observation, Outcome } from '../../engine/contract.ts';
import { SimBackend } from '../../sim/backend.ts';
import { LIFE, LiveRun, model, step } from './live-run.ts';
import { MEASURED } from './measured-profile.ts';
import { VirtualTime } from './virtual-time.ts';

let run: LiveRun;

afterEach(async () => {
  await run.time.wait<void>((resolve) => run.world.stop().then(resolve));
  expect(run.errors).toEqual([]);
});

describe('a live run', () => {
  it('carries out an operator\u2019s list and records what led to what', async () => {
    run = new LiveRun();
    await run.start();
    const results = await run.operate(LIFE);
    expect(results.map(({ state, ok }) => ({ state, ok }))).toEqual(
      LIFE.map(({ until }) => ({ state: until, ok: true })),
    );
    expect(run.engine.divergences).toBe(0);
    expect(run.path.map((each) => each.split(' ')[1])).toEqual([
      ...['defining', 'shutoff', 'starting', 'running', 'suspending', 'paused'],
      ...['resuming', 'running', 'shutting_down', 'shutoff', 'undefining', 'absent'],
    ]);
    for (const [index, { from, to, cause }] of run.rows.list.entries()) {
      const isAnswer = from !== to && model.stateClass[from] === 1;
      if (isAnswer) expect(cause).toBe(index - 1);
    }
  });

  it('takes over what is there already', async () => {
    run = new LiveRun();
    run.sim.change('domain', 'vm', 'running');
    await run.start();
    expect(run.state()).toBe('domain/running');
  });

  it.each([
    ['shutoff', ['start', 'suspend', 'resume', 'shutdown', 'undefine']],
    ['running', ['suspend', 'resume', 'shutdown', 'undefine']],
    ['paused', ['resume', 'shutdown', 'undefine']],
  ])('goes on with a list that an earlier run left at %s', async (state, asked) => {
    run = new LiveRun();
    run.sim.change('domain', 'vm', state);
    await run.start();
    const results = await run.operate(LIFE);
    expect(results.filter((each) => each.asked).map(({ operation }) => operation.do)).toEqual(
      asked,
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(run.state()).toBe('domain/absent');
  });

  it('ends at once at an operation that cannot be asked for', async () => {
    run = new LiveRun();
    run.sim.change('domain', 'vm', 'paused');
    await run.start();
    const results = await run.operate([step('domain/vm', 'start', 'running')]);
    expect(results).toMatchObject([{ ok: false, asked: false, state: 'paused' }]);
    expect(results[0].ended_s).toBe(results[0].started_s);
  });

  it('follows changes that nobody asked for, without a cause', async () => {
    run = new LiveRun();
    await run.start();
    await run.operate(LIFE.slice(0, 2));
    run.sim.change('domain', 'vm', 'paused');
    await run.until('paused');
    expect(run.rows.list.at(-1)).toMatchObject({ cause: -1 });
    expect(run.engine.divergences).toBe(0);
  });

  it('records what no transition allows as a divergence', async () => {
    run = new LiveRun();
    await run.start();
    run.sim.change('domain', 'vm', 'migrating.precopy');
    await run.until('migrating.precopy');
    expect(run.engine.divergences).toBe(1);
  });

  it('hears of things that are not its own', async () => {
    const strangers: string[] = [];
    run = new LiveRun(undefined, { onStranger: ({ entity }) => strangers.push(entity) });
    await run.start();
    run.sim.change('domain', 'other', 'running');
    run.time.pass(1);
    expect(strangers).toEqual(['other']);
  });

  it('gives a request up when its machine moves on', async () => {
    const cancelled: string[] = [];
    run = new LiveRun();
    const cancel = run.sim.cancel.bind(run.sim);
    run.sim.cancel = (key) => {
      cancelled.push(key);
      cancel(key);
    };
    await run.start();
    await run.operate(LIFE.slice(0, 2));
    run.send('shutdown');
    run.send('destroy');
    await run.until('shutoff');
    expect(cancelled.map((key) => key.split('/')[3])).toEqual(['shutdown']);
    expect(run.faults).toEqual([]);
  });

  it('counts what is given as done', async () => {
    run = new LiveRun(undefined, { given: new Set(['domain']) });
    await run.start();
    const results = await run.operate(LIFE.slice(0, 2));
    expect(results.every(({ ok }) => ok)).toBe(true);
  });
});

/** A backend that answers as a test says. */
class ScriptedBackend extends SimBackend {
  outcomes: Outcome[] = [];
  readonly asked: { readonly key: string; readonly deadline_s: number; readonly at_s: number }[] =
    [];
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    super({ model, layer: 'hypervisor', profile: MEASURED, seed: 1, scheduler: time.scheduler });
    this.#time = time;
  }

  override request(action: Action, reply: (outcome: Outcome) => void): void {
    const { key, deadline_s } = action;
    this.asked.push({ key, deadline_s, at_s: this.#time.scheduler.now });
    const outcome = this.outcomes.shift();
    if (outcome) this.#time.clock.wake(0.5, () => reply(outcome));
    else super.request(action, reply);
  }
}

describe('an action that', () => {
  const fault = (more: Partial<Fault>): Outcome => ({
    type: 'fault',
    fault: {
      ...{ code: 'X', message: 'x', advice: 'y.', effect: 'none', retryable: false },
      ...more,
    },
  });

  async function ask(outcomes: Outcome[], deadline_s = 60): Promise<ScriptedBackend> {
    const time = new VirtualTime();
    const backend = new ScriptedBackend(time);
    run = new LiveRun(backend, { clock: time.clock, deadline_s: () => deadline_s });
    Object.defineProperty(run, 'time', { value: time });
    await run.start();
    backend.outcomes = outcomes;
    run.send('define');
    return backend;
  }

  it('finds the system busy is asked again, later, under the same key', async () => {
    const backend = await ask([
      { type: 'busy', retry_after_s: 5 },
      { type: 'busy', retry_after_s: 5 },
    ]);
    await run.until('shutoff');
    const keys = new Set(backend.asked.map(({ key }) => key));
    expect([...keys]).toHaveLength(1);
    expect(backend.asked.map(({ at_s }) => at_s)).toEqual([0, 5.5, 11]);
    expect(backend.asked.map(({ deadline_s }) => deadline_s)).toEqual([60, 54.5, 49]);
    expect(run.faults).toEqual([]);
  });

  it('may be asked again is, with waits that grow', async () => {
    const backend = await ask([1, 2, 3].map(() => fault({ retryable: true })));
    await run.until('shutoff');
    const waits_s = backend.asked.map(({ at_s }, i) => at_s - (backend.asked[i - 1]?.at_s ?? 0));
    expect(waits_s.slice(1).map((wait_s) => Number((wait_s - 0.5).toFixed(3)))).toEqual([
      0.15, 0.3, 0.6,
    ]);
  });

  it('stays busy beyond its deadline ends in a fault', async () => {
    await ask(
      Array.from({ length: 9 }, () => ({ type: 'busy', retry_after_s: 5 })),
      12,
    );
    await run.until('defining');
    await run.until('absent');
    expect(run.faults).toMatchObject([{ fault: { code: 'STILL_BUSY', effect: 'none' } }]);
  });

  it('fails for good is not asked again', async () => {
    const backend = await ask([fault({})]);
    await run.until('defining');
    await run.until('absent');
    expect(backend.asked).toHaveLength(1);
    expect(run.faults).toMatchObject([{ action: { verb: 'define' }, fault: { code: 'X' } }]);
  });

  it('may have happened is looked at, and what is there counts', async () => {
    const backend = await ask([fault({ effect: 'unknown', retryable: true })]);
    backend.change('domain', 'vm', 'shutoff');
    await run.until('shutoff');
    expect(backend.asked).toHaveLength(1);
  });

  it('looks when a refusal leads the machine to a state that nobody has seen', async () => {
    const states: Readonly<Record<string, string>> = { define: 'shutoff', create: 'running' };
    let now = 'absent';
    const seen = (): Observation => ({ kind: 'domain', entity: 'vm', state: now });
    const refusal: Fault = {
      ...{ code: 'NO', message: 'is not running', advice: 'look', effect: 'none' },
      retryable: false,
    };
    run = new LiveRun({
      ...{ name: 'scripted', layer: 'hypervisor' },
      verbs: () => ['define', 'create', 'destroy'],
      request({ verb }, reply) {
        // The guest went off by itself, and no event said so.
        now = verb === 'destroy' ? 'shutoff' : states[verb];
        const observation = seen();
        run.time.clock.wake(1, () =>
          reply(
            verb === 'destroy' ? { type: 'fault', fault: refusal } : { type: 'done', observation },
          ),
        );
      },
      cancel: () => {},
      observe: (_kind, _entity, reply) => run.time.clock.wake(0, () => reply(seen())),
      list: (reply) => reply([]),
      watch: () => () => {},
      close: (closed) => closed(),
    });
    await run.start();
    const results = await run.operate([
      ...LIFE.slice(0, 2),
      step('domain/vm', 'destroy', 'shutoff'),
    ]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(run.engine.divergences).toBe(0);
  });

  it('follows an entity that is gone to the state in which its machine ends', async () => {
    let report: (seen: Observation) => void = () => {};
    const volume = 'pool/volume';
    const backend: Backend = {
      ...{ name: 'scripted', layer: 'hypervisor' },
      verbs: () => ['create'],
      request: (_action, reply) => setImmediate(() => reply({ type: 'done' })),
      cancel: () => {},
      observe: () => {},
      list: (reply) => reply([]),
      watch: (listener) => {
        report = listener;
        return () => {};
      },
      close: (closed) => closed(),
    };
    run = new LiveRun(backend);
    const entity = run.engine.create(model.kindId('storage-volume'), volume);
    await run.world.start();
    const name = () => model.stateNames[run.engine.state[entity]];
    await expect.poll(name).toBe('storage-volume/available');
    const seen = { kind: 'storage-volume', entity: volume, state: 'absent' };
    report({ ...seen, attributes: { event: 'gone' } });
    expect(name()).toBe('storage-volume/deleted');
    expect(run.engine.divergences).toBe(0);
  });
});
