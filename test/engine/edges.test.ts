import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../engine/compile.ts';
import { Engine } from '../../engine/engine.ts';
import { defineKind } from '../../model/kind.ts';
import type { EdgeType } from '../../model/stack.ts';
import { RowList } from '../support/rows.ts';

const to = (target: string) => ({ target, description: 'toggled' });

/** Serves while it is `on` and has what it needs; told so by lost and restored. */
function thing(kind: string) {
  return defineKind({
    kind,
    layer: 'sds',
    describes: 'A thing that can fail.',
    source: 'test',
    ignores: ['lost', 'restored', 'break', 'mend'],
    machine: {
      initial: 'on',
      states: {
        on: { tags: ['stable', 'serving'], on: { lost: to('starved'), break: to('broken') } },
        starved: { tags: ['failed'], on: { restored: to('on'), break: to('broken_starved') } },
        broken: { tags: ['failed'], on: { mend: to('on'), lost: to('broken_starved') } },
        broken_starved: { tags: ['failed'], on: { mend: to('starved'), restored: to('broken') } },
      },
    },
  });
}

const KINDS = ['a', 'b', 'c', 'd'].map(thing);
const edge = (provider: string, dependent: string, needs: EdgeType['needs']): EdgeType => ({
  provider,
  dependent,
  needs,
  why: 'test',
});
const EDGES = [
  edge('a', 'b', 'all'),
  edge('a', 'c', 'any'),
  edge('b', 'c', 'any'),
  edge('b', 'd', 'all'),
  edge('c', 'd', 'any'),
  edge('a', 'd', 'none'),
];
const MODEL = compileModel(KINDS, EDGES);
const PER_KIND = 3;

type Step =
  | { readonly op: 'toggle'; readonly entity: number }
  | {
      readonly op: 'link' | 'unlink';
      readonly edge: number;
      readonly from: number;
      readonly to: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constant('toggle' as const), entity: fc.nat(4 * PER_KIND - 1) }),
  fc.record({
    op: fc.constantFrom('link' as const, 'unlink' as const),
    edge: fc.nat(EDGES.length - 1),
    from: fc.nat(PER_KIND - 1),
    to: fc.nat(PER_KIND - 1),
  }),
);

/** The same graph, computed from scratch. */
class Reference {
  readonly broken = new Set<number>();
  readonly links: { readonly type: number; readonly from: number; readonly to: number }[] = [];

  satisfied(entity: number): boolean {
    return EDGES.every((e, type) => {
      const providers = this.links.filter((l) => l.type === type && l.to === entity);
      if (e.needs === 'none' || providers.length === 0) return true;
      const serving = providers.filter((l) => this.serves(l.from)).length;
      return e.needs === 'all' ? serving === providers.length : serving > 0;
    });
  }

  serves(entity: number): boolean {
    return !this.broken.has(entity) && this.satisfied(entity);
  }
}

describe('a provider that stops serving', () => {
  it('takes with it exactly what cannot do without it, and gives it back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const engine = new Engine({ model: MODEL, recorder: new RowList() });
        const entities = KINDS.flatMap((_, kind) =>
          Array.from({ length: PER_KIND }, (_, i) => engine.create(kind, `${kind}-${i}`)),
        );
        const reference = new Reference();
        const kindIndex = (name: string) => MODEL.kindId(name) * PER_KIND;
        for (const s of steps) {
          if (s.op === 'toggle') {
            const mend = reference.broken.has(s.entity);
            if (mend) reference.broken.delete(s.entity);
            else reference.broken.add(s.entity);
            engine.send(entities[s.entity], MODEL.eventId(mend ? 'mend' : 'break'));
          } else {
            const from = kindIndex(EDGES[s.edge].provider) + s.from;
            const target = kindIndex(EDGES[s.edge].dependent) + s.to;
            const known = reference.links.findIndex((l) => l.from === from && l.to === target);
            if (s.op === 'link' && known < 0) {
              reference.links.push({ type: s.edge, from, to: target });
              engine.link(entities[from], entities[target]);
            } else if (s.op === 'unlink' && known >= 0) {
              reference.links.splice(known, 1);
              engine.unlink(entities[from], entities[target]);
            }
          }
          engine.run(engine.now + 1);
          entities.forEach((entity, i) => {
            expect(engine.isSatisfied(entity), `${i} satisfied`).toBe(reference.satisfied(i));
            expect(engine.isServing(entity), `${i} serving`).toBe(reference.serves(i));
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is the cause of what it takes with it', () => {
    const rows = new RowList();
    const engine = new Engine({ model: MODEL, recorder: rows });
    const a = engine.create(MODEL.kindId('a'), 'a');
    const b = engine.create(MODEL.kindId('b'), 'b');
    engine.link(a, b);
    engine.send(a, MODEL.eventId('break'));
    engine.run(0);
    const lost = rows.list.at(-1)!;
    expect(MODEL.eventNames[lost.event]).toBe('lost');
    expect(rows.list[lost.cause]).toMatchObject({ uid: 0, event: MODEL.eventId('break') });
  });

  it('leaves nothing behind when it is removed', () => {
    const engine = new Engine({ model: MODEL, recorder: new RowList() });
    const a = engine.create(MODEL.kindId('a'), 'a');
    const b = engine.create(MODEL.kindId('b'), 'b');
    engine.link(a, b);
    engine.send(a, MODEL.eventId('break'));
    engine.run(0);
    expect(engine.isServing(b)).toBe(false);
    engine.remove(a);
    engine.run(1);
    expect(engine.isServing(b)).toBe(true);
    expect(engine.edges.count).toBe(0);
    expect(engine.alive).toBe(1);
  });
});
