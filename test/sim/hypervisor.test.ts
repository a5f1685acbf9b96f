import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Lower, running } from './lower-layers.ts';

/** Defines and starts a domain on a host. */
function boot(site: Lower, name: string, host: string, local = false): number {
  const { hypervisor } = site.world.services;
  const on = site.find(`hypervisor/${host}`);
  const volumes = local ? [hypervisor!.createVolume(`${name}-disk`, on, -1)] : [];
  if (local) site.pass(1);
  const domain = hypervisor!.createDomain(name, on, volumes, -1);
  site.pass(1).send(`domain/${name}`, 'start').pass(5);
  return domain;
}

describe('hypervisors', () => {
  it('run on every host of their flavor, with a storage pool', () => {
    const site = running();
    expect([...site.names('hypervisor')].sort()).toEqual([...site.names('host-os')].sort());
    expect(site.states('storage-pool')).toEqual(['running']);
    const host = site.find('host-os/r2-node-2');
    expect(site.world.services.hypervisor!.hypervisorOf(host)).toBe(
      site.find('hypervisor/r2-node-2'),
    );
  });
});

describe('domains', () => {
  it('shut down as libvirt reports it: the guest is off, then QEMU exits', () => {
    const site = running();
    boot(site, 'vm', 'r1-node-1');
    site.send('domain/vm', 'shutdown').pass(5);
    expect(site.history('domain/vm')).toEqual([
      'absent',
      'defining',
      'shutoff',
      'starting',
      'running',
      'shutting_down',
      'shutdown',
      'shutoff',
    ]);
  });

  it('outlive a restart of libvirtd and an outage of the network', () => {
    const site = running();
    boot(site, 'vm', 'r1-node-1');
    site.send('hypervisor/r1-node-1', 'fail').pass(10);
    expect(site.history('domain/vm').slice(-4)).toEqual([
      'running',
      'nostate',
      'inspecting',
      'running',
    ]);
    site.send('switch/r1-switch-1', 'fail').send('switch/r1-switch-2', 'fail').pass(60);
    expect(site.state('domain/vm')).toBe('nostate');
    site.send('switch/r1-switch-2', 'repair').pass(10);
    expect(site.state('domain/vm')).toBe('running');
  });

  it('do not outlive their host: off until somebody starts them', () => {
    const site = running();
    boot(site, 'vm', 'r1-node-1');
    boot(site, 'paused', 'r1-node-1');
    site.send('domain/paused', 'suspend').pass(1);
    site.send('host-os/r1-node-1', 'panic').pass(300);
    expect(site.state('domain/vm')).toBe('shutoff');
    expect(site.state('domain/paused')).toBe('shutoff');
    expect(site.send('domain/vm', 'start').pass(5).state('domain/vm')).toBe('running');
  });

  it('with a local disk need its pool', () => {
    const site = running();
    boot(site, 'vm', 'r1-node-1', true);
    expect(site.state('domain/vm')).toBe('running');
    site.send('storage-pool/r1-node-1-default', 'fail').pass(1);
    expect(site.state('storage-volume/vm-disk')).toBe('inaccessible');
    expect(site.state('domain/vm')).toBe('nostate');
    site.send('storage-pool/r1-node-1-default', 'repair').pass(5);
    expect(site.state('domain/vm')).toBe('running');
  });

  it('cannot be defined where nobody answers', () => {
    const site = running();
    const host = site.find('hypervisor/r1-node-1');
    site.send('machine/r1-node-1', 'fail').pass(5);
    const domain = site.world.services.hypervisor!.createDomain('vm', host, [], -1);
    expect(site.pass(5).stateOf(domain)).toBe('absent');
  });
});

describe('removal', () => {
  it('leaves nothing of a domain, its volume and its snapshot', () => {
    const site = running();
    const domain = boot(site, 'vm', 'r1-node-1', true);
    site.world.services.hypervisor!.createSnapshot('vm-1', domain, -1);
    site.pass(5);
    const { edges } = site.engine;
    site.world.services.hypervisor!.deleteDomain(domain, -1);
    site.pass(20);
    for (const kind of ['domain', 'storage-volume', 'snapshot']) {
      expect(site.names(kind)).toEqual([]);
    }
    const before = edges.count;
    const other = boot(site, 'other', 'r1-node-2', true);
    site.world.services.hypervisor!.deleteDomain(other, -1);
    site.pass(20);
    expect(edges.count).toBe(before);
  });

  it('waits for a host that is down', () => {
    const site = running();
    const domain = boot(site, 'vm', 'r1-node-1');
    site.send('machine/r1-node-1', 'fail').pass(5);
    site.world.services.hypervisor!.deleteDomain(domain, -1);
    expect(site.pass(60).names('domain')).toEqual(['vm']);
    site.send('machine/r1-node-1', 'repair').pass(200);
    expect(site.names('domain')).toEqual([]);
  });

  it('can forget the domain of a host that never comes back', () => {
    const site = running();
    const domain = boot(site, 'vm', 'r1-node-1', true);
    site.send('machine/r1-node-1', 'fail').pass(5);
    site.world.services.hypervisor!.forgetDomain(domain, -1);
    site.pass(0);
    expect([site.names('domain'), site.names('storage-volume')]).toEqual([[], []]);
  });
});

describe('live migration', () => {
  const move = (site: Lower, domain: number, target: string, memory_bytes = 2 ** 30): number => {
    const to = site.find(`hypervisor/${target}`);
    return site.world.services.hypervisor!.migrate(domain, to, -1, memory_bytes);
  };

  it('takes at least as long as the memory over the links of the hosts', () => {
    const site = running();
    const domain = boot(site, 'vm', 'r1-node-1');
    // 1 TB over 10 Gbit/s.
    move(site, domain, 'r2-node-1', 1e12);
    site.pass(790);
    expect(site.state('domain/vm')).toBe('migrating.precopy');
    site.pass(60);
    expect(site.state('domain/vm')).toBe('running');
  });

  it('moves a domain with its local volume, and never says it was lost', () => {
    const site = running();
    const domain = boot(site, 'vm', 'r1-node-1', true);
    expect(move(site, domain, 'r2-node-1')).toBeGreaterThanOrEqual(0);
    site.pass(10);
    expect(site.history('domain/vm').slice(-4)).toEqual([
      'running',
      'migrating.precopy',
      'migrating.switchover',
      'running',
    ]);
    expect(site.names('migration')).toEqual([]);
    site.send('machine/r1-node-1', 'fail').pass(5);
    expect(site.state('domain/vm')).toBe('running');
    expect(site.state('storage-volume/vm-disk')).toBe('available');
    site.send('machine/r2-node-1', 'fail').pass(5);
    expect(site.state('domain/vm')).toBe('nostate');
  });

  it('fails with its target; the guest runs on at the source', () => {
    const site = running();
    const domain = boot(site, 'vm', 'r1-node-1');
    move(site, domain, 'r2-node-1');
    site.pass(0.5).send('machine/r2-node-1', 'fail').pass(10);
    expect(site.state('domain/vm')).toBe('running');
    expect(site.names('migration')).toEqual([]);
  });

  it('fails with its source; the domain is gone with it', () => {
    const site = running();
    const domain = boot(site, 'vm', 'r1-node-1');
    move(site, domain, 'r2-node-1');
    site.pass(0.5).send('machine/r1-node-1', 'fail').pass(10);
    expect(site.state('domain/vm')).toBe('nostate');
    expect(site.names('migration')).toEqual([]);
  });

  it('is refused for a domain that does not run', () => {
    const site = running();
    const domain = boot(site, 'vm', 'r1-node-1');
    site.send('domain/vm', 'destroy').pass(5);
    expect(move(site, domain, 'r2-node-1')).toBe(-1);
  });

  it('ends, whatever else happens, and leaves a domain in a stable state', () => {
    const events = ['suspend', 'resume', 'destroy', 'start', 'crash', 'shutdown', 'managed_save'];
    const paths = ['machine/r1-node-1', 'machine/r2-node-1', 'hypervisor/r2-node-1'];
    const step = fc.record({
      what: fc.constantFrom(...events, 'migrate', ...paths.flatMap((p) => [p, `${p}!`])),
      wait_s: fc.double({ min: 0, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 15 }), (steps) => {
        const site = running();
        const domain = boot(site, 'vm', 'r1-node-1');
        for (const { what, wait_s } of steps) {
          if (what === 'migrate') move(site, domain, 'r2-node-1');
          else if (what.includes('/')) {
            site.send(what.replace('!', ''), what.endsWith('!') ? 'repair' : 'fail');
          } else site.send('domain/vm', what);
          site.pass(wait_s);
        }
        for (const path of paths) site.send(path, 'repair');
        site.pass(3000);
        expect(site.names('migration')).toEqual([]);
        expect(['running', 'paused', 'shutoff', 'saved', 'crashed']).toContain(
          site.state('domain/vm'),
        );
      }),
      { numRuns: 100 },
    );
  });
});
