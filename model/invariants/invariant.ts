import type { StackView } from './view.ts';

/** Looks at one entity: undefined when the invariant holds, else what is wrong, in one line. */
export type Check = (entity: number) => string | undefined;

/**
 * Something that is true of the whole stack at every instant (after everything that happens at
 * that instant has happened), whatever fails.
 */
export interface Invariant {
  /** Stable name, as reports and replay tokens call it. */
  readonly name: string;
  /** One sentence for people. */
  readonly describes: string;
  /** The kind whose entities are looked at. */
  readonly kind: string;
  /** Kinds whose transitions can break it for a linked entity of `kind`; itself is implied. */
  readonly alsoAfter?: readonly string[];
  /** Looks names up once and returns the check. */
  prepare(view: StackView): Check;
}
