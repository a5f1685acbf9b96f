import { expect, test } from 'vitest';
import { type MarkedIncident, markIncidents } from '../../cli/report/mark-counts.ts';
import { MARKS } from '../../cli/report/marks.ts';
import { findIncidents, type Incident, type KindImpact } from '../../engine/incidents/incidents.ts';
import { Troubles } from '../../engine/incidents/troubles.ts';
import { record, type Scribe } from './scribe.ts';

function incidentsOf(write: (scribe: Scribe) => void): MarkedIncident[] {
  const troubles = new Troubles(record(write));
  return markIncidents(troubles, findIncidents(troubles));
}

/** A machine with a host OS and a server on it, all serving at 10 s. */
function host(s: Scribe, name = 'm1') {
  const machine = s.create(0, 'machine', name, 'deployed+on');
  const os = s.create(5, 'host-os', name, 'running', 0);
  const server = s.create(10, 'server', `${name}-vm`, 'active.idle+UP', 0);
  return { machine, os, server };
}

const impact = (incident: Incident, kind: string): KindImpact | undefined =>
  incident.layers.flatMap(({ kinds }) => kinds).find((one) => one.kind === kind);

test('a fault takes layers down with its cause attached, and they heal', () => {
  const [incident, ...others] = incidentsOf((s) => {
    const { machine, os, server } = host(s);
    const fail = s.move(100, machine, 'fail', 'deployed+dead');
    const off = s.move(100.5, os, 'power_loss', 'off', fail);
    s.move(103, server, 'lost', 'active.idle+UNKNOWN', off);
    const repair = s.move(400, machine, 'repair', 'deployed+off');
    const on = s.move(410, machine, 'power_on', 'deployed+on', repair);
    const boot = s.move(410, os, 'power_on', 'booting', on);
    const up = s.move(450, os, 'done', 'running', boot);
    s.move(460, server, 'restored', 'active.idle+UP', up);
  });
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    time_s: 100,
    kind: 'machine',
    name: 'm1',
    event: 'fail',
    out: 3,
    lost: 0,
    repaired_s: 410,
    back_s: 460,
    whole_s: 460,
    open: [],
  });
  expect(incident.reason).not.toBe('');
  expect(incident.layers.map(({ layer }) => layer)).toEqual([
    'bare-metal',
    'operating-system',
    'iaas',
  ]);
  expect(impact(incident, 'host-os')).toMatchObject({
    out: 1,
    impaired: 0,
    names: ['m1'],
    first_s: 100.5,
    longest_s: 349.5,
    back_s: 450,
  });
  expect(incident.outage_s).toBe(310 + 349.5 + 357);
});

test('a repair belongs to the incident of its fault, and so does what it disturbs', () => {
  const incidents = incidentsOf((s) => {
    const disk = s.create(0, 'disk', 'd1', 'running');
    const pg = s.create(0, 'pg', '1.0', 'active+clean');
    const fail = s.move(10, disk, 'fail', 'failed');
    s.move(11, pg, 'new_interval', 'peering', fail);
    s.move(13, pg, 'activate_undersized', 'active+undersized+degraded', fail);
    const repair = s.move(100, disk, 'repair', 'running');
    s.move(105, pg, 'new_interval', 'peering', repair);
    s.move(107, pg, 'activate_degraded', 'active+recovering+degraded', repair);
    s.move(150, pg, 'done', 'active+clean', repair);
  });
  expect(incidents).toHaveLength(1);
  const [incident] = incidents;
  expect(incident).toMatchObject({ out: 2, back_s: 107, whole_s: 150, repaired_s: 100 });
  expect(impact(incident, 'pg')).toMatchObject({ out: 1, longest_s: 2, first_s: 11 });
});

test('what is asked of an entity that is out belongs to no incident', () => {
  const [incident] = incidentsOf((s) => {
    const { machine, server } = host(s);
    const volume = s.create(20, 'volume', 'v', 'in-use+up', 0);
    const fail = s.move(100, machine, 'fail', 'deployed+dead');
    s.move(101, server, 'lost', 'active.idle+UNKNOWN', fail);
    const asked = s.move(110, server, 'delete', 'active.deleting+UNKNOWN');
    const gone = s.move(115, volume, 'lost', 'in-use+down', asked);
    s.remove(120, volume, gone);
    s.remove(130, server, asked);
    s.move(400, machine, 'repair', 'deployed+on');
  });
  expect(impact(incident, 'server')).toMatchObject({ out: 1, back_s: 130 });
  expect(impact(incident, 'volume')).toBeUndefined();
  expect(incident.back_s).toBe(400);
});

test('an entity that something else heals counts as healed', () => {
  const [incident] = incidentsOf((s) => {
    const { machine, server } = host(s);
    const other = s.create(20, 'machine', 'm2', 'deployed+on');
    const fail = s.move(100, machine, 'fail', 'deployed+dead');
    s.move(101, server, 'lost', 'active.idle+UNKNOWN', fail);
    const work = s.move(150, other, 'power_off', 'deployed+off');
    s.move(160, server, 'restored', 'active.idle+UP', work);
  });
  expect(impact(incident, 'server')).toMatchObject({ back_s: 160 });
  expect(incident.back_s).toBe(Number.POSITIVE_INFINITY);
  expect(incident.open).toEqual([
    { kind: 'machine', state: 'deployed+dead', isOut: true, n: 1, names: ['m1'] },
  ]);
});

test('a second fault is an incident of its own, even on what is out already', () => {
  const incidents = incidentsOf((s) => {
    const first = s.create(0, 'pdu', 'p1', 'live+closed');
    const second = s.create(0, 'pdu', 'p2', 'live+closed');
    const machine = s.create(0, 'machine', 'm1', 'deployed+on');
    s.move(10, first, 'fail', 'live+failed');
    const dark = s.move(20, second, 'fail', 'live+failed');
    s.move(20, machine, 'lost', 'deployed+unpowered', dark);
    s.move(30, machine, 'fail', 'deployed+dead');
    s.move(40, second, 'repair', 'live+closed');
  });
  expect(incidents.map(({ name, out }) => [name, out])).toEqual([
    ['p1', 1],
    ['p2', 2],
    ['m1', 0],
  ]);
  expect(incidents[1].whole_s).toBe(Number.POSITIVE_INFINITY);
  expect(incidents[2]).toMatchObject({ whole_s: 30, layers: [] });
});

test('what is asked for is no incident, and ends as meant are no harm', () => {
  const incidents = incidentsOf((s) => {
    const { machine, server } = host(s);
    s.move(20, server, 'stop', 'active.powering-off+UP');
    const fail = s.move(100, machine, 'fail', 'deployed+dead');
    const pod = s.create(110, 'pod', 'report', 'Pending.Scheduling+NotReady', fail);
    s.move(120, pod, 'done', 'Running.Started+Ready', fail);
    const over = s.move(200, pod, 'succeeded', 'Succeeded+NotReady', fail);
    s.remove(210, pod, over);
  });
  expect(incidents).toHaveLength(1);
  expect(impact(incidents[0], 'pod')).toBeUndefined();
  expect(incidents[0].out).toBe(1);
});

test('a pod that failed with its node and was removed counts, until its removal', () => {
  const [incident] = incidentsOf((s) => {
    const node = s.create(0, 'node', 'n1', 'Ready+schedulable');
    const pod = s.create(0, 'pod', 'web-1', 'Running.Started+Ready', 0);
    const stop = s.move(100, node, 'kubelet_stop', 'unreporting+schedulable');
    const unknown = s.move(140, node, 'done', 'Unknown.tolerated+schedulable', stop);
    s.move(140, pod, 'node_unreachable', 'Running.Started+NodeLost', unknown);
    const evicted = s.move(440, node, 'done', 'Unknown.evicted+schedulable', unknown);
    const gone = s.remove(441, pod, evicted);
    const other = s.create(441, 'pod', 'web-2', 'Pending.Scheduling+NotReady', gone);
    s.move(450, other, 'started', 'Running.Started+Ready', gone);
    s.move(1000, node, 'kubelet_start', 'Ready+schedulable');
  });
  expect(incident).toMatchObject({ event: 'kubelet_stop', back_s: 1000, whole_s: 1000 });
  expect(impact(incident, 'pod')).toMatchObject({ out: 1, names: ['web-1'], back_s: 441 });
  const told = incident.marks.map(({ mark, n }) => [MARKS[mark].kind, MARKS[mark].one, n]);
  expect(told).toEqual([
    ['node', 'declared Unknown', 1],
    ['node', 'emptied', 1],
    ['pod', 'created in place of others', 1],
  ]);
});

test('serving on in a failed state is impaired, not out', () => {
  const [incident] = incidentsOf((s) => {
    const disk = s.create(0, 'disk', 'd1', 'running');
    const os = s.create(0, 'host-os', 'm1', 'running', 0);
    const fail = s.move(10, disk, 'fail', 'failed');
    s.move(10, os, 'degrade', 'degraded', fail);
    const repair = s.move(50, disk, 'repair', 'running');
    s.move(90, os, 'recover', 'running', repair);
  });
  expect(impact(incident, 'host-os')).toMatchObject({
    out: 0,
    impaired: 1,
    names: ['m1'],
    longest_s: 0,
    whole_s: 90,
  });
  expect(incident).toMatchObject({ out: 1, back_s: 50, whole_s: 90 });
});

test('one that stands by instead of taking its place back is well again', () => {
  const [incident] = incidentsOf((s) => {
    const one = s.create(0, 'mds', 'a', 'active');
    const two = s.create(0, 'mds', 'b', 'standby');
    const fail = s.move(10, one, 'fail', 'down');
    const replay = s.move(12, two, 'take_over', 'replay', fail);
    s.move(20, two, 'done', 'active', replay);
    const boot = s.move(30, one, 'start', 'boot', fail);
    s.move(40, one, 'done', 'standby', boot);
  });
  expect(impact(incident, 'mds')).toMatchObject({ out: 2, back_s: 40 });
  expect(incident.whole_s).toBe(40);
});

test('evacuations are told by their end: done, failed, or still under way', () => {
  const [incident] = incidentsOf((s) => {
    const machine = s.create(0, 'machine', 'm1', 'deployed+on');
    const servers = ['a', 'b', 'c', 'd'].map((name) =>
      s.create(10, 'server', name, 'active.idle+UP', 0),
    );
    const fail = s.move(100, machine, 'fail', 'deployed+dead');
    for (const server of servers) s.move(150, server, 'host_down', 'active.idle+DOWN', fail);
    for (const server of servers) s.move(160, server, 'evacuate', 'active.rebuilding+DOWN', fail);
    const [a, b, c, d] = servers;
    s.move(161, b, 'fault', 'error.idle+DOWN', fail);
    s.move(162, a, 'done', 'active.rebuild_block_device_mapping+UP', fail);
    s.move(163, a, 'done', 'active.rebuild_spawning+UP', fail);
    s.move(200, a, 'done', 'active.idle+UP', fail);
    const asked = s.move(210, d, 'delete', 'active.deleting+DOWN');
    s.remove(220, d, asked);
    s.move(230, c, 'done', 'active.rebuild_block_device_mapping+UP', fail);
  });
  const told = incident.marks.map(({ mark, names, first_s }) => [MARKS[mark].one, names, first_s]);
  expect(told).toEqual([
    ['evacuated', ['a'], 200],
    ['could not be evacuated', ['b'], 161],
    ['still being evacuated', ['c'], 230],
    ['in error', ['b'], 161],
  ]);
});

test('what was blocked is told with its longest time, what is lost with its number', () => {
  const [incident] = incidentsOf((s) => {
    const osd = s.create(0, 'osd', 'osd.0', 'up+in');
    const pgs = [0, 1].map((i) => s.create(0, 'pg', `1.${i}`, 'active+clean', 0));
    const server = s.create(0, 'server', 'vm', 'active.idle+UP', 0);
    const fail = s.move(10, osd, 'fail', 'crashed+in');
    for (const pg of pgs) s.move(11, pg, 'down', 'down', fail);
    const error = s.move(12, server, 'error_out', 'error.idle+UP', fail);
    s.move(20, pgs[0], 'new_interval', 'peering', fail);
    s.move(41, pgs[1], 'data_lost', 'incomplete', fail);
    s.move(60, server, 'lost', 'error.idle+UNKNOWN', error);
    s.metric(100, osd, 1);
  });
  const told = incident.marks.map(({ mark, ...count }) => ({ what: MARKS[mark].one, ...count }));
  expect(told).toMatchObject([
    { what: 'without enough copies for I/O', role: 'blocked', n: 2, longest_s: 30, still: 0 },
    { what: 'in error', role: 'error', n: 1, longest_s: 88, still: 1, first_s: 12, last_s: 12 },
    { what: 'without a complete copy', role: 'lost', n: 1, longest_s: 59, still: 1 },
  ]);
  expect(incident.lost).toBe(2);
});

test('samples and snapshots are neither causes nor outages', () => {
  const incidents = incidentsOf((s) => {
    const { machine } = host(s);
    s.metric(20, machine, 300);
    s.keyframe(30);
    const fail = s.move(40, machine, 'fail', 'deployed+dead');
    s.metric(50, machine, 0);
    s.keyframe(60);
    s.move(70, machine, 'repair', 'deployed+on', fail);
  });
  expect(incidents).toHaveLength(1);
  expect(incidents[0]).toMatchObject({ out: 1, whole_s: 70 });
});
