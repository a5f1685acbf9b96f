/** Planned work on machines, and what it waits for. */
import { describe, expect, it } from 'vitest';
import type { MaintenanceWindow } from '../../model/scenario.ts';
import { FaultDriver } from '../../sim/faults/driver.ts';
import type { FaultTracker } from '../../sim/faults/tracker.ts';
import { MaintenanceDriver } from '../../sim/maintenance.ts';
import type { BareMetalService } from '../../sim/services.ts';
import { CEPH, Cloud, scenarioOf } from './cloud.ts';
import { cluster, Upper, workload } from './upper-layers.ts';

const HOUR_s = 3600;

/** Names of hosts in the order in which they begin to reboot. */
function reboots(world: Cloud['world']): string[] {
  const names: string[] = [];
  world.engine.onEnter('host-os', 'rebooting', (host) => {
    names.push(world.engine.names[host]);
  });
  return names;
}

describe('maintenance of storage machines', () => {
  const window: MaintenanceWindow = { at_s: HOUR_s, action: 'reboot', on: ['storage'] };

  function start(): { cloud: Cloud; tracker: FaultTracker; rebooted: string[] } {
    const faults = { rates: [], script: [], budget: { rack: 1, machine: 1 } };
    const scenario = { ...scenarioOf({ ceph: CEPH }), maintenance: [window], faults };
    const cloud = new Cloud(scenario);
    const driver = new FaultDriver(cloud.world);
    driver.start();
    new MaintenanceDriver(cloud.world, driver).start();
    return { cloud, tracker: driver.tracker, rebooted: reboots(cloud.world) };
  }

  it('reboots one after the other, each when Ceph is healthy', () => {
    const { cloud, rebooted } = start();
    const health: string[] = [];
    cloud.engine.onEnter('host-os', 'rebooting', () =>
      health.push(cloud.state('ceph-cluster/ceph')),
    );
    cloud.pass(6 * HOUR_s);
    expect(rebooted.length).toBe(cloud.all('host-os').length - 3);
    expect(new Set(rebooted).size).toBe(rebooted.length);
    expect(new Set(health)).toEqual(new Set(['quorum+HEALTH_OK']));
  });

  it('waits as long as Ceph is not', () => {
    const { cloud, rebooted } = start();
    cloud.until(() => rebooted.length === 1);
    cloud.pass(300);
    const osd = cloud.all('osd').find((each) => !cloud.engine.names[each].endsWith('.0'))!;
    const name = `osd/${cloud.engine.names[osd]}`;
    cloud.send(name, 'crash').pass(6 * HOUR_s);
    expect(cloud.state('ceph-cluster/ceph')).toBe('quorum+HEALTH_WARN');
    expect(rebooted.length).toBe(1);
    cloud.send(name, 'start').send(name, 'mark_in').pass(HOUR_s);
    expect(rebooted.length).toBeGreaterThan(1);
  });

  it('counts against the fault budget while the machine is away, as no fault', () => {
    const { cloud, tracker, rebooted } = start();
    cloud.until(() => rebooted.length === 1);
    expect([tracker.faulty('machine'), tracker.faulty('rack')]).toEqual([1, 1]);
    tracker.failed('disk', 'elsewhere', cloud.engine.now);
    expect(tracker.exceeded).toBe(true);
    tracker.repaired('disk', 'elsewhere', cloud.engine.now + 1);
    cloud.until(() => cloud.state(`host-os/${rebooted[0]}`) === 'running');
    expect(cloud.world.services.ceph!.isWhole).toBe(false);
    expect([tracker.faulty('machine'), tracker.faulty('rack')]).toEqual([1, 1]);
    cloud.until(() => cloud.world.services.ceph!.isWhole);
    expect([tracker.faulty('machine'), tracker.faulty('rack')]).toEqual([0, 0]);
    expect(tracker.injected).toBe(1);
  });
});

describe('a drain of machines that are Kubernetes nodes', () => {
  it('evicts their pods first, and lets new ones on them afterwards', () => {
    const nodes = { type: 'machines', on: ['box'] } as const;
    const spec = { ...cluster({ deployments: [workload('web', 4)] }), nodes };
    const u = new Upper({ kubernetes: [spec] }, 1, {}, { box: 3 });
    const hosts = u.all('host-os');
    const bareMetal: Partial<BareMetalService> = {
      machines: hosts,
      hostOsOf: (machine) => machine,
      rackOf: (machine) => machine,
    };
    Object.assign(u.world.services.bareMetal!, bareMetal);
    const window: MaintenanceWindow = { at_s: 600, action: 'drain', on: ['box'] };
    const faults = { rates: [], script: [], budget: {} };
    Object.assign(u.world.scenario, { maintenance: [window], faults });
    new MaintenanceDriver(u.world, new FaultDriver(u.world)).start();
    const rebooted = reboots(u.world);
    const left: number[] = [];
    u.engine.onEnter('host-os', 'rebooting', (host) => {
      left.push(u.placesOf('web').filter((place) => place === u.engine.names[host]).length);
    });
    u.run(590);
    expect(u.count('node')).toEqual({ 'Ready+schedulable': 3 });
    u.run(60);
    expect(u.state(u.find('node', 'box-1'))).toBe('Ready+drained');
    u.run(4 * HOUR_s);
    expect(rebooted).toEqual(['box-1', 'box-2', 'box-3']);
    expect(left).toEqual([0, 0, 0]);
    expect(u.count('node')).toEqual({ 'Ready+schedulable': 3 });
    expect(u.count('pod')).toEqual({ 'Running.Started+Ready': 4 });
  });
});
