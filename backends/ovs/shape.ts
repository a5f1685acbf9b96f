import type { DatabaseShape, RowOf } from '../ovsdb/shape.ts';

/** What the driver reads of a host's Open vSwitch (ovs-vswitchd.conf.db(5)). */
export const OVS_SHAPE = {
  Open_vSwitch: {
    bridges: 'uuid*',
    external_ids: 'string:string',
    next_cfg: 'integer',
    cur_cfg: 'integer',
    ovs_version: 'string?',
  },
  Bridge: {
    name: 'string',
    ports: 'uuid*',
    datapath_type: 'string',
    datapath_id: 'string?',
    fail_mode: 'string?',
    external_ids: 'string:string',
  },
  Port: {
    name: 'string',
    interfaces: 'uuid*',
    tag: 'integer?',
    external_ids: 'string:string',
  },
  Interface: {
    name: 'string',
    type: 'string',
    options: 'string:string',
    external_ids: 'string:string',
    ofport: 'integer?',
    link_state: 'string?',
    mac_in_use: 'string?',
    mtu: 'integer?',
    error: 'string?',
    bfd_status: 'string:string',
  },
} as const satisfies DatabaseShape;

export type OvsShape = typeof OVS_SHAPE;
export type BridgeRow = RowOf<OvsShape['Bridge']>;
export type PortRow = RowOf<OvsShape['Port']>;
export type InterfaceRow = RowOf<OvsShape['Interface']>;
