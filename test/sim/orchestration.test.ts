import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantMonitor } from '../../engine/invariants.ts';
import { EngineView } from '../../engine/view.ts';
import { INVARIANTS } from '../../model/invariants/index.ts';
import type { JujuModel } from '../../model/scenario.ts';
import { deriveStatus } from '../../sim/orchestration/applications.ts';
import { LAB_ORCHESTRATION } from '../../sim/profiles/lab/orchestration.ts';
import { cluster, Upper } from './upper-layers.ts';

const APPLICATIONS = [
  { name: 'wiki', charm: 'mediawiki', units: 2 },
  { name: 'db', charm: 'postgresql', units: 1 },
];

const onServers: JujuModel = {
  name: 'office',
  on: { type: 'servers', project: 'p', flavor: 'worker', image: 'linux', network: 'net' },
  applications: APPLICATIONS,
  relations: [['wiki', 'db']],
};
const onKubernetes: JujuModel = {
  name: 'mon',
  on: { type: 'kubernetes', cluster: 'k' },
  applications: APPLICATIONS,
  relations: [['wiki', 'db']],
};

const servers = (seed = 1, timings = {}) => new Upper({ juju: [onServers] }, seed, timings);
const pods = (seed = 1) => new Upper({ juju: [onKubernetes], kubernetes: [cluster()] }, seed);
const UP_s = 600;

describe.each([
  ['on servers', servers],
  ['on Kubernetes', pods],
])('a model %s', (where, make) => {
  it('is deployed: machines or pods, units, relations, active applications', () => {
    const u = make().run(UP_s);
    expect(u.states('model')).toEqual(['available']);
    expect(u.count('unit')).toEqual({ 'idle+active': 3 });
    expect(u.count('application')).toEqual({ 'active+steady': 2 });
    expect(u.states('relation')).toEqual(['joined']);
    if (where === 'on servers') {
      expect(u.count('juju-machine')).toEqual({ started: 3 });
      expect(u.servers).toHaveLength(3);
    } else {
      expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 3 });
      expect(u.all('juju-machine')).toEqual([]);
    }
  });

  it('waits for its relation, whose hooks every unit runs before it is active', () => {
    const u = make().run(UP_s);
    const states = (uid: number) =>
      u.rows.list.filter((r) => r.uid === uid).map((r) => u.engine.model.stateNames[r.to]);
    const seen = u.all('unit').map((unit) => states(u.engine.uidOf(unit)));
    expect(seen.flat()).toContain('unit/idle+waiting');
    for (const path of seen) {
      const relating = path.findIndex((s) => s.startsWith('unit/executing.relation_changed'));
      expect(relating).toBeGreaterThan(0);
      expect(path.indexOf('unit/idle+active')).toBeGreaterThan(relating);
    }
  });

  it('scales out and in, and gives back what it used', () => {
    const u = make().run(UP_s);
    const application = u.all('application')[0];
    u.send(application, 'scale_up').send(application, 'scale_up').run(UP_s);
    expect(u.count('unit')).toEqual({ 'idle+active': 5 });
    expect(u.state(application)).toBe('active+steady');
    for (let i = 0; i < 3; i++) u.send(application, 'scale_down');
    u.run(UP_s);
    expect(u.count('unit')).toEqual({ 'idle+active': 2 });
    if (where === 'on servers') expect(u.servers).toHaveLength(2);
    else expect(u.all('pod')).toHaveLength(2);
  });

  it('upgrades its units to a new charm revision', () => {
    const u = make().run(UP_s);
    const application = u.all('application')[0];
    u.send(application, 'refresh').run(1);
    expect(u.state(application)).toBe('active+upgrading');
    u.run(120);
    expect(u.state(application)).toBe('active+steady');
    expect(u.states('upgrade')).toEqual(['completed']);
    const seen = u.rows.list.map((r) => u.engine.model.stateNames[r.to]);
    expect(seen.filter((s) => s.startsWith('unit/executing.upgrade_charm'))).toHaveLength(2);
  });

  it('is destroyed without a trace', () => {
    const u = make().run(UP_s);
    u.send(u.all('model')[0], 'destroy').run(UP_s);
    const kinds = ['model', 'application', 'unit', 'relation', 'juju-machine', 'upgrade', 'pod'];
    for (const kind of kinds) expect(u.all(kind), kind).toEqual([]);
    expect(u.servers).toHaveLength(where === 'on servers' ? 0 : 3);
  });
});

describe('faults under a model', () => {
  it('a lost server: silent, then down, lost and unknown; back as it was', () => {
    const u = servers().run(UP_s);
    const server = u.find('server', 'juju-office-0');
    u.lose(server).run(60);
    expect(u.count('unit')).toEqual({ 'idle+active': 2, 'silent+active': 1 });
    expect(u.count('juju-machine')).toEqual({ started: 2, silent: 1 });
    u.run(130);
    expect(u.count('unit')).toEqual({ 'idle+active': 2, 'lost+unknown': 1 });
    expect(u.count('juju-machine')).toEqual({ started: 2, down: 1 });
    u.restore(server, false).run(10);
    expect(u.count('unit')).toEqual({ 'idle+active': 3 });
    expect(u.count('application')).toEqual({ 'active+steady': 2 });
  });

  it('an application whose only unit is lost is unknown', () => {
    const u = servers().run(UP_s);
    const unit = u.find('unit', 'office-db/0');
    const machine = u.engine.providerOf(unit, u.engine.model.kindId('juju-machine'));
    u.lose(u.engine.providerOf(machine, u.engine.model.kindId('server'))).run(200);
    expect(u.state(u.find('application', 'office-db'))).toBe('unknown+steady');
    expect(u.state(u.find('application', 'office-wiki'))).toBe('active+steady');
  });

  it('a server that ends in error is replaced by a new unit on a new machine', () => {
    const u = servers().run(UP_s);
    u.send(u.find('server', 'juju-office-1'), 'error_out').run(UP_s);
    expect(u.count('unit')).toEqual({ 'idle+active': 3 });
    expect(u.count('juju-machine')).toEqual({ started: 3 });
    expect(u.all('juju-machine').map((m) => u.engine.names[m])).toContain('office-3');
    expect(u.servers).toHaveLength(3);
  });

  it('a cloud that refuses servers leaves machines in error until it takes them', () => {
    const u = servers();
    u.quota = 1;
    u.run(100);
    expect(u.count('juju-machine').error).toBe(2);
    u.quota = 10;
    u.run(UP_s);
    expect(u.count('unit')).toEqual({ 'idle+active': 3 });
    expect(u.servers).toHaveLength(3);
  });

  it('a lost Kubernetes node moves units to new pods once their own are gone', () => {
    const u = pods().run(UP_s);
    const node = u.engine.model.kindId('node');
    const pod = u.find('pod', 'mon-db-0');
    const uid = u.engine.uidOf(pod);
    const server = u.engine.providerOf(
      u.engine.providerOf(pod, node),
      u.engine.model.kindId('server'),
    );
    u.lose(server).run(400);
    expect(u.state(u.find('unit', 'mon-db/0'))).toBe('lost+unknown');
    u.restore(server, true).run(200);
    expect(u.count('unit')).toEqual({ 'idle+active': 3 });
    expect(u.all('pod').map((p) => u.engine.uidOf(p))).not.toContain(uid);
    expect(u.all('pod')).toHaveLength(3);
  });

  it('a failing hook is retried until it succeeds', () => {
    const flaky = { ...LAB_ORCHESTRATION['unit.config_changed'], fault_ratio: 0.6 };
    const u = servers(3, { 'unit.config_changed': flaky }).run(4000);
    const seen = u.rows.list.map((r) => u.engine.model.stateNames[r.to]);
    expect(seen).toContain('unit/error+error');
    expect(seen.some((s) => s.startsWith('application/error'))).toBe(true);
    expect(u.count('unit')).toEqual({ 'idle+active': 3 });
  });
});

describe('actions', () => {
  it('run on idle units, and their results are kept for two weeks', () => {
    const u = servers().run(UP_s);
    const unit = u.all('unit')[0];
    u.send(unit, 'run_action').run(0.5);
    expect(u.states('action')).toEqual(['running']);
    u.run(20);
    expect(u.states('action')).toEqual(['completed']);
    u.run(15 * 86_400);
    expect(u.all('action')).toEqual([]);
  });

  it('end in error when their unit is lost', () => {
    const u = servers().run(UP_s);
    const unit = u.find('unit', 'office-wiki/0');
    u.send(unit, 'run_action').run(0.5);
    u.lose(u.find('server', 'juju-office-0'));
    expect(u.states('action')).toEqual(['error']);
  });
});

it('the status of an application is the worst of its units, lost ones least', () => {
  const counts = (text: string) => text.split('').map(Number);
  expect(deriveStatus(counts('1000100'))).toBe(0);
  expect(deriveStatus(counts('0011100'))).toBe(2);
  expect(deriveStatus(counts('0001100'))).toBe(3);
  expect(deriveStatus(counts('0000101'))).toBe(4);
  expect(deriveStatus(counts('0000000'))).toBe(6);
});

it('keeps the invariants under random faults, and is whole again when all is healed', () => {
  const OWN = new Set(['unit', 'relation', 'juju-machine', 'pod', 'node']);
  const invariants = INVARIANTS.filter((invariant) => OWN.has(invariant.kind));
  const act = fc.record({
    what: fc.constantFrom('cut', 'reboot', 'error', 'up', 'down', 'refresh', 'action', 'crash'),
    which: fc.nat(1000),
    after_s: fc.integer({ min: 0, max: 300 }),
    lasts_s: fc.integer({ min: 1, max: 600 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 10 }), fc.nat(1000), (acts, seed) => {
      const u = new Upper({ juju: [onServers, onKubernetes], kubernetes: [cluster()] }, seed);
      const view = new EngineView(u.engine, u.world.quantities, () => false);
      const monitor = new InvariantMonitor(u.engine, view, invariants);
      u.watch(monitor);
      u.run(200);
      let wanted = 6;
      for (const { what, which, after_s, lasts_s } of acts) {
        u.run(after_s);
        const pick = (kind: string) => u.all(kind)[which % u.all(kind).length];
        const server = pick('server');
        if (what === 'cut' || what === 'reboot') {
          u.lose(server)
            .run(lasts_s)
            .restore(server, what === 'reboot');
        } else if (what === 'error') {
          u.send(server, 'error_out');
        } else if (what === 'up') {
          u.send(pick('application'), 'scale_up');
          wanted++;
        } else if (what === 'down') {
          const application = pick('application');
          u.run(0);
          if (u.engine.slot(application, 0) > 1) {
            u.send(application, 'scale_down');
            wanted--;
          }
        } else if (what === 'refresh') {
          u.send(pick('application'), 'refresh');
        } else if (what === 'action') {
          u.send(pick('unit'), 'run_action');
        } else {
          u.send(pick('pod'), 'crash');
        }
      }
      u.run(10);
      for (const server of u.all('server')) u.send(server, 'restored');
      u.run(4000);
      expect(monitor.results().filter((r) => !r.ok)).toEqual([]);
      expect(u.count('unit')).toEqual({ 'idle+active': wanted });
      expect(u.count('application')).toEqual({ 'active+steady': 4 });
      expect(u.count('relation')).toEqual({ joined: 2 });
    }),
    { numRuns: 60 },
  );
});
