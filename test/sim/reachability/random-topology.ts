/** Random networks and questions about them, for fast-check. Names and addresses follow the place. */
import fc from 'fast-check';
import { parseMatch } from '../../../sim/sdn/reachability/match.ts';
import type { Query } from '../../../sim/sdn/reachability/reach.ts';
import type {
  Acl,
  LoadBalancer,
  LogicalRouter,
  LogicalSwitch,
  RouterPort,
  SwitchPort,
  Topology,
} from '../../../sim/sdn/reachability/topology.ts';
import { OUTSIDE, sets, withOutside } from './random-outside.ts';

export interface Case {
  readonly topology: Topology;
  readonly queries: readonly Query[];
}

const SERVICE_PORTS = [22, 80, 443, 1024];
/** An address outside every network of the cases. */
const ELSEWHERE = '203.0.113.9';
const VIP = '10.99.0.1';

const hex = (value: number) => value.toString(16).padStart(2, '0');
const portName = (s: number, n: number) => `s${s}p${n}`;
const portMac = (s: number, n: number) => `0a:00:00:00:${hex(s)}:${hex(n + 16)}`;
const portIp = (s: number, n: number) => `10.0.${s}.${n + 11}`;

// ---------------------------------------------------------------- matches

/** A random match about the ports and addresses of a case; `outport` only where it exists. */
function matches(switches: number, direction: Acl['direction']): fc.Arbitrary<string> {
  const s = fc.nat(switches - 1);
  const n = fc.nat(2);
  const port = fc.tuple(s, n).map(([a, b]) => `"${portName(a, b)}"`);
  const ip = fc.tuple(s, n).map(([a, b]) => portIp(a, b));
  const net = s.map((a) => `10.0.${a}.0/24`);
  const service = fc.constantFrom(...SERVICE_PORTS).map(String);
  const same = fc.constantFrom('==', '!=');
  const order = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
  const set = (of: fc.Arbitrary<string>) =>
    fc.uniqueArray(of, { minLength: 1, maxLength: 3 }).map((all) => `{${all.join(', ')}}`);
  const joined = (...parts: fc.Arbitrary<string>[]) =>
    fc.tuple(...parts).map((words) => words.join(' '));
  const address = fc.constantFrom('ip4.src', 'ip4.dst');
  const leaf = fc.oneof(
    fc.constantFrom('tcp', 'udp', 'icmp4', 'ip', 'ip4', 'ip6', '1'),
    joined(address, same, fc.oneof(ip, net)),
    joined(address, fc.constant('=='), set(fc.oneof(ip, net))),
    joined(address, fc.constant('!='), set(ip)),
    joined(fc.constantFrom('tcp.dst', 'udp.dst', 'tcp.src'), order, service),
    joined(fc.constantFrom('tcp.dst', 'udp.dst'), fc.constant('=='), set(service)),
    joined(fc.constant('ip.proto'), same, fc.constantFrom('1', '6', '17')),
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

const NAMED = new Map(['$as0', '@pg0', '$pg0_ip4'].map((name) => [name, []]));

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
    const ips = bare.flatMap((each) => each.ports.map(({ ip }) => ip));
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
  });
  return fc.array(flags, { minLength: 1, maxLength: 3 }).map((list) =>
    list.map(
      (its, n): SwitchPort => ({
        ...{ name: portName(s, n), mac: portMac(s, n), ip: portIp(s, n) },
        ...its,
      }),
    ),
  );
}

function balancers(s: number, ips: readonly string[]): fc.Arbitrary<readonly LoadBalancer[]> {
  const backend = fc
    .tuple(fc.constantFrom(...ips), fc.constantFrom(...SERVICE_PORTS))
    .map(([ip, port]) => `${ip}:${port}`);
  const balancer = fc.record({
    name: fc.constant(`lb${s}`),
    protocol: fc.constantFrom<LoadBalancer['protocol']>('tcp', 'udp'),
    vip: fc.constantFrom(...SERVICE_PORTS).map((port) => `${VIP}:${port}`),
    // Which of several it takes is decided at random.
    backends: fc.tuple(backend),
  });
  return fc.array(balancer, { maxLength: 1 });
}

/** One router joins all switches, or two that a transit switch joins share them. */
function routed(all: readonly LogicalSwitch[], isSplit: boolean): Topology {
  const at = (s: number, router: number): RouterPort => ({
    name: `r${router}s${s}`,
    mac: `0a:00:00:01:${hex(router)}:${hex(s)}`,
    network: `10.0.${s}.1/24`,
    switch: `s${s}`,
  });
  if (!isSplit || all.length < 2) {
    const ports = all.map((_, s) => at(s, 0));
    return { switches: all, routers: [{ name: 'r0', ports, routes: [] }] };
  }
  const transit = { name: 'transit', ports: [], acls: [], load_balancers: [] };
  const routers = [0, 1].map((r): LogicalRouter => {
    const own = all.flatMap((_, s) => (s % 2 === r ? [at(s, r)] : []));
    const link: RouterPort = {
      ...{ name: `r${r}t`, mac: `0a:00:00:02:00:${hex(r)}` },
      ...{ network: `172.16.0.${r + 1}/24`, switch: 'transit' },
    };
    // One has a route to each network of the other, the other a default route back.
    const nexthop = `172.16.0.${2 - r}`;
    const others = all.flatMap((_, s) => (s % 2 === r ? [] : [`10.0.${s}.0/24`]));
    const prefixes = r === 0 ? others : ['10.0.0.0/16'];
    const routes = prefixes.map((prefix) => ({ prefix, nexthop }));
    return { name: `r${r}`, ports: [...own, link], routes };
  });
  return { switches: [...all, transit], routers };
}

// ---------------------------------------------------------------- questions

function queries(topology: Topology): fc.Arbitrary<readonly Query[]> {
  const ports = topology.switches.flatMap((each) => each.ports);
  const nat = topology.routers.flatMap((router) => router.nat ?? []);
  const outside = [ELSEWHERE, ...nat.map(({ external_ip }) => external_ip)];
  const destination = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...ports.map(({ ip }) => ip)) },
    { weight: 2, arbitrary: fc.constant(VIP) },
    { weight: 2 * outside.length, arbitrary: fc.constantFrom(...outside) },
  );
  // A guest that calls itself from outside gets its own packet: who sent it cannot be told from it.
  const isItself = (ip: string, to: string) =>
    ip === to || nat.some(({ external_ip, logical_ip }) => external_ip === to && logical_ip === ip);
  const query = fc
    .record({
      from: fc.constantFrom(...ports),
      to: destination,
      protocol: fc.constantFrom<Query['protocol']>('icmp4', 'tcp', 'tcp', 'udp'),
      port: fc.constantFrom(...SERVICE_PORTS),
      source_port: fc.constantFrom(1024, 33_000),
      isSpoofed: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    })
    .filter(({ from, to }) => !isItself(from.ip, to))
    .map(
      ({ from, isSpoofed, protocol, port, source_port, to }): Query => ({
        ...{ from: from.name, to, protocol },
        ...(protocol === 'icmp4' ? {} : { port, source_port }),
        ...(isSpoofed ? { spoofed: '10.0.77.7' } : {}),
      }),
    )
    // A guest that balances to itself needs its answers turned round as well: not decided here.
    .filter((each) => !isOwnBackend(topology, each));
  return fc.uniqueArray(query, { minLength: 6, maxLength: 10, selector: (q) => JSON.stringify(q) });
}

function isOwnBackend({ switches }: Topology, query: Query): boolean {
  const on = switches.find(({ ports }) => ports.some(({ name }) => name === query.from));
  const own = on?.ports.find(({ name }) => name === query.from)?.ip;
  const its = on?.load_balancers.find(
    ({ vip, protocol }) => vip === `${query.to}:${query.port}` && protocol === query.protocol,
  );
  return its?.backends.some((backend) => backend.split(':')[0] === own) ?? false;
}

function withSets(topology: Topology): fc.Arbitrary<Topology> {
  const count = topology.switches.filter(({ ports }) => ports.length > 0).length;
  return sets(topology.switches, acls(count, 1)).map((named) => ({ ...topology, ...named }));
}

export const cases: fc.Arbitrary<Case> = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(switches(count), fc.boolean()))
  .map(([all, isSplit]) => routed(all, isSplit))
  .chain(withSets)
  .chain(withOutside)
  .chain((topology) => fc.record({ topology: fc.constant(topology), queries: queries(topology) }));
