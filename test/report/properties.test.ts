import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findBringUp } from '../../engine/incidents/bring-up.ts';
import { findIncidents } from '../../engine/incidents/incidents.ts';
import { Troubles } from '../../engine/incidents/troubles.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { history, play, recordAndOpen } from '../recording/build.ts';
import { slowTroubles } from './brute-force.ts';

const recordings: fc.Arbitrary<Recording> = history.map((steps) =>
  recordAndOpen((recorder) => {
    play(steps, recorder);
  }),
);

test('outages and impaired times are those of a search row by row', () => {
  fc.assert(
    fc.property(recordings, (recording) => {
      const troubles = new Troubles(recording);
      const slow = slowTroubles(recording);
      for (const what of ['outages', 'impaired'] as const) {
        const table = troubles[what];
        const fast = Array.from({ length: table.count }, (_, i) => ({
          entity: table.entity[i],
          start_s: table.start_s[i],
          end_s: table.end_s[i],
          origin: troubles.origins.row[table.origin[i]],
        }));
        expect(fast).toEqual(slow[what]);
      }
      expect(findIncidents(troubles).map(({ row }) => row)).toEqual(slow.faults);
    }),
    { numRuns: 300 },
  );
});

test('counts and times of incidents agree with their outages', () => {
  fc.assert(
    fc.property(recordings, (recording) => {
      const slow = slowTroubles(recording);
      for (const incident of findIncidents(new Troubles(recording))) {
        // Those that ended without failing, without a loss and not as the fault itself are left out.
        const mine = slow.outages.filter(({ origin }) => origin === incident.row);
        const distinct = new Set(mine.map(({ entity }) => entity));
        expect(incident.out).toBeLessThanOrEqual(distinct.size);
        for (const layer of incident.layers) {
          expect(layer.first_s).toBeGreaterThanOrEqual(incident.time_s);
          expect(layer.whole_s).toBeGreaterThanOrEqual(layer.first_s);
          expect(layer.whole_s).toBeGreaterThanOrEqual(layer.back_s);
          expect(layer.outage_s).toBeGreaterThanOrEqual(0);
          expect(layer.out + layer.impaired).toBeGreaterThan(0);
          for (const kind of layer.kinds) {
            const ofKind = [...distinct].filter((e) => recording.entities.kind(e) === kind.kind);
            expect(kind.out).toBeLessThanOrEqual(ofKind.length);
            expect(kind.names.length).toBeLessThanOrEqual(Math.max(kind.out, kind.impaired));
          }
        }
        expect(incident.whole_s).toBeGreaterThanOrEqual(incident.back_s);
        expect(incident.back_s).toBeGreaterThanOrEqual(incident.time_s);
        expect(incident.whole_s === Number.POSITIVE_INFINITY).toBe(incident.open.length > 0);
      }
    }),
    { numRuns: 300 },
  );
});

test('the bring-up ends when the last of its layers is whole', () => {
  fc.assert(
    fc.property(recordings, (recording) => {
      const { end_s, layers } = findBringUp(new Troubles(recording));
      for (const { whole_s } of layers) {
        expect(whole_s).toBeGreaterThanOrEqual(recording.start_s);
        expect(whole_s).toBeLessThanOrEqual(end_s ?? recording.end_s);
      }
    }),
    { numRuns: 300 },
  );
});
