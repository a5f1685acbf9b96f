import { describe, expect, it } from 'vitest';
import { standardModel } from '../../engine/standard-model.ts';
import { KINDS as CAAS } from '../../model/caas/index.ts';
import { KINDS as CONTAINER } from '../../model/container/index.ts';
import { KINDS as ORCHESTRATION } from '../../model/orchestration/index.ts';
import type { ProfileTimings } from '../../sim/profile.ts';
import { DATACENTER_CAAS } from '../../sim/profiles/datacenter/caas.ts';
import { DATACENTER_CONTAINER } from '../../sim/profiles/datacenter/container.ts';
import { DATACENTER_ORCHESTRATION } from '../../sim/profiles/datacenter/orchestration.ts';
import { LAB_CAAS } from '../../sim/profiles/lab/caas.ts';
import { LAB_CONTAINER } from '../../sim/profiles/lab/container.ts';
import { LAB_ORCHESTRATION } from '../../sim/profiles/lab/orchestration.ts';
import { cluster, Upper, workload } from './upper-layers.ts';

const one = () =>
  new Upper({ kubernetes: [cluster({ count: 1, deployments: [workload('web', 2)] })] }).run(200);

describe('a runtime', () => {
  it('whose daemon is killed keeps its containers, and its node is NotReady until it is back', () => {
    const u = one();
    const runtime = u.find('container-runtime', 'k-worker-1');
    u.send(runtime, 'kill').run(1);
    expect(u.state(runtime)).toBe('down');
    expect(u.states('node')).toEqual(['NotReady+schedulable']);
    expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 2 });
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 2 });
    u.run(10);
    expect(u.state(runtime)).toBe('ready');
    expect(u.states('node')).toEqual(['Ready+schedulable']);
    expect(u.rows.list.filter((r) => stateName(u, r.to) === 'container/CONTAINER_UNKNOWN')).toEqual(
      [],
    );
  });

  it('finds its containers again when its server was cut off', () => {
    const u = one();
    const containers = u.all('container').map((c) => u.engine.uidOf(c));
    u.lose(u.servers[0]);
    expect(u.states('container-runtime')).toEqual(['unreachable']);
    expect(u.count('sandbox')).toEqual({ unreachable: 2 });
    expect(u.count('container')).toEqual({ CONTAINER_UNKNOWN: 2 });
    u.restore(u.servers[0], false).run(5);
    expect(u.states('container-runtime')).toEqual(['ready']);
    expect(u.all('container').map((c) => u.engine.uidOf(c))).toEqual(containers);
    expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 2 });
  });

  it('finds none when its server was rebooted; the kubelet makes new ones', () => {
    const u = one();
    const containers = u.all('container').map((c) => u.engine.uidOf(c));
    u.lose(u.servers[0]).run(5).restore(u.servers[0], true).run(200);
    expect(u.rows.list.map((r) => stateName(u, r.to))).toContain(
      'container/CONTAINER_EXITED.Unknown',
    );
    expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 2 });
    for (const c of u.all('container')) expect(containers).not.toContain(u.engine.uidOf(c));
  });

  it('cut off in the middle of a pull pulls again', () => {
    const slow = { 'container-image.pull_rate_bytes_per_s': constant(1e6) };
    const u = new Upper(
      { kubernetes: [cluster({ count: 1, deployments: [workload('web', 1)] })] },
      1,
      slow,
    ).run(60);
    expect(u.states('container-image')).toEqual(['pulling']);
    u.lose(u.servers[0]);
    expect(u.states('container-image')).toEqual(['failed']);
    u.restore(u.servers[0], false).run(200);
    expect(u.states('container-image')).toEqual(['present']);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 1 });
  });
});

describe('an image', () => {
  it('takes as long as its size and the rate say, and is there for the next pod', () => {
    const timings = {
      'container-image.pull': constant(1),
      'container-image.pull_rate_bytes_per_s': constant(5e6),
    };
    const u = new Upper(
      { kubernetes: [cluster({ count: 1, deployments: [workload('web', 3)] })] },
      1,
      timings,
    ).run(200);
    const rows = u.rows.list.filter((r) => stateName(u, r.to).startsWith('container-image/'));
    const at = (state: string) =>
      rows.find((r) => stateName(u, r.to) === `container-image/${state}`)!.time_s;
    expect(at('present') - at('pulling')).toBeCloseTo(1e8 / 5e6 + 1);
    expect(u.all('container-image')).toHaveLength(1);
    expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 3 });
  });
});

it('machines of the flavors named run a runtime of their own', () => {
  const containers = { on: ['box'], images: {} } as const;
  const u = new Upper({ containers }, 1, {}, { box: 1, other: 1 }).run(10);
  expect(u.all('container-runtime').map((r) => u.engine.names[r])).toEqual(['box-1']);
  expect(u.states('container-runtime')).toEqual(['ready']);
});

function constant(value: number) {
  return { distribution: { type: 'constant', value } as const, source: 'test' };
}

function stateName(u: Upper, state: number): string {
  return u.engine.model.stateNames[state];
}

describe('timing profiles know every verb and every timeout, with a source', () => {
  const profiles: readonly (readonly [string, readonly { kind: string }[], ProfileTimings])[] = [
    ['container in lab', CONTAINER, LAB_CONTAINER],
    ['container in datacenter', CONTAINER, DATACENTER_CONTAINER],
    ['caas in lab', CAAS, LAB_CAAS],
    ['caas in datacenter', CAAS, DATACENTER_CAAS],
    ['orchestration in lab', ORCHESTRATION, LAB_ORCHESTRATION],
    ['orchestration in datacenter', ORCHESTRATION, DATACENTER_ORCHESTRATION],
  ];
  it.each(profiles)('%s', (_, kinds, timings) => {
    const own = new Set(kinds.map((k) => k.kind));
    const { verbNames, delayNames } = standardModel();
    const wanted = [...verbNames, ...delayNames].filter((key) => own.has(key.split('.')[0]));
    expect(wanted.filter((key) => !Object.hasOwn(timings, key))).toEqual([]);
    for (const { source } of Object.values(timings)) expect(source.length).toBeGreaterThan(10);
  });
});
