/** A logical network as the northbound database describes it: what decides where a packet goes. */

export interface Topology {
  readonly switches: readonly LogicalSwitch[];
  readonly routers: readonly LogicalRouter[];
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
  /** `IP:PORT`. */
  readonly vip: string;
  readonly backends: readonly string[];
}

export interface LogicalRouter {
  readonly name: string;
  readonly ports: readonly RouterPort[];
  readonly routes: readonly StaticRoute[];
}

export interface RouterPort {
  readonly name: string;
  readonly mac: string;
  /** Its address with the length of the prefix, `10.0.0.1/24`. */
  readonly network: string;
  /** The switch that it is on. */
  readonly switch: string;
}

export interface StaticRoute {
  readonly prefix: string;
  readonly nexthop: string;
}

/** The switch's port that leads to a router's port: neutron and this project name it so. */
export function peerName(port: RouterPort, router: LogicalRouter): string {
  return `${port.switch}-${router.name}`;
}
