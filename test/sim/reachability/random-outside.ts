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
const GATEWAY = `${OUTSIDE}.1`;
const UPSTREAM = `${OUTSIDE}.254`;
const FLOATING = [`${OUTSIDE}.5`, `${OUTSIDE}.6`];
/** On no network of any router. */
const NOWHERE = '172.31.0.2';
const SHARED = [GATEWAY, `${OUTSIDE}.7`];

const outsidePort = (n: number): SwitchPort => ({
  name: `outp${n}`,
  mac: `0a:00:00:00:ff:${(n + 16).toString(16)}`,
  ip: n === 0 ? UPSTREAM : `${OUTSIDE}.${n + 20}`,
});

const OUT: LogicalSwitch = {
  name: 'out',
  ports: [outsidePort(0), outsidePort(1)],
  acls: [],
  load_balancers: [],
};

/** Sometimes gives the first router a port to the outside, and rules of its own. */
export function withOutside(topology: Topology): fc.Arbitrary<Topology> {
  const guests = topology.switches.flatMap(({ ports }) => ports.map(({ ip }) => ip));
  const [first, ...others] = topology.routers;
  const parts = fc.record({
    nat: translations(guests),
    policies: policies(guests),
    is_gateway: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
  });
  const joined = parts.map(({ nat, policies, is_gateway }): Topology => {
    const port: RouterPort = {
      ...{ name: 'r0out', mac: '0a:00:00:02:01:00', network: `${GATEWAY}/24`, switch: 'out' },
      is_gateway,
    };
    const out = { prefix: '0.0.0.0/0', nexthop: UPSTREAM };
    const opened = { ...first, ports: [...first.ports, port], routes: [...first.routes, out] };
    return {
      ...topology,
      switches: [...topology.switches, OUT],
      routers: [{ ...opened, nat, policies }, ...others.map(throughFirst)],
    };
  });
  return fc.oneof(fc.constant(topology), joined, joined);
}

/** The other router leads everything to the first one. */
function throughFirst(router: Topology['routers'][number]) {
  return { ...router, routes: router.routes.map((each) => ({ ...each, prefix: '0.0.0.0/0' })) };
}

function translations(guests: readonly string[]): fc.Arbitrary<readonly Nat[]> {
  const guest = fc.constantFrom(...guests);
  const snat = fc.record({
    type: fc.constant<Nat['type']>('snat'),
    external_ip: fc.constantFrom(...SHARED),
    logical_ip: fc.constantFrom('10.0.0.0/24', '10.0.1.0/24', '10.0.0.0/16', `${OUTSIDE}.21`),
  });
  const floating = fc.record({
    type: fc.constantFrom<Nat['type']>('dnat_and_snat', 'dnat_and_snat', 'dnat'),
    external_ip: fc.constantFrom(...FLOATING),
    logical_ip: guest,
  });
  // OVN takes neither two rules for one address inside, nor two for one address outside.
  const unique = (of: fc.Arbitrary<Nat>, maxLength: number) =>
    fc
      .uniqueArray(of, { maxLength, selector: ({ logical_ip }) => logical_ip })
      .filter((all) => isUnique(all.filter(({ type }) => type !== 'snat')));
  return fc.tuple(unique(snat, 2), unique(floating, 2)).map((each) => each.flat());
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
    fc.constantFrom('udp.dst < 100', 'ip4.src == $as0', 'ip.ttl == 63'),
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
  return fc
    .record({
      addresses: fc.uniqueArray(address, { maxLength: 3 }),
      members: fc.subarray(ports.map(({ name }) => name)),
      acls,
    })
    .map(({ addresses, members, acls }) => ({
      address_sets: { as0: addresses },
      port_groups: [{ name: 'pg0', ports: members, acls }],
    }));
}
