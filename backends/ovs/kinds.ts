/** Bridges and interfaces of a host: how its database shows them, and what can be done to them. */
import type { Action, Observation } from '../../engine/contract.ts';
import type { Acting, OvsHost } from './host.ts';
import { OVS_PARAMS, paramsOf } from './params.ts';
import type { BridgeRow, InterfaceRow } from './shape.ts';

type Seen = Pick<Observation, 'state' | 'reason' | 'attributes'>;

export interface OvsVerbContext {
  readonly name: string;
  readonly action: Action;
  readonly host: OvsHost;
  readonly acting: Acting;
}

export interface OvsKind {
  readonly kind: string;
  /** The table whose rows are the entities, by their column `name`. */
  readonly table: 'Bridge' | 'Interface';
  /** Undefined when there is no such row. */
  observe(name: string, host: OvsHost): Seen | undefined;
  /** The state in which a verb under way shows its entity. */
  readonly passing: Readonly<Record<string, string>>;
  readonly verbs: Readonly<Record<string, (context: OvsVerbContext) => Promise<void>>>;
  /** The event of the machine that reports a state. */
  readonly reports: Readonly<Record<string, string>>;
}

const bridge: OvsKind = {
  kind: 'bridge',
  table: 'Bridge',
  observe: (name, host) => {
    const row = host.bridge(name);
    return row && { state: bridgeState(row), attributes: bridgeAttributes(row) };
  },
  passing: { add: 'adding', delete: 'deleting' },
  verbs: {
    add({ name, action, host, acting }) {
      const { external_ids, ...wanted } = paramsOf(action, OVS_PARAMS.bridge.add);
      return host.addBridge(name, { ...wanted, external_ids: map(external_ids) }, acting);
    },
    delete: ({ name, host, acting }) => host.deleteBridge(name, acting),
  },
  reports: { active: 'configured', absent: 'gone' },
};

const interface_: OvsKind = {
  kind: 'interface',
  table: 'Interface',
  observe: (name, host) => {
    const row = host.interface(name);
    return (
      row && {
        state: interfaceState(row),
        ...(row.error ? { reason: row.error } : {}),
        attributes: interfaceAttributes(row, host),
      }
    );
  },
  passing: { add: 'adding', delete: 'deleting' },
  verbs: {
    add({ name, action, host, acting }) {
      const wanted = paramsOf(action, OVS_PARAMS.interface.add);
      const { bridge, type = '', external_ids, options, tag } = wanted;
      const maps = { external_ids: map(external_ids), options: map(options) };
      return host.addPort(name, { bridge, type, tag, ...maps }, acting);
    },
    update({ name, action, host, acting }) {
      const { type, external_ids, options } = paramsOf(action, OVS_PARAMS.interface.update);
      const columns = {
        ...(type === undefined ? {} : { type }),
        ...(external_ids === undefined ? {} : { external_ids: map(external_ids) }),
        ...(options === undefined ? {} : { options: map(options) }),
      };
      return host.updateInterface(name, columns, acting);
    },
    delete: ({ name, host, acting }) => host.deletePort(name, acting),
  },
  reports: { up: 'link_up', down: 'link_down', error: 'device_failed', absent: 'gone' },
};

export const OVS_KINDS: readonly OvsKind[] = [bridge, interface_];

/** ovs-vswitchd fills the datapath ID in when it has made the bridge. */
export function bridgeState({ datapath_id }: Pick<BridgeRow, 'datapath_id'>): string {
  return datapath_id === null ? 'adding' : 'active';
}

/** A number below zero says the same as an error: the device could not be added. */
export function interfaceState({
  error,
  ofport,
  link_state,
}: Pick<InterfaceRow, 'error' | 'ofport' | 'link_state'>): string {
  if (error || (ofport !== null && ofport < 0)) return 'error';
  if (ofport === null) return 'adding';
  return link_state === 'up' ? 'up' : 'down';
}

function bridgeAttributes(row: BridgeRow) {
  const { datapath_type, datapath_id, fail_mode, ports } = row;
  return {
    ...{ datapath_type: datapath_type || 'system', fail_mode: fail_mode ?? 'standalone' },
    ...{ ports: ports.length, ...(datapath_id ? { datapath_id } : {}) },
  };
}

function interfaceAttributes(row: InterfaceRow, host: OvsHost) {
  const bridge = host.bridgeOf(row)?.name;
  const iface_id = row.external_ids.get('iface-id');
  const bfd = row.bfd_status.get('state');
  const remote = row.options.get('remote_ip');
  return {
    type: row.type || 'system',
    ...(bridge === undefined ? {} : { bridge }),
    ...(row.mac_in_use === null ? {} : { mac: row.mac_in_use }),
    ...(row.mtu === null ? {} : { mtu_bytes: row.mtu }),
    ...(iface_id === undefined ? {} : { iface_id }),
    ...(remote === undefined ? {} : { remote_ip: remote }),
    ...(bfd === undefined ? {} : { bfd }),
  };
}

function map(record: Readonly<Record<string, string>> | undefined) {
  return record && new Map(Object.entries(record));
}
