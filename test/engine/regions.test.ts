import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../engine/compile.ts';
import { Engine, NO_ROW } from '../../engine/engine.ts';
import { statesBetween } from '../../engine/regions.ts';
import { KINDS } from '../../model/index.ts';
import { RowList } from '../support/rows.ts';

const model = compileModel(KINDS, []);
const partsOf = (state: number) => model.stateNames[state].split('+');

describe('the states between two', () => {
  const two = fc
    .constantFrom(...model.kinds)
    .chain(({ firstState, stateCount }) =>
      fc.tuple(...[0, 1].map(() => fc.nat(stateCount - 1).map((i) => firstState + i))),
    );

  it('have each region where it was or where it went', () => {
    fc.assert(
      fc.property(two, ([from, to]) => {
        const differing = partsOf(from).filter((part, i) => part !== partsOf(to)[i]).length;
        const between = statesBetween(model, from, to);
        if (differing < 2) expect(between).toEqual([]);
        for (const state of between) {
          expect([from, to]).not.toContain(state);
          for (const [i, part] of partsOf(state).entries()) {
            expect([partsOf(from)[i], partsOf(to)[i]]).toContain(part);
          }
        }
      }),
    );
  });
});

describe('what was seen of several regions at once', () => {
  const open = (state: string) => {
    const rows = new RowList();
    const engine = new Engine({ model, recorder: rows });
    const entity = engine.create(model.kindId('deployment'), 'web', NO_ROW, false);
    engine.observe(entity, model.stateId(`deployment/${state}`));
    const events = rows.list.slice(1).map(({ event }) => engine.eventNames[event]);
    return { engine, events, now: model.stateNames[engine.state[entity]] };
  };

  it('is followed region by region', () => {
    const { engine, events, now } = open('complete+Available');
    expect(now).toBe('deployment/complete+Available');
    expect(events).toEqual(['available', 'done']);
    expect(engine.divergences).toBe(0);
  });

  it('is a divergence where a region does not go there', () => {
    const { engine, events, now } = open('deleted+Available');
    expect(now).toBe('deployment/deleted+Available');
    expect(events).toEqual(['diverged']);
    expect(engine.divergences).toBe(1);
  });
});
