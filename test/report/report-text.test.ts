import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { beforeAll, expect, test } from 'vitest';
import { reportText } from '../../cli/report/report-text.ts';
import { PLAIN } from '../../cli/tools/text.ts';
import { openRecording } from '../../engine/recording/decode.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import type { Usage } from '../../sim/account.ts';
import { SMALL } from '../viz/synthetic.ts';
import { syntheticRecording } from '../viz/synthetic-day.ts';
import { record, type Scribe } from './scribe.ts';
import { summary } from './summary.ts';

/** A node dies with its pods at 1h; one of them is not back when the run ends. */
function day(s: Scribe): void {
  const machine = s.create(0, 'machine', 'm1', 'deployed+on');
  const node = s.create(60, 'node', 'n1', 'Ready+schedulable', 0);
  const pods = ['web-1', 'web-2'].map((name) =>
    s.create(90, 'pod', name, 'Running.Started+Ready', 0),
  );
  const fail = s.move(3600, machine, 'fail', 'deployed+dead');
  const lost = s.move(3601, node, 'lost', 'unreporting+schedulable', fail);
  const unknown = s.move(3640, node, 'done', 'Unknown.tolerated+schedulable', lost);
  for (const pod of pods)
    s.move(3640, pod, 'node_unreachable', 'Running.Started+NodeLost', unknown);
  const repair = s.move(7200, machine, 'repair', 'deployed+on');
  s.move(7260, node, 'restored', 'Ready+schedulable', repair);
  s.move(7270, pods[0], 'started', 'Running.Started+Ready', repair);
  s.diverge(80_000, node, 'NotReady+schedulable', 'the API says Ready=False');
  s.metric(86_400, machine, 200);
}

test('a day is told from the bring-up to the commands that repeat it', () => {
  const text = reportText(
    record(day),
    summary(
      {
        objectives: [
          {
            name: 'web-is-up',
            measure: 'availability',
            ok: false,
            value: 0.957,
            limit: 0.999,
            unit: 'ratio',
            of: 'pod/web-*',
          },
        ],
        invariants: [
          { name: 'quorum', ok: true, violations: 0 },
          {
            name: 'pods-run-on-ready-nodes',
            ok: false,
            violations: 2,
            firstViolation: {
              invariant: 'pods-run-on-ready-nodes',
              time_s: 3640,
              entity: 'pod/web-1',
              message: 'it is ready on a node that is not',
              row: 6,
            },
          },
        ],
        usages: [
          {
            resource: 'memory_bytes',
            capacity: 2 ** 40,
            used: 0,
            peakUsed: 2 ** 39,
            meanUsed: 2 ** 38,
            peakRatio: 0.5,
            peakCapacity: 2 ** 40,
            headroom: 2 ** 39,
            meanRatio: 0.25,
          },
        ],
        energy: {
          total_j: 86_400 * 1_500,
          peak_w: 2_000,
          racks: [{ name: 'r1', energy_j: 86_400 * 1_500, peak_w: 2_000 }],
        },
        excesses: [{ class: 'machine', from_s: 3600, to_s: 7200, worst: 1, budget: 0 }],
        divergences: 1,
        request: {
          path: 'my day.yaml',
          set: ['replicas=3'],
          until: '1d',
          profile: 'lab',
          out: 'out/day.arrow',
          html: 'out/day.html',
        },
      },
      {
        faults: {
          rates: [],
          script: [{ at_s: 3600, target: 'machine', name: 'm1' }],
          budget: { machine: 0 },
        },
        objectives: [
          { name: 'web-is-up', measure: 'availability', of: 'pod/web-*', at_least_ratio: 0.999 },
        ],
        site: {
          region: 'eu-1',
          flavors: {},
          racks: [{ name: 'r1', pdus: 2, switches: 2, power_limit_w: 12_000, machines: [] }],
        },
      },
    ),
    PLAIN,
  );
  expect(text).toMatchSnapshot();
});

test('colours change nothing but colours', () => {
  const recording = record(day);
  const coloured = reportText(recording, summary(), pc.createColors(true));
  expect(coloured).not.toBe(stripVTControlCharacters(coloured));
  expect(stripVTControlCharacters(coloured)).toBe(reportText(recording, summary(), PLAIN));
});

test('a run without a recording kept says how to keep one', () => {
  const text = reportText(
    record(() => {}),
    summary({ request: { path: 'a.yaml', set: [] } }),
    PLAIN,
  );
  expect(text).toContain('npx strata run a.yaml --seed 1 --out FILE.arrow');
  expect(text).toContain('Nothing came into service.');
  expect(text).toContain('nothing failed');
});

test('an empty description, site and stack leave no empty sections', () => {
  const text = reportText(
    record(() => {}),
    summary({}, { description: '' }),
    PLAIN,
  );
  expect(text).not.toMatch(/\n\n\n/);
  expect(text).not.toContain('Energy');
  expect(text).not.toContain('Objectives');
});

test('requests without a host are told with the numbers of placement and the filters', () => {
  const found = {
    flavor: 'large',
    step: 'placement',
    times: 12,
    first_s: 3_723,
    hosts: 4,
    disabled: 1,
    short: { vcpus: 1, memory: 3, disk: 0 },
    candidates: 0,
    ignored: 0,
  } as const;
  const noValidHosts = [
    found,
    { ...found, flavor: 'small', step: 'ComputeFilter', times: 1, candidates: 3, ignored: 1 },
    { ...found, step: 'ignored', times: 1, candidates: 2, ignored: 2 },
    { ...found, times: 1, hosts: 0 },
  ] as const;
  const text = reportText(
    record(() => {}),
    summary({ noValidHosts }),
    PLAIN,
  );
  const told = text.slice(text.indexOf('No valid host'), text.indexOf('The run')).trim();
  expect(told.split(/\n {2}(?=flavor)/).map((line) => line.replaceAll(/\n +/g, ' '))).toEqual([
    'No valid host was found  15 times',
    'flavor large, 12 times from 01:02:03: placement had no allocation candidate: of 4 compute hosts, 1 was disabled, 1 had too little room for its virtual CPUs and 3 had too little room for its memory.',
    'flavor small, at 01:02:03: placement had 3 candidates, of which 1 had been tried or was left; filter ComputeFilter returned 0 hosts: no nova-compute that is up.',
    'flavor large, at 01:02:03: placement had 2 candidates, all of which the server was on or had been tried on.',
    'flavor large, at 01:02:03: placement had no allocation candidate: no compute host had registered yet.',
  ]);
});

test('requests over quota are told with the quotas that they exceed', () => {
  const overQuotas = [
    { project: 'shop', exceeded: ['cores', 'ram'], times: 3, first_s: 3_723 },
    { project: 'lab', exceeded: ['volumes'], times: 1, first_s: 60 },
  ] as const;
  const text = reportText(
    record(() => {}),
    summary({ overQuotas, refusedServers: 4 }),
    PLAIN,
  );
  const told = text.slice(text.indexOf('Quota was'), text.indexOf('The run')).trim();
  expect(told.split(/\n +/)).toEqual([
    'Quota was exceeded  4 times',
    'project shop, 3 times from 01:02:03: quota exceeded for cores and ram.',
    'project lab, at 00:01:00: quota exceeded for volumes.',
  ]);
});

test('tells pods that waited for a node in the words of kube-scheduler', () => {
  const found = {
    ...{ cluster: 'prod', times: 12, first_s: 3_723, pod: 'prod-web-7', cpu: 0.5 },
    ...{ memory_bytes: 2 ** 29, isDaemon: false, nodes: 6, notReady: 1, unschedulable: 2 },
    insufficient: { cpu: 3, memory: 1, pods: 0 },
  } as const;
  const alone = { notReady: 0, unschedulable: 0, insufficient: { cpu: 0, memory: 0, pods: 1 } };
  const failedSchedulings = [
    found,
    { ...found, times: 1, nodes: 1, pod: 'prod-log-3', isDaemon: true, ...alone },
    { ...found, times: 1, nodes: 0 },
  ] as const;
  const waits = { ratio: 0.021, meanPods: 0.1, peakPods: 9, pods: 3 };
  const saturations = [
    { cluster: 'spare', ratio: 0, meanPods: 0, peakPods: 0, pods: 0 },
    { cluster: 'prod', ...waits },
  ];
  const text = reportText(
    record(() => {}),
    summary({ failedSchedulings, saturations }),
    PLAIN,
  );
  const told = text.slice(text.indexOf('No node was'), text.indexOf('The run')).trim();
  expect(told.replaceAll(/\n {6,}/g, ' ').split('\n')).toEqual([
    'No node was available for a pod  14 times',
    '  cluster prod: pods waited for 30m 14s of 1d, at most 9 at once; 3 wait at the end.',
    '    12 times from 01:02:03, first pod prod-web-7 (requests 0.5 CPU, 512 MiB): 0/6 nodes are available: 1 was not ready, 2 were cordoned, 3 Insufficient cpu and 1 Insufficient memory.',
    '    at 01:02:03, pod prod-log-3 (requests 0.5 CPU, 512 MiB): on its node: Too many pods.',
    '    at 01:02:03, pod prod-web-7 (requests 0.5 CPU, 512 MiB): no nodes available to schedule pods.',
  ]);
});

test('a cluster has rows of its own, with what is free at the peak', () => {
  const cpu: Usage = {
    resource: 'cpu_requests',
    cluster: 'prod',
    capacity: 24,
    used: 3,
    meanUsed: 12.5,
    peakUsed: 35,
    peakRatio: 35 / 36,
    peakCapacity: 36,
    headroom: 1,
    meanRatio: 0.5,
  };
  const text = reportText(
    record(() => {}),
    summary({ usages: [cpu] }),
    PLAIN,
  );
  expect(text).toMatch(/prod: CPU requests +12.5 +50 % +35 +97.2 % +24 \(36 at the peak\) +1\n/);
});

test('local disk has a row where servers use it', () => {
  const usage = { used: 0, meanUsed: 0, peakRatio: 0, meanRatio: 0, headroom: 0 };
  const size = { capacity: 2 ** 40, peakCapacity: 2 ** 40 };
  const disk = { resource: 'disk_bytes', ...size, ...usage } as const;
  const textOf = (peakUsed: number) =>
    reportText(
      record(() => {}),
      summary({ usages: [{ ...disk, peakUsed }] }),
      PLAIN,
    );
  expect(textOf(0)).not.toContain('Resources');
  expect(textOf(2 ** 39)).toMatch(/local disk .* 512 GiB .* 1 TiB/);
});

let synthetic: Recording;
beforeAll(() => {
  synthetic = openRecording(syntheticRecording(SMALL));
});

test('all nine layers of a day with six faults fit the width of a page', () => {
  const text = reportText(synthetic, summary(), PLAIN);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  const starts = text.split('\n').filter((line) => /^(\d+d)?\d\d:\d\d:\d\d {2}/.test(line));
  expect(starts.map((line) => line.split(' ')[2])).toEqual([
    ...['disk', 'machine', 'switch', 'rack', 'mon', 'node'],
  ]);
});

test('a year of small faults is told in numbers, the worst in full', () => {
  const recording = record((s) => {
    const disks = Array.from({ length: 40 }, (_, i) => s.create(0, 'disk', `d${i}`, 'running'));
    const server = s.create(0, 'server', 'vm', 'active.idle+UP', 0);
    let row = 0;
    disks.forEach((disk, i) => {
      row = s.move(1_000 * (i + 1), disk, 'fail', 'failed');
      if (i === 7) {
        s.move(8_001, server, 'lost', 'active.idle+UNKNOWN', row);
        s.move(8_010, server, 'restored', 'active.idle+UP', row);
      }
      s.move(1_000 * (i + 1) + 500, disk, 'repair', 'running');
    });
  });
  const text = reportText(recording, summary(), PLAIN);
  expect(text).toContain('40 faults. Those that mattered most:');
  expect(text).toContain('disk d7 fails');
  expect(text).not.toContain('disk d8 fails');
  expect(text).toMatch(/disk \(fail\) +39 +1 +1 +never +8m 20s +8m 20s/);
});
