import { ROLE } from './format.ts';
import { Groups } from './groups.ts';
import type { RecordedRows } from './rows.ts';

/** Who depends on whom, at any time, from the `linked` and `unlinked` rows. */
export class LinkTable {
  private readonly recording: RecordedRows;
  private readonly byDependent: Groups;
  private readonly byProvider: Groups;

  constructor(recording: RecordedRows) {
    this.recording = recording;
    const { entityCount } = recording;
    this.byDependent = new Groups(entityCount, (tell) => eachLink(recording, tell));
    this.byProvider = new Groups(entityCount, (tell) =>
      eachLink(recording, (_, row, provider) => tell(provider, row)),
    );
  }

  /** Numbers of the entities that `entity` depends on, after the first `rows` rows. */
  providers(entity: number, rows: number): number[] {
    return this.present(this.byDependent.of(entity), rows, (batch, i) => batch.value[i]);
  }

  /** Numbers of the entities that depend on `entity`, after the first `rows` rows. */
  dependents(entity: number, rows: number): number[] {
    return this.present(this.byProvider.of(entity), rows, (batch, i) => batch.entity[i]);
  }

  private present(
    linkRows: Int32Array,
    rows: number,
    otherEnd: (batch: ReturnType<RecordedRows['batchOf']>, i: number) => number,
  ): number[] {
    const present = new Set<number>();
    for (const row of linkRows) {
      if (row >= rows) break;
      const batch = this.recording.batchOf(row);
      const i = row - batch.firstRow;
      const other = otherEnd(batch, i);
      if (this.recording.roles[batch.event[i]] === ROLE.linked) present.add(other);
      else present.delete(other);
    }
    return [...present];
  }
}

/** Links to entities that never existed are left out: only a damaged file has them. */
function eachLink(
  recording: RecordedRows,
  tell: (dependent: number, row: number, provider: number) => void,
): void {
  const { roles, entityCount } = recording;
  for (const { event, entity, value, length, firstRow } of recording.batches) {
    for (let i = 0; i < length; i++) {
      const role = roles[event[i]];
      if (role !== ROLE.linked && role !== ROLE.unlinked) continue;
      const provider = value[i];
      if (Number.isInteger(provider) && provider >= 0 && provider < entityCount) {
        tell(entity[i], firstRow + i, provider);
      }
    }
  }
}
