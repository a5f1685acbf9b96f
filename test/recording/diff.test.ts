import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRecordings } from '../../cli/tools/diff.ts';
import { diffText } from '../../cli/tools/diff-text.ts';
import { HEAD, history, METADATA, play, recordAndOpen, Scribe } from './build.ts';

/** A host boots and a server is built on it; `pace` stretches the time. */
const boot = (pace: number, more: (s: Scribe) => void = () => {}, head = HEAD) =>
  recordAndOpen((r) => {
    const s = new Scribe(r);
    const host = s.create(0, 'h1', 'host-os/off');
    const server = s.create(0, 'web', 'server/building');
    const booting = s.move(1 * pace, host, 'boot', 'host-os/booting');
    const running = s.move(11 * pace, host, 'booted', 'host-os/running', booting);
    s.move(14 * pace, server, 'spawned', 'server/active', running);
    more(s);
  }, head);

const live = { ...HEAD, metadata: { ...METADATA, mode: 'live' as const } };

describe('diff', () => {
  it('finds equal sequences equal, whatever their durations, and compares those', () => {
    const diff = diffRecordings(
      boot(1),
      boot(2, () => {}, live),
    );
    expect(diff).toMatchObject({ equal: true, inBoth: 2, onlyInA: [], divergences: [] });
    expect(
      diff.timings.map(({ from, to, a, b, ratio }) => [from, to, a?.median_s, b?.median_s, ratio]),
    ).toEqual([
      ['host-os/booting', 'host-os/running', 10, 20, 2],
      ['host-os/off', 'host-os/booting', 1, 2, 2],
      ['server/building', 'server/active', 14, 28, 2],
    ]);
  });

  it('is not disturbed by metrics, links, keyframes or batches', () => {
    const noisy = recordAndOpen((r) => {
      const s = new Scribe(r);
      const host = s.create(0, 'h1', 'host-os/off');
      r.keyframe(0, (add) => add(host, 2, 0));
      const server = s.create(0, 'web', 'server/building');
      s.note(0, server, 'linked', host);
      s.move(1, host, 'boot', 'host-os/booting');
      s.note(2, host, 'metric:power_w', 100);
      r.flush();
      s.move(11, host, 'booted', 'host-os/running');
      s.move(14, server, 'spawned', 'server/active');
    });
    expect(diffRecordings(boot(1), noisy).equal).toBe(true);
  });

  it('compares names, not the ids that each recording gives them', () => {
    const original = boot(1);
    const [events, states] = [[...HEAD.events].reverse(), [...HEAD.states].reverse()];
    const renumbered = recordAndOpen(
      (r) => {
        for (let i = 0; i < original.rows; i++) {
          const { time_s, entity, from, event, to, cause, detail } = original.row(i);
          const [f, e, t] = [states.indexOf(from), events.indexOf(event), states.indexOf(to)];
          r.appendWithDetail(time_s, entity, f, e, t, cause, detail);
        }
      },
      { ...HEAD, events, states },
    );
    const diff = diffRecordings(original, renumbered);
    expect(diff.equal).toBe(true);
    expect(diff.timings.map(({ ratio }) => ratio)).toEqual([1, 1, 1]);
  });

  it('tells where each entity first differs, and what only one side has', () => {
    const a = boot(1, (s) => s.create(20, 'only-a', 'disk/ok'));
    const b = boot(1, (s) => {
      s.create(20, 'only-b', 'disk/ok');
      s.move(21, 1, 'fail', 'server/error');
    });
    const diff = diffRecordings(a, b);
    expect(diff).toMatchObject({
      equal: false,
      inBoth: 2,
      onlyInA: ['disk/only-a'],
      onlyInB: ['disk/only-b'],
      divergences: [
        {
          kind: 'server',
          name: 'web',
          equalSteps: 2,
          a: undefined,
          b: { event: 'fail', from: 'server/active', to: 'server/error', time_s: 21 },
        },
      ],
    });
  });

  it('tells an event from another that leads to the same state', () => {
    const ending = (event: string) => boot(1, (s) => s.move(20, 1, event, 'server/error'));
    const [divergence] = diffRecordings(ending('fail'), ending('lost')).divergences;
    expect(divergence).toMatchObject({ equalSteps: 2, a: { event: 'fail' }, b: { event: 'lost' } });
  });

  it('takes medians over all entities of a kind', () => {
    const waits = (all: number[]) =>
      recordAndOpen((r) => {
        const s = new Scribe(r);
        all.forEach((_, i) => void s.create(0, `d${i}`, 'disk/ok'));
        all.forEach((wait_s, i) => void s.move(wait_s, i, 'fail', 'disk/failed'));
      });
    const [timing] = diffRecordings(waits([1, 2, 9]), waits([1, 2, 4, 9])).timings;
    expect(timing).toMatchObject({ a: { count: 3, median_s: 2 }, b: { count: 4, median_s: 3 } });
  });

  it('holds for any recording against itself, and turns round with its sides', () => {
    fc.assert(
      fc.property(history, history, (stepsA, stepsB) => {
        const a = recordAndOpen((r) => play(stepsA, r));
        const b = recordAndOpen((r) => play(stepsB, r));
        expect(diffRecordings(a, a)).toMatchObject({ equal: true, divergences: [] });
        const [there, back] = [diffRecordings(a, b), diffRecordings(b, a)];
        expect(back.equal).toBe(there.equal);
        expect([back.onlyInA, back.onlyInB]).toEqual([there.onlyInB, there.onlyInA]);
        const keys = (diff: typeof there) =>
          diff.divergences
            .map(({ kind, name, equalSteps }) => `${kind} ${name} ${equalSteps}`)
            .sort();
        expect(keys(back)).toEqual(keys(there));
      }),
      { numRuns: 50 },
    );
  });

  it('is told as text', () => {
    const [a, b] = [boot(1), boot(2, () => {}, live)];
    expect(diffText(a, b, diffRecordings(a, b))).toBe(
      [
        'A  made-up  simulated  seed 7  profile lab  14 s long  5 rows',
        'B  made-up  live       seed 7  profile lab  28 s long  5 rows',
        '',
        'The same happened to all 2 entities, in the same order.',
        '',
        'Time in a state before the next (medians):',
        '  kind     from      to          A  times     B  times  B/A',
        '  host-os  booting   running  10 s      1  20 s      1   2x',
        '  host-os  off       booting   1 s      1   2 s      1   2x',
        '  server   building  active   14 s      1  28 s      1   2x',
        '',
      ].join('\n'),
    );
    const c = boot(1, (s) => s.move(30, 1, 'fail', 'server/error'));
    const differing = diffText(a, c, diffRecordings(a, c));
    expect(differing).toContain('Something else happened to 1 of the 2 entities of both.');
    expect(differing).toMatch(
      /server web +after 2 equal steps +A +nothing more\n +B +00:00:30\.000 +active -> error +fail/,
    );
  });
});
