import type { Action, Observation } from '../../engine/contract.ts';
import type { ActOrder } from '../act-order.ts';
import type { Attempt } from '../driver.ts';
import type { Databases } from './databases.ts';

/** A row that changed, from either database, before or after. */
export interface TouchedRow {
  readonly table: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** What a verb works with. */
export interface VerbContext {
  readonly name: string;
  readonly action: Action;
  readonly databases: Databases;
  readonly attempt: Attempt;
  /** While the verb is under way the entity is seen in this state, as long as nothing else shows. */
  passing(state: string): void;
}

export type Verb = (context: VerbContext) => Promise<void>;

/** One kind of entity: how the databases show it, and what can be done to it. */
export interface OvnKind {
  readonly kind: string;
  /** Names of the entities of this kind that a change of a row may bear upon. */
  touched(changed: TouchedRow, databases: Databases): Iterable<string>;
  names(databases: Databases): Iterable<string>;
  /** As the replicas show it now. `passing`: what a verb under way says of it. */
  observe(name: string, databases: Databases, passing: string | undefined): Seen;
  readonly verbs: Readonly<Record<string, Verb>>;
  readonly order?: ActOrder;
}

/** An observation without what is the same for all. */
export type Seen = Pick<Observation, 'state' | 'reason' | 'attributes'>;

export const ABSENT: Seen = { state: 'absent' };

/** How a verb's transaction is given up, and that it may have happened once it is sent. */
export function acting(attempt: Attempt): { signal: AbortSignal; sent: () => void } {
  return { signal: attempt.signal, sent: () => attempt.effect('unknown') };
}
