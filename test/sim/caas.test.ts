import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaleDownRoom, surgeRoom } from '../../sim/caas/deployments.ts';
import { desiredReplicas, steadyBand } from '../../sim/caas/hpa.ts';
import { Load } from '../../sim/caas/load.ts';
import { feasibleNodesToFind } from '../../sim/caas/scheduler.ts';
import {
  balancedAllocationScore,
  imageLocalityScore,
  leastAllocatedScore,
  spreadingScores,
} from '../../sim/caas/scores.ts';
import { cluster, Upper, workload } from './upper-layers.ts';

/** Long enough for every pod to be up, and for short back-offs. */
const UP_s = 200;
const at = (spec: Parameters<typeof cluster>[0], seed = 1) =>
  new Upper({ kubernetes: [cluster(spec)] }, seed).run(UP_s);

describe('bringing a cluster up', () => {
  const u = at({
    deployments: [workload('web', 6)],
    stateful_sets: [workload('db', 3, { claim_bytes: 1e9 })],
    daemon_sets: [workload('log', 1, { service: false })],
  });

  it('makes every object ready', () => {
    expect(u.count('node')).toEqual({ 'Ready+schedulable': 3 });
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 12 });
    expect(u.count('deployment')).toEqual({ 'complete+Available': 1 });
    expect(u.count('replica-set')).toEqual({ ready: 1 });
    expect(u.count('stateful-set')).toEqual({ ready: 1 });
    expect(u.count('daemon-set')).toEqual({ ready: 1 });
    expect(u.count('pvc')).toEqual({ 'Bound.usable': 3 });
    expect(u.count('service')).toEqual({ available: 2 });
  });

  it('pulls an image once for each node', () => {
    expect(u.count('container-image')).toEqual({ present: 3 });
  });

  it('spreads the pods of a set over the nodes', () => {
    for (const name of ['k-web', 'k-log', 'k-db']) {
      expect(new Set(u.placesOf(name)).size, name).toBe(3);
    }
  });

  it('makes the pods of a stateful set one after the other', () => {
    const created = u.rows.list.filter((r) => /^k-db-\d$/.test(r.detail));
    const times = created.filter((r) => nameOf(u, r.to).startsWith('pod/')).map((r) => r.time_s);
    expect(times).toHaveLength(3);
    expect(times[1]).toBeGreaterThan(times[0] + 1);
    expect(times[2]).toBeGreaterThan(times[1] + 1);
  });

  it('is the same with the same seed, and another with another', () => {
    const spec = { deployments: [workload('web', 6)] };
    expect(at(spec, 7).rows.list).toEqual(at(spec, 7).rows.list);
    expect(at(spec, 7).rows.list).not.toEqual(at(spec, 8).rows.list);
  });
});

function nameOf(u: Upper, state: number): string {
  return u.engine.model.stateNames[state];
}

describe('rolling updates', () => {
  it('never have too few ready pods, nor too many at all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1000), (replicas, seed) => {
        const u = at({ deployments: [workload('web', replicas, { cpu: 0.2 })] }, seed);
        const deployment = u.find('deployment', 'k-web');
        u.send(deployment, 'rollout');
        const fewest = replicas - Math.floor(replicas / 4);
        const most = replicas + Math.ceil(replicas / 4);
        for (let i = 0; i < 400; i++) {
          u.run(0.5);
          const states = u.states('pod');
          const alive = states.filter((s) => !s.startsWith('Terminating'));
          expect(alive.length).toBeLessThanOrEqual(most);
          expect(states.filter((s) => s.endsWith('+Ready')).length).toBeGreaterThanOrEqual(fewest);
        }
        expect(u.state(deployment)).toBe('complete+Available');
        expect(u.states('replica-set').sort()).toEqual(['ready', 'retired']);
        expect(u.all('pod')).toHaveLength(replicas);
      }),
      { numRuns: 10 },
    );
  });

  it('replace the pods of a stateful set from the highest ordinal down', () => {
    const u = at({ stateful_sets: [workload('db', 3, { claim_bytes: 1e9 })] });
    const set = u.find('stateful-set', 'k-db');
    const since = u.rows.rows;
    u.send(set, 'rollout').run(200);
    expect(u.state(set)).toBe('ready');
    const created = u.rows.list.slice(since).filter((r) => /^k-db-\d$/.test(r.detail));
    const pods = created.filter((r) => nameOf(u, r.to).startsWith('pod/')).map((r) => r.detail);
    expect(pods).toEqual(['k-db-2', 'k-db-1', 'k-db-0']);
    expect(u.all('pvc')).toHaveLength(3);
  });

  it('follow the arithmetic of the deployment controller', () => {
    const sizes = { replicas: 10, maxSurge: 3, maxUnavailable: 2 };
    const start = {
      ...sizes,
      updated: { wanted: 0, available: 0 },
      old: { wanted: 10, available: 10 },
    };
    expect(surgeRoom(start)).toBe(3);
    expect(scaleDownRoom(start)).toBe(2);
    const middle = {
      ...sizes,
      updated: { wanted: 5, available: 3 },
      old: { wanted: 8, available: 8 },
    };
    expect(surgeRoom(middle)).toBe(0);
    expect(scaleDownRoom(middle)).toBe(3);
  });
});

describe('disruptions', () => {
  it('a drain takes pods one at a time under a budget, and daemons stay', () => {
    const u = at({
      deployments: [workload('web', 6, { max_unavailable: 1 })],
      daemon_sets: [workload('log', 1)],
    });
    const node = u.find('node', 'k-worker-1');
    u.send(node, 'drain');
    for (let i = 0; i < 300; i++) {
      u.run(0.2);
      const ready = u
        .all('pod')
        .filter((p) => u.engine.names[p].startsWith('k-web') && u.state(p).endsWith('+Ready'));
      expect(ready.length).toBeGreaterThanOrEqual(5);
    }
    expect(u.state(node)).toBe('Ready+drained');
    expect(u.placesOf('k-web')).not.toContain('k-worker-1');
    expect(u.placesOf('k-log')).toContain('k-worker-1');
    expect(u.states('pdb')).toEqual(['SufficientPods']);
    u.send(node, 'uncordon').run(1);
    expect(u.state(node)).toBe('Ready+schedulable');
  });

  it('a cordoned node takes no new pods', () => {
    const u = at({ deployments: [workload('web', 2)] });
    u.send(u.find('node', 'k-worker-1'), 'cordon').run(1);
    const deployment = u.find('deployment', 'k-web');
    for (let i = 0; i < 6; i++) u.send(deployment, 'scale_up');
    u.run(30);
    expect(u.placesOf('k-web').filter((n) => n === 'k-worker-1').length).toBeLessThanOrEqual(1);
    expect(u.states('deployment')).toEqual(['complete+Available']);
  });
});

describe('scaling', () => {
  it('by hand, up and down, to nothing', () => {
    const u = at({ deployments: [workload('web', 2)] });
    const deployment = u.find('deployment', 'k-web');
    u.send(deployment, 'scale_up').send(deployment, 'scale_up').run(30);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 4 });
    for (let i = 0; i < 5; i++) u.send(deployment, 'scale_down');
    u.run(60);
    expect(u.all('pod')).toEqual([]);
    expect(u.states('service')).toEqual(['no_endpoints']);
  });

  it('pods that fit nowhere wait, until there is room', () => {
    const u = at({ deployments: [workload('big', 4, { cpu: 3 })] });
    expect(u.count('pod')['Pending.Unschedulable+NotReady']).toBe(1);
    u.send(u.find('deployment', 'k-big'), 'scale_down').run(60);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 3 });
  });

  it('the cluster autoscaler adds a node for them, and removes it when it is not needed', () => {
    const u = at({ count: 2, max: 4, deployments: [workload('big', 2, { cpu: 3 })] });
    const deployment = u.find('deployment', 'k-big');
    const autoscaler = u.find('cluster-autoscaler', 'k');
    u.send(deployment, 'scale_up').run(120);
    expect(u.all('node')).toHaveLength(3);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 3 });
    expect(u.state(autoscaler)).toBe('cooling_down');
    u.send(deployment, 'scale_down').run(1500);
    expect(u.all('node')).toHaveLength(2);
    expect(u.servers).toHaveLength(2);
    expect(u.state(autoscaler)).toBe('idle');
    for (const kind of ['container-runtime', 'container-image']) {
      expect(u.all(kind), kind).toHaveLength(2);
    }
  });

  it('the cluster autoscaler stops at its maximum and backs off when no node comes', () => {
    const full = at({ count: 1, max: 2, deployments: [workload('big', 4, { cpu: 3 })] });
    full.run(1200);
    expect(full.states('cluster-autoscaler')).toEqual(['at_max']);
    const refused = new Upper({
      kubernetes: [cluster({ count: 1, max: 3, deployments: [workload('big', 2, { cpu: 3 })] })],
    });
    refused.quota = 1;
    refused.run(1100);
    expect(refused.states('cluster-autoscaler')).toEqual(['backoff']);
  });

  it('the cluster autoscaler withdraws what did not join in time, before it asks again', () => {
    const big = [workload('big', 2, { cpu: 3 })];
    const u = new Upper({ kubernetes: [cluster({ count: 1, max: 3, deployments: big })] });
    let asked = 0;
    const { boot } = u.world.services.servers!;
    u.world.services.servers!.boot = (request) => {
      asked++;
      return boot(request);
    };
    u.quota = 1;
    u.run(86_400);
    // For 900 s of every 1,200 one is asked for, again after 60 to 120 s.
    expect(asked).toBeLessThan((86_400 / 1_200) * (900 / 60 + 1));
    u.send(u.find('deployment', 'k-big'), 'scale_down').run(1_300);
    u.quota = 100;
    u.run(10_000);
    expect(u.servers).toHaveLength(1);
    expect(u.states('cluster-autoscaler')).toEqual(['idle']);
  });

  it('a horizontal autoscaler follows the day between its limits', () => {
    const autoscale = { min: 2, max: 8, cpu_target: 0.5 };
    const u = at({ count: 4, deployments: [workload('web', 4, { cpu: 0.25, autoscale })] });
    const sizes = new Set<number>();
    for (let hour = 0; hour < 72; hour++) sizes.add(u.run(3600).all('pod').length);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
    expect(sizes.size).toBeGreaterThan(2);
    expect(u.states('hpa')[0]).toMatch(/steady|stabilizing|scaling|limited/);
  });
});

describe('jobs', () => {
  const job = {
    name: 'report',
    image: 'app',
    completions: 2,
    every_s: 3600,
    runtime: { type: 'constant', value: 60 },
    cpu: 0.5,
    memory_bytes: 1e8,
  } as const;

  it('run by the clock, one pod after the other, and keep a history of three', () => {
    const u = at({ jobs: [job] });
    u.run(3600 * 6);
    expect(u.count('job')).toEqual({ Complete: 3 });
    expect(u.count('pod')).toEqual({ 'Succeeded+NotReady': 6 });
    expect(u.count('sandbox')).toEqual({ SANDBOX_NOTREADY: 6 });
    expect(u.count('container')).toEqual({ 'CONTAINER_EXITED.Completed': 6 });
    const ends = u.rows.list.filter((r) => nameOf(u, r.to) === 'job/Complete' && r.from !== r.to);
    expect(ends).toHaveLength(6);
  });

  it('give up after seven failed pods', () => {
    const { every_s: _, ...rest } = job;
    const once = { ...rest, runtime: { type: 'constant', value: 36_000 } } as const;
    const u = at({ jobs: [once] });
    for (let i = 0; i < 200 && u.states('job')[0] === 'Active'; i++) {
      u.run(20);
      for (const c of u.all('container')) {
        if (u.state(c) === 'CONTAINER_RUNNING') u.send(c, 'exited_error');
      }
    }
    expect(u.states('job')).toEqual(['Failed']);
    expect(u.count('pod')).toEqual({ 'Failed.Error+NotReady': 7 });
  });
});

describe('deleting', () => {
  it('leaves nothing behind', () => {
    const u = at({
      deployments: [
        workload('web', 4, { max_unavailable: 1, autoscale: { min: 2, max: 8, cpu_target: 0.5 } }),
      ],
      stateful_sets: [workload('db', 2, { claim_bytes: 1e9 })],
      daemon_sets: [workload('log', 1)],
    });
    for (const kind of ['deployment', 'stateful-set', 'daemon-set']) {
      for (const entity of u.all(kind)) u.send(entity, 'delete');
    }
    u.run(120);
    for (const claim of u.all('pvc')) u.send(claim, 'delete');
    u.run(60);
    const kinds = ['pod', 'sandbox', 'container', 'replica-set', 'service', 'pdb', 'hpa', 'pvc'];
    for (const kind of [...kinds, 'deployment', 'stateful-set', 'daemon-set', 'rbd-image']) {
      expect(u.all(kind), kind).toEqual([]);
    }
    const node = u.find('node', 'k');
    expect(u.world.quantities.get('node.pods')!(node)).toBe(0);
    expect(u.world.quantities.get('node.cpu_requests')!(node)).toBe(0);
    expect(u.world.account.clusterUsages('pods')[0].used).toBe(0);
  });

  it('a server that ends in error takes its node along, and another one comes', () => {
    const u = at({ deployments: [workload('web', 6)] });
    u.send(u.find('server', 'k-worker-1'), 'error_out').run(300);
    expect(u.all('node')).toHaveLength(3);
    expect(u.all('server').map((s) => u.engine.names[s])).toContain('k-worker-1-1');
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 6 });
    expect(u.all('container-runtime')).toHaveLength(3);
    expect(u.all('sandbox')).toHaveLength(6);
  });
});

describe('scores of the scheduler', () => {
  it('LeastAllocated and BalancedAllocation', () => {
    expect(leastAllocatedScore(1000, 4000, 4e9, 16e9)).toBe(75);
    expect(leastAllocatedScore(5000, 4000, 4e9, 16e9)).toBe(37);
    const node = { cpu_m: 4000, memory_bytes: 16e9, cpuUsed_m: 2000, memoryUsed_bytes: 8e9 };
    expect(balancedAllocationScore({ cpu_m: 1000, memory_bytes: 4e9 }, node)).toBe(75);
    expect(balancedAllocationScore({ cpu_m: 2000, memory_bytes: 0 }, node)).toBe(62);
    const uneven = { ...node, cpuUsed_m: 4000 };
    expect(balancedAllocationScore({ cpu_m: 0, memory_bytes: 8e9 }, uneven)).toBe(87);
  });
  it('ImageLocality counts all nodes of the cluster', () => {
    expect(imageLocalityScore(1000 * 2 ** 20, 4, 4)).toBe(100);
    expect(imageLocalityScore(1000 * 2 ** 20, 1, 4)).toBe(23);
    expect(imageLocalityScore(10 * 2 ** 20, 4, 4)).toBe(0);
  });
  it('spreading gives nodes with fewer pods more', () => {
    expect(spreadingScores([0, 0, 0])).toEqual([100, 100, 100]);
    const [none, one, two] = spreadingScores([0, 1, 2]);
    expect(none).toBeGreaterThan(one);
    expect(one).toBeGreaterThan(two);
  });
  it('looks at a share of many nodes', () => {
    expect(feasibleNodesToFind(50)).toBe(50);
    expect(feasibleNodesToFind(150)).toBe(100);
    expect(feasibleNodesToFind(1000)).toBe(420);
    expect(feasibleNodesToFind(6000)).toBe(300);
  });
});

describe('load and replicas', () => {
  const load = new Load({ mean: 10, amplitude: 0.5, peak_s: 50_000, dayFactor: (d) => 1 + d / 10 });

  it('crosses a level where it says', () => {
    expect(load.at(50_000)).toBeCloseTo(15);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 86_000, noNaN: true }), (from_s) => {
        const demand = load.at(from_s);
        const at_s = load.leaves(demand * 0.95, demand * 1.05, from_s);
        expect(at_s).toBeGreaterThan(from_s);
        expect(at_s).toBeLessThanOrEqual(86_400 * (Math.floor(from_s / 86_400) + 1));
        const middle = load.at((from_s + at_s) / 2);
        expect(Math.abs(middle / demand - 1)).toBeLessThan(0.0501);
      }),
    );
  });

  it('a steady band holds what is desired in it', () => {
    const spec = { min: 2, max: 10, cpu_target: 0.6 };
    for (let n = 2; n <= 10; n++) {
      const { low, high } = steadyBand(n, 0.5, spec);
      expect(desiredReplicas(high * 1.001, 0.5, spec)).toBe(n === 10 ? 10 : n + 1);
      if (n > 2) expect(desiredReplicas(low, 0.5, spec)).toBeLessThan(n);
    }
  });
});

it('a year of a cluster of 6 workers and 60 pods is some 10^5 transitions', () => {
  const autoscale = { min: 8, max: 24, cpu_target: 0.6 };
  const u = new Upper({
    kubernetes: [
      cluster({
        count: 6,
        deployments: [
          workload('web', 16, { cpu: 0.25, autoscale }),
          workload('api', 20, { cpu: 0.25, max_unavailable: 1 }),
        ],
        stateful_sets: [workload('db', 6, { claim_bytes: 1e9 })],
        daemon_sets: [workload('log', 1, { cpu: 0.05 })],
      }),
    ],
  });
  u.run(UP_s);
  expect(u.all('pod').length).toBeGreaterThan(40);
  u.run(30 * 86_400);
  expect(u.engine.transitions * 12).toBeLessThan(400_000);
});

describe('a cluster on machines', () => {
  const onMachines = () => {
    const nodes = { type: 'machines', on: ['box'] } as const;
    const spec = { ...cluster({ deployments: [workload('web', 4)] }), nodes };
    const u = new Upper({ kubernetes: [spec] }, 1, {}, { box: 2 });
    return u.run(200);
  };

  it('has a node for each machine of its flavors', () => {
    const u = onMachines();
    expect(
      u
        .all('node')
        .map((n) => u.engine.names[n])
        .sort(),
    ).toEqual(['box-1', 'box-2']);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 4 });
    expect(u.world.quantities.get('node.allocatable_cpu')!(u.all('node')[0])).toBe(16);
  });

  it('starts its containers again after a reboot of a machine', () => {
    const u = onMachines();
    const before = new Set(u.all('container').map((c) => u.engine.uidOf(c)));
    u.send(u.find('host-os', 'box-1'), 'reboot').run(60);
    const kept = u.all('container').filter((c) => before.has(u.engine.uidOf(c)));
    expect(kept).toHaveLength(2);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 4 });
  });
});
