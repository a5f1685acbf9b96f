/** How long things take, as a scenario says it. */

/** Distributions that replace those of a built-in profile, by `kind.verb` or `kind.delay`. */
export interface ProfileOverlay {
  readonly extends: string;
  readonly timings: Readonly<Record<string, Distribution>>;
  /** Probability that a verb ends in a fault, by `kind.verb`. */
  readonly fault_ratio: Readonly<Record<string, number>>;
}

/** A distribution of seconds (or of a plain number where the context says so). */
export type Distribution =
  | { readonly type: 'constant'; readonly value: number }
  | { readonly type: 'uniform'; readonly min: number; readonly max: number }
  | { readonly type: 'exponential'; readonly mean: number }
  /** `median` = exp(mu); `sigma` = standard deviation of the logarithm. */
  | { readonly type: 'lognormal'; readonly median: number; readonly sigma: number }
  | { readonly type: 'weibull'; readonly scale: number; readonly shape: number }
  | { readonly type: 'gamma'; readonly shape: number; readonly scale: number }
  /** Inverse-CDF sampling over sorted observations, linear between them. */
  | { readonly type: 'empirical'; readonly values: readonly number[] };
