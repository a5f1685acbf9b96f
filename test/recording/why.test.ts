import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseTime, roughDuration } from '../../cli/tools/time.ts';
import { nearest, why, whyText } from '../../cli/tools/why.ts';
import { history, play, recordAndOpen, Scribe } from './build.ts';

/** A disk fails, its OSD goes down and is marked out; later another OSD of the same name comes. */
const day = recordAndOpen((r) => {
  const s = new Scribe(r);
  const disk = s.create(0, 'sdb', 'disk/ok');
  const osd = s.create(0, 'osd.3', 'osd/up.in');
  s.create(0, 'web', 'server/active');
  s.create(0, 'web', 'host-os/running');
  s.create(0, 'a@b', 'server/building');
  const failed = s.move(60, disk, 'fail', 'disk/failed');
  const down = s.move(60.5, osd, 'lost', 'osd/down.in', failed);
  const out = s.move(660.5, osd, 'mark_out', 'osd/down.out', down);
  s.remove(700, osd, out);
  s.note(750, disk, 'metric:power_w', 3);
  s.create(800, 'osd.3', 'osd/up.in');
});

const names = (query: string) =>
  why(day, query).steps.map(({ entity, event }) => `${entity.name} ${event}`);

describe('why', () => {
  it('tells the chain from the root cause down to the entity', () => {
    expect(names('osd.3@11m')).toEqual(['sdb fail', 'osd.3 lost']);
    expect(names('osd.3@690')).toEqual(['sdb fail', 'osd.3 lost', 'osd.3 mark_out']);
    expect(names('osd/osd.3@00:11:01')).toHaveLength(3);
    expect(why(day, 'osd.3@690')).toMatchObject({
      state: 'osd/down.out',
      since_s: 660.5,
      time_s: 690,
      entity: { kind: 'osd', layer: 'sds' },
    });
  });

  it('answers for the end of the recording without a time, and for the bearer of the name then', () => {
    expect(why(day, 'sdb')).toMatchObject({ state: 'disk/failed', time_s: 800 });
    expect(why(day, 'osd.3')).toMatchObject({ state: 'osd/up.in', since_s: 800 });
    expect(why(day, 'osd.3@750')).toMatchObject({ state: 'removed', since_s: 700 });
  });

  it('takes an @ in a name for what it is', () => {
    expect(why(day, 'a@b').entity.name).toBe('a@b');
    expect(why(day, 'a@b@5').time_s).toBe(5);
  });

  it('explains what it cannot answer', () => {
    const fails = (query: string, code: string, text: RegExp) => {
      const error = (() => {
        try {
          return why(day, query);
        } catch (thrown) {
          return thrown as { code: string; message: string; advice: string };
        }
      })() as { code: string; message: string; advice: string };
      expect(error.code).toBe(code);
      expect(`${error.message} ${error.advice}`).toMatch(text);
    };
    fails('osd.4', 'WHY_UNKNOWN_ENTITY', /`osd\.4`.* osd\/osd\.3/);
    fails('dsik/sdb', 'WHY_UNKNOWN_ENTITY', /disk\/sdb/);
    fails('web', 'WHY_AMBIGUOUS_ENTITY', /server\/web, host-os\/web/);
    fails('sdb@noon', 'WHY_BAD_TIME', /`noon`/);
    const late = recordAndOpen((r) => new Scribe(r).create(5, 'late', 'disk/ok'));
    expect(() => why(late, 'late@4')).toThrow(/created at 00:00:05\.000/);
  });

  it('suggests the nearest names first', () => {
    expect(nearest(day, 'osd3')[0]).toBe('osd/osd.3');
    expect(nearest(day, 'sdc', 1)).toEqual(['disk/sdb']);
  });

  it('has an answer for every entity at any time of its life', () => {
    fc.assert(
      fc.property(history, fc.double({ min: 0, max: 1, noNaN: true }), (steps, part) => {
        const recording = recordAndOpen((r) => play(steps, r));
        const { entities } = recording;
        for (const entity of entities.numbers()) {
          const time_s = part * recording.end_s;
          const query = `${entities.kind(entity)}/${entities.name(entity)}@${time_s.toFixed(9)}`;
          if (entities.byName().get(entities.name(entity))?.length !== 1) continue;
          const asked_s = Number(time_s.toFixed(9));
          if (recording.rowsUntil(asked_s) <= entities.createdRow[entity]) continue;
          const answer = why(recording, query);
          const snapshot = recording.stateAt(asked_s);
          const state = recording.states[snapshot.state[entity]]?.name ?? 'removed';
          expect(answer.state).toBe(state);
          if (state !== 'removed') expect(answer.steps.at(-1)?.row).toBe(snapshot.since[entity]);
          expect(recording.row(answer.steps[0].row).cause).toBe(-1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is told as a table', () => {
    expect(whyText(day, why(day, 'osd.3@690'))).toBe(
      [
        'osd.3 (osd, sds) is down.out since 00:11:00.500, for 29.5 s',
        'How it came to that:',
        '00:01:00.000           bare-metal  disk sdb   ok -> failed         fail      the disk reports an unrecoverable error',
        '00:01:00.500  +500 ms  sds         osd osd.3  up.in -> down.in     lost      the OSD no longer answers',
        '00:11:00.500     +10m  sds         osd osd.3  down.in -> down.out  mark_out  down for longer than mon_osd_down_out_interval',
        '',
      ].join('\n'),
    );
    expect(whyText(day, why(day, 'server/web@1'))).toContain('Nothing recorded');
  });
});

describe('times', () => {
  it('are read as they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
        expect(parseTime(formatTime(ms / 1000))).toBeCloseTo(ms / 1000, 6);
      }),
    );
    expect(formatTime(3 * 86_400 + 4 * 3_600 + 65.4321)).toBe('3d04:01:05.432');
  });

  it('are read as people write them, and nothing else is', () => {
    const good = { '90': 90, '90.5': 90.5, '1d2h': 93_600, '02:03': 7_380, '1d 02:03:04': 93_784 };
    for (const [text, time_s] of Object.entries(good)) expect(parseTime(text)).toBe(time_s);
    for (const text of ['', 'noon', '-5', '5x', '1:75', '5m junk', '1e3']) {
      expect(parseTime(text), text).toBeUndefined();
    }
  });

  it('have lengths that fit in a column', () => {
    const cases = { 0: '0 s', 0.35: '350 ms', 12.44: '12.4 s', 59.97: '1m', 310: '5m 10s' };
    for (const [s, text] of Object.entries(cases)) expect(roughDuration(Number(s))).toBe(text);
    expect(roughDuration(7_500)).toBe('2h 5m');
    expect(roughDuration(86_390)).toBe('1d');
    expect(roughDuration(0.0000125)).toBe('0.0125 ms');
  });
});
