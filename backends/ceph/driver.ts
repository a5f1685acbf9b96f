import { z } from 'zod';
import type { Action, Fault, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import { ChangeFeed } from '../change-feed.ts';
import { compareVersions, diagnose } from '../diagnose.ts';
import type { Attempt, Diagnosis, Driver } from '../driver.ts';
import { DriverBackend } from '../driver-backend.ts';
import { FaultError } from '../fault.ts';
import { Poller } from '../poller.ts';
import { clusterObservation } from './cluster.ts';
import type { CephPlace } from './config.ts';
import { cephFault } from './faults.ts';
import { type CephKind, cephKinds, type Memory, type Pace } from './kinds.ts';
import { monObservations, mons } from './mon-map.ts';
import { paramsOf } from './params.ts';
import { RadosgwAdmin } from './radosgw-admin.ts';
import { S3 } from './s3.ts';
import type { S3Place } from './s3-config.ts';
import { Session } from './session.ts';
import { View } from './view.ts';

export interface CephDriverOptions {
  readonly place: CephPlace;
  /** Where the gateway is; throws when nothing says so. Asked when it is needed. */
  readonly s3: () => S3Place;
  /** Put before every program of Ceph's client. */
  readonly wrapper: readonly string[];
  readonly python: string;
  readonly env: NodeJS.ProcessEnv;
  readonly command_s?: number;
  readonly storage_s?: number;
  /** How often the maps are looked at while somebody listens; the rest less often. */
  readonly poll_s?: number;
}

const POLL_S = 1;
/** How much less often than the maps. */
const PACES: Readonly<Record<Pace, number>> = { maps: 1, images: 2, slow: 10 };
const FAILED = { first_s: 0.5, max_s: 10 };

/** The oldest release whose answers were seen to have the forms that are read here. */
const VERSION_MIN = '16.2.0';

/** Drives one Ceph cluster. */
export class CephDriver implements Driver {
  readonly name = 'ceph';
  readonly layer = 'sds';
  readonly #options: CephDriverOptions;
  readonly #session: Session;
  readonly #admin: RadosgwAdmin;
  readonly #kinds: ReadonlyMap<string, CephKind>;
  readonly #feed = new ChangeFeed();
  /** Everything that was seen, by kind and name: more than what listeners were told. */
  readonly #seen = new Map<string, Map<string, Observation>>();
  readonly #pollers: readonly Poller[];
  /** Entities that an action is working on, and has said so. */
  readonly #told = new Set<string>();
  /** For each look under way: the entities that are known better than it can see. */
  readonly #looks = new Set<Set<string>>();
  #s3: S3 | undefined;

  constructor(options: CephDriverOptions) {
    const { place, wrapper, python, env, command_s, storage_s, poll_s = POLL_S } = options;
    this.#options = options;
    this.#session = new Session({ place, bridge: { wrapper, python, env }, command_s, storage_s });
    this.#admin = new RadosgwAdmin({ place, wrapper, env });
    const parts = { cluster: place.cluster, admin: this.#admin, s3: () => this.#gateway() };
    this.#kinds = new Map(cephKinds(parts).map((each) => [each.kind, each]));
    this.#pollers = Object.entries(PACES).map(
      ([pace, slower]) =>
        new Poller((signal) => this.#poll(pace as Pace, signal), {
          every_s: poll_s * slower,
          failed: FAILED,
        }),
    );
  }

  verbs(kind: string): readonly string[] {
    return Object.keys(this.#kinds.get(kind)?.verbs ?? {});
  }

  order(kind: string): ActOrder {
    return this.#kinds.get(kind)?.order ?? {};
  }

  async perform(action: Action, attempt: Attempt): Promise<Observation> {
    const { kind, entity: name, verb } = action;
    const known: { effect: Fault['effect'] } = { effect: 'none' };
    const told: Attempt = {
      signal: attempt.signal,
      effect: (effect) => {
        known.effect = effect;
        attempt.effect(effect);
      },
    };
    try {
      const seen = await this.#kind(kind).verbs[verb]({
        ...{ session: this.#session, name, attempt: told },
        read: (schema) => paramsOf(action, schema),
        look: (signal) => this.#look(kind, name, signal),
        tell: (state) => {
          this.#told.add(keyOf(kind, name));
          this.#learn({ kind, entity: name, state });
        },
      });
      this.#learn(seen);
      return seen;
    } catch (thrown) {
      throw about(name, thrown, known.effect);
    } finally {
      this.#told.delete(keyOf(kind, name));
    }
  }

  async observe(kind: string, entity: string): Promise<Observation> {
    const seen = await this.#look(kind, entity);
    this.#learn(seen);
    return seen;
  }

  async list(): Promise<readonly Observation[]> {
    const view = new View(this.#session);
    const found = await Promise.all(
      [...this.#kinds.values()].map((each) => this.#listKind(each, view)),
    );
    return found.flatMap((each) => each ?? []);
  }

  watch(listener: (observation: Observation) => void): () => void {
    const stop = this.#feed.listen(listener);
    for (const poller of this.#pollers) poller.start();
    return () => {
      stop();
      if (!this.#feed.isHeard) for (const poller of this.#pollers) poller.stop();
    };
  }

  diagnose(): Promise<readonly Diagnosis[]> {
    return diagnose([
      {
        check: 'reachable',
        look: async () => {
          await this.#session.connect();
          return `connected as ${this.#options.place.name}`;
        },
      },
      { check: 'version', look: () => this.#version() },
      { check: 'permitted', look: () => this.#permissions() },
      { check: 'healthy', look: () => this.#health() },
    ]);
  }

  async close(): Promise<void> {
    const stopped = this.#pollers.map((poller) => poller.stop());
    await Promise.all([this.#session.close(), this.#admin.close()]);
    this.#s3?.close();
    await Promise.all(stopped);
  }

  // ---------------------------------------------------------------- looking

  async #look(kind: string, name: string, signal?: AbortSignal): Promise<Observation> {
    const definition = this.#kind(kind);
    const view = new View(this.#session, signal);
    if (definition.one) return definition.one(view, name, this.#memory);
    const found = await definition.list(view, this.#memory);
    if (!found) throw cephFault('CEPH_NO_MANAGER', `${kind} ${name}`);
    return found.find(({ entity }) => entity === name) ?? this.#missing(definition, name);
  }

  /** Undefined: nothing is known of the kind now. */
  async #listKind(definition: CephKind, view: View): Promise<readonly Observation[] | undefined> {
    const found = await definition.list(view, this.#memory);
    if (!found) return undefined;
    const present = new Set(found.map(({ entity }) => entity));
    const forgotten = definition.isForgotten
      ? this.#memory.all(definition.kind).filter(({ entity }) => !present.has(entity))
      : [];
    const all = [...found, ...forgotten.map(({ entity }) => this.#missing(definition, entity))];
    this.#seen.set(definition.kind, new Map(all.map((seen) => [seen.entity, seen])));
    return all;
  }

  #missing({ kind, isForgotten }: CephKind, entity: string): Observation {
    const isDown = isForgotten === true && this.#memory.one(kind, entity) !== undefined;
    return { kind, entity, state: isDown ? 'down' : 'absent' };
  }

  readonly #memory: Memory = {
    all: (kind) => [...(this.#seen.get(kind)?.values() ?? [])],
    one: (kind, entity) => this.#seen.get(kind)?.get(entity),
  };

  #learn(seen: Observation): void {
    const { kind, entity, state } = seen;
    const known = this.#seen.get(kind) ?? new Map<string, Observation>();
    this.#seen.set(kind, known);
    if (state === 'absent') known.delete(entity);
    else known.set(entity, seen);
    for (const look of this.#looks) look.add(keyOf(kind, entity));
    this.#feed.learn(seen);
  }

  async #poll(pace: Pace, signal: AbortSignal): Promise<void> {
    const view = new View(this.#session, signal);
    const kinds = [...this.#kinds.values()].filter((each) => each.pace === pace);
    if (pace === 'maps') await this.#learnQuorum(view);
    const better = new Set(this.#told);
    this.#looks.add(better);
    try {
      const looks = await Promise.allSettled(
        kinds.map(async (each) => {
          const found = await this.#listKind(each, view);
          if (found && !signal.aborted) this.#learnList(each.kind, found, better);
        }),
      );
      // The others are not kept waiting by one that fails; the poller waits longer then.
      for (const look of looks) if (look.status === 'rejected') throw look.reason;
    } finally {
      this.#looks.delete(better);
    }
  }

  /** Takes a list in; what an action changed after the look began is not undone by it. */
  #learnList(kind: string, found: readonly Observation[], better: ReadonlySet<string>): void {
    const isOld = ({ entity }: Observation) => better.has(keyOf(kind, entity));
    const kept = [...better].flatMap((key) => {
      const known = key.startsWith(`${kind}/`)
        ? this.#feed.known(kind, key.slice(kind.length + 1))
        : undefined;
      return known ?? [];
    });
    this.#feed.learnAll([...found.filter((seen) => !isOld(seen)), ...kept], new Set([kind]));
  }

  /** The mons and the cluster first: they are known without a quorum, and nothing else is. */
  async #learnQuorum(view: View): Promise<void> {
    const { cluster } = this.#options.place;
    for (const each of await monObservations(view)) this.#learn(each);
    const known = this.#memory.one('ceph-cluster', cluster);
    this.#learn(await clusterObservation(view, cluster, known));
    const { hasQuorum } = await view.of(mons);
    if (!hasQuorum) throw cephFault('CEPH_NO_QUORUM', cluster);
  }

  #kind(kind: string): CephKind {
    const found = this.#kinds.get(kind);
    if (found) return found;
    throw cephFault('CEPH_BAD_PARAMS', `the driver knows no ${kind}`);
  }

  #gateway(): S3 {
    this.#s3 ??= new S3(this.#options.s3());
    return this.#s3;
  }

  // ---------------------------------------------------------------- diagnosis

  async #version(): Promise<string> {
    const form = z.object({ version: z.string() });
    const { version } = await this.#session.json('version', {}, form);
    const number = /\d+\.\d+\.\d+/.exec(version)?.[0] ?? '0';
    if (compareVersions(number, VERSION_MIN) >= 0) return number;
    throw cephFault('CEPH_UNSUPPORTED', `Ceph ${number} is older than ${VERSION_MIN}`);
  }

  async #permissions(): Promise<string> {
    const { name } = this.#options.place;
    const form = z.array(z.object({ caps: z.record(z.string(), z.string()) })).length(1);
    const [{ caps }] = await this.#session.json('auth get', { entity: name }, form);
    return Object.entries(caps)
      .map(([service, allowed]) => `${service} '${allowed}'`)
      .join(', ');
  }

  async #health(): Promise<string> {
    const { cluster } = this.#options.place;
    const seen = await clusterObservation(new View(this.#session), cluster, undefined);
    const found = `${seen.state}${seen.reason ? ` (${seen.reason})` : ''}`;
    if (!seen.state.endsWith('HEALTH_ERR')) return found;
    throw cephFault('CEPH_FAILED', found, { effect: 'none' });
  }
}

const keyOf = (kind: string, entity: string) => `${kind}/${entity}`;

/** A fault names its entity; and after something was done, one of a mere look says so. */
function about(name: string, thrown: unknown, effect: Fault['effect']): unknown {
  if (!(thrown instanceof FaultError)) return thrown;
  const { fault } = thrown;
  const message = fault.message.includes(name) ? fault.message : `${name}: ${fault.message}`;
  return new FaultError({
    ...fault,
    message,
    effect: fault.effect === 'none' ? effect : fault.effect,
  });
}

/** Ceph as a backend of the storage layer. */
export class CephBackend extends DriverBackend<CephDriver> {
  constructor(options: CephDriverOptions) {
    super(new CephDriver(options));
  }
}
