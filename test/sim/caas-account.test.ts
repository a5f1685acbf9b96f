/** Requests of bound pods against what is allocatable, and pods that wait: counted from scratch. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLUSTER_RESOURCES } from '../../sim/account.ts';
import { cluster, Upper, workload } from './upper-layers.ts';

const MIB = 1024 ** 2;
const NODE = { cpu: 4, memory_bytes: 8e9 - 100 * MIB, pods: 8 };
/** Requests by the name of a pod. Sums of 0.7 in floating point are not what they should be. */
const REQUESTS: Readonly<Record<string, { cpu: number; memory_bytes: number }>> = {
  'k-web': { cpu: 0.7, memory_bytes: 300 * MIB },
  'k-db': { cpu: 1.1, memory_bytes: 2500 * MIB },
  'k-log': { cpu: 0.1, memory_bytes: 64 * MIB },
  'k-batch': { cpu: 0.3, memory_bytes: 1000 * MIB },
};

const set = (name: string, replicas: number, more: object = {}) =>
  workload(name, replicas, { ...REQUESTS[`k-${name}`], ...more });

function crowded(seed: number, web: number): Upper {
  const batch = {
    name: 'batch',
    image: 'app',
    completions: 3,
    every_s: 240,
    runtime: { type: 'exponential', mean: 90 },
    ...REQUESTS['k-batch'],
  } as const;
  const spec = {
    count: 3,
    max: 5,
    max_pods_per_node: NODE.pods,
    deployments: [set('web', web)],
    stateful_sets: [set('db', 3)],
    daemon_sets: [set('log', 1, { service: false })],
    jobs: [batch],
  };
  return new Upper({ kubernetes: [cluster(spec)] }, seed);
}

/** Pods that have ended: deleting one later frees nothing any more. */
function watchFinished(u: Upper): Set<number> {
  const finished = new Set<number>();
  for (const state of ['Succeeded', 'Failed']) {
    u.engine.onEnter('pod', state, (pod) => {
      finished.add(u.engine.uidOf(pod));
    });
  }
  return finished;
}

/** From the entities and their edges alone. */
function recount(u: Upper, finished: ReadonlySet<number>) {
  const nodeKind = u.engine.model.kindId('node');
  const nodes = u.all('node').length;
  const total = { cpu: 0, memory_bytes: 0, pods: 0, waiting: 0 };
  for (const pod of u.all('pod')) {
    if (u.state(pod).startsWith('Pending.Unschedulable')) total.waiting++;
    if (finished.has(u.engine.uidOf(pod)) || u.engine.providerOf(pod, nodeKind) < 0) continue;
    const name = Object.keys(REQUESTS).find((n) => u.engine.names[pod].startsWith(n))!;
    total.cpu += Math.round(REQUESTS[name].cpu * 1000);
    total.memory_bytes += REQUESTS[name].memory_bytes;
    total.pods++;
  }
  return {
    cpu_requests: { used: total.cpu / 1000, capacity: nodes * NODE.cpu },
    memory_requests_bytes: { used: total.memory_bytes, capacity: nodes * NODE.memory_bytes },
    pods: { used: total.pods, capacity: nodes * NODE.pods },
    waiting: total.waiting,
  };
}

const ACTS: Readonly<Record<string, (u: Upper, which: number) => void>> = {
  cut: (u, which) => each(u, 'server', which, (server) => u.lose(server)),
  restore: (u, which) => each(u, 'server', which, (server) => u.restore(server, which % 2 === 0)),
  remove: (u, which) => each(u, 'server', which, (server) => u.send(server, 'error_out')),
  kubelet: (u, which) => each(u, 'node', which, (node) => u.send(node, 'kubelet_stop')),
  drain: (u, which) => each(u, 'node', which, (node) => u.send(node, 'drain')),
  uncordon: (u) => {
    for (const node of u.all('node')) u.send(node, 'uncordon').send(node, 'kubelet_start');
  },
  crash: (u, which) => each(u, 'pod', which, (pod) => u.send(pod, 'crash')),
  evict: (u, which) => each(u, 'pod', which, (pod) => u.send(pod, 'delete')),
  rollout: (u, which) => each(u, 'deployment', which, (entity) => u.send(entity, 'rollout')),
};

function each(u: Upper, kind: string, which: number, visit: (entity: number) => void): void {
  const all = u.all(kind);
  if (all.length > 0) visit(all[which % all.length]);
}

const step = fc.record({
  what: fc.constantFrom(...Object.keys(ACTS)),
  which: fc.nat(1000),
  after_s: fc.double({ min: 0, max: 200, noNaN: true }),
});

describe('the account of a Kubernetes cluster', () => {
  it('equals a count from scratch at every moment', () => {
    const seen = new Set<string>();
    const steps = fc.array(step, { maxLength: 20 });
    fc.assert(
      fc.property(steps, fc.nat(1000), fc.integer({ min: 1, max: 24 }), (acts, seed, web) => {
        const u = crowded(seed, web);
        const finished = watchFinished(u);
        const waiting = watchWaiting(u);
        u.run(150);
        for (const { what, which, after_s } of acts) {
          ACTS[what](u, which);
          seen.add(what);
          u.run(after_s);
          const { waiting: pods, ...expected } = recount(u, finished);
          const { account, services } = u.world;
          for (const resource of CLUSTER_RESOURCES) {
            const [usage] = account.clusterUsages(resource);
            expect(usage, resource).toMatchObject({ cluster: 'k', ...expected[resource] });
            expect(usage.peakRatio, resource).toBeLessThanOrEqual(1);
            expect(usage.headroom, resource).toBeGreaterThanOrEqual(0);
          }
          const [saturation] = services.clusters!.saturations();
          expect(saturation).toMatchObject({ cluster: 'k', pods });
          const { podSeconds, seconds } = waiting();
          expect(saturation.meanPods * u.engine.now).toBeCloseTo(podSeconds, 6);
          expect(saturation.ratio * u.engine.now).toBeCloseTo(seconds, 6);
          if (pods > 0) seen.add('waiting');
        }
      }),
      { numRuns: 40 },
    );
    expect([...seen].sort()).toEqual([...Object.keys(ACTS), 'waiting'].sort());
  }, 120_000);
});

/** Integrates how many pods are unschedulable, from their transitions. */
function watchWaiting(u: Upper): () => { podSeconds: number; seconds: number } {
  const { engine } = u;
  const mask = engine.statesMatching('pod', 'Pending.Unschedulable');
  let [pods, since_s, podSeconds, seconds] = [0, 0, 0, 0];
  const advance = () => {
    podSeconds += pods * (engine.now - since_s);
    seconds += pods > 0 ? engine.now - since_s : 0;
    since_s = engine.now;
  };
  engine.onEveryEntry('pod', (pod, _row, _event, from) => {
    advance();
    pods += mask[engine.state[pod]] - mask[from];
  });
  return () => {
    advance();
    return { podSeconds, seconds };
  };
}

describe('pods that find no node', () => {
  it('are told with what they lack, as the events of kube-scheduler do', () => {
    const u = new Upper({
      kubernetes: [cluster({ deployments: [set('web', 1), workload('wide', 2, { cpu: 4.5 })] })],
    });
    u.run(200);
    const { failedSchedulings } = u.world.services.clusters!;
    expect(failedSchedulings).toMatchObject([
      {
        ...{ cluster: 'k', times: 2, cpu: 4.5, isDaemon: false },
        ...{ nodes: 3, notReady: 0, unschedulable: 0 },
        insufficient: { cpu: 3, memory: 0, pods: 0 },
      },
    ]);
    expect(failedSchedulings[0].pod).toMatch(/^k-wide/);
  });

  it('lack something on every node that is open', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 8, max: 40 }), fc.nat(2), (seed, web, closed) => {
        const u = crowded(seed, web).run(100);
        for (const node of u.all('node').slice(0, closed)) u.send(node, 'cordon');
        u.run(400);
        for (const found of u.world.services.clusters!.failedSchedulings) {
          const { nodes, notReady, unschedulable, insufficient } = found;
          const { cpu, memory, pods } = insufficient;
          expect(notReady + unschedulable + cpu + memory + pods).toBeGreaterThanOrEqual(nodes);
          expect(Math.max(cpu, memory, pods)).toBeLessThanOrEqual(nodes - notReady - unschedulable);
        }
      }),
      { numRuns: 30 },
    );
  });
});
