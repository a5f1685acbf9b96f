import type { ZodType } from 'zod';
import type { Action, Fault, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import type { Attempt } from '../driver.ts';
import { FaultError } from '../fault.ts';
import type { ParamsReader } from '../verb-params.ts';
import type { Service } from './catalog.ts';
import { openstackFault } from './faults.ts';
import type { Answer, Call, OpenstackSession } from './session.ts';
import type { Sightings } from './sightings.ts';

/** What the kinds of one cloud share. */
export interface CloudContext {
  readonly session: OpenstackSession;
  readonly feed: Sightings;
}

/** One kind of thing of the cloud. */
export interface Kind {
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly order?: ActOrder;
  /** Whether it changes by itself, so that every poll looks at it. */
  readonly isFast?: true;
  perform(act: Act): Promise<Observation>;
  /** `absent` when there is none. */
  observe(entity: string, signal?: AbortSignal): Promise<Observation>;
  list(signal?: AbortSignal): Promise<readonly Observation[]>;
  /** Cheaper than `list`: only what can change by itself. */
  poll?(signal?: AbortSignal): Promise<readonly Observation[]>;
  /** What must have come between what was known before and what is seen now. */
  missed?(seen: Observation): readonly Observation[];
}

/** One action under way, and the way to call services for it. */
export class Act {
  readonly action: Action;
  readonly signal: AbortSignal;
  readonly session: OpenstackSession;
  readonly #attempt: Attempt;
  readonly #read: ParamsReader;
  #effect: Fault['effect'] = 'none';
  #requestId: string | undefined;

  constructor(action: Action, attempt: Attempt, session: OpenstackSession, read: ParamsReader) {
    this.action = action;
    this.signal = attempt.signal;
    this.session = session;
    this.#attempt = attempt;
    this.#read = read;
  }

  get entity(): string {
    return this.action.entity;
  }

  /** What the service calls the last change that it accepted, in its logs and records. */
  get requestId(): string | undefined {
    return this.#requestId;
  }

  /** What the verb is given, read by a schema of its kind. Throws OPENSTACK_BAD_PARAMS. */
  params<T>(schema: ZodType<T>): T {
    return this.#read(this.action, schema);
  }

  badParams(what: string): FaultError {
    const { verb, kind, entity } = this.action;
    return openstackFault('OPENSTACK_BAD_PARAMS', `${verb} of ${kind} ${entity}: ${what}`);
  }

  notFound(): FaultError {
    const { verb, kind, entity } = this.action;
    return openstackFault('OPENSTACK_NOT_FOUND', `${verb} of ${kind} ${entity}`);
  }

  /** Calls a service to change something; until it answers, that may have happened. */
  async change(service: Service, call: Omit<Call, 'signal' | 'sent'>): Promise<Answer> {
    const before = this.#effect;
    try {
      const sent = () => this.#know('unknown');
      const answer = await this.session.call(service, { ...call, signal: this.signal, sent });
      this.#know('done');
      this.#requestId = requestIdOf(answer);
      return answer;
    } catch (thrown) {
      // A service that refuses has done nothing.
      if (thrown instanceof FaultError && thrown.fault.effect === 'none') this.#know(before);
      throw this.named(thrown);
    }
  }

  /** It was accepted; whether it comes about remains to be seen. */
  began(): void {
    this.#know('unknown');
  }

  ended(): void {
    this.#know('done');
  }

  /** A fault of a mere look is not without effect when the act was begun before it. */
  withEffect(thrown: unknown): unknown {
    if (!(thrown instanceof FaultError)) return thrown;
    const { fault } = thrown;
    if (this.#effect === 'none' || fault.effect !== 'none') return thrown;
    return new FaultError({ ...fault, effect: this.#effect === 'done' ? 'done' : 'unknown' });
  }

  /** Faults of a service name the UUID at best; people know the name. */
  named(thrown: unknown): unknown {
    const { kind, entity } = this.action;
    if (!(thrown instanceof FaultError) || thrown.fault.message.includes(entity)) return thrown;
    return new FaultError({
      ...thrown.fault,
      message: `${kind} ${entity}: ${thrown.fault.message}`,
    });
  }

  #know(effect: Fault['effect']): void {
    this.#effect = effect;
    this.#attempt.effect(effect);
  }
}

function requestIdOf({ headers }: Answer): string | undefined {
  const id = headers['x-openstack-request-id'] ?? headers['x-compute-request-id'];
  return typeof id === 'string' ? id : undefined;
}

export const GIB = 2 ** 30;
export const MIB = 2 ** 20;

/** Leaves out what is not there; attributes are scalars. */
export function attributes(
  all: Readonly<Record<string, unknown>>,
): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(all)) {
    if (typeof value === 'string' && value !== '') kept[name] = value;
    if (typeof value === 'boolean' || Number.isFinite(value)) kept[name] = value as number;
  }
  return kept;
}

export function absent(kind: string, entity: string): Observation {
  return { kind, entity, state: 'absent', reason: 'absent' };
}

/** Asks for everything of everybody where the user may. */
export async function everywhere(
  session: OpenstackSession,
): Promise<Readonly<Record<string, string>>> {
  const { roles } = await session.whoAmI();
  return roles.includes('admin') ? { all_tenants: '1' } : {};
}
