import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantMonitor } from '../../engine/invariants.ts';
import { EngineView } from '../../engine/view.ts';
import { INVARIANTS } from '../../model/invariants/index.ts';
import { evictionRate_per_s } from '../../sim/caas/node-lifecycle.ts';
import { LAB_CAAS } from '../../sim/profiles/lab/caas.ts';
import { cluster, Upper, workload } from './upper-layers.ts';

/** Long enough for every pod to be up, and for short back-offs. */
const UP_s = 200;
const at = (spec: Parameters<typeof cluster>[0], seed = 1) =>
  new Upper({ kubernetes: [cluster(spec)] }, seed).run(UP_s);

function nameOf(u: Upper, state: number): string {
  return u.engine.model.stateNames[state];
}

describe('a lost node', () => {
  const spec = {
    deployments: [workload('web', 6)],
    stateful_sets: [workload('db', 3)],
    daemon_sets: [workload('log', 1, { service: false })],
  };
  /** The server, the node on it, and the pods on that by the beginning of their names. */
  const lose = (u: Upper) => {
    const node = u.find('node', 'k-worker-1');
    const server = u.find('server', 'k-worker-1');
    u.lose(server);
    return { node, server };
  };

  it('is noticed after the grace period; until then requests to its pods are lost', () => {
    const u = at(spec);
    const { node } = lose(u);
    u.run(29);
    expect(u.state(node)).toBe('unreporting+schedulable');
    expect(u.count('pod')['Running.Started+Stale']).toBe(4);
    expect(u.states('service').sort()).toEqual(['degraded', 'degraded']);
    u.run(13);
    expect(u.state(node)).toBe('Unknown.tolerated+schedulable');
    expect(u.count('pod')['Running.Started+NodeLost']).toBe(4);
    expect(u.states('service')).toEqual(['available', 'available']);
    expect(u.count('replica-set')).toEqual({ degraded: 1 });
  });

  it('is evicted after the toleration: deployments go elsewhere, stateful pods may not', () => {
    const u = at(spec);
    const { node } = lose(u);
    u.run(400);
    expect(u.state(node)).toBe('Unknown.evicted+schedulable');
    // Two web pods and one db pod wait for their kubelet; the daemon stays where it is.
    expect(u.count('pod')['Terminating+NotReady']).toBe(3);
    expect(u.count('pod')['Running.Started+NodeLost']).toBe(1);
    expect(u.placesOf('k-web').filter((n) => n !== 'k-worker-1')).toHaveLength(6);
    expect(u.placesOf('k-db')).toHaveLength(3);
    expect(u.states('deployment')).toEqual(['complete+Available']);
    expect(u.states('stateful-set')).toEqual(['degraded']);
  });

  it.each([
    ['cut off', false],
    ['rebooted', true],
  ])('comes back after it was %s: evicted pods end, everything is whole again', (_, reboot) => {
    const u = at(spec);
    const { node, server } = lose(u);
    u.run(600).restore(server, reboot).run(120);
    expect(u.state(node)).toBe('Ready+schedulable');
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 12 });
    expect(u.count('sandbox')).toEqual({ SANDBOX_READY: 12 });
    expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 12 });
    expect(u.states('stateful-set')).toEqual(['ready']);
  });

  it('keeps its containers when it was only cut off, and restarts them when it was rebooted', () => {
    for (const reboot of [false, true]) {
      const u = at(spec);
      const before = new Set(u.all('container').map((c) => u.engine.uidOf(c)));
      const { server } = lose(u);
      u.run(100).restore(server, reboot).run(200);
      const kept = u.all('container').filter((c) => before.has(u.engine.uidOf(c)));
      expect(kept).toHaveLength(reboot ? 8 : 12);
      expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 12 });
    }
  });

  it('is back within the grace period without anybody noticing', () => {
    const u = at(spec);
    const { server } = lose(u);
    u.run(20).restore(server, false).run(30);
    expect(u.count('node')).toEqual({ 'Ready+schedulable': 3 });
    const seen = u.rows.list.map((r) => nameOf(u, r.to));
    expect(seen).not.toContain('node/Unknown.tolerated+schedulable');
  });

  it('carries the cause: from the pods back to the server', () => {
    const u = at(spec);
    const { server } = lose(u);
    u.run(400);
    const pod = u.all('pod').find((p) => u.state(p) === 'Terminating+NotReady')!;
    const seen = new Set<number>();
    for (let row = u.engine.lastRowOf(pod); row >= 0; row = u.rows.list[row].cause) {
      seen.add(u.rows.list[row].uid);
    }
    expect(seen).toContain(u.engine.uidOf(server));
  });
});

describe('a killed kubelet', () => {
  it('leaves its pods running and ready until its node is Unknown', () => {
    const u = at({ deployments: [workload('web', 6)] });
    const node = u.find('node', 'k-worker-2');
    u.send(node, 'kubelet_stop').run(25);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 6 });
    u.run(20);
    expect(u.state(node)).toBe('Unknown.tolerated+schedulable');
    expect(u.count('pod')['Running.Started+NodeLost']).toBe(2);
    expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 6 });
    u.send(node, 'kubelet_start').run(10);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 6 });
    expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 6 });
  });
});

describe('containers that end', () => {
  it('are restarted at once, then after 10 s, 20 s, 40 s, ...', () => {
    const u = at({ deployments: [workload('web', 1)] });
    const pod = u.find('pod', 'k-web');
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      u.send(pod, 'crash').run(0);
      const from_s = u.engine.now;
      while (!u.state(pod).endsWith('+Ready')) u.run(0.1);
      waits.push(u.engine.now - from_s);
    }
    const expected = [0, 10, 20, 40, 80];
    waits.forEach((wait, i) => {
      expect(wait).toBeGreaterThanOrEqual(expected[i]);
      expect(wait).toBeLessThan(expected[i] + 5);
    });
    expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 1 });
  });

  it('start without back-off again after ten good minutes', () => {
    const u = at({ deployments: [workload('web', 1)] });
    const pod = u.find('pod', 'k-web');
    for (const good_s of [5, 700]) u.send(pod, 'crash').run(good_s);
    u.send(pod, 'crash').run(5);
    expect(u.state(pod)).toBe('Running.Started+Ready');
  });

  it('out of memory, and with their sandbox', () => {
    const u = at({ deployments: [workload('web', 1)] });
    const pod = u.find('pod', 'k-web');
    const states = () =>
      u.rows.list.filter((r) => r.uid === u.engine.uidOf(pod)).map((r) => nameOf(u, r.to));
    u.send(u.all('container')[0], 'oom_killed').run(20);
    expect(states()).toContain('pod/Running.OOMKilled+NotReady');
    u.send(u.all('sandbox')[0], 'pause_exited').run(20);
    expect(states()).toContain('pod/Running.SandboxChanged+NotReady');
    expect(u.state(pod)).toBe('Running.Started+Ready');
    expect(u.all('sandbox')).toHaveLength(1);
    expect(u.all('container')).toHaveLength(1);
  });

  it('whose image cannot be pulled alternate between ErrImagePull and ImagePullBackOff', () => {
    const always = { ...LAB_CAAS['pod.sync'], fault_ratio: 1 };
    const u = new Upper({ kubernetes: [cluster({ deployments: [workload('web', 1)] })] }, 1, {
      'container-image.pull': always,
    }).run(300);
    const pod = u.engine.uidOf(u.find('pod', 'k-web'));
    const seen = u.rows.list.filter((r) => r.uid === pod).map((r) => nameOf(u, r.to));
    const pulls = seen.filter((s) => s === 'pod/Pending.ErrImagePull+NotReady');
    expect(pulls.length).toBeGreaterThan(3);
    expect(seen).toContain('pod/Pending.ImagePullBackOff+NotReady');
  });
});

describe('storage under a claim', () => {
  it('that hangs makes its pod stale, then not ready, and it heals', () => {
    const u = at({ stateful_sets: [workload('db', 1, { claim_bytes: 1e9 })] });
    const image = u.find('rbd-image', 'csi-k-db-0-data');
    u.send(image, 'lost').run(5);
    expect(u.states('pod')).toEqual(['Running.Started+Stale']);
    u.run(60);
    expect(u.states('pod')).toEqual(['Running.Started+NotReady']);
    u.send(image, 'restored').run(10);
    expect(u.states('pod')).toEqual(['Running.Started+Ready']);
  });
});

describe('under random faults', () => {
  const OWN = new Set(['node', 'pod', 'pdb', 'service', 'sandbox', 'container']);
  const invariants = INVARIANTS.filter((invariant) => OWN.has(invariant.kind));
  const act = fc.record({
    what: fc.constantFrom('cut', 'reboot', 'kubelet', 'crash', 'pause', 'drain', 'rollout', 'oom'),
    which: fc.nat(1000),
    after_s: fc.integer({ min: 0, max: 200 }),
    lasts_s: fc.integer({ min: 1, max: 600 }),
  });
  type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

  function perform(u: Upper, { what, which, lasts_s }: Act): () => void {
    const pick = (kind: string) => {
      const all = u.all(kind);
      return all.length > 0 ? all[which % all.length] : -1;
    };
    const later = (entity: number, event: string) => {
      const uid = u.engine.uidOf(entity);
      return () => {
        if (u.engine.isAlive(entity, uid)) u.send(entity, event);
      };
    };
    switch (what) {
      case 'cut':
      case 'reboot': {
        const server = pick('server');
        u.lose(server).run(lasts_s / 2);
        return () => u.restore(server, what === 'reboot');
      }
      case 'kubelet':
        u.send(pick('node'), 'kubelet_stop');
        return later(pick('node'), 'kubelet_start');
      case 'crash':
        u.send(pick('pod'), 'crash');
        return () => {};
      case 'pause': {
        const sandbox = pick('sandbox');
        if (sandbox >= 0 && u.state(sandbox) === 'SANDBOX_READY') u.send(sandbox, 'pause_exited');
        return () => {};
      }
      case 'drain':
        u.send(pick('node'), 'drain');
        return later(pick('node'), 'uncordon');
      case 'rollout':
        u.send(pick('deployment'), 'rollout').send(pick('stateful-set'), 'rollout');
        return () => {};
      default: {
        const container = pick('container');
        if (container >= 0 && u.state(container) === 'CONTAINER_RUNNING') {
          u.send(container, 'oom_killed');
        }
        return () => {};
      }
    }
  }

  it('keeps the invariants at every instant, and is whole again when all is healed', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), fc.nat(1000), (acts, seed) => {
        const u = new Upper(
          {
            kubernetes: [
              cluster({
                deployments: [workload('web', 5, { max_unavailable: 1 })],
                stateful_sets: [workload('db', 2, { claim_bytes: 1e9, max_unavailable: 1 })],
                daemon_sets: [workload('log', 1, { cpu: 0.1 })],
              }),
            ],
          },
          seed,
        );
        const view = new EngineView(u.engine, u.world.quantities, () => false);
        const monitor = new InvariantMonitor(u.engine, view, invariants);
        u.watch(monitor);
        u.run(UP_s);
        const heal: (() => void)[] = [];
        for (const a of acts) {
          u.run(a.after_s);
          heal.push(perform(u, a));
        }
        for (const undo of heal) undo();
        u.run(30);
        for (const node of u.all('node')) u.send(node, 'kubelet_start').send(node, 'uncordon');
        for (const server of u.all('server')) u.send(server, 'restored');
        u.run(2000);
        expect(monitor.results().filter((r) => !r.ok)).toEqual([]);
        expect(u.count('node')).toEqual({ 'Ready+schedulable': 3 });
        expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 10 });
        expect(u.count('sandbox')).toEqual({ SANDBOX_READY: 10 });
        expect(u.count('container')).toEqual({ CONTAINER_RUNNING: 10 });
        expect(u.states('deployment')).toEqual(['complete+Available']);
        expect(u.states('stateful-set')).toEqual(['ready']);
        expect(u.states('daemon-set')).toEqual(['ready']);
        expect(new Set(u.states('pdb'))).toEqual(new Set(['SufficientPods']));
        expect(u.world.account.clusterUsages('pods')[0].used).toBe(10);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a cluster that goes silent', () => {
  const spec = { deployments: [workload('web', 6)] };

  it('as a whole evicts nobody: the controller takes itself for cut off', () => {
    const u = at(spec);
    const before = u.all('pod').map((p) => u.engine.uidOf(p));
    for (const server of u.servers) u.lose(server);
    u.run(3000);
    expect(u.count('node')).toEqual({ 'Unknown.tolerated+schedulable': 3 });
    expect(u.count('pod')).toEqual({ 'Running.Started+NodeLost': 6 });
    for (const server of u.servers) u.restore(server, false);
    u.run(20);
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 6 });
    expect(u.all('pod').map((p) => u.engine.uidOf(p))).toEqual(before);
  });

  it('and comes back in part begins to tolerate anew', () => {
    const u = at(spec);
    for (const server of u.servers) u.lose(server);
    u.run(3000).restore(u.servers[0], false).restore(u.servers[1], false).run(200);
    expect(u.count('node')['Unknown.tolerated+schedulable']).toBe(1);
    u.run(150);
    expect(u.count('node')['Unknown.evicted+schedulable']).toBe(1);
  });

  it('in the larger part is not evicted while it is small', () => {
    expect(evictionRate_per_s(2, 3)).toBe(0.1);
    expect(evictionRate_per_s(3, 5)).toBe(0);
    expect(evictionRate_per_s(60, 100)).toBe(0.01);
    expect(evictionRate_per_s(100, 100)).toBe(0);
  });
});
