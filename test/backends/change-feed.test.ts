import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChangeFeed } from '../../backends/change-feed.ts';
import type { Observation } from '../../engine/contract.ts';

const KIND = 'thing';
const observation: fc.Arbitrary<Observation> = fc.record({
  kind: fc.constantFrom(KIND, 'other'),
  entity: fc.constantFrom('a', 'b', 'c'),
  state: fc.constantFrom('absent', 'up', 'down'),
  reason: fc.constantFrom('first', 'second'),
});
const present = observation.filter(({ state }) => state !== 'absent');

type Learning =
  | { readonly one: Observation }
  | { readonly all: readonly Observation[]; readonly kinds: readonly string[] };
const learning: fc.Arbitrary<Learning> = fc.oneof(
  fc.record({ one: observation }),
  fc.record({
    all: fc.uniqueArray(present, { selector: keyOf }),
    kinds: fc.subarray([KIND, 'other']),
  }),
);

function keyOf({ kind, entity }: Pick<Observation, 'kind' | 'entity'>): string {
  return `${kind}/${entity}`;
}

function teach(feed: ChangeFeed, each: Learning): void {
  if ('one' in each) feed.learn(each.one);
  else feed.learnAll(each.all, new Set(each.kinds));
}

describe('a change feed', () => {
  it('replayed by a listener gives what the feed knows, and no report says nothing new', () => {
    fc.assert(
      fc.property(fc.array(learning, { maxLength: 30 }), (learnings) => {
        const feed = new ChangeFeed();
        const heard = new Map<string, Observation>();
        feed.listen((seen) => {
          const before = heard.get(keyOf(seen));
          const isNews = before?.state !== seen.state || before.reason !== seen.reason;
          expect(isNews, JSON.stringify(seen)).toBe(true);
          if (seen.state === 'absent') expect(heard.delete(keyOf(seen))).toBe(true);
          else heard.set(keyOf(seen), seen);
        });
        for (const each of learnings) teach(feed, each);
        for (const kind of [KIND, 'other']) {
          for (const entity of ['a', 'b', 'c']) {
            expect(feed.known(kind, entity)).toEqual(heard.get(keyOf({ kind, entity })));
          }
        }
      }),
    );
  });

  it('knows of the kinds of a whole list just what the list says', () => {
    const lists = fc.uniqueArray(present, { selector: keyOf });
    fc.assert(
      fc.property(fc.array(learning), lists, (before, list) => {
        const feed = new ChangeFeed();
        for (const each of before) teach(feed, each);
        feed.learnAll(list, new Set([KIND]));
        for (const entity of ['a', 'b', 'c']) {
          const wanted = list.find((each) => each.kind === KIND && each.entity === entity);
          expect(feed.known(KIND, entity)).toEqual(wanted);
        }
      }),
    );
  });

  it('tells all its listeners the same in the same order, though one of them learns', () => {
    fc.assert(
      fc.property(fc.array(observation), (seen) => {
        const feed = new ChangeFeed();
        const heard: Observation[][] = [[], []];
        feed.listen((each) => {
          heard[0].push(each);
          if (each.state === 'up') feed.learn({ ...each, state: 'down' });
        });
        feed.listen((each) => heard[1].push(each));
        for (const each of seen) feed.learn(each);
        expect(heard[1]).toEqual(heard[0]);
      }),
    );
  });

  it('keeps the newest attributes, which alone are no news', () => {
    const feed = new ChangeFeed();
    let reports = 0;
    feed.listen(() => reports++);
    const thing = { kind: KIND, entity: 'a', state: 'up' };
    feed.learn({ ...thing, attributes: { size_bytes: 1 } });
    feed.learn({ ...thing, attributes: { size_bytes: 2 } });
    expect(reports).toBe(1);
    expect(feed.known(KIND, 'a')).toMatchObject({ attributes: { size_bytes: 2 } });
  });

  it('tells nothing to who left, even in the middle of a report', () => {
    const feed = new ChangeFeed();
    let heard = 0;
    const leave: (() => void)[] = [];
    feed.listen(() => {
      for (const each of leave) each();
    });
    leave.push(feed.listen(() => heard++));
    feed.learn({ kind: KIND, entity: 'a', state: 'up' });
    expect(heard).toBe(0);
    expect(feed.isHeard).toBe(true);
  });

  it('counts the same listener as often as it came', () => {
    const feed = new ChangeFeed();
    let heard = 0;
    const listener = () => heard++;
    const leave = feed.listen(listener);
    feed.listen(listener);
    leave();
    leave();
    feed.learn({ kind: KIND, entity: 'a', state: 'up' });
    expect(heard).toBe(1);
  });
});
