/**
 * Where the first packet of a new connection ends, by the pipelines of northd (ovn-northd(8)): through
 * the ingress of a switch (port security, from-lport ACLs, load balancing, look-up), its egress
 * (to-lport ACLs, port security), and routers between switches (route, next hop).
 */
import { contains, ipv4, prefixOf } from './address.ts';
import { satisfies } from './match.ts';
import { readMatch } from './named-sets.ts';
import type { Packet } from './packet.ts';
import { throughRouter } from './router.ts';
import {
  type Acl,
  type LogicalSwitch,
  peerName,
  type SwitchPort,
  type Topology,
} from './topology.ts';
import { dropped, type Hop, type Verdict } from './verdict.ts';

export type { Verdict } from './verdict.ts';

export interface Query {
  /** The port that sends. */
  readonly from: string;
  /** The address that it sends to. */
  readonly to: string;
  readonly protocol: Packet['protocol'];
  /** Ports of TCP and UDP. */
  readonly source_port?: number;
  readonly port?: number;
  /** The backend that a load balancer takes, `IP:PORT`; the first when it is not given. */
  readonly backend?: string;
  /** The address that it sends from, when that is not its own. */
  readonly spoofed?: string;
}

const TTL = 64;

/** The verdict on a packet. Throws `SDN_BAD_MATCH` for an ACL that cannot be read. */
export function reach(topology: Topology, query: Query): Verdict {
  const { from, to, protocol, source_port, port } = query;
  const on = topology.switches.find(({ ports }) => ports.some(({ name }) => name === from));
  const sender = on?.ports.find(({ name }) => name === from);
  if (!on || !sender) return { dropped: 'unknown address', at: from };
  const eth_dst = firstHop(topology, on, sender, to);
  if (eth_dst === undefined) return { dropped: 'no gateway', at: from };
  const packet = {
    ...{ inport: from, outport: '', eth_src: sender.mac, eth_dst, protocol, source_port, port },
    ...{ ip_src: query.spoofed ?? sender.ip, ip_dst: to, ttl: TTL },
  };
  let hop: Hop | Verdict = { on, packet };
  // Every router takes one from the TTL, so this ends.
  while ('packet' in hop) hop = across(topology, hop, query);
  return hop;
}

/** The MAC address that a guest sends to: the neighbour's, or that of the router on its switch. */
export function firstHop(
  { routers }: Topology,
  on: LogicalSwitch,
  sender: SwitchPort,
  to: string,
): string | undefined {
  const neighbour = on.ports.find(({ ip }) => ip === to);
  if (neighbour) return neighbour.mac;
  const gateways = routers.flatMap(({ ports }) => ports.filter((port) => port.switch === on.name));
  const reachable = gateways.find(({ network }) => contains(prefixOf(network), ipv4(sender.ip)));
  return reachable?.mac;
}

// ---------------------------------------------------------------- switches

function across(topology: Topology, { on, packet }: Hop, query: Query): Hop | Verdict {
  const sender = on.ports.find(({ name }) => name === packet.inport);
  if (sender?.enabled === false) return dropped('port disabled', sender.name);
  if (sender?.port_security && packet.ip_src !== sender.ip) {
    return dropped('port security', sender.name);
  }
  if (isRefused(topology, on, 'from-lport', packet)) return dropped('acl', on.name);
  // What comes from a router is not tracked, so it is not balanced either.
  const balanced = sender ? balance(on, packet, query) : packet;
  if (!balanced) return dropped('no backend', on.name);
  return leave(topology, on, balanced);
}

/** The look-up of the receiver, and the egress of the switch. */
function leave(topology: Topology, on: LogicalSwitch, packet: Packet): Hop | Verdict {
  const receiver = on.ports.find(({ mac, enabled }) => mac === packet.eth_dst && enabled !== false);
  const routed = receiver ? undefined : routerAt(topology, on, packet.eth_dst);
  if (!receiver && !routed) return dropped('unknown address', on.name);
  const outport = receiver?.name ?? peerName(routed!.port, routed!.router);
  if (outport === packet.inport) return dropped('unknown address', on.name);
  const leaving = { ...packet, outport };
  if (isRefused(topology, on, 'to-lport', leaving)) return dropped('acl', on.name);
  if (routed) return throughRouter(topology, routed.router, routed.port, leaving);
  if (receiver?.port_security && packet.ip_dst !== receiver.ip) {
    return dropped('port security', outport);
  }
  return { delivered: outport, source: packet.ip_src, destination: packet.ip_dst };
}

/** The rule of highest priority that matches decides; without one the packet passes. */
function isRefused(
  topology: Topology,
  on: LogicalSwitch,
  direction: Acl['direction'],
  packet: Packet,
): boolean {
  let decisive: Acl | undefined;
  for (const acl of aclsOf(topology, on)) {
    if (acl.direction !== direction || acl.priority <= (decisive?.priority ?? -1)) continue;
    const match = readMatch(topology, on, acl.match);
    if (match && satisfies(match, packet)) decisive = acl;
  }
  return decisive?.action === 'drop' || decisive?.action === 'reject';
}

/** The rules of a switch, and of every group that has a port on it. */
function aclsOf({ port_groups = [] }: Topology, on: LogicalSwitch): readonly Acl[] {
  const names = new Set(on.ports.map(({ name }) => name));
  const groups = port_groups.filter(({ ports }) => ports.some((port) => names.has(port)));
  return [...on.acls, ...groups.flatMap(({ acls }) => acls)];
}

/** The packet as a load balancer of the switch sends it on; undefined when no backend is left. */
function balance(on: LogicalSwitch, packet: Packet, query: Query): Packet | undefined {
  const address = `${packet.ip_dst}:${packet.port}`;
  const its = on.load_balancers.find(
    ({ vip, protocol }) => vip === address && protocol === packet.protocol,
  );
  if (!its) return packet;
  const backend = query.backend ?? its.backends[0];
  if (backend === undefined) return undefined;
  const [ip_dst, port] = backend.split(':');
  return { ...packet, ip_dst, port: Number(port) };
}

/** The router, and its port, that has a MAC address on a switch. */
function routerAt({ routers }: Topology, on: LogicalSwitch, mac: string) {
  for (const router of routers) {
    const port = router.ports.find((each) => each.switch === on.name && each.mac === mac);
    if (port) return { router, port };
  }
  return undefined;
}
