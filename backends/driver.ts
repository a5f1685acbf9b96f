import type { Action, Fault, Observation } from '../engine/contract.ts';
import type { Layer } from '../model/layers.ts';
import type { ActOrder } from './act-order.ts';

/**
 * A real system as its driver sees it: promise-shaped, because that is what sockets and processes
 * are. `DriverBackend` makes a `Backend` of it, and keeps what is common to all drivers: keys that
 * make actions idempotent, cancelling, deadlines, replying exactly once, closing.
 */
export interface Driver {
  readonly name: string;
  readonly layer: Layer;
  /** Actions under way at a time; the others wait their turn. Default 8. */
  readonly actions_max?: number;
  verbs(kind: string): readonly string[];
  /** Acts on one entity that need not follow one another. Default: each waits for the one before. */
  order?(kind: string): ActOrder;
  /**
   * Carries out one of `verbs` and resolves when its effect is seen, with what is seen then.
   * Throws `FaultError` or `BusyError`. It must stop soon after `attempt.signal` aborts.
   */
  perform(action: Action, attempt: Attempt): Promise<Observation | undefined>;
  observe(kind: string, entity: string): Promise<Observation>;
  list(): Promise<readonly Observation[]>;
  /** Reports changes in the order they happened, until the returned function is called. */
  watch(listener: (observation: Observation) => void): () => void;
  /** Whether the system can be reached, lets us in, permits what verbs need, and is supported. */
  diagnose(): Promise<readonly Diagnosis[]>;
  /** Ends everything: afterwards no socket, timer or child of the driver is left. */
  close(): Promise<void>;
}

/** One attempt at an action. */
export interface Attempt {
  /** Aborts when the action is cancelled or its deadline passes. */
  readonly signal: AbortSignal;
  /** To be told as soon as the act may have happened, so that giving up can say so. */
  effect(known: Fault['effect']): void;
}

/** One thing that `strata doctor` looked at. */
export interface Diagnosis {
  readonly check:
    | 'configured'
    | 'reachable'
    | 'authenticated'
    | 'permitted'
    | 'version'
    | 'healthy';
  readonly ok: boolean;
  /** What was found, such as a version or the server's own words; without secrets. */
  readonly found: string;
  /** What to do about it; for checks that are not ok. */
  readonly advice?: string;
}
