import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventDensity, laneOf, lanePeaks, logShare } from '../../viz/page/density.ts';
import {
  advance,
  nextEvent,
  otherSpeed,
  previousEvent,
  SPEEDS,
  suitableSpeed,
} from '../../viz/page/playback.ts';
import { incidentView, panView, revealView, zoomView } from '../../viz/page/timeview.ts';

const time = fc.integer({ min: 0, max: 1000 });
const times = fc.array(time, { maxLength: 50 }).map((all) => Float64Array.from(all).sort());
const span = fc
  .tuple(time, fc.integer({ min: 1, max: 1000 }))
  .map(([from, width]) => [from, from + width] as const);

describe('eventDensity', () => {
  it('counts every event within the span once', () => {
    fc.assert(
      fc.property(times, span, fc.integer({ min: 1, max: 60 }), (all, [from, to], bins) => {
        const sum = eventDensity(all, from, to, bins).reduce((a, b) => a + b, 0);
        expect(sum).toBe([...all].filter((t) => t >= from && t <= to).length);
      }),
    );
  });

  it('puts an event into the bin that its time falls into', () => {
    expect([...eventDensity(Float64Array.of(0, 1, 2.5, 9.9, 10), 0, 10, 5)]).toEqual([
      2, 1, 0, 0, 2,
    ]);
  });
});

describe('lanes', () => {
  const interval = fc
    .tuple(time, fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constant(Number.POSITIVE_INFINITY)))
    .map(([start_s, length]) => ({ start_s, end_s: start_s + length }));

  it('hold at each instant the number of intervals that cover it', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 30 }), time, (intervals, at_s) => {
        const lane = laneOf(intervals);
        const i = lane.time_s.findLastIndex((t) => t <= at_s);
        const covering = intervals.filter((x) => x.start_s <= at_s && at_s < x.end_s).length;
        expect(i < 0 ? 0 : lane.level[i]).toBe(covering);
        expect(lane.peak).toBe(Math.max(0, ...lane.level));
      }),
    );
  });

  it('give for each bin the most at any instant within it', () => {
    fc.assert(
      fc.property(
        fc.array(interval, { maxLength: 12 }),
        fc.integer({ min: 1, max: 20 }),
        (intervals, bins) => {
          const peaks = lanePeaks(laneOf(intervals), 0, 20 * bins, bins);
          for (let bin = 0; bin < bins; bin++) {
            let most = 0;
            for (let t = 20 * bin; t < 20 * (bin + 1); t++) {
              most = Math.max(most, intervals.filter((x) => x.start_s <= t && t < x.end_s).length);
            }
            expect(peaks[bin]).toBe(most);
          }
        },
      ),
    );
  });

  it('show one beside a million', () => {
    expect(logShare(0, 1_000_000)).toBe(0);
    expect(logShare(1, 1_000_000)).toBeGreaterThan(0.05);
    expect(logShare(1_000_000, 1_000_000)).toBe(1);
  });
});

describe('view of the timeline', () => {
  const bounds = [0, 1000] as const;
  const view = fc
    .tuple(time, time)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const inBounds = ([from, to]: readonly [number, number]): void => {
    expect(from).toBeGreaterThanOrEqual(0);
    expect(to).toBeLessThanOrEqual(1000);
    expect(to).toBeGreaterThan(from);
  };

  it('zooms about the anchor and stays within the recording', () => {
    fc.assert(
      fc.property(
        view,
        fc.double({ min: 0.1, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (v, factor, share) => {
          const anchor = v[0] + share * (v[1] - v[0]);
          const next = zoomView(v, factor, anchor, bounds);
          inBounds(next);
          expect(next[1] - next[0]).toBeCloseTo((v[1] - v[0]) * factor, 6);
          expect(next[0] + share * (next[1] - next[0])).toBeCloseTo(anchor, 6);
          inBounds(zoomView(v, 1 / factor, anchor, bounds));
        },
      ),
    );
  });

  it('keeps its width when moved', () => {
    fc.assert(
      fc.property(view, fc.integer({ min: -2000, max: 2000 }), (v, by) => {
        const next = panView(v, by, bounds);
        inBounds(next);
        expect(next[1] - next[0]).toBeCloseTo(v[1] - v[0], 6);
      }),
    );
  });

  it('reveals an instant, and moves only for one it does not show', () => {
    fc.assert(
      fc.property(view, time, (v, t) => {
        const next = revealView(v, t, bounds);
        expect(next[0]).toBeLessThanOrEqual(t);
        expect(next[1]).toBeGreaterThanOrEqual(t);
        if (t >= v[0] && t <= v[1]) expect(next).toBe(v);
      }),
    );
  });

  it('shows the whole of an incident, to the end of the recording if it never healed', () => {
    expect(incidentView(100, 200, bounds)).toEqual([85, 215]);
    expect(incidentView(900, Number.POSITIVE_INFINITY, bounds)).toEqual([885, 1000]);
  });
});

describe('playback', () => {
  it('steps to the next event and back', () => {
    fc.assert(
      fc.property(times, time, (all, t) => {
        const after = nextEvent(all, t, 2000);
        const expected = [...all].find((x) => x > t);
        expect(after).toBe(expected ?? 2000);
        expect(previousEvent(all, t, -1)).toBe([...all].findLast((x) => x < t) ?? -1);
      }),
    );
  });

  it('advances by the speed and stops at the end', () => {
    expect(advance(10, 500, 60, 1000)).toBe(40);
    expect(advance(990, 500, 60, 1000)).toBe(1000);
  });

  it('chooses a speed that shows the recording in about a minute', () => {
    expect(suitableSpeed(3600)).toBe(60);
    expect(suitableSpeed(86_400)).toBe(600);
    expect(suitableSpeed(0)).toBe(SPEEDS[0]);
  });

  it('changes speed within the scale', () => {
    expect(otherSpeed(60, 1)).toBe(600);
    expect(otherSpeed(SPEEDS[0], -1)).toBe(SPEEDS[0]);
    expect(otherSpeed(SPEEDS[SPEEDS.length - 1], 3)).toBe(SPEEDS[SPEEDS.length - 1]);
  });
});
