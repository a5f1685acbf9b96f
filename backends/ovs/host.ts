import { OvsdbSession, type SessionOptions } from '../ovsdb/session.ts';
import { byUuid, type OperationResult, type Transaction } from '../ovsdb/transaction.ts';
import { until } from '../ovsdb/until.ts';
import { ovsFault } from './faults.ts';
import {
  type BridgeRow,
  type InterfaceRow,
  OVS_SHAPE,
  type OvsShape,
  type PortRow,
} from './shape.ts';

export type HostOptions = Omit<SessionOptions<OvsShape>, 'database' | 'shape'>;

/** How an act is given up, and who is told when it may have happened. */
export interface Acting {
  readonly signal: AbortSignal;
  readonly sent?: () => void;
}

export interface NewPort {
  readonly bridge: string;
  /** `internal` makes a network device of the host; `''` takes one that is there. */
  readonly type: string;
  readonly external_ids?: ReadonlyMap<string, string>;
  readonly options?: ReadonlyMap<string, string>;
  readonly tag?: number;
}

export interface NewBridge {
  readonly datapath_type?: string;
  readonly fail_mode?: 'standalone' | 'secure';
  readonly external_ids?: ReadonlyMap<string, string>;
}

/** The Open vSwitch of one host: what `ovs-vsctl` does, and the waiting that it does. */
export class OvsHost {
  readonly session: OvsdbSession<OvsShape>;

  constructor(options: HostOptions) {
    this.session = new OvsdbSession({ ...options, database: 'Open_vSwitch', shape: OVS_SHAPE });
  }

  bridge(name: string): BridgeRow | undefined {
    return this.session.replica.where('Bridge', 'name', name)[0];
  }

  port(name: string): PortRow | undefined {
    return this.session.replica.where('Port', 'name', name)[0];
  }

  interface(name: string): InterfaceRow | undefined {
    return this.session.replica.where('Interface', 'name', name)[0];
  }

  /** The bridge that an interface's port is on. */
  bridgeOf(interface_: InterfaceRow): BridgeRow | undefined {
    const { replica } = this.session;
    const [port] = replica.where('Port', 'interfaces', interface_._uuid);
    return port && replica.where('Bridge', 'ports', port._uuid)[0];
  }

  /** Adds a bridge with the port and interface of its own name. Throws `OVS_EXISTS`. */
  async addBridge(name: string, wanted: NewBridge, acting: Acting): Promise<void> {
    await this.session.sync(acting.signal);
    this.#refuseTaken(name);
    await this.#commit(acting, (change) => {
      const own = change.insert('Interface', { name, type: 'internal' });
      const port = change.insert('Port', { name, interfaces: own });
      const { datapath_type = '', fail_mode = null, external_ids = new Map() } = wanted;
      const row = { name, ports: port, datapath_type, fail_mode, external_ids };
      const bridge = change.insert('Bridge', row);
      change.mutate('Open_vSwitch', [], [['bridges', 'insert', bridge]]);
    });
    this.#refuseBroken(name);
  }

  /** Deletes a bridge with all its ports; nothing to do when it is not there. */
  async deleteBridge(name: string, acting: Acting): Promise<void> {
    await this.session.sync(acting.signal);
    const row = this.bridge(name);
    if (!row) return;
    await this.#commit(acting, (change) =>
      change.mutate('Open_vSwitch', [], [['bridges', 'delete', row._uuid]]),
    );
  }

  /** Adds a port with one interface. Throws `OVS_UNKNOWN`, `OVS_EXISTS`, `OVS_INTERFACE_FAILED`. */
  async addPort(name: string, wanted: NewPort, acting: Acting): Promise<void> {
    await this.session.sync(acting.signal);
    this.#refuseTaken(name);
    const bridge = this.bridge(wanted.bridge);
    if (!bridge) throw ovsFault('OVS_UNKNOWN', `bridge ${wanted.bridge}, for port ${name}`);
    const { type, external_ids = new Map(), options = new Map(), tag = null } = wanted;
    await this.#commit(acting, (change) => {
      const added = change.insert('Interface', { name, type, external_ids, options });
      const port = change.insert('Port', { name, interfaces: added, tag });
      change.mutate('Bridge', byUuid(bridge._uuid), [['ports', 'insert', port]]);
    });
    this.#refuseBroken(name);
  }

  /** Changes columns of an interface. Throws `OVS_UNKNOWN`. */
  async updateInterface(
    name: string,
    columns: Readonly<Partial<Pick<NewPort, 'external_ids' | 'options' | 'type'>>>,
    acting: Acting,
  ): Promise<void> {
    await this.session.sync(acting.signal);
    const row = this.interface(name);
    if (!row) throw ovsFault('OVS_UNKNOWN', `interface ${name}`);
    await this.#commit(acting, (change) => change.update('Interface', byUuid(row._uuid), columns));
    this.#refuseBroken(name);
  }

  /** Deletes a port with its interfaces; nothing to do when it is not there. */
  async deletePort(name: string, acting: Acting): Promise<void> {
    await this.session.sync(acting.signal);
    const port = this.port(name);
    const [bridge] = port ? this.session.replica.where('Bridge', 'ports', port._uuid) : [];
    if (!port || !bridge) return;
    await this.#commit(acting, (change) =>
      change.mutate('Bridge', byUuid(bridge._uuid), [['ports', 'delete', port._uuid]]),
    );
  }

  /** Commits, and waits until ovs-vswitchd has carried it out, as `ovs-vsctl` does by default. */
  async #commit(acting: Acting, build: (change: Transaction) => void): Promise<void> {
    const results = await this.session.transact((change) => {
      build(change);
      change.mutate('Open_vSwitch', [], [['next_cfg', '+=', 1]]);
      change.select('Open_vSwitch', [], ['next_cfg']);
    }, acting);
    const wanted = configured(results);
    const isDone = () => [...this.session.replica.rows('Open_vSwitch')][0]?.cur_cfg >= wanted;
    await until([this.session], 'waiting for ovs-vswitchd', isDone, acting.signal);
  }

  #refuseTaken(name: string): void {
    if (this.port(name) || this.bridge(name)) throw ovsFault('OVS_EXISTS', name);
  }

  #refuseBroken(name: string): void {
    const error = this.interface(name)?.error;
    if (error) throw ovsFault('OVS_INTERFACE_FAILED', `${name}: ${error}`, { upstream: error });
  }
}

function configured(results: readonly OperationResult[]): number {
  const [row] = results[results.length - 1].rows ?? [];
  return Number(row?.['next_cfg']);
}
