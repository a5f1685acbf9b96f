import { describe, expect, it } from 'vitest';
import { compileModel } from '../../engine/compile.ts';
import { Engine, NO_STATE } from '../../engine/engine.ts';
import { defineKind } from '../../model/kind.ts';
import { RowList } from '../support/rows.ts';

const THING = defineKind({
  kind: 'thing',
  layer: 'sds',
  describes: 'A thing.',
  source: 'test',
  ignores: ['lost', 'restored'],
  machine: {
    initial: 'a',
    states: {
      a: {
        tags: ['stable'],
        on: { go: { target: 'b', description: 'asked' } },
        meta: { ignores: ['back'] },
      },
      b: { tags: ['stable'], on: { back: { target: 'a', description: 'asked' } } },
    },
  },
});
const MODEL = compileModel([THING], []);
const newEngine = (rows = new RowList()) => new Engine({ model: MODEL, recorder: rows });

describe('entities', () => {
  it('come and go many times without mixing up their slots', () => {
    const engine = newEngine();
    const alive: number[] = [];
    for (let i = 0; i < 200_000; i++) {
      engine.run(i);
      alive.push(engine.create(0, `t${i}`));
      if (alive.length > 50) engine.remove(alive.shift()!);
    }
    expect(new Set(alive).size).toBe(alive.length);
    for (const entity of alive) expect(engine.state[entity]).toBe(MODEL.stateId('thing/a'));
    expect(engine.alive).toBe(alive.length);
    expect(engine.slotCount).toBeLessThan(200);
    const ordinals = alive.map((entity) => engine.ordinalOf(entity));
    expect(new Set(ordinals).size).toBe(alive.length);
    expect(Math.max(...ordinals)).toBeLessThan(60);
  });

  it('are not found under a number that was theirs once', () => {
    const engine = newEngine();
    const first = engine.create(0, 'first');
    const uid = engine.uidOf(first);
    engine.remove(first);
    engine.run(1);
    const second = engine.create(0, 'second');
    expect(second).toBe(first);
    expect(engine.isAlive(first, uid)).toBe(false);
    expect(engine.isAlive(second, engine.uidOf(second))).toBe(true);
  });

  it('hear nothing that was sent to them before they were removed', () => {
    const rows = new RowList();
    const engine = newEngine(rows);
    const entity = engine.create(0, 'gone');
    engine.send(entity, MODEL.eventId('go'));
    engine.remove(entity);
    engine.run(1);
    expect(engine.state[entity]).toBe(NO_STATE);
    expect(engine.transitions).toBe(0);
  });
});

describe('events', () => {
  it('that a machine neither handles nor ignores are an error that says where', () => {
    const engine = newEngine();
    const entity = engine.create(0, 'it');
    engine.send(entity, MODEL.eventId('go'));
    engine.send(entity, MODEL.eventId('go'));
    expect(() => engine.run(0)).toThrow(
      expect.objectContaining({
        code: 'EVENT_UNHANDLED',
        message: expect.stringContaining("'it' in thing/b"),
      }),
    );
  });
});

describe('observations', () => {
  it('follow the transition that leads there', () => {
    const rows = new RowList();
    const engine = newEngine(rows);
    const entity = engine.create(0, 'it');
    engine.observe(entity, MODEL.stateId('thing/b'));
    expect(MODEL.eventNames[rows.list.at(-1)!.event]).toBe('go');
    expect(engine.divergences).toBe(0);
  });

  it('that no transition allows are divergences, and win', () => {
    const oneWay = defineKind({
      ...THING,
      ignores: ['back', 'lost', 'restored'],
      machine: {
        initial: 'a',
        states: {
          a: { tags: ['stable'], on: { go: { target: 'b', description: 'asked' } } },
          b: { tags: ['stable'], meta: { ignores: ['go'] } },
        },
      },
    });
    const model = compileModel([oneWay], []);
    const rows = new RowList();
    const engine = new Engine({ model, recorder: rows });
    const entity = engine.create(0, 'it');
    engine.observe(entity, model.stateId('thing/b'));
    engine.observe(entity, model.stateId('thing/a'), 'the world says so');
    expect(engine.divergences).toBe(1);
    expect(engine.state[entity]).toBe(model.stateId('thing/a'));
    expect(rows.list.at(-1)).toMatchObject({ detail: 'the world says so' });
    expect(engine.eventNames[rows.list.at(-1)!.event]).toBe('diverged');
  });
});
