/**
 * The simulated world: it answers requests from the engine's queue in virtual time. A verb takes as
 * long as its profile says and ends well, unless a layer registers logic of its own for it.
 */
import { laidOut, sample } from '../engine/distribution.ts';
import { type Engine, NO_ROW, type World } from '../engine/engine.ts';
import { StrataError } from '../engine/errors.ts';
import { grown } from '../engine/grow.ts';
import { hashString, Stream } from '../engine/random.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { Distribution, Scenario } from '../model/scenario.ts';
import { Account } from './account.ts';
import type { Profile } from './profile.ts';
import type { Services } from './services.ts';

/** Carries out a verb: answers now or later with `answer`, `answerLater` or `engine.complete`. */
export type VerbHandler = (entity: number, token: number) => void;

/** A resolved profile entry. */
export interface DrawKey {
  readonly distribution: Distribution;
  readonly fault_ratio: number;
  /** What the draws are keyed by, beside the entity and how often it has drawn this before. */
  readonly purpose: number;
  /** Number of this draw among those of its kind. */
  readonly local: number;
}

export interface SimWorldOptions {
  readonly engine: Engine;
  readonly scenario: Scenario;
  readonly profile: Profile;
  readonly seed: number;
}

export class SimWorld implements World {
  readonly engine: Engine;
  readonly scheduler: Scheduler;
  readonly scenario: Scenario;
  readonly profile: Profile;
  readonly random: Stream;
  readonly account: Account;
  readonly services: Services = {};
  /** Numbers that layers keep for their entities, by `kind.quantity`; invariants read them. */
  readonly quantities = new Map<string, (entity: number) => number>();

  readonly #verbs: DrawKey[];
  readonly #delays: DrawKey[];
  readonly #handlers: (VerbHandler | undefined)[];
  readonly #scratch = new Stream(0, 0);
  readonly #done: number;
  readonly #fault: number;
  /** How often an entity has drawn each of its kind's durations: [ordinal * stride + local]. */
  readonly #draws: Uint16Array[];
  readonly #stride: number[];

  constructor(options: SimWorldOptions) {
    const { engine, scenario, profile, seed } = options;
    const { model } = engine;
    this.engine = engine;
    this.scheduler = engine.scheduler;
    this.scenario = scenario;
    this.profile = profile;
    this.random = Stream.fromSeed(seed);
    this.account = new Account(() => engine.now);
    this.#stride = model.kinds.map(() => 0);
    this.#verbs = model.verbNames.map((name) => this.#drawKey(name));
    this.#delays = model.delayNames.map((name) => this.#drawKey(name));
    this.#handlers = model.verbNames.map(() => undefined);
    this.#draws = model.kinds.map(() => new Uint16Array(0));
    this.#done = model.eventId('done');
    this.#fault = model.eventId('fault');
    engine.world = this;
  }

  #drawKey(name: string): DrawKey {
    const { distribution, fault_ratio = 0 } = this.profile.get(name);
    const kind = this.engine.model.kindId(name.slice(0, name.indexOf('.')));
    return {
      distribution: laidOut(distribution),
      fault_ratio,
      purpose: hashString(name),
      local: this.#stride[kind]++,
    };
  }

  // ---------------------------------------------------------------- for layers

  /** Registers the logic of a verb. */
  onVerb(kind: string, verb: string, handler: VerbHandler): void {
    this.#handlers[this.engine.model.verbId(`${kind}.${verb}`)] = handler;
  }

  /**
   * Ends a request after the duration of its verb in the profile, and not before `least_s`, with
   * `done` or `fault`.
   */
  answerLater(entity: number, token: number, verb: number, least_s = 0): void {
    const key = this.#verbs[verb];
    const delay_s = Math.max(least_s, this.#draw(entity, key));
    const failed = key.fault_ratio > 0 && this.#scratch.next() < key.fault_ratio;
    this.answerIn(delay_s, entity, token, failed ? this.#fault : this.#done);
  }

  /** Ends a request in `delay_s` seconds with an event of its machine. */
  answerIn(delay_s: number, entity: number, token: number, event: number): void {
    this.engine.completeIn(delay_s, entity, token, event);
  }

  /** Number of a verb, for `answerLater`. */
  verbId(kind: string, verb: string): number {
    return this.engine.model.verbId(`${kind}.${verb}`);
  }

  /**
   * A profile entry that is neither a verb nor a timeout, such as `osd.heartbeat_grace`. The part
   * before the dot is the kind of the entities that will draw it. Call it while installing a layer:
   * it reserves room for every such entity.
   */
  timing(key: string): DrawKey {
    const kind = this.engine.model.kindId(key.slice(0, key.indexOf('.')));
    if (this.engine.createdOfKind[kind] > 0) {
      throw new StrataError('SIM_TIMING_TOO_LATE', `'${key}' is asked for after entities exist`);
    }
    return this.#drawKey(key);
  }

  /** Draws a duration for an entity: keyed by entity, purpose and how often it drew it. */
  draw(entity: number, key: DrawKey): number {
    return this.#draw(entity, key);
  }

  /** Draws from an arbitrary distribution, keyed by a label, an entity and a count of the caller. */
  drawKeyed(distribution: Distribution, purpose: number, key: number, count: number): number {
    this.#scratch.aim(this.random, key, purpose, count);
    return sample(distribution, this.#scratch);
  }

  /** Creates an entity by kind name and links it to its providers. */
  create(kind: string, name: string, providers: readonly number[], cause: number = NO_ROW): number {
    const entity = this.engine.create(this.engine.model.kindId(kind), name, cause);
    for (const provider of providers) this.engine.link(provider, entity, cause);
    return entity;
  }

  /** Sends an event by name; hooks that run often keep the number of the event instead. */
  send(entity: number, event: string, cause: number = NO_ROW): void {
    this.engine.send(entity, this.engine.model.eventId(event), cause);
  }

  // ---------------------------------------------------------------- for the engine

  created(entity: number): void {
    const kind = this.engine.kindIdOf(entity);
    const stride = this.#stride[kind];
    const end = (this.engine.ordinalOf(entity) + 1) * stride;
    if (end > this.#draws[kind].length) this.#draws[kind] = grown(this.#draws[kind], end * 2);
    const draws = this.#draws[kind];
    // A loop: the rows are short, and `fill` is a call out of compiled code.
    for (let i = end - stride; i < end; i++) draws[i] = 0;
  }

  request(entity: number, verb: number, token: number): void {
    const handler = this.#handlers[verb];
    if (handler) handler(entity, token);
    else this.answerLater(entity, token, verb);
  }

  cancel(entity: number, _token: number): void {
    this.engine.forgetAnswer(entity);
  }

  delay_s(entity: number, delay: number): number {
    return this.#draw(entity, this.#delays[delay]);
  }

  #draw(entity: number, key: DrawKey): number {
    const { distribution } = key;
    if (distribution.type === 'constant' && key.fault_ratio === 0) return distribution.value;
    const kind = this.engine.kindIdOf(entity);
    const at = this.engine.ordinalOf(entity) * this.#stride[kind] + key.local;
    const count = this.#draws[kind][at]++;
    this.#scratch.aim(this.random, this.engine.keyOf(entity), key.purpose, count);
    return sample(distribution, this.#scratch);
  }
}
