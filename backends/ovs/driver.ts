import type { Action, Observation } from '../../engine/contract.ts';
import { ChangeFeed } from '../change-feed.ts';
import { diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import type { RowChange } from '../ovsdb/replica.ts';
import { type HostOptions, OvsHost } from './host.ts';
import { OVS_KINDS, type OvsKind } from './kinds.ts';

const KIND_BY_NAME = new Map(OVS_KINDS.map((each) => [each.kind, each]));

/** Drives the bridges and interfaces of one host's Open vSwitch, by its database. */
export class OvsDriver implements Driver {
  readonly name = 'ovs';
  readonly layer = 'sdn';
  readonly #host: OvsHost;
  readonly #feed = new ChangeFeed();
  /** By `kind/name`: the state that a verb under way brings about. */
  readonly #passing = new Map<string, string>();

  constructor(options: HostOptions) {
    this.#host = new OvsHost(options);
    this.#host.session.listen((changes) => this.#learn(changes));
  }

  verbs(kind: string): readonly string[] {
    return Object.keys(KIND_BY_NAME.get(kind)?.verbs ?? {});
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation> {
    const { kind, entity: name, verb } = action;
    const its = KIND_BY_NAME.get(kind) as OvsKind;
    const acting = { signal: attempt.signal, sent: () => attempt.effect('unknown') };
    const passing = its.passing[verb];
    if (passing) this.#passing.set(`${kind}/${name}`, passing);
    try {
      await its.verbs[verb]({ name, action, host: this.#host, acting });
    } finally {
      this.#passing.delete(`${kind}/${name}`);
      this.#see(its, name);
    }
    return this.#observation(its, name);
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    await this.#host.session.sync();
    const its = KIND_BY_NAME.get(kind);
    return its ? this.#observation(its, entity) : { kind, entity, state: 'absent' };
  }

  async list(): Promise<readonly Observation[]> {
    await this.#host.session.sync();
    return OVS_KINDS.flatMap((its) =>
      [...this.#host.session.replica.rows(its.table)]
        .map(({ name }) => name)
        .sort()
        .map((name) => this.#observation(its, name)),
    );
  }

  watch(listener: (observation: Observation) => void): () => void {
    // Without a connection nothing is heard; the session keeps trying until there is one.
    this.#host.session.connect().catch(() => {});
    return this.#feed.listen(listener);
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    const { session } = this.#host;
    const settings = () => [...session.replica.rows('Open_vSwitch')][0];
    return diagnose([
      { check: 'reachable', look: async () => (await session.connect()).remote },
      {
        check: 'version',
        look: async () =>
          `Open vSwitch ${settings()?.ovs_version ?? 'of no version'}, schema ${(await session.connect()).version}`,
      },
      {
        check: 'permitted',
        look: async () => {
          await session.transact((change) =>
            change.mutate('Open_vSwitch', [], [['next_cfg', '+=', 0]]),
          );
          return 'the database may be written';
        },
      },
      {
        check: 'healthy',
        look: async () => `${[...session.replica.rows('Bridge')].length} bridges`,
      },
    ]);
  }

  close(): Promise<void> {
    return this.#host.session.close();
  }

  #observation(its: OvsKind, name: string): Observation {
    const seen = its.observe(name, this.#host);
    const base = { kind: its.kind, entity: name };
    if (!seen) return { ...base, state: 'absent' };
    const passing = this.#passing.get(`${its.kind}/${name}`);
    return { ...base, ...seen, ...(passing === undefined ? {} : { state: passing }) };
  }

  #see(its: OvsKind, name: string): void {
    const seen = this.#observation(its, name);
    const before = this.#feed.known(its.kind, name)?.state ?? 'absent';
    const event = seen.state === before ? undefined : its.reports[seen.state];
    const attributes = event === undefined ? seen.attributes : { ...seen.attributes, event };
    this.#feed.learn({ ...seen, attributes });
  }

  #learn(changes: readonly RowChange[]): void {
    for (const its of OVS_KINDS) {
      const names = changes
        .filter(({ table }) => table === its.table)
        .map(({ before, after }) => (after ?? before)?.['name'] as string);
      for (const name of new Set(names)) this.#see(its, name);
    }
  }
}
