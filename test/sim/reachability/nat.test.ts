/** What translation and named sets do on one small network; random ones are held against ovn-trace. */
import { describe, expect, it } from 'vitest';
import { type Query, reach } from '../../../sim/sdn/reachability/reach.ts';
import type { Acl, Policy, Topology } from '../../../sim/sdn/reachability/topology.ts';

const guest = (name: string, ip: string) => ({ name, mac: `0a:00:00:00:00:${ip.slice(-2)}`, ip });

const NETWORK: Topology = {
  switches: [
    {
      ...{ name: 'in', acls: [], load_balancers: [] },
      ports: [guest('a', '10.0.0.11'), guest('b', '10.0.0.12')],
    },
    {
      ...{ name: 'out', acls: [], load_balancers: [] },
      ports: [guest('upstream', '198.51.100.54'), guest('peer', '198.51.100.20')],
    },
  ],
  routers: [
    {
      name: 'r',
      ports: [
        { name: 'r-in', mac: '0a:00:00:00:01:01', network: '10.0.0.1/24', switch: 'in' },
        {
          ...{ name: 'r-out', mac: '0a:00:00:00:01:02', network: '198.51.100.1/24', switch: 'out' },
          is_gateway: true,
        },
      ],
      routes: [{ prefix: '0.0.0.0/0', nexthop: '198.51.100.54' }],
      nat: [
        { type: 'snat', external_ip: '198.51.100.1', logical_ip: '10.0.0.0/24' },
        { type: 'dnat_and_snat', external_ip: '198.51.100.5', logical_ip: '10.0.0.12' },
      ],
    },
  ],
};

const ask = (from: string, to: string, network = NETWORK) => {
  const query: Query = { from, to, protocol: 'tcp', source_port: 1024, port: 80 };
  return reach(network, query);
};

describe('a router with a gateway port', () => {
  it('hides who sends, by the rule of the longest prefix', () => {
    expect(ask('a', '203.0.113.9')).toMatchObject({
      ...{ delivered: 'upstream', source: '198.51.100.1', destination: '203.0.113.9' },
    });
    expect(ask('b', '203.0.113.9')).toMatchObject({ source: '198.51.100.5' });
  });

  it('leads what is sent to a floating IP to its guest, from outside and from inside', () => {
    const at = { delivered: 'b', destination: '10.0.0.12' };
    expect(ask('peer', '198.51.100.5')).toMatchObject({ ...at, source: '198.51.100.20' });
    expect(ask('a', '198.51.100.5')).toMatchObject({ ...at, source: '198.51.100.1' });
  });

  it('keeps what is sent to the address that it hides guests behind', () => {
    expect(ask('peer', '198.51.100.1')).toHaveProperty('dropped');
    expect(ask('a', '198.51.100.1')).toHaveProperty('dropped');
  });

  it('translates nothing without one', () => {
    const [router] = NETWORK.routers;
    const ports = router.ports.map((port) => ({ ...port, is_gateway: false }));
    const plain = { ...NETWORK, routers: [{ ...router, ports }] };
    expect(ask('b', '203.0.113.9', plain)).toMatchObject({ source: '10.0.0.12' });
    expect(ask('peer', '198.51.100.5', plain)).toHaveProperty('dropped');
  });
});

describe('a gateway router', () => {
  const [router] = NETWORK.routers;
  const ports = router.ports.map((port) => ({ ...port, is_gateway: false }));
  const nat = [
    ...(router.nat ?? []),
    { type: 'dnat', external_ip: '198.51.100.6', logical_ip: '10.0.0.11' } as const,
  ];
  const gateway = { ...NETWORK, routers: [{ ...router, ports, nat, chassis: 'hv1' }] };

  it('translates at every port, without a port that is a gateway', () => {
    expect(ask('a', '203.0.113.9', gateway)).toMatchObject({ source: '198.51.100.1' });
    expect(ask('peer', '198.51.100.5', gateway)).toMatchObject({ destination: '10.0.0.12' });
    expect(ask('peer', '198.51.100.6', gateway)).toMatchObject({ destination: '10.0.0.11' });
    // Also of who calls from inside: it comes back by the port that it left by.
    expect(ask('b', '198.51.100.6', gateway)).toMatchObject({
      ...{ delivered: 'a', source: '198.51.100.5', destination: '10.0.0.11' },
    });
  });
});

describe('rules that speak of sets', () => {
  const drop = (match: string): Acl => ({
    ...{ direction: 'to-lport', priority: 100, match, action: 'drop' },
  });
  const ruled = (...acls: Acl[]): Topology => ({
    ...NETWORK,
    address_sets: { friends: ['10.0.0.11', '198.51.100.0/28'], nobody: [] },
    port_groups: [
      { name: 'servers', ports: ['b'], acls },
      { name: 'elsewhere', ports: ['peer'], acls: [] },
    ],
  });

  it.each([
    ['outport == @servers', true],
    ['outport == @servers && ip4.src == $friends', true],
    ['outport == @servers && ip4.src != $friends', false],
    ['ip4.src == {$friends, 10.0.0.99}', true],
    ['ip4.src == $servers_ip4', false],
    ['ip4.dst == $servers_ip4', true],
    ['ip4.src == $nobody', false],
    ['ip4.src != $nobody', true],
    // No port of that group is on the switch, so the rule means nothing there.
    ['ip4 || outport == @elsewhere', false],
  ])('%s stops a guest: %s', (match, isStopped) => {
    expect('dropped' in ask('a', '10.0.0.12', ruled(drop(match)))).toBe(isStopped);
  });

  it('cannot be read when there is no such set', () => {
    expect(() => ask('a', '10.0.0.12', ruled(drop('ip4.src == $strangers')))).toThrow('$strangers');
  });
});

describe('a policy whose next hop is on no network of the router', () => {
  const withPolicies = (...policies: readonly Policy[]): Topology => {
    const [router] = NETWORK.routers;
    return { ...NETWORK, routers: [{ ...router, policies }] };
  };
  const nowhere: Policy = { action: 'reroute', match: 'ip4', nexthop: '192.0.2.9', priority: 900 };

  it('is as if it were not there: the next one decides', () => {
    const drop: Policy = { action: 'drop', match: 'ip4', priority: 300 };
    expect(ask('a', '203.0.113.9', withPolicies(nowhere))).toMatchObject({ delivered: 'upstream' });
    expect(ask('a', '203.0.113.9', withPolicies(nowhere, drop))).toHaveProperty('dropped');
    const peer: Policy = { ...nowhere, nexthop: '198.51.100.20', priority: 1 };
    expect(ask('a', '203.0.113.9', withPolicies(nowhere, peer))).toMatchObject({
      delivered: 'peer',
    });
  });
});
