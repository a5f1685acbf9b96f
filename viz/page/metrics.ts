/** Samples of an entity's metrics, from the `metric:` rows. */
import { METRIC_PREFIX, ROLE } from '../../engine/recording/format.ts';
import { Groups } from '../../engine/recording/groups.ts';
import type { Recording } from '../../engine/recording/recording.ts';

export interface Series {
  /** `power_w`: the name ends in its unit. */
  readonly name: string;
  readonly time_s: readonly number[];
  readonly value: readonly number[];
}

/** Rows of samples by entity. Walks the whole recording: make it once. */
export function metricIndex({ batches, roles, entityCount }: Recording): Groups {
  return new Groups(entityCount, (tell) => {
    for (const { event, entity, length, firstRow } of batches) {
      for (let i = 0; i < length; i++) {
        if (roles[event[i]] === ROLE.metric) tell(entity[i], firstRow + i);
      }
    }
  });
}

/** The metrics of one entity, in the order in which they first appear. */
export function seriesOf(recording: Recording, index: Groups, entity: number): Series[] {
  const byName = new Map<string, { name: string; time_s: number[]; value: number[] }>();
  for (const r of index.of(entity)) {
    const { event, time_s, value } = recording.row(r);
    const name = event.slice(METRIC_PREFIX.length);
    const series = byName.get(name) ?? { name, time_s: [], value: [] };
    byName.set(name, series);
    series.time_s.push(time_s);
    series.value.push(value);
  }
  return [...byName.values()];
}
