/** What chance decides about a packet: the backend of a load balancer, the route of several alike. */

/** Takes one of several. */
export type Pick = <T>(options: readonly T[]) => T;

/**
 * Every result of what picks, in the order of the options: it is run again and again, each time with
 * the next of the combinations of picks that it may make.
 */
export function everyOutcome<T>(run: (pick: Pick) => T): readonly T[] {
  const outcomes: T[] = [];
  /** The option of each pick, in the order of picks. */
  const taken: number[] = [];
  do {
    const counts: number[] = [];
    const pick: Pick = (options) => {
      const at = counts.push(options.length) - 1;
      taken[at] ??= 0;
      return options[taken[at]];
    };
    outcomes.push(run(pick));
    while (taken.length > 0 && taken[taken.length - 1] + 1 >= counts[taken.length - 1]) taken.pop();
    if (taken.length > 0) taken[taken.length - 1]++;
  } while (taken.length > 0);
  return outcomes;
}
