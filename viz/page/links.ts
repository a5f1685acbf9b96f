/** What an entity reaches through its links, up or down the strata. */

export interface Edge {
  readonly from: number;
  readonly to: number;
  /** Hops from the entity asked for, from 1. */
  readonly depth: number;
}

export interface Reach {
  readonly edges: readonly Edge[];
  /** Every entity reached, without the one asked for, nearest first. */
  readonly entities: ReadonlySet<number>;
  /** Whether there was more than the limit. */
  readonly cut: boolean;
}

/**
 * Everything reached from `e` by `next` (its providers, or its dependents), nearest first, with one
 * edge per link, at most `limit` entities.
 */
export function reach(
  e: number,
  limit: number,
  next: (entity: number) => readonly number[],
): Reach {
  const edges: Edge[] = [];
  const entities = new Set<number>();
  let frontier = [e];
  for (let depth = 1; frontier.length > 0; depth++) {
    const found: number[] = [];
    for (const from of frontier) {
      for (const to of next(from)) {
        if (to === e) continue;
        const known = entities.has(to);
        if (!known && entities.size >= limit) return { edges, entities, cut: true };
        edges.push({ from, to, depth });
        if (known) continue;
        entities.add(to);
        found.push(to);
      }
    }
    frontier = found;
  }
  return { edges, entities, cut: false };
}
