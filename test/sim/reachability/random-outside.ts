/** What lies beyond the switches of a random network: a gateway, translation, policies, named sets. */
import fc from 'fast-check';
import type {
  LogicalSwitch,
  Nat,
  Policy,
  PortGroup,
  RouterPort,
  SwitchPort,
  Topology,
} from '../../../sim/sdn/reachability/topology.ts';

/** The router's own address outside, and others that it may translate to. */
export const OUTSIDE = '198.51.100';
export const OUTSIDE6 = '2001:db8:ff:';
const GATEWAY = `${OUTSIDE}.1`;
const UPSTREAM = `${OUTSIDE}.254`;
const FLOATING = [`${OUTSIDE}.5`, `${OUTSIDE}.6`];
const GATEWAY6 = `${OUTSIDE6}:1`;
const UPSTREAM6 = `${OUTSIDE6}:254`;
const FLOATING6 = [`${OUTSIDE6}:5`, `${OUTSIDE6}:6`];
/** On no network of any router. */
const NOWHERE = '172.31.0.2';
const SHARED = [GATEWAY, `${OUTSIDE}.7`];
const SHARED6 = [GATEWAY6, `${OUTSIDE6}:7`];

const outsidePort = (n: number): SwitchPort => ({
  name: `outp${n}`,
  mac: `0a:00:00:00:ff:${(n + 16).toString(16)}`,
  ip: n === 0 ? UPSTREAM : `${OUTSIDE}.${n + 20}`,
  ip6: n === 0 ? UPSTREAM6 : `${OUTSIDE6}:${n + 20}`,
});

const OUT: LogicalSwitch = {
  name: 'out',
  ports: [outsidePort(0), outsidePort(1)],
  acls: [],
  load_balancers: [],
};

/** How the first router is joined to the outside: only some ways translate addresses. */
type Joint = 'distributed gateway port' | 'gateway router' | 'plain';

/** Sometimes gives the first router a port to the outside, and rules of its own. */
export function withOutside(topology: Topology): fc.Arbitrary<Topology> {
  const guests = topology.switches.flatMap(({ ports }) => ports);
  const [first, ...others] = topology.routers;
  const parts = fc.record({
    nat: translations(guests),
    policies: policies(guests.map(({ ip }) => ip)),
    joint: fc.constantFrom<Joint>(
      ...(['distributed gateway port', 'distributed gateway port'] as const),
      ...(['gateway router', 'gateway router', 'plain'] as const),
    ),
    upstreams: fc.constantFrom([0], [0], [0, 1]),
  });
  const joined = parts.map(({ nat, policies, joint, upstreams }): Topology => {
    const port: RouterPort = {
      ...{ name: 'r0out', mac: '0a:00:00:02:01:00', switch: 'out' },
      ...{ network: `${GATEWAY}/24`, network6: `${GATEWAY6}/64` },
      ...(joint === 'distributed gateway port' ? { is_gateway: true } : {}),
    };
    const out = upstreams.flatMap((n) => [
      { prefix: '0.0.0.0/0', nexthop: outsidePort(n).ip },
      { prefix: '::/0', nexthop: outsidePort(n).ip6! },
    ]);
    const opened = { ...first, ports: [...first.ports, port], routes: [...first.routes, ...out] };
    const chassis = joint === 'gateway router' ? { chassis: 'nowhere' } : {};
    return {
      ...topology,
      switches: [...topology.switches, OUT],
      routers: [{ ...opened, ...chassis, nat, policies }, ...others.map(throughFirst)],
    };
  });
  return fc.oneof(fc.constant(topology), joined, joined);
}

/** The other router leads everything to the first one. */
function throughFirst(router: Topology['routers'][number]) {
  const all = (prefix: string) => (prefix.includes(':') ? '::/0' : '0.0.0.0/0');
  const routes = router.routes.map((each) => ({ ...each, prefix: all(each.prefix) }));
  return { ...router, routes };
}

function translations(guests: readonly SwitchPort[]): fc.Arbitrary<readonly Nat[]> {
  const snat = fc.oneof(
    fc.record({
      ...{ type: fc.constant<Nat['type']>('snat'), external_ip: fc.constantFrom(...SHARED) },
      logical_ip: fc.constantFrom('10.0.0.0/24', '10.0.1.0/24', '10.0.0.0/16', `${OUTSIDE}.21`),
    }),
    fc.record({
      ...{ type: fc.constant<Nat['type']>('snat'), external_ip: fc.constantFrom(...SHARED6) },
      logical_ip: fc.constantFrom('fd00::/64', 'fd00:0:0:1::/64', 'fd00::/32', `${OUTSIDE6}:21`),
    }),
  );
  const type = fc.constantFrom<Nat['type']>('dnat_and_snat', 'dnat_and_snat', 'dnat');
  const floating = (external: readonly string[], logical: readonly string[]) =>
    fc.record({
      ...{ type, external_ip: fc.constantFrom(...external) },
      logical_ip: fc.constantFrom(...logical),
    });
  const ip6 = guests.flatMap((each) => each.ip6 ?? []);
  const all = [
    floating(
      FLOATING,
      guests.map(({ ip }) => ip),
    ),
    ...(ip6.length > 0 ? [floating(FLOATING6, ip6)] : []),
  ];
  // OVN takes neither two rules for one address inside, nor two for one address outside.
  const unique = (of: fc.Arbitrary<Nat>, maxLength: number) =>
    fc
      .uniqueArray(of, { maxLength, selector: ({ logical_ip }) => logical_ip })
      .filter((rules) => isUnique(rules.filter(({ type }) => type !== 'snat')));
  return fc.tuple(unique(snat, 3), unique(fc.oneof(...all), 3)).map((each) => each.flat());
}

function isUnique(all: readonly Nat[]): boolean {
  return new Set(all.map(({ external_ip }) => external_ip)).size === all.length;
}

function policies(guests: readonly string[]): fc.Arbitrary<readonly Policy[]> {
  const ip = fc.constantFrom(...guests);
  const match = fc.oneof(
    ip.map((one) => `ip4.src == ${one}`),
    ip.map((one) => `ip4.dst == ${one} && tcp`),
    fc.constantFrom('inport == "r0out"', 'inport == "r0s0" && ip4', 'ip4.dst == 203.0.113.0/24'),
    fc.constantFrom('udp.dst < 100', 'ip4.src == $as0', 'ip.ttl == 63', 'ip6.src == $as1'),
  );
  // Never another router: what it sends back would go round.
  const nexthop = fc.constantFrom(UPSTREAM, `${OUTSIDE}.21`, NOWHERE, ...guests);
  const policy = fc.oneof(
    fc.record({ action: fc.constantFrom<Policy['action']>('allow', 'drop'), match }),
    fc.record({ action: fc.constant<Policy['action']>('reroute'), match, nexthop }),
  );
  const numbered = fc.tuple(policy, fc.integer({ min: 1, max: 2000 }));
  return fc
    .uniqueArray(numbered, { maxLength: 2, selector: ([, priority]) => priority })
    .map((all) => all.map(([each, priority]) => ({ ...each, priority })));
}

/** A set of addresses and a group of ports, which the rules may speak of. */
export function sets(
  switches: readonly LogicalSwitch[],
  acls: fc.Arbitrary<PortGroup['acls']>,
): fc.Arbitrary<Pick<Topology, 'address_sets' | 'port_groups'>> {
  const ports = switches.flatMap((each) => each.ports);
  const address = fc.constantFrom(...ports.map(({ ip }) => ip), '10.0.1.0/24', `${OUTSIDE}.5`);
  const ip6 = ports.flatMap((port) => port.ip6 ?? []);
  const address6 = fc.constantFrom(...ip6, 'fd00:0:0:1::/64', `${OUTSIDE6}:5`);
  return fc
    .record({
      as0: fc.uniqueArray(address, { maxLength: 3 }),
      as1: fc.uniqueArray(address6, { maxLength: 3 }),
      members: fc.subarray(ports.map(({ name }) => name)),
      acls,
    })
    .map(({ as0, as1, members, acls }) => ({
      address_sets: { as0, as1 },
      port_groups: [{ name: 'pg0', ports: members, acls }],
    }));
}
