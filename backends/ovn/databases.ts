import type { Acting, OvsHost } from '../ovs/host.ts';
import type { ConnectionLimits } from '../ovsdb/connection.ts';
import type { TlsFiles } from '../ovsdb/dial.ts';
import type { Remote } from '../ovsdb/remote.ts';
import type { Replica } from '../ovsdb/replica.ts';
import { OvsdbSession } from '../ovsdb/session.ts';
import type { Transaction } from '../ovsdb/transaction.ts';
import { until } from '../ovsdb/until.ts';
import { Probes } from './bfd.ts';
import { Liveness } from './liveness.ts';
import { NB_SHAPE, type NbShape, SB_SHAPE, type SbShape } from './shape.ts';

export interface DatabasesOptions {
  readonly northbound: readonly Remote[];
  readonly southbound: readonly Remote[];
  readonly tls?: TlsFiles;
  readonly limits?: Partial<ConnectionLimits>;
  /** A controller that is behind for so long counts as silent; default 5. */
  readonly silent_s?: number;
  /** The Open vSwitch of hosts, by chassis name, as far as they are known. */
  readonly hosts: ReadonlyMap<string, OvsHost>;
}

const SILENT_S = 5;

/** Both databases of one OVN, what they say together, and changes that wait until they are in effect. */
export class Databases {
  readonly nb: OvsdbSession<NbShape>;
  readonly sb: OvsdbSession<SbShape>;
  readonly hosts: ReadonlyMap<string, OvsHost>;
  readonly liveness: Liveness;
  readonly probes: Probes;
  readonly #waiters = new Set<() => void>();

  /** `onLiveness` is told when chassis fall silent, are heard again, or are found dead with time. */
  constructor(options: DatabasesOptions, onLiveness: () => void) {
    const { northbound, southbound, tls, limits, hosts, silent_s = SILENT_S } = options;
    const common = { tls, limits };
    this.nb = new OvsdbSession({
      ...{ ...common, remotes: northbound, database: 'OVN_Northbound', shape: NB_SHAPE },
    });
    this.sb = new OvsdbSession({
      ...{ ...common, remotes: southbound, database: 'OVN_Southbound', shape: SB_SHAPE },
    });
    this.hosts = hosts;
    const judged = () => {
      onLiveness();
      this.#wake();
    };
    this.liveness = new Liveness(this.sb.replica, silent_s, judged);
    this.probes = new Probes(hosts, judged);
    this.sb.listen(() => this.liveness.look());
    for (const host of hosts.values()) {
      host.session.listen(() => {
        this.probes.look();
        this.#wake();
      });
    }
  }

  get northbound(): Replica<NbShape> {
    return this.nb.replica;
  }

  get southbound(): Replica<SbShape> {
    return this.sb.replica;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    // What hosts say is taken when they answer; OVN works without them.
    for (const host of this.hosts.values()) host.session.connect().catch(() => {});
    await Promise.all([this.nb.connect(signal), this.sb.connect(signal)]);
  }

  /** Resolves when it is known of every host whether it can be reached. */
  async tried(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.hosts.values()].map(({ session }) => session.tried(signal)));
  }

  /** Brings both replicas up to what is committed now. */
  async sync(signal?: AbortSignal): Promise<void> {
    await Promise.all([this.nb.sync(signal), this.sb.sync(signal)]);
  }

  /** Resolves when `holds` does, looked at after every change, of a host as well, and when a chassis falls silent. */
  until(what: string, holds: () => boolean, signal: AbortSignal): Promise<void> {
    const others = {
      lost: () => this.sb.lost(signal),
      listen: (listener: () => void) => {
        this.#waiters.add(listener);
        return () => this.#waiters.delete(listener);
      },
    };
    return until([this.nb, this.sb, others], what, holds, signal);
  }

  /**
   * Commits a change of the northbound database and counts `nb_cfg` up with it; returns the count,
   * for `inEffect`.
   */
  async change(build: (change: Transaction) => void, acting: Acting): Promise<number> {
    const results = await this.nb.transact((change) => {
      build(change);
      change.mutate('NB_Global', [], [['nb_cfg', '+=', 1]]);
      change.select('NB_Global', [], ['nb_cfg']);
    }, acting);
    return Number(results[results.length - 1].rows?.[0]?.['nb_cfg']);
  }

  /**
   * Whether northd and every chassis that is not silent have carried out the count `nb_cfg`. OVN's own
   * `hv_cfg` waits for chassis that died as well, and so for ever.
   */
  inEffect(nb_cfg: number): boolean {
    const [global] = [...this.southbound.rows('SB_Global')];
    if ((global?.nb_cfg ?? 0) < nb_cfg) return false;
    for (const chassis of this.southbound.rows('Chassis_Private')) {
      if (chassis.nb_cfg < nb_cfg && !this.liveness.isSilent(chassis.name)) return false;
    }
    return true;
  }

  async close(): Promise<void> {
    this.liveness.close();
    this.probes.close();
    await Promise.all([this.nb, this.sb].map((session) => session.close()));
    await Promise.all([...this.hosts.values()].map((host) => host.session.close()));
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}
