import { expect, it } from 'vitest';
import type { ReplicaResult } from '../../cli/capacity/replica.ts';
import { answerOf } from '../../cli/capacity/study.ts';
import { shortagesOf } from '../../cli/shortages.ts';
import type { Services } from '../../sim/services.ts';

const HOST = {
  ...{ flavor: 'large', hosts: 4, disabled: 0, candidates: 0, ignored: 0 },
  short: { vcpus: 0, memory: 4, disk: 1 },
} as const;
const NODE = {
  ...{ cluster: 'prod', pod: 'p', cpu: 1, memory_bytes: 1, isDaemon: false },
  ...{ nodes: 3, notReady: 0, unschedulable: 0 },
} as const;

function services(found: object): Services {
  return found as Services;
}

it('tells what a run ran out of, the earliest first, and equal ones as one', () => {
  const found = shortagesOf({
    services: services({
      servers: {
        overQuotas: [{ project: 'shop', exceeded: ['cores', 'ram'], times: 4, first_s: 40 }],
        noValidHosts: [
          { ...HOST, step: 'placement', times: 3, first_s: 500 },
          { ...HOST, step: 'ComputeFilter', times: 1, first_s: 600 },
        ],
      },
      sdn: { addressShortages: [{ network: 'lan', times: 2, first_s: 50 }] },
      clusters: {
        failedSchedulings: [
          { ...NODE, times: 5, first_s: 70, insufficient: { cpu: 3, memory: 0, pods: 0 } },
          { ...NODE, times: 1, first_s: 60, insufficient: { cpu: 2, memory: 0, pods: 0 } },
        ],
      },
    }),
  });
  expect(found).toEqual([
    { what: 'the quota of project shop (cores, ram)', times: 4, first_s: 40 },
    { what: 'addresses of network lan', times: 2, first_s: 50 },
    { what: 'a node of cluster prod (cpu)', times: 6, first_s: 60 },
    { what: 'a host for flavor large (memory, local disk)', times: 3, first_s: 500 },
    { what: 'a host for flavor large (room only on hosts that are down)', times: 1, first_s: 600 },
  ]);
});

it('has nothing to tell where no layer refuses anything', () => {
  expect(shortagesOf({ services: {} })).toEqual([]);
});

it('says over replicas how likely a shortage is, and after how much time', () => {
  const result = (first_s: number | undefined): ReplicaResult => ({
    ...{ point: 0, replica: 0, seed: 0, transitions: 0, energy_kwh: 1, invariantsHeld: true },
    ...{ usages: [], saturations: [] },
    shortages: first_s === undefined ? [] : [{ what: 'memory', times: 2, first_s }],
    objectives: [
      {
        ...{ name: 'room', measure: 'utilisation' as const, value: 0.9, limit: 0.8 },
        ...{ unit: 'ratio', of: 'peak vcpus', ok: first_s === undefined },
        ...(first_s !== undefined && { exceeded_s: first_s / 2 }),
      },
    ],
  });
  const { shortages, objectives } = answerOf({}, [result(100), result(undefined), result(300)]);
  expect(shortages).toHaveLength(1);
  expect(shortages[0].share.mean).toBeCloseTo(2 / 3);
  expect(shortages[0].first_s.mean).toBe(200);
  expect(shortages[0].times).toEqual({ mean: 2, low: 2, high: 2 });
  expect(objectives[0].exceeded_s?.mean).toBe(100);
});
