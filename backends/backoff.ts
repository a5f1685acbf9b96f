/** How long to wait between attempts. */
export interface BackoffPlan {
  readonly first_s: number;
  readonly max_s: number;
}

/**
 * The wait before attempt number `attempt` (0 is the first wait): doubling up to a maximum, with
 * half of it drawn at random, so that many clients of one server do not come back as one.
 */
export function backoff_s(plan: BackoffPlan, attempt: number, random: () => number): number {
  const full_s = Math.min(plan.max_s, plan.first_s * 2 ** Math.min(attempt, 30));
  return full_s / 2 + (random() * full_s) / 2;
}
