import type { DatabaseShape, RowOf, TableShape } from '../ovsdb/shape.ts';

/** What the driver reads of the northbound database (ovn-nb(5)). */
export const NB_SHAPE = {
  NB_Global: { nb_cfg: 'integer', sb_cfg: 'integer', options: 'string:string' },
  Logical_Switch: {
    name: 'string',
    ports: 'uuid*',
    acls: 'uuid*',
    load_balancer: 'uuid*',
    other_config: 'string:string',
    external_ids: 'string:string',
  },
  Logical_Switch_Port: {
    name: 'string',
    type: 'string',
    addresses: 'string*',
    port_security: 'string*',
    options: 'string:string',
    up: 'boolean?',
    enabled: 'boolean?',
    dhcpv4_options: 'uuid?',
    external_ids: 'string:string',
  },
  Logical_Router: {
    name: 'string',
    ports: 'uuid*',
    nat: 'uuid*',
    static_routes: 'uuid*',
    load_balancer: 'uuid*',
    options: 'string:string',
    external_ids: 'string:string',
  },
  Logical_Router_Port: {
    name: 'string',
    mac: 'string',
    networks: 'string*',
    gateway_chassis: 'uuid*',
    external_ids: 'string:string',
  },
  Logical_Router_Static_Route: { ip_prefix: 'string', nexthop: 'string', output_port: 'string?' },
  Gateway_Chassis: { name: 'string', chassis_name: 'string', priority: 'integer' },
  ACL: {
    name: 'string?',
    priority: 'integer',
    direction: 'string',
    match: 'string',
    action: 'string',
    log: 'boolean',
    external_ids: 'string:string',
  },
  Port_Group: { name: 'string', ports: 'uuid*', acls: 'uuid*', external_ids: 'string:string' },
  NAT: {
    type: 'string',
    external_ip: 'string',
    logical_ip: 'string',
    logical_port: 'string?',
    external_mac: 'string?',
    external_ids: 'string:string',
  },
  Load_Balancer: {
    name: 'string',
    vips: 'string:string',
    protocol: 'string?',
    health_check: 'uuid*',
    ip_port_mappings: 'string:string',
    external_ids: 'string:string',
  },
  DHCP_Options: { cidr: 'string', options: 'string:string', external_ids: 'string:string' },
} as const satisfies DatabaseShape;

/** What the driver reads of the southbound database (ovn-sb(5)). */
export const SB_SHAPE = {
  SB_Global: { nb_cfg: 'integer' },
  Chassis: {
    name: 'string',
    hostname: 'string',
    encaps: 'uuid*',
    external_ids: 'string:string',
    other_config: 'string:string',
  },
  Chassis_Private: { name: 'string', nb_cfg: 'integer', nb_cfg_timestamp: 'integer' },
  Encap: { type: 'string', ip: 'string' },
  Port_Binding: {
    logical_port: 'string',
    type: 'string',
    chassis: 'uuid?',
    up: 'boolean?',
    tunnel_key: 'integer',
    options: 'string:string',
  },
  Service_Monitor: {
    ip: 'string',
    port: 'integer',
    protocol: 'string?',
    logical_port: 'string',
    status: 'string?',
  },
} as const satisfies DatabaseShape;

export type NbShape = typeof NB_SHAPE;
export type SbShape = typeof SB_SHAPE;
export type NbRow<T extends keyof NbShape> = RowOf<NbShape[T] & TableShape>;
export type SbRow<T extends keyof SbShape> = RowOf<SbShape[T] & TableShape>;
