import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { ChangeFeed } from '../change-feed.ts';
import { diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { Poller, type PollPlan } from '../poller.ts';
import type { SshTarget } from './config.ts';
import { hostFacts } from './facts.ts';
import { sshFault } from './faults.ts';
import { files } from './files.ts';
import { hostOs } from './host-os.ts';
import type { KindDriver } from './kind-driver.ts';
import { packages } from './packages.ts';
import { SshSession } from './session.ts';
import { units } from './units.ts';

export interface SshDriverOptions {
  readonly targets: readonly SshTarget[];
  readonly poll?: PollPlan;
}

const POLL: PollPlan = { every_s: 5, failed: { first_s: 1, max_s: 30 } };
const KINDS: readonly KindDriver[] = [hostOs, units, packages, files];
const POLLED = KINDS.filter(({ watched }) => watched === 'all');

/** Drives Linux hosts by SSH: the system, its units, its packages, its files. */
export class SshDriver implements Driver {
  readonly name = 'ssh';
  readonly layer = 'operating-system';
  readonly #sessions: ReadonlyMap<string, SshSession>;
  readonly #kinds: ReadonlyMap<string, KindDriver>;
  readonly #feed = new ChangeFeed();
  /** What somebody asked about, of kinds of which a host has too many to look at all. */
  readonly #asked = new Map<KindDriver, Set<string>>();
  /** Looks begun so far, and the latest of those that have ended, by entity. */
  #looks = 0;
  readonly #latest = new Map<string, number>();
  readonly #poller: Poller;

  constructor({ targets, poll = POLL }: SshDriverOptions) {
    this.#sessions = new Map(targets.map((each) => [each.alias, new SshSession(each)]));
    this.#kinds = new Map(KINDS.map((each) => [each.kind, each]));
    this.#poller = new Poller(() => this.#look(), poll);
  }

  verbs(kind: string): readonly string[] {
    return this.#kinds.get(kind)?.verbs ?? [];
  }

  order(kind: string): ActOrder {
    return this.#kinds.get(kind)?.order ?? {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation> {
    const { kind, session } = this.#find(action.kind, action.entity);
    await kind.perform(session, action, attempt);
    return this.observe(action.kind, action.entity);
  }

  async observe(kindName: string, entity: string): Promise<Observation> {
    const { kind, session } = this.#find(kindName, entity);
    if (kind.watched === 'asked') {
      this.#asked.set(kind, (this.#asked.get(kind) ?? new Set()).add(entity));
    }
    const look = ++this.#looks;
    const seen = await kind.observe(session, entity);
    const key = `${kindName}/${entity}`;
    if (this.#isOld(key, look)) return seen;
    this.#latest.set(key, look);
    this.#feed.learn(seen);
    return seen;
  }

  async list(): Promise<readonly Observation[]> {
    return this.#listOf([...this.#kinds.values()]);
  }

  watch(listener: (observation: Observation) => void): () => void {
    const stop = this.#feed.listen(listener);
    this.#poller.start();
    return () => {
      stop();
      if (!this.#feed.isHeard) void this.#poller.stop();
    };
  }

  async diagnose(): Promise<readonly Diagnosis[]> {
    const each = [...this.#sessions].map(([alias, session]) =>
      diagnose([
        {
          check: 'reachable',
          look: async () => {
            await session.connection();
            return `${alias}: connected, host key known, signed in`;
          },
        },
        {
          check: 'version',
          look: async () => {
            const { os_id, os_version, kernel } = await hostFacts(session);
            return `${alias}: ${os_id} ${os_version}, Linux ${kernel}`;
          },
        },
      ]),
    );
    return (await Promise.all(each)).flat();
  }

  async close(): Promise<void> {
    // A look under way would wait for hosts that may not answer.
    const sessions = [...this.#sessions.values()].map((session) => session.close());
    await Promise.all([this.#poller.stop(), ...sessions]);
  }

  async #look(): Promise<void> {
    const kinds = new Set(POLLED.map(({ kind }) => kind));
    const look = ++this.#looks;
    const listed = await this.#listOf(POLLED);
    const isOld = ({ kind, entity }: Observation) => this.#isOld(`${kind}/${entity}`, look);
    this.#feed.learnAll(
      [...listed.filter((each) => !isOld(each)), ...this.#newerThan(look)],
      kinds,
    );
    for (const [{ kind }, entities] of this.#asked) {
      for (const entity of entities) await this.observe(kind, entity);
    }
  }

  /** What a later look has seen already is newer, though this one took longer. */
  #isOld(key: string, look: number): boolean {
    return look < (this.#latest.get(key) ?? 0);
  }

  /** What is known by looks that began after this one. */
  #newerThan(look: number): Observation[] {
    return [...this.#latest.keys()].flatMap((key) => {
      const slash = key.indexOf('/');
      const known = this.#feed.known(key.slice(0, slash), key.slice(slash + 1));
      return known && this.#isOld(key, look) ? [known] : [];
    });
  }

  async #listOf(kinds: readonly KindDriver[]): Promise<readonly Observation[]> {
    const hosts = [...this.#sessions.values()].map(async (session) => {
      const seen = await hostOs.observe(session, session.target.alias);
      // Of a host that does not answer only that much is known.
      if (seen.state === 'unreachable') return [seen];
      return (await Promise.all(kinds.map((kind) => kind.list(session)))).flat();
    });
    return (await Promise.all(hosts)).flat();
  }

  #find(kindName: string, entity: string): { kind: KindDriver; session: SshSession } {
    const kind = this.#kinds.get(kindName) ?? hostOs;
    const host = kind.hostOf(entity);
    const session = this.#sessions.get(host);
    if (session) return { kind, session };
    throw sshFault('SSH_HOST_UNKNOWN', host);
  }
}
