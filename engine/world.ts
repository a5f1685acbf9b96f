/**
 * What carries out verbs. It answers with `engine.complete`, never before `request` returns, or with
 * `engine.completeIn`.
 */
export interface World {
  /** An entity exists now; called before its machine asks for anything. */
  created(entity: number): void;
  /** `token` identifies the request; it is also the row that caused it. */
  request(entity: number, verb: number, token: number): void;
  /** The request is no longer wanted; an answer given by `completeIn` is forgotten already. */
  cancel(entity: number, token: number): void;
  /** The length in seconds of a named timeout of this entity. */
  delay_s(entity: number, delay: number): number;
}
