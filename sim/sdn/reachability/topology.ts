/** A logical network as the northbound database describes it: what decides where a packet goes. */
import { isSame } from './address.ts';

export interface Topology {
  readonly switches: readonly LogicalSwitch[];
  readonly routers: readonly LogicalRouter[];
  /** Addresses and prefixes by the name of their set; matches call it `$name`. */
  readonly address_sets?: Readonly<Record<string, readonly string[]>>;
  readonly port_groups?: readonly PortGroup[];
}

/**
 * Ports of any switches with rules of their own; matches call its ports `@name` and their addresses
 * `$name_ip4` and `$name_ip6`. A security group of neutron is one.
 */
export interface PortGroup {
  readonly name: string;
  readonly ports: readonly string[];
  readonly acls: readonly Acl[];
}

export interface LogicalSwitch {
  readonly name: string;
  readonly ports: readonly SwitchPort[];
  readonly acls: readonly Acl[];
  readonly load_balancers: readonly LoadBalancer[];
}

export interface SwitchPort {
  readonly name: string;
  readonly mac: string;
  readonly ip: string;
  /** A second address, of the other family. */
  readonly ip6?: string;
  /** An administrator may take a port down; default true. */
  readonly enabled?: boolean;
  /** Only its own addresses may send and receive. */
  readonly port_security?: boolean;
}

export interface Acl {
  readonly direction: 'from-lport' | 'to-lport';
  /** The highest that matches decides. */
  readonly priority: number;
  /** In OVN's language (ovn-sb(5), Logical_Flow.match). */
  readonly match: string;
  readonly action: 'allow' | 'allow-related' | 'allow-stateless' | 'drop' | 'reject';
}

export interface LoadBalancer {
  readonly name: string;
  readonly protocol: 'tcp' | 'udp';
  /** `IP:PORT`, or `[IP]:PORT` of IPv6, as the backends are. */
  readonly vip: string;
  /** A connection takes any of them. */
  readonly backends: readonly string[];
}

export interface LogicalRouter {
  readonly name: string;
  /** A gateway router: it is on this chassis as a whole, and translates addresses at every port. */
  readonly chassis?: string;
  readonly ports: readonly RouterPort[];
  readonly routes: readonly StaticRoute[];
  readonly nat?: readonly Nat[];
  readonly policies?: readonly Policy[];
}

export interface RouterPort {
  readonly name: string;
  readonly mac: string;
  /** Its address with the length of the prefix, `10.0.0.1/24`. */
  readonly network: string;
  /** A second network, of the other family. */
  readonly network6?: string;
  /** The switch that it is on. */
  readonly switch: string;
  /** A distributed gateway port: one chassis carries it, and there addresses are translated. */
  readonly is_gateway?: boolean;
}

export interface Nat {
  /** `snat` of what leaves, `dnat` of what comes, or both: a floating IP. */
  readonly type: 'snat' | 'dnat' | 'dnat_and_snat';
  readonly external_ip: string;
  /** For `snat` a prefix as well. */
  readonly logical_ip: string;
}

/** Looks at what was routed before it leaves; the highest priority that matches decides. */
export interface Policy {
  readonly priority: number;
  readonly match: string;
  readonly action: 'allow' | 'drop' | 'reroute';
  /** Where `reroute` sends to. */
  readonly nexthop?: string;
}

/** Of several routes with one prefix, a connection takes any (equal-cost multipath). */
export interface StaticRoute {
  readonly prefix: string;
  readonly nexthop: string;
}

/** The switch's port that leads to a router's port: neutron and this project name it so. */
export function peerName(port: RouterPort, router: LogicalRouter): string {
  return `${port.switch}-${router.name}`;
}

/** The addresses of a switch's port. */
export function addressesOf({ ip, ip6 }: SwitchPort): readonly string[] {
  return ip6 === undefined ? [ip] : [ip, ip6];
}

/** The networks that a router's port is on, each as its own address with the prefix's length. */
export function networksOf({ network, network6 }: RouterPort): readonly string[] {
  return network6 === undefined ? [network] : [network, network6];
}

/** Who has an address on a switch. */
export function portWith(on: LogicalSwitch, ip: string): SwitchPort | undefined {
  return on.ports.find((port) => addressesOf(port).some((own) => isSame(own, ip)));
}
