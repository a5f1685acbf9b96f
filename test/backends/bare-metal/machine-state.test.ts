import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MachineFeed } from '../../../backends/bare-metal/machine-feed.ts';
import {
  type MachineState,
  POWER_STATES,
  parseState,
  stateName,
  statesBetween,
} from '../../../backends/bare-metal/machine-state.ts';
import type { Observation } from '../../../engine/contract.ts';
import { STATUS_NAMES, successorsOf } from '../../../model/bare-metal/maas.ts';
import { divergences, isAllowed, MACHINE_STATES } from './machine-rules.ts';

const state: fc.Arbitrary<MachineState> = fc.record({
  status: fc.constantFrom(...STATUS_NAMES),
  power: fc.constantFrom(...POWER_STATES),
});

describe('the states of a machine that drivers observe', () => {
  it('are states of the machine, and are read as they were written', () => {
    for (const status of STATUS_NAMES) {
      for (const power of POWER_STATES) {
        const name = stateName({ status, power });
        expect(MACHINE_STATES).toContain(name);
        expect(parseState(name)).toEqual({ status, power });
      }
    }
    for (const other of ['absent', 'ready', 'ready+dead', 'on+ready', '']) {
      expect(parseState(other)).toBeUndefined();
    }
  });

  it('change in steps of one region each, which end in the last one', () => {
    fc.assert(
      fc.property(state, state, (before, after) => {
        const steps = [before, ...statesBetween(before, after)];
        expect(steps.at(-1)).toEqual(after);
        for (const [i, to] of steps.slice(1).entries()) {
          const from = steps[i];
          expect([from.status !== to.status, from.power !== to.power]).toContain(false);
          const isPower = from.status === to.status;
          const isDirect = isPower || successorsOf(from.status).includes(to.status);
          // A change that MAAS does not make, such as new to deployed, stays what it is.
          if (isDirect) expect(isAllowed(stateName(from), stateName(to))).toBe(true);
          else expect(to.status).toBe(after.status);
        }
      }),
    );
  });

  it('are completed by what must have been between, and nothing else', () => {
    type Status = MachineState['status'];
    const path = (from: Status, to: Status, via: Status[] = []) =>
      statesBetween({ status: from, power: 'on' }, { status: to, power: 'on' }, { via }).map(
        ({ status }) => status,
      );
    expect(path('ready', 'deploying')).toEqual(['allocated', 'deploying']);
    expect(path('ready', 'deployed')).toEqual(['deployed']); // tested, rescued or deployed: unknown
    expect(path('deployed', 'ready')).toEqual(['ready']);
    expect(path('broken', 'new')).toEqual(['new']); // commissioned, tested or released: unknown
    const only = { only: ['allocated' as const] };
    const [from, to] = (['rescue_mode', 'releasing'] as const).map((status) => ({
      status,
      power: 'on' as const,
    }));
    expect(statesBetween(from, to)).toHaveLength(2); // through broken, in MAAS
    expect(statesBetween(from, to, only)).toEqual([to]);
    expect(path('broken', 'new', ['releasing', 'disk_erasing'])).toEqual(['releasing', 'new']);
  });
});

describe('the feed of machines', () => {
  const seen = (each: MachineState) => ({
    ...each,
    name: 'm',
    reason: stateName(each),
    attributes: {},
  });

  it('knows what an act that is under way leads through, whoever looks, until it is over', () => {
    const feed = new MachineFeed();
    const heard: Observation[] = [];
    feed.feed.listen((each) => heard.push(each));
    const change = () => {
      feed.learn(seen({ status: 'allocated', power: 'off' }));
      heard.length = 0;
      feed.learnAll([seen({ status: 'new', power: 'off' })]);
      return heard.map((each) => each.state);
    };
    const isOver = feed.expect('m', ['releasing']);
    const another = feed.expect('other', ['testing']);
    expect(change()).toEqual(['releasing+off', 'new+off']);
    isOver();
    expect(change()).toEqual(['new+off']);
    another();
  });

  it('reports a change of both regions as two changes', () => {
    const feed = new MachineFeed();
    const heard: Observation[] = [];
    feed.feed.listen((each) => heard.push(each));
    feed.learn(seen({ status: 'commissioning', power: 'on' }));
    feed.learn(seen({ status: 'ready', power: 'off' }));
    feed.gone('m');
    expect(heard.map((each) => each.state)).toEqual([
      'commissioning+on',
      'ready+on',
      'ready+off',
      'absent',
    ]);
    expect(divergences(heard)).toEqual([]);
  });

  it('forgets what is not in a whole list', () => {
    const feed = new MachineFeed();
    feed.learn(seen({ status: 'ready', power: 'off' }));
    const heard: string[] = [];
    feed.feed.listen((each) => heard.push(`${each.entity} ${each.state}`));
    feed.learnAll([{ ...seen({ status: 'new', power: 'on' }), name: 'n' }]);
    expect(heard.sort()).toEqual(['m absent', 'n new+on']);
  });

  it('leaves out what was asked for before something newer became known', () => {
    const feed = new MachineFeed();
    const heard: string[] = [];
    feed.feed.listen((each) => heard.push(`${each.entity} ${each.state}`));
    const m = (status: MachineState['status']) => ({
      ...seen({ status, power: 'off' }),
      name: 'm',
    });
    const early = feed.now();
    feed.learn(m('new')); // it is created
    expect(feed.learnAll([], early)).toEqual([]); // the list was asked for before
    const [first, second] = [feed.now(), feed.now()];
    feed.learn(m('commissioning'), second);
    expect(feed.learn(m('new'), first).state).toBe('commissioning+off');
    feed.gone('m');
    expect(feed.learn(m('commissioning'), second).state).toBe('absent');
    expect(feed.learnAll([m('commissioning')], second)).toEqual([]);
    expect(heard).toEqual(['m new+off', 'm commissioning+off', 'm absent']);
    feed.learnAll([]);
    feed.learnAll([m('new')]); // one of the same name is made
    expect(heard.at(-1)).toBe('m new+off');
  });
});
