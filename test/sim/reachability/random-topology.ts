/** Random networks and questions about them, for fast-check. Names and addresses follow the place. */
import fc from 'fast-check';
import { addressOf, endpointOf } from '../../../sim/sdn/reachability/address.ts';
import { parseMatch } from '../../../sim/sdn/reachability/match.ts';
import type { Query } from '../../../sim/sdn/reachability/reach.ts';
import {
  type Acl,
  addressesOf,
  type LoadBalancer,
  type LogicalRouter,
  type LogicalSwitch,
  type RouterPort,
  type SwitchPort,
  type Topology,
} from '../../../sim/sdn/reachability/topology.ts';
import { OUTSIDE, sets, withOutside } from './random-outside.ts';

export interface Case {
  readonly topology: Topology;
  readonly queries: readonly Query[];
}

const SERVICE_PORTS = [22, 80, 443, 1024];
/** An address outside every network of the cases. */
const ELSEWHERE = ['203.0.113.9', '2001:db8:99::9'];
const VIPS = { 4: '10.99.0.1', 6: '[fd99::1]' } as const;
const NOBODY = { 4: '10.0.77.7', 6: 'fd00:0:0:77::7' } as const;

const hex = (value: number) => value.toString(16).padStart(2, '0');
const portName = (s: number, n: number) => `s${s}p${n}`;
const portMac = (s: number, n: number) => `0a:00:00:00:${hex(s)}:${hex(n + 16)}`;
const portIp = (s: number, n: number) => `10.0.${s}.${n + 11}`;
/** As OVN writes them. */
const portIp6 = (s: number, n: number) => `fd00:${s === 0 ? '' : `0:0:${s}:`}:${n + 11}`;
const familyOf = (ip: string) => addressOf(ip)!.family;
const ipsOf = (ports: readonly SwitchPort[]) => ports.flatMap(addressesOf);

// ---------------------------------------------------------------- matches

/** A random match about the ports and addresses of a case; `outport` only where it exists. */
function matches(switches: number, direction: Acl['direction']): fc.Arbitrary<string> {
  const s = fc.nat(switches - 1);
  const n = fc.nat(2);
  const port = fc.tuple(s, n).map(([a, b]) => `"${portName(a, b)}"`);
  const ip = fc.tuple(s, n).map(([a, b]) => portIp(a, b));
  const net = s.map((a) => `10.0.${a}.0/24`);
  const ip6 = fc.tuple(s, n).map(([a, b]) => portIp6(a, b));
  const net6 = s.map((a) => `fd00:0:0:${a}::/64`);
  const service = fc.constantFrom(...SERVICE_PORTS).map(String);
  const same = fc.constantFrom('==', '!=');
  const order = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
  const set = (of: fc.Arbitrary<string>) =>
    fc.uniqueArray(of, { minLength: 1, maxLength: 3 }).map((all) => `{${all.join(', ')}}`);
  const joined = (...parts: fc.Arbitrary<string>[]) =>
    fc.tuple(...parts).map((words) => words.join(' '));
  const address = fc.constantFrom('ip4.src', 'ip4.dst');
  const address6 = fc.constantFrom('ip6.src', 'ip6.dst');
  const leaf = fc.oneof(
    fc.constantFrom('tcp', 'udp', 'icmp4', 'icmp6', 'icmp', 'ip', 'ip4', 'ip6', '1'),
    joined(address6, same, fc.oneof(ip6, net6, fc.constantFrom('$as1', '$pg0_ip6'))),
    joined(address6, fc.constant('=='), set(fc.oneof(ip6, net6))),
    joined(fc.constant('icmp6.type'), fc.constant('=='), fc.constantFrom('128', '129')),
    joined(address, same, fc.oneof(ip, net)),
    joined(address, fc.constant('=='), set(fc.oneof(ip, net))),
    joined(address, fc.constant('!='), set(ip)),
    joined(fc.constantFrom('tcp.dst', 'udp.dst', 'tcp.src'), order, service),
    joined(fc.constantFrom('tcp.dst', 'udp.dst'), fc.constant('=='), set(service)),
    joined(fc.constant('ip.proto'), same, fc.constantFrom('1', '6', '17', '58')),
    joined(fc.constant('ip.ttl'), order, fc.constantFrom('63', '64')),
    joined(fc.constant('icmp4.type'), same, fc.constantFrom('8', '0')),
    joined(
      fc.constant('eth.src'),
      same,
      fc.tuple(s, n).map(([a, b]) => portMac(a, b)),
    ),
    // OVN compares ports for equality only, with one name or a set of them.
    joined(fc.constant(direction === 'to-lport' ? 'outport' : 'inport'), fc.constant('=='), port),
    joined(fc.constant(direction === 'to-lport' ? 'outport' : 'inport'), fc.constant('== @pg0')),
    joined(address, same, fc.constantFrom('$as0', '$pg0_ip4')),
    joined(address, fc.constant('=='), fc.constantFrom('{$as0, 10.0.0.11}', `${OUTSIDE}.0/24`)),
    joined(address, same, fc.constantFrom(`${OUTSIDE}.1`, `${OUTSIDE}.5`)),
  );
  const nested = (inner: fc.Arbitrary<string>) =>
    fc.oneof(
      inner,
      joined(inner, fc.constantFrom('&&', '||'), inner).map((text) => `(${text})`),
      inner.map((text) => `!(${text})`),
    );
  return nested(nested(leaf)).filter(isReadable);
}

const NAMED = new Map(['$as0', '$as1', '@pg0', '$pg0_ip4', '$pg0_ip6'].map((name) => [name, []]));

/** OVN takes a rule that it cannot read, and lets it have no effect: such rules are tested elsewhere. */
function isReadable(match: string): boolean {
  try {
    parseMatch(match, NAMED);
    return true;
  } catch {
    return false;
  }
}

/** Their priorities are even, or odd: which of two rules of one priority decides is not defined. */
function acls(switches: number, odd: 0 | 1): fc.Arbitrary<readonly Acl[]> {
  const direction = fc.constantFrom<Acl['direction']>('from-lport', 'to-lport');
  const action = fc.constantFrom<Acl['action']>('allow', 'allow-related', 'drop', 'drop', 'reject');
  const acl = direction.chain((its) =>
    fc.record({
      ...{ direction: fc.constant(its), action, match: matches(switches, its) },
      priority: fc.integer({ min: 1, max: 1000 }).map((half) => 2 * half + odd),
    }),
  );
  return fc.uniqueArray(acl, { maxLength: 4, selector: ({ priority }) => priority });
}

// ---------------------------------------------------------------- networks

/** The switches with their ports and rules, then load balancers over the ports that there are. */
function switches(count: number): fc.Arbitrary<readonly LogicalSwitch[]> {
  const all = Array.from({ length: count }, (_, s) =>
    fc.record({
      name: fc.constant(`s${s}`),
      ports: ports(s),
      acls: acls(count, 0),
      load_balancers: fc.constant<readonly LoadBalancer[]>([]),
    }),
  );
  return fc.tuple(...all).chain((bare) => {
    const ips = ipsOf(bare.flatMap((each) => each.ports));
    const balanced = bare.map((each, s) =>
      balancers(s, ips).map((load_balancers) => ({ ...each, load_balancers })),
    );
    return fc.tuple(...balanced);
  });
}

function ports(s: number): fc.Arbitrary<readonly SwitchPort[]> {
  const flags = fc.record({
    enabled: fc.oneof({ weight: 8, arbitrary: fc.constant(true) }, fc.constant(false)),
    port_security: fc.boolean(),
    ip6: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  });
  return fc.array(flags, { minLength: 1, maxLength: 3 }).map((list) =>
    list.map(
      (its, n): SwitchPort => ({
        ...{ name: portName(s, n), mac: portMac(s, n), ip: portIp(s, n) },
        ...{ ...its, ip6: its.ip6 ? portIp6(s, n) : undefined },
      }),
    ),
  );
}

function balancers(s: number, ips: readonly string[]): fc.Arbitrary<readonly LoadBalancer[]> {
  const balancer = fc
    .tuple(fc.constantFrom(...ips), fc.constantFrom(...SERVICE_PORTS))
    .chain(([first, port]) => {
      const family = familyOf(first);
      const alike = ips.filter((ip) => familyOf(ip) === family);
      const backend = fc
        .tuple(fc.constantFrom(...alike), fc.constantFrom(...SERVICE_PORTS))
        .map(([ip, to]) => `${family === 6 ? `[${ip}]` : ip}:${to}`);
      return fc.record({
        ...{ name: fc.constant(`lb${s}`), vip: fc.constant(`${VIPS[family]}:${port}`) },
        protocol: fc.constantFrom<LoadBalancer['protocol']>('tcp', 'udp'),
        backends: fc.uniqueArray(backend, { minLength: 1, maxLength: 3 }),
      });
    });
  return fc.array(balancer, { maxLength: 1 });
}

/** One router joins all switches, or two that a transit switch joins share them. */
function routed(all: readonly LogicalSwitch[], isSplit: boolean, detours: Detours): Topology {
  const at = (s: number, router: number): RouterPort => ({
    name: `r${router}s${s}`,
    mac: `0a:00:00:01:${hex(router)}:${hex(s)}`,
    network: `10.0.${s}.1/24`,
    network6: `fd00:0:0:${s}::1/64`,
    switch: `s${s}`,
  });
  if (!isSplit || all.length < 2) {
    const ports = all.map((_, s) => at(s, 0));
    return { switches: all, routers: [{ name: 'r0', ports, routes: [] }] };
  }
  const routers = [0, 1].map((r): LogicalRouter => {
    const own = all.flatMap((_, s) => (s % 2 === r ? [at(s, r)] : []));
    const links = [0, 1].map(
      (t): RouterPort => ({
        ...{ name: `r${r}t${t}`, mac: `0a:00:00:02:${hex(t + 2)}:${hex(r)}` },
        ...{ network: `172.16.${t}.${r + 1}/24`, network6: `fd01:0:0:${t}::${r + 1}/64` },
        switch: `transit${t}`,
      }),
    );
    // One has a route to each network of the other, the other a default route back.
    const others = all.flatMap((_, s) =>
      s % 2 === r ? [] : [`10.0.${s}.0/24`, `fd00:0:0:${s}::/64`],
    );
    const prefixes = r === 0 ? others : ['10.0.0.0/16', 'fd00::/32'];
    const routes = prefixes.flatMap((prefix) => {
      const is6 = prefix.includes(':');
      const nexthop = is6 ? `fd01::${2 - r}` : `172.16.0.${2 - r}`;
      const more = r === 0 ? detours.map((each) => each[is6 ? 6 : 4]) : [];
      return [nexthop, ...more].map((hop) => ({ prefix, nexthop: hop }));
    });
    return { name: `r${r}`, ports: [...own, ...links], routes };
  });
  const transits = [0, 1].map(
    (t): LogicalSwitch => ({
      ...{ name: `transit${t}`, acls: [], load_balancers: [] },
      // Somebody who takes what is routed past the other router.
      ports: t === 0 ? [] : [BYSTANDER],
    }),
  );
  return { switches: [...all, ...transits], routers };
}

type Detours = readonly { readonly 4: string; readonly 6: string }[];

const BYSTANDER: SwitchPort = {
  ...{ name: 'bystander', mac: '0a:00:00:00:fe:16', ip: '172.16.1.9', ip6: 'fd01:0:0:1::9' },
};

/** More routes to what the other router has: by the other transit, to a guest, to nobody, nowhere. */
const DETOURS: Detours = [
  { 4: '172.16.1.2', 6: 'fd01:0:0:1::2' },
  { 4: BYSTANDER.ip, 6: BYSTANDER.ip6! },
  { 4: '172.16.0.99', 6: 'fd01::99' },
  { 4: '172.31.0.2', 6: 'fd31::2' },
];

// ---------------------------------------------------------------- questions

function queries(topology: Topology): fc.Arbitrary<readonly Query[]> {
  const ports = topology.switches.flatMap((each) => each.ports);
  const nat = topology.routers.flatMap((router) => router.nat ?? []);
  const outside = [...ELSEWHERE, ...nat.map(({ external_ip }) => external_ip)];
  const balanced = topology.switches.flatMap(({ load_balancers }) => load_balancers);
  const vips = Object.values(VIPS).map((vip) => endpointOf(`${vip}:80`).ip);
  const destination = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...ipsOf(ports)) },
    { weight: 1, arbitrary: fc.constantFrom(...vips) },
    { weight: outside.length, arbitrary: fc.constantFrom(...outside) },
  );
  const anything = fc
    .record({
      ...{ from: fc.constantFrom(...ports), to: destination },
      protocol: fc.constantFrom<'icmp' | 'tcp' | 'udp'>('icmp', 'tcp', 'tcp', 'udp'),
      port: fc.constantFrom(...SERVICE_PORTS),
      source_port: fc.constantFrom(1024, 33_000),
      isSpoofed: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    })
    .map(({ from, isSpoofed, protocol, port, source_port, to }): Query => {
      const family = familyOf(to);
      return {
        ...{ from: from.name, to },
        ...(protocol === 'icmp' ? { protocol: `icmp${family}` } : { protocol, port, source_port }),
        ...(isSpoofed ? { spoofed: NOBODY[family] } : {}),
      };
    });
  const toBalancers = balanced.map(({ name, vip, protocol }) => {
    const on = topology.switches.find((each) => each.load_balancers.some((lb) => lb.name === name));
    const { ip: to, port } = endpointOf(vip);
    return fc
      .constantFrom(...on!.ports)
      .map((from): Query => ({ from: from.name, to, protocol, port, source_port: 1024 }));
  });
  const query = fc
    .oneof({ weight: 5, arbitrary: anything }, ...toBalancers)
    .filter((each) => isDecided(topology, each));
  return fc.uniqueArray(query, { minLength: 6, maxLength: 12, selector: (q) => JSON.stringify(q) });
}

/**
 * Neither a guest that calls itself, also from outside or by a load balancer, since its own packet
 * cannot be told from what it sent; nor one without an address of the family.
 */
function isDecided({ switches, routers }: Topology, { from, to, port, protocol }: Query): boolean {
  const on = switches.find(({ ports }) => ports.some(({ name }) => name === from))!;
  const own = addressesOf(on.ports.find(({ name }) => name === from)!);
  const nat = routers.flatMap((router) => router.nat ?? []);
  const lead = [
    ...[to],
    ...nat.filter((each) => each.external_ip === to).map(({ logical_ip }) => logical_ip),
    ...on.load_balancers
      .filter((each) => endpointOf(each.vip).ip === to && endpointOf(each.vip).port === port)
      .filter((each) => each.protocol === protocol)
      .flatMap(({ backends }) => backends.map((backend) => endpointOf(backend).ip)),
  ];
  const isUntold = routers.some(
    (router) => router.chassis !== undefined && isTranslatedBack(router, to),
  );
  const hasFamily = own.some((ip) => familyOf(ip) === familyOf(to));
  return hasFamily && !isUntold && !lead.some((ip) => own.includes(ip));
}

/**
 * A gateway router looks first whether such a packet is an answer to what it hid (`ct_snat` without an
 * address), and there ovn-trace ends: it says nothing of where the packet goes.
 */
function isTranslatedBack({ nat = [] }: LogicalRouter, to: string): boolean {
  return nat.some(({ type, external_ip }) => type !== 'dnat' && external_ip === to);
}

function withSets(topology: Topology): fc.Arbitrary<Topology> {
  const count = topology.switches.filter(({ name }) => /^s\d/.test(name)).length;
  return sets(topology.switches, acls(count, 1)).map((named) => ({ ...topology, ...named }));
}

export const cases: fc.Arbitrary<Case> = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(switches(count), fc.boolean(), fc.subarray([...DETOURS])))
  .map((parts) => routed(...parts))
  .chain(withSets)
  .chain(withOutside)
  .chain((topology) => fc.record({ topology: fc.constant(topology), queries: queries(topology) }));
