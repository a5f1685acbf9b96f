import { afterEach, describe, expect, it } from 'vitest';
import type { Action, Backend, Fault, Observation, Outcome } from '../../engine/contract.ts';
import { NO_ROW } from '../../engine/engine.ts';
import type { Operation } from '../../model/scenario.ts';
import { LIFE, LiveRun, model, step } from './live-run.ts';

let run: LiveRun;

/** A backend of a system that has nothing and shows nothing. */
const SILENT: Omit<Backend, 'verbs' | 'request'> = {
  ...{ name: 'scripted', layer: 'hypervisor' },
  cancel: () => {},
  observe: () => {},
  list: (reply) => reply([]),
  watch: () => () => {},
  close: (closed) => closed(),
};

afterEach(async () => {
  await run.time.wait<void>((resolve) => run.world.stop().then(resolve));
  expect(run.errors).toEqual([]);
});

describe('an operation that a machine would only note', () => {
  /** Nobody requests `crash`: a running domain notes that it has crashed. */
  const CRASH = [...LIFE.slice(0, 2), step('domain/vm', 'crash', 'crashed')];
  const refusal: Fault = {
    ...{ code: 'NO', message: 'not now', advice: 'ask later', effect: 'none', retryable: false },
  };

  async function crash(verbs: readonly string[], answer: Outcome) {
    const asked: string[] = [];
    run = new LiveRun({
      ...SILENT,
      verbs: () => verbs,
      request({ verb }, reply) {
        asked.push(verb);
        const outcome: Outcome = verb === 'crash' ? answer : { type: 'done' };
        run.time.clock.wake(1, () => reply(outcome));
      },
    });
    await run.start();
    const results = await run.operate(CRASH);
    return { asked, last: results[results.length - 1] };
  }

  it('is asked of a backend that has a verb of its name, and noted once it is done', async () => {
    const { asked, last } = await crash(['define', 'create', 'crash'], { type: 'done' });
    expect(asked).toEqual(['define', 'create', 'crash']);
    expect(last).toMatchObject({ ok: true, state: 'crashed' });
    expect(run.path.at(-1)).toBe('crash crashed');
  });

  it('did not happen when the backend refuses it', async () => {
    const answer = { type: 'fault', fault: refusal } as const;
    const { last } = await crash(['define', 'create', 'crash'], answer);
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
    /** What is reported a second after the last look. */
    readonly reported?: string;
  }

  async function start({ outcomes, looks, reported }: Script) {
    const answers = [...outcomes];
    const shown = [...looks];
    let report: (seen: Observation) => void = () => {};
    let asked = 0;
    let looked = 0;
    const made: LiveRun = new LiveRun({
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
        if (reported) made.time.clock.wake(1, () => report({ kind, entity, state: reported }));
      },
      list: (reply) => reply([]),
      watch: (listener) => {
        report = listener;
        return () => {};
      },
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
    const script = { outcomes: [unknown], looks: ['starting'], reported: 'running' };
    const { last, asked } = await start(script);
    expect(last).toMatchObject({ ok: true, state: 'running' });
    expect(asked()).toBe(1); // what the system is at is not begun anew
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
    const made: LiveRun = new LiveRun(
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
    const attributes = { exit_code: 3 };
    const seen: Observation = { kind: 'domain', entity: 'vm', state: 'paused', attributes };
    const { results } = await attach([{ type: 'done', observation: seen }]);
    expect(results[2]).toMatchObject({ ok: true, attributes });
    expect(run.path).toContain('suspended paused');
  });

  it('that no backend has is an error', async () => {
    run = new LiveRun();
    await run.start();
    expect(() => run.world.perform(0, 'attach', () => {})).toThrow(/has it/);
  });
});

describe('the event that an action follows', () => {
  const { until: _, ...attach } = step('domain/vm', 'attach', 'running');

  it('is told to the backend, since several events may call their verb the same', async () => {
    const asked: (readonly [verb: string, event: string | undefined])[] = [];
    run = new LiveRun({
      ...SILENT,
      verbs: () => ['define', 'create', 'attach'],
      request({ event, verb }, reply) {
        asked.push([verb, event]);
        run.time.clock.wake(1, () => reply({ type: 'done' }));
      },
    });
    await run.start();
    await run.operate([...LIFE.slice(0, 2), attach]);
    expect(asked).toEqual([
      ['define', 'define'],
      ['create', 'start'],
      ['attach', undefined],
    ]);
  });
});

describe('an entity that a run only names', () => {
  const VOLUME = model.kindId('storage-volume');

  it('does nothing of its own, and cannot be asked for anything until it is seen', async () => {
    const asked: string[] = [];
    let report: (seen: Observation) => void = () => {};
    run = new LiveRun({
      ...SILENT,
      verbs: () => ['create', 'delete'],
      request: ({ verb }) => asked.push(verb),
      watch: (listener) => {
        report = listener;
        return () => {};
      },
    });
    await run.start();
    const volume = run.engine.create(VOLUME, 'pool/v', NO_ROW, false);
    const event = model.eventId('delete');
    expect(asked).toEqual([]);
    expect(run.world.isThere(volume)).toBe(false);
    expect(run.world.isInVain(volume, event)).toBe(true);
    report({ kind: 'storage-volume', entity: 'pool/v', state: 'available' });
    expect(run.world.isThere(volume)).toBe(true);
    expect(run.world.isInVain(volume, event)).toBe(false);
    expect(run.engine.divergences).toBe(0);
    run.world.act(() => run.world.operate(volume, event));
    expect(asked).toEqual(['delete']);
  });
});
