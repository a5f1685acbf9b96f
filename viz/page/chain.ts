/** Why an entity is as it is, as lines to read. */
import type { Recording } from '../../engine/recording/recording.ts';

/** One entity's part in a chain of causes: its rows one after the other. */
export interface Link {
  readonly entity: number;
  /** Rows of this entity, latest first. */
  readonly rows: readonly number[];
}

/**
 * The rows that led to `row`, latest first, gathered into runs of one entity, so that each link is
 * an entity that hands its trouble (or its recovery) to the next.
 */
export function causeLinks(recording: Recording, row: number): Link[] {
  const links: { entity: number; rows: number[] }[] = [];
  for (const r of recording.causes(row)) {
    const { entity } = recording.row(r);
    const last = links.at(-1);
    if (last?.entity === entity) last.rows.push(r);
    else links.push({ entity, rows: [r] });
  }
  return links;
}
