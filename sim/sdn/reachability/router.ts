/** A packet's way through a router: routing, policies, translation of addresses, the next hop. */
import { contains, ipv4, prefixOf } from './address.ts';
import { satisfies } from './match.ts';
import { readMatch } from './named-sets.ts';
import { destinationOf, isExternal, isShared, sourceOf } from './nat.ts';
import type { Packet } from './packet.ts';
import {
  type LogicalRouter,
  type LogicalSwitch,
  type Policy,
  peerName,
  type RouterPort,
  type Topology,
} from './topology.ts';
import { dropped, type Hop, type Verdict } from './verdict.ts';

interface Route {
  readonly port: RouterPort;
  readonly nexthop: string;
}

/** Where a packet goes that enters a router by one of its ports. */
export function throughRouter(
  topology: Topology,
  router: LogicalRouter,
  entered: RouterPort,
  packet: Packet,
): Hop | Verdict {
  if (isAnswered(router, packet)) return dropped('router address', router.name);
  const { ip_src } = packet;
  const ip_dst = entered.is_gateway ? destinationOf(router, packet.ip_dst) : packet.ip_dst;
  if (packet.ttl <= 1) return dropped('ttl', router.name);
  const routed = { ...packet, inport: entered.name, ip_dst, ttl: packet.ttl - 1 };
  const chosen = chooseRoute(router, ip_dst);
  if (!chosen) return dropped('no route', router.name);
  const leaving = afterPolicies(topology, router, routed, chosen);
  if (!leaving) return dropped('policy', router.name);
  const { port, nexthop } = leaving;
  if (!port.is_gateway) return leave(topology, router, leaving, routed);
  const translated = { ...routed, ip_src: sourceOf(router, ip_src) };
  if (!isExternal(router, ip_dst)) return leave(topology, router, { port, nexthop }, translated);
  // What was not translated on its way in would go round for ever.
  if (entered.is_gateway) return dropped('unknown address', router.name);
  return throughRouter(topology, router, port, translated);
}

/** A router keeps what is sent to itself, unless the address may be somebody's whom it translates. */
function isAnswered(router: LogicalRouter, { ip_dst, protocol }: Packet): boolean {
  if (!isOwn(router, ip_dst)) return false;
  return protocol === 'icmp4' || !isShared(router, ip_dst);
}

function leave(
  topology: Topology,
  router: LogicalRouter,
  { port, nexthop }: Route,
  packet: Packet,
): Hop | Verdict {
  if (isOwn(router, nexthop)) return dropped('router address', router.name);
  const on = topology.switches.find(({ name }) => name === port.switch);
  const eth_dst = on && neighbourOf(topology, on, nexthop);
  if (!on || eth_dst === undefined) return dropped('unknown address', router.name);
  const inport = peerName(port, router);
  return { on, packet: { ...packet, inport, outport: '', eth_src: port.mac, eth_dst } };
}

/** The longest prefix wins; of the same length a network of the router's own before a route. */
function chooseRoute({ ports, routes }: LogicalRouter, to: string): Route | undefined {
  const address = ipv4(to);
  let best: Route | undefined;
  let length = -1;
  for (const port of ports) {
    const prefix = prefixOf(port.network);
    if (prefix.length <= length || !contains(prefix, address)) continue;
    best = { port, nexthop: to };
    length = prefix.length;
  }
  for (const { prefix: text, nexthop } of routes) {
    const prefix = prefixOf(text);
    if (prefix.length <= length || !contains(prefix, address)) continue;
    // A route whose next hop is on no network of the router is not there at all.
    const port = portTo(ports, nexthop);
    if (!port) continue;
    best = { port, nexthop };
    length = prefix.length;
  }
  return best;
}

/** The route that the policies leave a packet; undefined when one drops it. */
function afterPolicies(
  topology: Topology,
  { ports, policies = [] }: LogicalRouter,
  packet: Packet,
  route: Route,
): Route | undefined {
  let decisive: Policy | undefined;
  for (const policy of policies) {
    if (policy.priority <= (decisive?.priority ?? -1)) continue;
    const match = readMatch(topology, undefined, policy.match);
    if (match && satisfies(match, packet)) decisive = policy;
  }
  if (decisive?.action === 'drop') return undefined;
  if (decisive?.action !== 'reroute' || decisive.nexthop === undefined) return route;
  const { nexthop } = decisive;
  const port = portTo(ports, nexthop);
  // northd makes no flow of a policy whose next hop is on no network of the router.
  return port ? { port, nexthop } : route;
}

function portTo(ports: readonly RouterPort[], nexthop: string): RouterPort | undefined {
  return ports.find(({ network }) => contains(prefixOf(network), ipv4(nexthop)));
}

/** Who has an address on a switch: a port, or a router. */
function neighbourOf({ routers }: Topology, on: LogicalSwitch, ip: string): string | undefined {
  const guest = on.ports.find((each) => each.ip === ip);
  if (guest) return guest.mac;
  for (const router of routers) {
    const its = router.ports.find(
      (port) =>
        port.switch === on.name &&
        (ownAddress(port) === ip || (port.is_gateway === true && isExternal(router, ip))),
    );
    if (its) return its.mac;
  }
  return undefined;
}

function isOwn({ ports }: LogicalRouter, ip: string): boolean {
  return ports.some((port) => ownAddress(port) === ip);
}

function ownAddress({ network }: RouterPort): string {
  return network.split('/')[0];
}
