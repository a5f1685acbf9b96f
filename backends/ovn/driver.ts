import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { ChangeFeed } from '../change-feed.ts';
import { diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import type { RowChange } from '../ovsdb/replica.ts';
import { acl } from './acl.ts';
import { chassis } from './chassis.ts';
import { Databases, type DatabasesOptions } from './databases.ts';
import { dhcpOptions } from './dhcp-options.ts';
import { reportOf } from './events.ts';
import { gateway } from './gateway.ts';
import type { OvnKind } from './kind.ts';
import { loadBalancer } from './load-balancer.ts';
import { logicalRouter } from './logical-router.ts';
import { logicalSwitch } from './logical-switch.ts';
import { nat } from './nat.ts';
import { port } from './port.ts';

/** Every kind that the driver knows, in the order in which they are listed. */
export const OVN_KINDS: readonly OvnKind[] = [
  ...[chassis, logicalSwitch, logicalRouter, port, acl, nat, loadBalancer, gateway, dhcpOptions],
];

const KIND_BY_NAME = new Map(OVN_KINDS.map((each) => [each.kind, each]));

/** Drives one OVN by its northbound and southbound databases. */
export class OvnDriver implements Driver {
  readonly name = 'ovn';
  readonly layer = 'sdn';
  /** Transactions are quick; what takes time is waiting for the chassis, side by side. */
  readonly actions_max = 32;
  readonly #databases: Databases;
  readonly #feed = new ChangeFeed();
  /** By `kind/name`: the state that a verb under way brings about, and that verb's own mark. */
  readonly #passing = new Map<string, { readonly state: string; readonly of: symbol }>();

  constructor(options: DatabasesOptions) {
    this.#databases = new Databases(options, () => this.#learnPlaced());
    this.#databases.nb.listen((changes) => this.#learn(changes));
    this.#databases.sb.listen((changes) => this.#learn(changes));
    for (const host of options.hosts.values()) {
      host.session.listen((changes) => {
        if (changes.some(({ table }) => table === 'Interface')) this.#learnPlaced();
      });
    }
  }

  verbs(kind: string): readonly string[] {
    return Object.keys(KIND_BY_NAME.get(kind)?.verbs ?? {});
  }

  order(kind: string): ActOrder {
    return KIND_BY_NAME.get(kind)?.order ?? {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation> {
    const { kind, entity: name, verb } = action;
    const its = KIND_BY_NAME.get(kind) as OvnKind;
    const key = `${kind}/${name}`;
    const of = Symbol(action.key);
    await this.#databases.connect(attempt.signal);
    // A verb decides on what the replicas show, and unplugs wherever it can.
    await Promise.all([
      this.#databases.sync(attempt.signal),
      this.#databases.tried(attempt.signal),
    ]);
    try {
      const passing = (state: string) => {
        this.#passing.set(key, { state, of });
        this.#see(its, name);
      };
      await its.verbs[verb]({ name, action, databases: this.#databases, attempt, passing });
    } finally {
      // Another verb may have taken the entity over meanwhile.
      if (this.#passing.get(key)?.of === of) this.#passing.delete(key);
      this.#see(its, name);
    }
    return this.#observation(its, name);
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    await this.#databases.connect();
    await this.#databases.sync();
    const its = KIND_BY_NAME.get(kind);
    return its ? this.#observation(its, entity) : { kind, entity, state: 'absent' };
  }

  async list(): Promise<readonly Observation[]> {
    await this.#databases.connect();
    await this.#databases.sync();
    return OVN_KINDS.flatMap((its) =>
      [...its.names(this.#databases)].sort().map((name) => this.#observation(its, name)),
    );
  }

  watch(listener: (observation: Observation) => void): () => void {
    // Without a connection nothing is heard; the sessions keep trying until there is one.
    this.#databases.connect().catch(() => {});
    return this.#feed.listen(listener);
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    const { nb, sb, hosts } = this.#databases;
    return diagnose([
      { check: 'reachable', look: async () => `northbound at ${(await nb.connect()).remote}` },
      { check: 'reachable', look: async () => `southbound at ${(await sb.connect()).remote}` },
      {
        // The shape of every table was held against the schema when it was connected to.
        check: 'version',
        look: async () =>
          `schemas ${(await nb.connect()).version} and ${(await sb.connect()).version}`,
      },
      {
        check: 'permitted',
        look: async () => {
          await nb.transact((change) => change.mutate('NB_Global', [], [['nb_cfg', '+=', 0]]));
          return 'the northbound database may be written';
        },
      },
      ...[...hosts].map(([name, host]) => ({
        check: 'reachable' as const,
        look: async () => `Open vSwitch of ${name} at ${(await host.session.connect()).remote}`,
      })),
      { check: 'healthy', look: async () => this.#health() },
    ]);
  }

  close(): Promise<void> {
    return this.#databases.close();
  }

  #health(): string {
    const chassisNames = [...chassis.names(this.#databases)];
    const up = chassisNames.filter(
      (name) => chassis.observe(name, this.#databases, undefined).state === 'up',
    );
    return `${up.length} of ${chassisNames.length} chassis up`;
  }

  // ---------------------------------------------------------------- what is seen

  #observation(its: OvnKind, name: string): Observation {
    const passing = this.#passing.get(`${its.kind}/${name}`)?.state;
    const seen = its.observe(name, this.#databases, passing);
    return { kind: its.kind, entity: name, ...seen };
  }

  #see(its: OvnKind, name: string): void {
    const seen = this.#observation(its, name);
    const before = this.#feed.known(its.kind, name)?.state ?? 'absent';
    const event = reportOf(its.kind, before, seen.state);
    const attributes = event === undefined ? seen.attributes : { ...seen.attributes, event };
    this.#feed.learn({ ...seen, attributes });
  }

  #learn(changes: readonly RowChange[]): void {
    for (const its of OVN_KINDS) {
      const names = new Set<string>();
      for (const { table, before, after } of changes) {
        for (const row of [before, after]) {
          if (!row) continue;
          for (const name of its.touched({ table, row }, this.#databases)) names.add(name);
        }
      }
      for (const name of names) this.#see(its, name);
    }
  }

  /** Looks again at everything whose state depends on whether a chassis lives. */
  #learnPlaced(): void {
    for (const its of [chassis, port, gateway]) {
      for (const name of its.names(this.#databases)) this.#see(its, name);
    }
  }
}
