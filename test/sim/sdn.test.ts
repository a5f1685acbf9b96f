import { describe, expect, it } from 'vitest';
import { type Lower, running, scenarioOf } from './lower-layers.ts';

function bound(site: Lower, name: string, network: string, host: string): number {
  const { sdn } = site.world.services;
  const port = sdn!.createPort(name, network, -1);
  site.engine.link(sdn!.chassisOf(site.find(`host-os/${host}`)), port);
  return site.send(`port/${name}`, 'bind').pass(1).find(`port/${name}`);
}

describe('logical networks', () => {
  it('a switch for each network, a router with NAT and gateway, an ACL for each project', () => {
    const site = running();
    expect(site.names('logical-switch')).toEqual(['public', 'blue', 'red']);
    expect(site.names('logical-router')).toEqual(['public-router']);
    expect(site.names('nat')).toEqual(['public-snat-blue', 'public-snat-red']);
    expect(site.names('acl')).toEqual(['shop-default']);
    expect(site.states('gateway')).toEqual(['active']);
  });

  it('an unknown network is a typed error', () => {
    const site = running();
    expect(() => site.world.services.sdn!.createPort('p', 'green', -1)).toThrowError(
      expect.objectContaining({ code: 'SDN_UNKNOWN_NETWORK' }),
    );
  });

  it('without gateway chassis there is no gateway', () => {
    const { stack } = scenarioOf();
    const ovn = { chassis: ['node'], gateways: [] };
    expect(running(scenarioOf({ stack: { ...stack, ovn } })).names('gateway')).toEqual([]);
  });
});

describe('ports', () => {
  it('are bound, unbound, deleted and gone', () => {
    const site = running();
    const port = bound(site, 'p', 'blue', 'r1-node-1');
    expect(site.stateOf(port)).toBe('ACTIVE');
    site.world.services.sdn!.deletePort(port, -1);
    site.pass(1);
    expect(site.names('port')).toEqual([]);
  });

  it('are stale on a dead chassis and active again with it', () => {
    const site = running();
    const port = bound(site, 'p', 'blue', 'r1-node-1');
    site.send('machine/r1-node-1', 'fail').pass(5);
    expect(site.stateOf(port)).toBe('stale');
    site.send('machine/r1-node-1', 'repair').pass(60);
    expect(site.stateOf(port)).toBe('ACTIVE');
  });

  it('cannot be bound on a dead chassis', () => {
    const site = running();
    site.send('machine/r1-node-1', 'fail').pass(5);
    expect(site.stateOf(bound(site, 'p', 'red', 'r1-node-1'))).toBe('binding_failed');
  });

  it('go down when their chassis leaves in order, not when its controller dies', () => {
    const site = running();
    const port = bound(site, 'p', 'red', 'r1-node-1');
    site.send('chassis/r1-node-1', 'fail').pass(5);
    expect(site.stateOf(port)).toBe('ACTIVE');
    site.send('chassis/r1-node-1', 'exit').pass(5);
    expect(site.stateOf(port)).toBe('DOWN');
  });
});

describe('gateways', () => {
  const GATEWAY = 'gateway/public-gateway';

  /** The host whose chassis has the gateway: the one whose death it notices. */
  const holder = (site: Lower): string =>
    site.names('chassis').find((name) => {
      const copy = running().send(`machine/${name}`, 'fail').pass(0.1);
      return copy.state(GATEWAY) === 'detecting';
    })!;

  it('move to the next chassis when BFD has noticed, and back when the first one returns', () => {
    const site = running();
    const first = holder(site);
    site.send(`machine/${first}`, 'fail').pass(1);
    expect(site.state(GATEWAY)).toBe('detecting');
    site.pass(2);
    expect(site.state(GATEWAY)).toBe('active');
    site.send(`machine/${first}`, 'repair').pass(60);
    expect(site.history(GATEWAY).slice(-3)).toEqual(['active', 'claiming', 'active']);
  });

  it('another chassis may die without anybody noticing', () => {
    const site = running();
    const first = holder(site);
    const other = site.names('chassis').find((name) => name !== first)!;
    site.send(`machine/${other}`, 'fail').pass(5);
    expect(site.history(GATEWAY).at(-1)).toBe('active');
    expect(site.history(GATEWAY)).not.toContain('detecting');
  });

  it('are down with the last chassis and come back with the first', () => {
    const site = running();
    for (const name of site.names('machine')) site.send(`machine/${name}`, 'fail');
    site.pass(5);
    expect(site.state(GATEWAY)).toBe('down');
    site.send('machine/r2-node-2', 'repair').pass(60);
    expect(site.state(GATEWAY)).toBe('active');
  });
});
