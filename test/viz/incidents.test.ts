import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStory } from '../../cli/report/story.ts';
import { Troubles } from '../../engine/incidents/troubles.ts';
import { openRecording } from '../../engine/recording/decode.ts';
import { LAYERS } from '../../model/layers.ts';
import { causeLinks } from '../../viz/page/chain.ts';
import { readHash } from '../../viz/page/hash.ts';
import { readIncidents } from '../../viz/page/incidents.ts';
import { reach } from '../../viz/page/links.ts';
import { nextIncident, previousIncident } from '../../viz/page/playback.ts';
import { buildReplay, fullName } from '../../viz/page/replay.ts';
import { tellingPlace } from '../../viz/telling.ts';
import { history, play, recordAndOpen, recordBytes, Scribe } from '../recording/build.ts';
import { SMALL } from './synthetic.ts';
import { syntheticRecording } from './synthetic-day.ts';

describe('causeLinks', () => {
  it('holds every row of the chain, one run per entity', () => {
    fc.assert(
      fc.property(history, fc.nat(), (steps, pick) => {
        const recording = recordAndOpen((r) => void play(steps, r));
        fc.pre(recording.rows > 0);
        const row = pick % recording.rows;
        const links = causeLinks(recording, row);
        expect(links.flatMap((link) => link.rows)).toEqual(recording.causes(row));
        for (const [i, link] of links.entries()) {
          for (const r of link.rows) expect(recording.row(r).entity).toBe(link.entity);
          if (i > 0) expect(link.entity).not.toBe(links[i - 1].entity);
        }
      }),
    );
  });
});

describe('incidents', () => {
  it('are those that the report tells, with the same numbers', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const recording = recordAndOpen((r) => void play(steps, r));
        fc.pre(recording.rows > 0);
        const { told, rest } = readStory(new Troubles(recording), []);
        const faults = readIncidents(recording).incidents.filter(({ fault }) => fault);
        expect(faults).toHaveLength(told.length + rest.reduce((sum, { n }) => sum + n, 0));
        for (const { row, out, whole_s } of told) {
          expect(faults).toContainEqual(expect.objectContaining({ row, out, whole_s }));
        }
        for (const { taken, out } of faults) expect(taken.reduce((a, b) => a + b, 0)).toBe(out);
      }),
    );
  });

  it('are told from the example', () => {
    const recording = recordAndOpen((r) => {
      const s = new Scribe(r);
      const disk = s.create(0, 'sda', 'disk/ok');
      const osd = s.create(1, 'osd.0', 'osd/up.in');
      const other = s.create(1, 'osd.1', 'osd/up.in');
      const failure = s.move(10, disk, 'fail', 'disk/failed');
      s.move(11, osd, 'lost', 'osd/down.in', failure);
      s.remove(40, osd);
      s.move(50, other, 'mark_out', 'osd/down.out');
      s.move(60, disk, 'restored', 'disk/ok');
    });
    const { incidents, outages } = readIncidents(recording);
    expect(outages.map((o) => [recording.entities.name(o.entity), o.start_s, o.end_s])).toEqual([
      ['sda', 10, 60],
      ['osd.0', 11, 40],
      ['osd.1', 50, Number.POSITIVE_INFINITY],
    ]);
    const [first, second] = incidents;
    expect(first).toMatchObject({ time_s: 10, whole_s: 60, out: 2, fault: true });
    expect(first.taken[LAYERS.indexOf('bare-metal')]).toBe(1);
    expect(first.taken[LAYERS.indexOf('sds')]).toBe(1);
    expect(second).toMatchObject({ time_s: 50, whole_s: Number.POSITIVE_INFINITY, out: 1 });
    expect(nextIncident([first, second], 10)).toBe(second);
    expect(previousIncident([first, second], 50)).toBe(first);
    expect(previousIncident([first, second], 10)).toBeUndefined();
  });
});

it('what was asked for is no fault, even if something else fails by it', () => {
  const recording = recordAndOpen((r) => {
    const s = new Scribe(r);
    const host = s.create(0, 'host', 'host-os/running');
    const server = s.create(0, 'web', 'server/active');
    const reboot = s.move(5, host, 'boot', 'host-os/booting');
    s.move(6, server, 'lost', 'server/error', reboot);
    s.move(60, host, 'booted', 'host-os/running', reboot);
  });
  const { incidents, outages } = readIncidents(recording);
  expect(incidents).toMatchObject([{ out: 2, fault: false }]);
  expect(outages).toEqual([]);
});

describe('incidents of a made-up day', () => {
  const replay = buildReplay(openRecording(syntheticRecording(SMALL)));
  const faults = readIncidents(replay.recording).incidents.filter(({ fault }) => fault);

  it('are the faults that were injected', () => {
    expect(faults.map((incident) => fullName(replay, incident.entity))).toEqual([
      'disk/r1-n2-sdc',
      'machine/r2-n3',
      'switch/r3-tor',
      'rack/r2',
      'mon/b',
      'node/k8s-r1-n1-0',
    ]);
  });

  it('a rack takes down everything that stands on it, up to the pods', () => {
    const rack = faults[3];
    const of = (layer: (typeof LAYERS)[number]) => rack.taken[LAYERS.indexOf(layer)];
    // The rack, 2 PDUs, a switch, 8 machines with 4 disks and a NIC each.
    expect(of('bare-metal')).toBe(1 + 2 + 1 + 8 * (1 + 4 + 1));
    expect(of('operating-system')).toBe(8 * 4);
    expect(of('sds')).toBe(8 * 3 + 1);
    expect(of('caas')).toBe(8 * (1 + 3));
  });
});

describe('tellingPlace', () => {
  it('is the worst moment, and an entity with its cause far below', () => {
    const { time_s, entity } = readHash(tellingPlace(syntheticRecording(SMALL)));
    expect(time_s).toBeGreaterThan(0.55 * SMALL.duration_s);
    expect(time_s).toBeLessThan(0.574 * SMALL.duration_s);
    expect(entity).toMatch(/^(node|pod)\//);
  });

  it('is the end where nothing fails', () => {
    const bytes = recordBytes((r) => void new Scribe(r).create(7, 'sda', 'disk/ok'));
    expect(tellingPlace(bytes)).toBe('#t=7');
  });
});

describe('reach', () => {
  it('finds what can be reached, and an edge for every link passed', () => {
    const links = fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { maxLength: 40 });
    fc.assert(
      fc.property(links, (pairs) => {
        const next = (e: number) => [...new Set(pairs.filter(([a]) => a === e).map(([, b]) => b))];
        const { entities, edges, cut } = reach(0, 100, next);
        const expected = new Set<number>();
        const visit = (e: number): void => {
          for (const to of next(e)) {
            if (to === 0 || expected.has(to)) continue;
            expected.add(to);
            visit(to);
          }
        };
        visit(0);
        expect(cut).toBe(false);
        expect([...entities].sort()).toEqual([...expected].sort());
        const passed = [0, ...entities].flatMap((e) => next(e).filter((to) => to !== 0));
        expect(edges).toHaveLength(passed.length);
      }),
    );
  });

  it('stops at the limit and says so', () => {
    const { entities, cut } = reach(0, 3, (e) => [e + 1]);
    expect([...entities]).toEqual([1, 2, 3]);
    expect(cut).toBe(true);
  });
});
