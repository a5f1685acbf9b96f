/** A packet's way through a router: routing, policies, translation of addresses, the next hop. */
import { addressOf, contains, isSame, isWithin, prefixOf } from './address.ts';
import type { Pick } from './chance.ts';
import { satisfies } from './match.ts';
import { readMatch } from './named-sets.ts';
import { destinationOf, isExternal, isShared, sourceOf } from './nat.ts';
import type { Packet } from './packet.ts';
import {
  type LogicalRouter,
  type LogicalSwitch,
  networksOf,
  type Policy,
  peerName,
  portWith,
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
  pick: Pick,
): Hop | Verdict {
  if (isAnswered(router, packet)) return dropped('router address', router.name);
  const { ip_src } = packet;
  const ip_dst = translates(router, entered) ? destinationOf(router, packet.ip_dst) : packet.ip_dst;
  if (packet.ttl <= 1) return dropped('ttl', router.name);
  const routed = { ...packet, inport: entered.name, ip_dst, ttl: packet.ttl - 1 };
  const routes = chooseRoutes(router, ip_dst);
  if (routes.length === 0) return dropped('no route', router.name);
  const leaving = afterPolicies(topology, router, routed, pick(routes));
  if (!leaving) return dropped('policy', router.name);
  const { port, nexthop } = leaving;
  if (!translates(router, port)) return leave(topology, router, leaving, routed);
  const translated = { ...routed, ip_src: sourceOf(router, ip_src) };
  if (!isExternal(router, ip_dst)) return leave(topology, router, { port, nexthop }, translated);
  // What was not translated on its way in would go round for ever.
  if (translates(router, entered)) return dropped('unknown address', router.name);
  return throughRouter(topology, router, port, translated, pick);
}

/** Whether addresses are translated at a port. */
function translates(router: LogicalRouter, port: RouterPort): boolean {
  return port.is_gateway === true || router.chassis !== undefined;
}

/** A router keeps what is sent to itself, unless the address may be somebody's whom it translates. */
function isAnswered(router: LogicalRouter, { ip_dst, protocol }: Packet): boolean {
  if (!isOwn(router, ip_dst)) return false;
  const isEcho = protocol === 'icmp4' || protocol === 'icmp6';
  return isEcho || !isShared(router, ip_dst);
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

/**
 * The longest prefix wins; of the same length a network of the router's own before a route. Routes of
 * one prefix are alike.
 */
function chooseRoutes({ ports, routes }: LogicalRouter, to: string): readonly Route[] {
  let best: Route[] = [];
  let length = -1;
  for (const port of ports) {
    for (const network of networksOf(port)) {
      const its = lengthTo(network, to);
      if (its <= length) continue;
      best = [{ port, nexthop: to }];
      length = its;
    }
  }
  const connected = length;
  for (const { prefix, nexthop } of routes) {
    const its = lengthTo(prefix, to);
    if (its < length || its <= connected) continue;
    // A route whose next hop is on no network of the router is not there at all.
    const port = portTo(ports, nexthop);
    if (!port) continue;
    best = [...(its === length ? best : []), { port, nexthop }];
    length = its;
  }
  return best;
}

/** The length of a prefix that holds an address; -1 for any other. */
function lengthTo(text: string, to: string): number {
  const [prefix, address] = [prefixOf(text), addressOf(to)];
  return prefix && address && contains(prefix, address) ? prefix.length : -1;
}

/** The route that the policies leave a packet; undefined when one drops it. */
function afterPolicies(
  topology: Topology,
  { ports, policies = [] }: LogicalRouter,
  packet: Packet,
  route: Route,
): Route | undefined {
  let decisive: Policy | undefined;
  for (const policy of policies.filter((each) => hasFlow(ports, each))) {
    if (policy.priority <= (decisive?.priority ?? -1)) continue;
    const match = readMatch(topology, undefined, policy.match);
    if (match && satisfies(match, packet)) decisive = policy;
  }
  if (decisive?.action === 'drop') return undefined;
  if (decisive?.action !== 'reroute' || decisive.nexthop === undefined) return route;
  const { nexthop } = decisive;
  const port = portTo(ports, nexthop);
  return port ? { port, nexthop } : route;
}

/** northd makes no flow of a policy whose next hop is on no network of the router: the others count. */
function hasFlow(ports: readonly RouterPort[], { action, nexthop }: Policy): boolean {
  return action !== 'reroute' || nexthop === undefined || portTo(ports, nexthop) !== undefined;
}

function portTo(ports: readonly RouterPort[], nexthop: string): RouterPort | undefined {
  return ports.find((port) => networksOf(port).some((each) => isWithin(each, nexthop)));
}

/** Who has an address on a switch: a port, or a router. */
function neighbourOf({ routers }: Topology, on: LogicalSwitch, ip: string): string | undefined {
  const guest = portWith(on, ip);
  if (guest) return guest.mac;
  for (const router of routers) {
    const its = router.ports.find(
      (port) =>
        port.switch === on.name &&
        (hasAddress(port, ip) || (translates(router, port) && isExternal(router, ip))),
    );
    if (its) return its.mac;
  }
  return undefined;
}

function isOwn({ ports }: LogicalRouter, ip: string): boolean {
  return ports.some((port) => hasAddress(port, ip));
}

function hasAddress(port: RouterPort, ip: string): boolean {
  return networksOf(port).some((network) => isSame(network.split('/')[0], ip));
}
