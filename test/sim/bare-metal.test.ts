import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stack } from '../../model/scenario.ts';
import { isWanted } from '../../sim/bare-metal/provisioning.ts';
import { DATACENTER, LAB, Lower, MODEL, running, scenarioOf } from './lower-layers.ts';

describe('bring-up of a site', () => {
  it('names components by their place', () => {
    const site = new Lower().pass(0);
    expect(site.names('rack')).toEqual(['r1', 'r2']);
    expect(site.names('pdu')).toEqual(['r1-pdu-1', 'r1-pdu-2', 'r2-pdu-1', 'r2-pdu-2']);
    expect(site.names('switch').slice(0, 2)).toEqual(['r1-switch-1', 'r1-switch-2']);
    expect(site.names('machine')).toEqual(['r1-node-1', 'r1-node-2', 'r2-node-1', 'r2-node-2']);
    expect(site.names('disk').slice(0, 4)).toEqual([1, 2, 3, 4].map((n) => `r1-node-1-disk-${n}`));
    expect(site.names('nic').slice(0, 2)).toEqual(['r1-node-1-nic-1', 'r1-node-1-nic-2']);
    expect(site.world.services.bareMetal!.machines).toHaveLength(4);
  });

  it('takes every machine through the MAAS lifecycle', () => {
    const site = running();
    expect(site.history('machine/r1-node-1')).toEqual([
      'new+unknown',
      'new+unpowered',
      'new+off',
      'commissioning+off',
      'commissioning+on',
      'ready+on',
      'ready+off',
      'allocated+off',
      'deploying+off',
      'deploying+on',
      'deployed+on',
    ]);
    expect(site.states('machine')).toEqual(['deployed+on']);
  });

  it('says why: a host runs because the feed of its rack was switched on', () => {
    expect(running().why('host-os/r1-node-1')).toEqual([
      'host-os/running',
      'host-os/booting',
      'machine/deployed+on',
      'machine/deploying+off',
      'machine/allocated+off',
      'machine/ready+on',
      'machine/commissioning+off',
      'switch/up',
      'switch/booting',
      'pdu/live+closed',
      'rack/powered',
      'rack/unpowered',
      'region/running',
    ]);
  });

  it('leaves machines that nothing needs in the pool', () => {
    const stack: Stack = { kubernetes: [], juju: [] };
    const site = new Lower(scenarioOf({ stack })).pass(600);
    expect(site.states('machine')).toEqual(['ready+off']);
    expect(site.names('host-os')).toEqual([]);
    expect(isWanted(scenarioOf().stack, 'node')).toBe(true);
    expect(isWanted(stack, 'node')).toBe(false);
  });

  it('tries again, and gives up on a machine that always fails', () => {
    const timings = {
      ...LAB,
      'machine.commission': { ...LAB['machine.commission'], fault_ratio: 1 },
    };
    const site = new Lower(scenarioOf(), timings).pass(600);
    expect(site.history('machine/r1-node-1')).toContain('broken+on');
  });

  it('brings every machine up with the durations of a data centre, too', () => {
    expect(running(scenarioOf(), DATACENTER).states('host-os')).toEqual(['running']);
  });

  it('is the same again with the same seed, and other with another', () => {
    const rows = (seed: number) => new Lower(scenarioOf(), DATACENTER, seed).pass(1e5).rows.list;
    expect(rows(7)).toEqual(rows(7));
    expect(rows(7)).not.toEqual(rows(8));
  });
});

describe('services for the layers above', () => {
  it('knows flavors, racks and the two directions between machine and host', () => {
    const site = running();
    const { bareMetal } = site.world.services;
    const machine = site.find('machine/r2-node-1');
    const host = site.find('host-os/r2-node-1');
    expect(bareMetal!.hostOsOf(machine)).toBe(host);
    expect(bareMetal!.machineOf(host)).toBe(machine);
    expect([bareMetal!.flavorOf(host), bareMetal!.flavorOf(machine)]).toEqual(['node', 'node']);
    expect(bareMetal!.rackOf(host)).toBe(site.find('rack/r2'));
    expect(site.world.account.usage('power_w').capacity).toBe(10_000);
  });
});

describe('faults', () => {
  it('one PDU of two: nothing above notices', () => {
    const site = running();
    const before = site.engine.transitions;
    site.send('pdu/r1-pdu-1', 'fail').pass(60);
    expect(site.engine.transitions - before).toBe(1);
  });

  it('both PDUs: the rack is dark, everything above is lost; healed, it comes back', () => {
    const site = running();
    site.send('pdu/r1-pdu-1', 'fail').send('pdu/r1-pdu-2', 'fail').pass(1);
    expect(site.state('machine/r1-node-1')).toBe('deployed+unpowered');
    expect(site.state('switch/r1-switch-1')).toBe('off');
    expect(site.state('disk/r1-node-1-disk-1')).toBe('offline');
    expect(site.state('host-os/r1-node-1')).toBe('off');
    expect(site.state('hypervisor/r1-node-1')).toBe('unreachable');
    expect(site.state('chassis/r1-node-1')).toBe('dead');
    expect(site.state('host-os/r2-node-1')).toBe('running');
    site.send('pdu/r1-pdu-2', 'repair').pass(300);
    expect(site.state('machine/r1-node-1')).toBe('deployed+on');
    expect(site.states('host-os')).toEqual(['running']);
    expect(site.states('hypervisor')).toEqual(['running']);
    expect(site.states('systemd-unit')).toEqual(['active']);
  });

  it('a switch: NICs lose their link, hosts stay reachable by the other one', () => {
    const site = running();
    site.send('switch/r1-switch-1', 'fail').pass(1);
    expect(site.state('nic/r1-node-1-nic-1')).toBe('down');
    expect(site.state('nic/r1-node-1-nic-2')).toBe('up');
    expect(site.state('host-os/r1-node-1')).toBe('running');
    site.send('switch/r1-switch-2', 'fail').pass(1);
    expect(site.state('host-os/r1-node-1')).toBe('unreachable');
    expect(site.state('machine/r1-node-1')).toBe('deployed+on');
    site.send('switch/r1-switch-2', 'repair').pass(10);
    expect(site.history('host-os/r1-node-1').slice(-3)).toEqual([
      'running',
      'unreachable',
      'running',
    ]);
  });

  it('a machine: off with all that runs on it, and back after its repair', () => {
    const site = running();
    site.send('machine/r2-node-2', 'fail').pass(5);
    expect(site.state('host-os/r2-node-2')).toBe('off');
    site.send('machine/r2-node-2', 'repair').pass(60);
    expect(site.history('host-os/r2-node-2').slice(-5)).toEqual([
      'running',
      'unreachable',
      'off',
      'booting',
      'running',
    ]);
  });

  it('power lost in the middle of a deployment: MAAS waits for its timeout, then tries again', () => {
    const site = new Lower().pass(40);
    expect(site.state('machine/r1-node-1')).toBe('deploying+on');
    site.send('rack/r1', 'fail').pass(30);
    expect(site.state('machine/r1-node-1')).toBe('deploying+unpowered');
    site.send('rack/r1', 'repair').pass(4000);
    expect(site.history('machine/r1-node-1')).toContain('failed_deployment+on');
    expect(site.state('host-os/r1-node-1')).toBe('running');
  });

  it('a machine released and deployed again by the operators boots again', () => {
    const site = running();
    site.send('machine/r1-node-1', 'release').pass(1);
    expect(site.state('host-os/r1-node-1')).toBe('off');
    site.pass(200);
    expect(site.state('machine/r1-node-1')).toBe('deployed+on');
    expect(site.state('host-os/r1-node-1')).toBe('running');
  });

  it('after any faults, once everything is repaired, all is whole again', () => {
    const components = ['rack', 'pdu', 'switch', 'machine', 'disk', 'nic', 'host-os'] as const;
    const fault = fc.record({
      kind: fc.constantFrom(...components),
      pick: fc.nat(50),
      after_s: fc.integer({ min: 0, max: 200 }),
      repaired: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.nat(), fc.array(fault, { minLength: 1, maxLength: 12 }), (seed, faults) => {
        const site = new Lower(scenarioOf(), LAB, seed).pass(seed % 200);
        for (const { kind, pick, after_s, repaired } of faults) {
          const names = site.names(kind);
          if (names.length === 0) continue;
          const path = `${kind}/${names[pick % names.length]}`;
          site.send(path, 'fail').pass(after_s);
          if (repaired) site.send(path, 'repair');
        }
        for (const kind of components) {
          for (const name of site.names(kind)) site.send(`${kind}/${name}`, 'repair');
        }
        site.pass(40_000);
        const whole: Record<string, string[]> = {
          machine: ['deployed+on'],
          'host-os': ['running'],
          'systemd-unit': ['active'],
          hypervisor: ['running'],
          'storage-pool': ['running'],
          chassis: ['up'],
          gateway: ['active'],
        };
        for (const [kind, states] of Object.entries(whole)) {
          expect([kind, site.states(kind)]).toEqual([kind, states]);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('timing profiles', () => {
  it('have an entry for every verb and timeout of the four lower layers', () => {
    for (const profile of [LAB, DATACENTER]) {
      const keys = [...MODEL.verbNames, ...MODEL.delayNames];
      expect(keys.filter((key) => !(key in profile))).toEqual([]);
    }
  });

  it('say where every figure comes from', () => {
    for (const timing of [...Object.values(LAB), ...Object.values(DATACENTER)]) {
      expect(timing.source.length).toBeGreaterThan(9);
    }
  });
});
