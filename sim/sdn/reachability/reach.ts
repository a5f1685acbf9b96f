/**
 * Where the first packet of a new connection ends, by the pipelines of northd (ovn-northd(8)): through
 * switches, and the routers between them.
 */
import { StrataError } from '../../../engine/errors.ts';
import { addressOf, isWithin } from './address.ts';
import { everyOutcome, type Pick } from './chance.ts';
import type { Packet } from './packet.ts';
import { across } from './switch.ts';
import {
  addressesOf,
  type LogicalSwitch,
  networksOf,
  portWith,
  type SwitchPort,
  type Topology,
} from './topology.ts';
import type { Hop, Verdict } from './verdict.ts';

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
  /** The backend that a load balancer takes if it has it; its first when it is not given. */
  readonly backend?: string;
  /** The address that it sends from, when that is not its own. */
  readonly spoofed?: string;
}

const TTL = 64;

/**
 * The verdict on a packet; of several routes of one prefix it takes the first. Throws `SDN_BAD_MATCH`
 * for an ACL that cannot be read, and `SDN_BAD_QUERY`.
 */
export function reach(topology: Topology, query: Query): Verdict {
  const pick: Pick = (options) => options.find((option) => option === query.backend) ?? options[0];
  let hop = start(topology, query);
  // Every router takes one from the TTL, so this ends.
  while ('packet' in hop) hop = across(topology, hop, pick);
  return hop;
}

/**
 * Every verdict that chance may give: each backend of a load balancer, each route of several of one
 * prefix. Each is listed once. Throws as `reach` does.
 */
export function verdicts(topology: Topology, query: Query): readonly Verdict[] {
  const found = new Map<string, Hop | Verdict>();
  const waiting = [start(topology, query)];
  // A packet that is somewhere a second time goes on as it did the first time.
  for (let hop = waiting.pop(); hop; hop = waiting.pop()) {
    const key = JSON.stringify('packet' in hop ? [hop.on.name, hop.packet] : hop);
    if (found.has(key)) continue;
    found.set(key, hop);
    const at = hop;
    if ('packet' in at) {
      const next = everyOutcome((pick) => across(topology, at, pick));
      waiting.push(...next.toReversed());
    }
  }
  return [...found.values()].filter((each): each is Verdict => !('packet' in each));
}

function start(topology: Topology, query: Query): Hop | Verdict {
  const { from, to, protocol, source_port, port } = query;
  const on = topology.switches.find(({ ports }) => ports.some(({ name }) => name === from));
  const sender = on?.ports.find(({ name }) => name === from);
  if (!on || !sender) return { dropped: 'unknown address', at: from };
  const family = familyOf(query);
  const ip_src = query.spoofed ?? ownAddress(sender, to);
  if (ip_src === undefined) return { dropped: 'no gateway', at: from };
  const eth_dst = firstHop(topology, on, sender, to);
  if (eth_dst === undefined) return { dropped: 'no gateway', at: from };
  const packet = {
    ...{ inport: from, outport: '', eth_src: sender.mac, eth_dst, protocol, source_port, port },
    ...{ family, ip_src, ip_dst: to, ttl: TTL },
  };
  return { on, packet };
}

function familyOf({ to, protocol }: Query): Packet['family'] {
  const family = addressOf(to)?.family;
  const other = protocol === 'icmp4' ? 6 : protocol === 'icmp6' ? 4 : undefined;
  if (family !== undefined && family !== other) return family;
  const what = family === undefined ? `${to} is no address` : `${protocol} to ${to}`;
  throw new StrataError(
    'SDN_BAD_QUERY',
    `no packet can be made of the question: ${what}`,
    'give an address of IPv4 or IPv6, and icmp4 or icmp6 as it is',
  );
}

/** The address that a port sends from to another one: its own of that family. */
export function ownAddress(sender: SwitchPort, to: string): string | undefined {
  const family = addressOf(to)?.family;
  return addressesOf(sender).find((own) => addressOf(own)?.family === family);
}

/** The MAC address that a guest sends to: the neighbour's, or that of the router on its switch. */
export function firstHop(
  { routers }: Topology,
  on: LogicalSwitch,
  sender: SwitchPort,
  to: string,
): string | undefined {
  const neighbour = portWith(on, to);
  if (neighbour) return neighbour.mac;
  const own = ownAddress(sender, to);
  if (own === undefined) return undefined;
  const gateways = routers.flatMap(({ ports }) => ports.filter((port) => port.switch === on.name));
  return gateways.find((port) => networksOf(port).some((each) => isWithin(each, own)))?.mac;
}
