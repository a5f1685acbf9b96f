/**
 * A packet's way through a switch: its ingress (port security, from-lport ACLs, load balancing,
 * look-up) and its egress (to-lport ACLs, port security).
 */
import { endpointOf, isSame } from './address.ts';
import type { Pick } from './chance.ts';
import { satisfies } from './match.ts';
import { readMatch } from './named-sets.ts';
import type { Packet } from './packet.ts';
import { throughRouter } from './router.ts';
import {
  type Acl,
  addressesOf,
  type LogicalSwitch,
  peerName,
  type SwitchPort,
  type Topology,
} from './topology.ts';
import { dropped, type Hop, type Verdict } from './verdict.ts';

/** Where a packet goes that enters a switch. */
export function across(topology: Topology, { on, packet }: Hop, pick: Pick): Hop | Verdict {
  const sender = on.ports.find(({ name }) => name === packet.inport);
  if (sender?.enabled === false) return dropped('port disabled', sender.name);
  if (sender?.port_security && !isOwn(sender, packet.ip_src)) {
    return dropped('port security', sender.name);
  }
  if (isRefused(topology, on, 'from-lport', packet)) return dropped('acl', on.name);
  // What comes from a router is not tracked, so it is not balanced either.
  const balanced = sender ? balance(on, packet, pick) : packet;
  if (!balanced) return dropped('no backend', on.name);
  return leave(topology, on, balanced, pick);
}

/** The look-up of the receiver, and the egress of the switch. */
function leave(topology: Topology, on: LogicalSwitch, packet: Packet, pick: Pick): Hop | Verdict {
  const receiver = on.ports.find(({ mac, enabled }) => mac === packet.eth_dst && enabled !== false);
  const routed = receiver ? undefined : routerAt(topology, on, packet.eth_dst);
  if (!receiver && !routed) return dropped('unknown address', on.name);
  const outport = receiver?.name ?? peerName(routed!.port, routed!.router);
  if (outport === packet.inport) return dropped('unknown address', on.name);
  const leaving = { ...packet, outport };
  if (isRefused(topology, on, 'to-lport', leaving)) return dropped('acl', on.name);
  if (routed) return throughRouter(topology, routed.router, routed.port, leaving, pick);
  if (receiver?.port_security && !isOwn(receiver, packet.ip_dst)) {
    return dropped('port security', outport);
  }
  return { delivered: outport, source: packet.ip_src, destination: packet.ip_dst };
}

function isOwn(port: SwitchPort, ip: string): boolean {
  return addressesOf(port).some((own) => isSame(own, ip));
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
function balance(on: LogicalSwitch, packet: Packet, pick: Pick): Packet | undefined {
  const its = on.load_balancers.find(({ vip, protocol }) => {
    const { ip, port } = endpointOf(vip);
    return protocol === packet.protocol && port === packet.port && isSame(ip, packet.ip_dst);
  });
  if (!its) return packet;
  if (its.backends.length === 0) return undefined;
  const { ip, port } = endpointOf(pick(its.backends));
  return { ...packet, ip_dst: ip, port };
}

/** The router, and its port, that has a MAC address on a switch. */
function routerAt({ routers }: Topology, on: LogicalSwitch, mac: string) {
  for (const router of routers) {
    const port = router.ports.find((each) => each.switch === on.name && each.mac === mac);
    if (port) return { router, port };
  }
  return undefined;
}
