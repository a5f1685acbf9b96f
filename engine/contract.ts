/**
 * The contract between the engine and what carries out a layer's verbs, simulated or real.
 *
 * It is callback-shaped: a simulator answers from its queue in virtual time, and only the adapter
 * of the real drivers knows promises. Everything that crosses it is plain data.
 */
import type { Layer } from '../model/layers.ts';

/** One request of a verb. `key` makes it idempotent: the same key twice acts once. */
export interface Action {
  readonly key: string;
  readonly layer: Layer;
  readonly kind: string;
  readonly entity: string;
  readonly verb: string;
  /** What an operation asked of the machine that requests this: several events may share a verb. */
  readonly event?: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The action is given up this many seconds after it was requested. */
  readonly deadline_s: number;
}

/** Why an action failed. Never carries a secret. */
export interface Fault {
  /** Stable code of ours, such as `LIBVIRT_WRONG_STATE`; documented in docs/reference/errors.md. */
  readonly code: string;
  /** The real system's own code, as it gave it (`55/10`, `409 conflictingRequest`, `-2`). */
  readonly upstream?: string;
  readonly message: string;
  /** What the user can do. */
  readonly advice: string;
  /** Whether the act may have happened all the same. */
  readonly effect: 'none' | 'unknown' | 'done';
  readonly retryable: boolean;
}

export type Outcome =
  | { readonly type: 'done'; readonly observation?: Observation }
  | { readonly type: 'busy'; readonly retry_after_s: number }
  | { readonly type: 'fault'; readonly fault: Fault };

/** What a world says an entity's state is now. */
export interface Observation {
  readonly kind: string;
  readonly entity: string;
  /** A state of the entity's machine, or `absent`. */
  readonly state: string;
  /** The real system's own words for it, such as `running/booted` or `1/1`. */
  readonly reason?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

export interface Backend {
  readonly name: string;
  readonly layer: Layer;
  /** Verbs it can carry out for a kind; any other verb ends in a fault `UNSUPPORTED_VERB`. */
  verbs(kind: string): readonly string[];
  /** Carries out an action and calls `reply` exactly once, never before `request` returns. */
  request(action: Action, reply: (outcome: Outcome) => void): void;
  /** Gives an action up; its reply is a fault `CANCELLED`, with the effect known so far. */
  cancel(key: string): void;
  observe(kind: string, entity: string, reply: (observation: Observation | Fault) => void): void;
  /** Everything there is, for import. */
  list(reply: (observations: readonly Observation[] | Fault) => void): void;
  /** Reports changes, also those made behind our back, until the returned function is called. */
  watch(listener: (observation: Observation) => void): () => void;
  /** Ends every action, closes sockets, timers and children, then calls `closed`. */
  close(closed: () => void): void;
}
