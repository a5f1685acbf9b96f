import { afterEach, describe, expect, it } from 'vitest';
import { type LiveOptions, LiveWorld } from '../../backends/live.ts';
import { compileModel } from '../../engine/compile.ts';
import type { Action, Backend, Fault, Observation, Outcome } from '../../engine/contract.ts';
import { Engine } from '../../engine/engine.ts';
import { type OperationResult, Operator } from '../../engine/operator.ts';
import { KINDS } from '../../model/hypervisor/index.ts';
import type { Operation } from '../../model/scenario.ts';
import { SimBackend } from '../../sim/backend.ts';
import { RowList } from '../support/rows.ts';
import { MEASURED } from './measured-profile.ts';
import { VirtualTime } from './virtual-time.ts';

const model = compileModel(KINDS, []);
const DOMAIN = model.kindId('domain');

/** A live run of one domain, `vm`, in virtual time. */
class Run {
  readonly time = new VirtualTime();
  readonly rows = new RowList();
  readonly engine = new Engine({ model, recorder: this.rows, acts: ['attach'] });
  readonly sim = new SimBackend({
    ...{ model, layer: 'hypervisor', profile: MEASURED, seed: 1 },
    scheduler: this.time.scheduler,
  });
  readonly faults: { readonly action: Action; readonly fault: Fault }[] = [];
  readonly errors: unknown[] = [];
  readonly world: LiveWorld;
  #fail: NonNullable<LiveOptions['onFailed']> = () => {};

  constructor(backend?: Backend, more: Partial<LiveOptions> = {}) {
    this.world = new LiveWorld({
      engine: this.engine,
      backends: [backend ?? this.sim],
      run: 'test',
      given: new Set(),
      params: () => ({}),
      deadline_s: () => 60,
      onFault: (_entity, action, fault) => this.faults.push({ action, fault }),
      onFailed: (entity, fault) => this.#fail(entity, fault),
      onError: (cause) => this.errors.push(cause),
      clock: this.time.clock,
      random: () => 0.5,
      ...more,
    });
  }

  async start(): Promise<number> {
    const domain = this.engine.create(DOMAIN, 'vm');
    const started = this.world.start();
    await this.time.wait<void>((resolve) => started.then(resolve));
    return domain;
  }

  operate(operations: readonly Operation[]): Promise<readonly OperationResult[]> {
    const operate = (entity: number, event: number) => this.world.operate(entity, event);
    const operator = new Operator(this.engine, operations, () => 0, operate);
    operator.perform = (entity, verb, ended) => this.world.perform(entity, verb, ended);
    operator.isInVain = (entity, event) => this.world.isInVain(entity, event);
    this.#fail = (entity, fault) => operator.fail(entity, fault);
    return this.time.wait((resolve) => {
      operator.onFinished = resolve;
      this.world.act(() => operator.start());
    });
  }

  async until(state: string): Promise<void> {
    const wanted = model.stateId(`domain/${state}`);
    await this.time.wait<void>((resolve) => {
      this.engine.onEnter('domain', state, () => resolve());
      if (this.engine.state[0] === wanted) resolve();
    });
  }

  send(event: string): void {
    this.world.act(() => this.engine.send(0, model.eventId(event)));
  }

  get path(): string[] {
    return this.rows.list
      .filter(({ from, to }) => from !== to)
      .map(({ event, to }) => `${this.engine.eventNames[event]} ${model.stateNames[to].slice(7)}`);
  }

  state(): string {
    return model.stateNames[this.engine.state[0]];
  }
}

const step = (entity: string, event: string, until: string): Operation => ({
  ...{ entity, do: event, until, within_s: 60, at_s: 0 },
});
const LIFE: readonly Operation[] = [
  step('domain/vm', 'define', 'shutoff'),
  step('domain/vm', 'start', 'running'),
  step('domain/vm', 'suspend', 'paused'),
  step('domain/vm', 'resume', 'running'),
  step('domain/vm', 'shutdown', 'shutoff'),
  step('domain/vm', 'undefine', 'absent'),
];

let run: Run;

afterEach(async () => {
  await run.time.wait<void>((resolve) => run.world.stop().then(resolve));
  expect(run.errors).toEqual([]);
});

describe('a live run', () => {
  it('carries out an operator\u2019s list and records what led to what', async () => {
    run = new Run();
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
    run = new Run();
    run.sim.change('domain', 'vm', 'running');
    await run.start();
    expect(run.state()).toBe('domain/running');
  });

  it.each([
    ['shutoff', ['start', 'suspend', 'resume', 'shutdown', 'undefine']],
    ['running', ['suspend', 'resume', 'shutdown', 'undefine']],
    ['paused', ['resume', 'shutdown', 'undefine']],
  ])('goes on with a list that an earlier run left at %s', async (state, asked) => {
    run = new Run();
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
    run = new Run();
    run.sim.change('domain', 'vm', 'paused');
    await run.start();
    const results = await run.operate([step('domain/vm', 'start', 'running')]);
    expect(results).toMatchObject([{ ok: false, asked: false, state: 'paused' }]);
    expect(results[0].ended_s).toBe(results[0].started_s);
  });

  it('follows changes that nobody asked for, without a cause', async () => {
    run = new Run();
    await run.start();
    await run.operate(LIFE.slice(0, 2));
    run.sim.change('domain', 'vm', 'paused');
    await run.until('paused');
    expect(run.rows.list.at(-1)).toMatchObject({ cause: -1 });
    expect(run.engine.divergences).toBe(0);
  });

  it('records what no transition allows as a divergence', async () => {
    run = new Run();
    await run.start();
    run.sim.change('domain', 'vm', 'migrating.precopy');
    await run.until('migrating.precopy');
    expect(run.engine.divergences).toBe(1);
  });

  it('hears of things that are not its own', async () => {
    const strangers: string[] = [];
    run = new Run(undefined, { onStranger: ({ entity }) => strangers.push(entity) });
    await run.start();
    run.sim.change('domain', 'other', 'running');
    run.time.pass(1);
    expect(strangers).toEqual(['other']);
  });

  it('gives a request up when its machine moves on', async () => {
    const cancelled: string[] = [];
    run = new Run();
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
    run = new Run(undefined, { given: new Set(['domain']) });
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
    run = new Run(backend, { clock: time.clock, deadline_s: () => deadline_s });
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
    run = new Run({
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
    run = new Run(backend);
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

describe('an operation that a machine would only note', () => {
  /** Nobody requests `crash`: a running domain notes that it has crashed. */
  const CRASH = [...LIFE.slice(0, 2), step('domain/vm', 'crash', 'crashed')];
  const refusal: Fault = {
    ...{ code: 'NO', message: 'not now', advice: 'ask later', effect: 'none', retryable: false },
  };

  async function crash(verbs: readonly string[], answer: Outcome) {
    const asked: string[] = [];
    const run: Run = new Run({
      ...{ name: 'scripted', layer: 'hypervisor' },
      verbs: () => verbs,
      request({ verb }, reply) {
        asked.push(verb);
        const outcome: Outcome = verb === 'crash' ? answer : { type: 'done' };
        run.time.clock.wake(1, () => reply(outcome));
      },
      cancel: () => {},
      observe: () => {},
      list: (reply) => reply([]),
      watch: () => () => {},
      close: (closed) => closed(),
    });
    await run.start();
    const results = await run.operate(CRASH);
    return { run, asked, last: results[results.length - 1] };
  }

  it('is asked of a backend that has a verb of its name, and noted once it is done', async () => {
    const { run, asked, last } = await crash(['define', 'create', 'crash'], { type: 'done' });
    expect(asked).toEqual(['define', 'create', 'crash']);
    expect(last).toMatchObject({ ok: true, state: 'crashed' });
    expect(run.path.at(-1)).toBe('crash crashed');
  });

  it('did not happen when the backend refuses it', async () => {
    const answer = { type: 'fault', fault: refusal } as const;
    const { run, last } = await crash(['define', 'create', 'crash'], answer);
    expect(last).toMatchObject({ ok: false, state: 'running', fault: { code: 'NO' } });
    expect(last.ended_s - last.started_s).toBe(1);
    expect(run.faults.map(({ action, fault }) => [action.verb, fault.code])).toEqual([
      ['crash', 'NO'],
    ]);
  });

  it('is noted at once when no backend has such a verb', async () => {
    const { asked, last } = await crash(['define', 'create'], { type: 'done' });
    expect(asked).toEqual(['define', 'create']);
    expect(last.ok).toBe(true);
  });
});

describe('an operation whose act ends in a fault', () => {
  const FAULT: Fault = {
    ...{ code: 'NO', message: 'no', advice: 'Do not.', effect: 'none', retryable: false },
  };
  const faulty = (more: Partial<Fault> = {}): Outcome => ({
    type: 'fault',
    fault: { ...FAULT, ...more },
  });
  const START = LIFE.slice(0, 2);

  interface Script {
    /** What `create` is answered, a second after it was asked; then that it is done. */
    readonly outcomes: readonly Outcome[];
    /** What a look shows each time, and the last one from then on. */
    readonly looks: readonly (string | Fault)[];
  }

  async function start({ outcomes, looks }: Script) {
    const answers = [...outcomes];
    const shown = [...looks];
    let asked = 0;
    let looked = 0;
    const made: Run = new Run({
      ...{ name: 'scripted', layer: 'hypervisor' },
      verbs: () => ['define', 'create'],
      request({ verb }, reply) {
        if (verb === 'create') asked++;
        const outcome = (verb === 'create' && answers.shift()) || { type: 'done' };
        made.time.clock.wake(1, () => reply(outcome));
      },
      cancel: () => {},
      observe(kind, entity, reply) {
        looked++;
        const seen = (shown.length > 1 ? shown.shift() : shown[0]) ?? 'shutoff';
        made.time.clock.wake(0, () =>
          reply(typeof seen === 'string' ? { kind, entity, state: seen } : seen),
        );
      },
      list: (reply) => reply([]),
      watch: () => () => {},
      close: (closed) => closed(),
    });
    run = made;
    await made.start();
    const last = (await made.operate(START))[1];
    return {
      last,
      asked: () => asked,
      looked: () => looked,
      took_s: last.ended_s - last.started_s,
    };
  }

  it('has failed at once, with the fault, when nothing was done', async () => {
    const { last, took_s } = await start({ outcomes: [faulty()], looks: ['shutoff'] });
    expect(last).toMatchObject({ ok: false, state: 'shutoff', fault: { code: 'NO' } });
    expect(took_s).toBe(1);
  });

  it('goes on while it can be asked again', async () => {
    const { last, asked } = await start({
      outcomes: [faulty({ retryable: true }), { type: 'busy', retry_after_s: 1 }],
      looks: [],
    });
    expect(last).toMatchObject({ ok: true, state: 'running' });
    expect(last.fault).toBeUndefined();
    expect(asked()).toBe(3);
  });

  it('is looked at first when it may have happened: it has', async () => {
    const unknown = faulty({ effect: 'unknown' });
    const { last, looked } = await start({ outcomes: [unknown], looks: ['running'] });
    expect(last).toMatchObject({ ok: true, state: 'running' });
    expect(looked()).toBe(1);
  });

  it('is looked at first when it may have happened: it has not', async () => {
    const unknown = faulty({ effect: 'unknown', retryable: true });
    const { last, looked, took_s } = await start({ outcomes: [unknown], looks: ['shutoff'] });
    expect(last).toMatchObject({ ok: false, fault: { code: 'NO', effect: 'unknown' } });
    expect(looked()).toBe(1);
    expect(took_s).toBeLessThan(2);
  });

  it('is looked at again when the first look tells nothing', async () => {
    const lost: Fault = { ...FAULT, code: 'LOST', retryable: true };
    const unknown = faulty({ effect: 'unknown' });
    const { last, looked } = await start({ outcomes: [unknown], looks: [lost, lost, 'running'] });
    expect(last).toMatchObject({ ok: true, state: 'running' });
    expect(looked()).toBe(3);
  });

  it('has failed when no look tells anything before its time is over', async () => {
    const unknown = faulty({ effect: 'unknown' });
    const lost: Fault = { ...FAULT, code: 'LOST', retryable: true };
    const { last, looked, took_s } = await start({ outcomes: [unknown], looks: [lost] });
    expect(last).toMatchObject({ ok: false, fault: { code: 'NO' } });
    expect(looked()).toBeGreaterThan(3);
    expect(took_s).toBeLessThanOrEqual(60);
  });

  it('goes on when a look shows that it is still on its way', async () => {
    const unknown = faulty({ effect: 'unknown' });
    const { last, asked } = await start({ outcomes: [unknown], looks: ['starting'] });
    expect(last).toMatchObject({ ok: true, state: 'running' });
    expect(asked()).toBe(2); // its machine asks how it goes on
  });
});

describe('a verb that no machine has an event for', () => {
  const ATTACH: Operation = {
    ...{ entity: 'domain/vm', do: 'attach', within_s: 30, at_s: 0, with: { target: 'vdb' } },
  };
  const refusal: Fault = {
    ...{ code: 'NO', message: 'not now', advice: 'Ask later.', effect: 'none', retryable: false },
  };
  const LIST = [...LIFE.slice(0, 2), ATTACH, step('domain/vm', 'suspend', 'paused')];

  /** `attach` takes a second; what it is answered is the test's business. */
  async function attach(answers: readonly Outcome[], look = 'running') {
    const left = [...answers];
    const asked: Action[] = [];
    const made: Run = new Run(
      {
        ...{ name: 'scripted', layer: 'hypervisor' },
        verbs: () => ['define', 'create', 'suspend', 'attach'],
        request(action, reply) {
          asked.push(action);
          const isAttach = action.verb === 'attach';
          const outcome = (isAttach && left.shift()) || { type: 'done' };
          made.time.clock.wake(1, () => reply(outcome));
        },
        cancel: () => {},
        observe: (kind, entity, reply) =>
          made.time.clock.wake(0, () => reply({ kind, entity, state: look })),
        list: (reply) => reply([]),
        watch: () => () => {},
        close: (closed) => closed(),
      },
      { deadline_s: () => 30 },
    );
    run = made;
    await made.start();
    const results = await made.operate(LIST);
    const acts = made.rows.list
      .map(({ event, ...row }) => ({ ...row, event: made.engine.eventNames[event] }))
      .filter(({ event }) => event.includes(':'));
    return { results, asked, acts };
  }

  it('is asked of the backend; the entity stays where it is, and the next operation follows', async () => {
    const { results, asked, acts } = await attach([{ type: 'done' }]);
    expect(results).toMatchObject(LIST.map(() => ({ ok: true })));
    expect(results[2]).toMatchObject({ state: 'running', asked: true });
    expect(results[2].ended_s - results[2].started_s).toBe(1);
    expect(asked.map(({ verb }) => verb)).toEqual(['define', 'create', 'attach', 'suspend']);
    expect(acts.map(({ event }) => event)).toEqual(['asked:attach', 'acted:attach']);
    for (const { from, to } of acts) expect([from, to]).toEqual([acts[0].from, acts[0].from]);
    expect(run.engine.divergences).toBe(0);
  });

  it('ends the list at once when it is refused, and what follows is left out', async () => {
    const { results, acts } = await attach([{ type: 'fault', fault: refusal }]);
    expect(results).toHaveLength(3);
    expect(results[2]).toMatchObject({ ok: false, state: 'running', fault: { code: 'NO' } });
    expect(acts.at(-1)?.event).toBe('failed:attach');
  });

  it('is asked again while that helps', async () => {
    const later: Outcome = { type: 'fault', fault: { ...refusal, retryable: true } };
    const { results, asked } = await attach([later, { type: 'busy', retry_after_s: 2 }]);
    expect(results[2].ok).toBe(true);
    expect(asked.filter(({ verb }) => verb === 'attach')).toHaveLength(3);
    expect(new Set(asked.filter(({ verb }) => verb === 'attach').map(({ key }) => key)).size).toBe(
      1,
    );
  });

  it('that may have happened is looked after: the state that is seen counts', async () => {
    const unknown: Outcome = { type: 'fault', fault: { ...refusal, effect: 'unknown' } };
    const { results } = await attach([unknown], 'paused');
    expect(results[2]).toMatchObject({ ok: false, state: 'paused', fault: { effect: 'unknown' } });
  });

  it('whose outcome shows another state takes its entity there', async () => {
    const seen: Observation = { kind: 'domain', entity: 'vm', state: 'paused' };
    const { results } = await attach([{ type: 'done', observation: seen }]);
    expect(results[2].ok).toBe(true);
    expect(run.path).toContain('suspended paused');
  });

  it('that no backend has is an error', async () => {
    run = new Run();
    await run.start();
    expect(() => run.world.perform(0, 'attach', () => {})).toThrow(/has it/);
  });
});
