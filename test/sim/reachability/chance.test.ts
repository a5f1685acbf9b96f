import { describe, expect, it } from 'vitest';
import { everyOutcome } from '../../../sim/sdn/reachability/chance.ts';
import { type Query, reach, verdicts } from '../../../sim/sdn/reachability/reach.ts';
import type { SwitchPort, Topology } from '../../../sim/sdn/reachability/topology.ts';

const port = (name: string, ip: string, ip6?: string): SwitchPort => {
  return { name, mac: `0a:00:00:00:00:${ip.slice(-2)}`, ip, ip6 };
};

/** Two ways out, by guests of the switch in between, and a balanced service. */
const NETWORK: Topology = {
  switches: [
    {
      ...{ name: 'in', acls: [] },
      ports: [port('a', '10.0.0.11', 'fd00::11'), port('b', '10.0.0.12', 'fd00::12')],
      load_balancers: [
        {
          ...{ name: 'web', protocol: 'tcp', vip: '10.9.0.1:80' },
          backends: ['10.0.0.12:8080', '10.0.1.21:8080', '10.0.1.99:80'],
        },
        { name: 'web6', protocol: 'tcp', vip: '[fd09:0::1]:80', backends: ['[fd00::12]:8080'] },
      ],
    },
    {
      ...{ name: 'between', acls: [], load_balancers: [] },
      ports: [port('x', '10.0.1.21', 'fd01::21'), port('y', '10.0.1.22', 'fd01::22')],
    },
  ],
  routers: [
    {
      name: 'r',
      ports: [
        {
          ...{ name: 'r-in', mac: '0a:00:00:00:01:01', switch: 'in' },
          ...{ network: '10.0.0.1/24', network6: 'fd00::1/64' },
        },
        {
          ...{ name: 'r-between', mac: '0a:00:00:00:01:02', switch: 'between' },
          ...{ network: '10.0.1.1/24', network6: 'fd01::1/64' },
        },
      ],
      routes: [
        { prefix: '0.0.0.0/0', nexthop: '10.0.1.21' },
        { prefix: '0.0.0.0/0', nexthop: '10.0.1.22' },
        { prefix: '0.0.0.0/0', nexthop: '172.16.0.1' },
        { prefix: '203.0.113.0/24', nexthop: '10.0.1.22' },
        { prefix: '::/0', nexthop: 'fd01::21' },
        { prefix: '::/0', nexthop: 'fd01::22' },
      ],
    },
  ],
};

const ask = (to: string): Query => ({
  from: 'a',
  to,
  protocol: 'tcp',
  source_port: 1024,
  port: 80,
});
const ends = (to: string) =>
  verdicts(NETWORK, ask(to)).map((each) => ('delivered' in each ? each.delivered : each.dropped));

describe('chance', () => {
  it('is gone through in every combination', () => {
    const pairs = everyOutcome((pick) => {
      const one = pick(['a', 'b']);
      return one === 'a' ? one + pick(['1', '2', '3']) : one;
    });
    expect(pairs).toEqual(['a1', 'a2', 'a3', 'b']);
    expect(everyOutcome(() => 'nothing to pick')).toEqual(['nothing to pick']);
  });

  it('takes a backend, of which one may be nobody', () => {
    expect(ends('10.9.0.1')).toEqual(['b', 'x', 'unknown address']);
    expect(ends('fd09::1')).toEqual(['b']);
    expect(reach(NETWORK, ask('10.9.0.1'))).toMatchObject({ destination: '10.0.0.12' });
    const asked = { ...ask('10.9.0.1'), backend: '10.0.1.21:8080' };
    expect(reach(NETWORK, asked)).toMatchObject({ delivered: 'x' });
  });

  it('takes a route of several alike, and the longest prefix before them', () => {
    expect(ends('198.51.100.1')).toEqual(['x', 'y']);
    expect(ends('2001:db8::1')).toEqual(['x', 'y']);
    expect(ends('203.0.113.1')).toEqual(['y']);
  });

  it('has nothing to decide about a question that makes no packet', () => {
    expect(() => verdicts(NETWORK, ask('nobody'))).toThrow('nobody is no address');
    const ping: Query = { from: 'a', to: 'fd00::12', protocol: 'icmp4' };
    expect(() => reach(NETWORK, ping)).toThrow('icmp4 to fd00::12');
  });
});
