import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import type { Attempt } from '../driver.ts';
import type { CommandOptions } from './connection.ts';
import type { SshSession } from './session.ts';

/** What the driver does for one kind of entity of a host. */
export interface KindDriver {
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly order?: ActOrder;
  /** While somebody listens: all of them are looked at, or those that somebody asked about. */
  readonly watched: 'all' | 'asked';
  /** The host that an entity is on. Throws `SSH_BAD_NAME`. */
  hostOf(entity: string): string;
  /** Carries a verb out; resolves when its effect can be observed. */
  perform(session: SshSession, action: Action, attempt: Attempt): Promise<void>;
  observe(session: SshSession, entity: string): Promise<Observation>;
  /** Everything of the kind on a host. */
  list(session: SshSession): Promise<readonly Observation[]>;
}

/** Options of a command that changes something: once it is sent, it may have. */
export function acting(attempt: Attempt, timeout_s: number): CommandOptions {
  return { signal: attempt.signal, sent: () => attempt.effect('unknown'), timeout_s };
}
