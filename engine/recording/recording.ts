import { EntityTable } from './entities.ts';
import { ROLE, reasonOf } from './format.ts';
import { Groups } from './groups.ts';
import { LinkTable } from './links.ts';
import { RecordedRows, type RecordingParts } from './rows.ts';
import { findKeyframes, type Keyframe, type Snapshot, snapshotAt } from './snapshots.ts';

/** An open recording. Made by `openRecording`; indexes are built when first asked for. */
export class Recording extends RecordedRows {
  readonly keyframes: readonly Keyframe[];
  private entityTable: EntityTable | undefined;
  private linkTable: LinkTable | undefined;
  private childRows: Groups | undefined;
  private transitionRows: Groups | undefined;

  constructor(parts: RecordingParts) {
    super(parts);
    this.keyframes = findKeyframes(this);
  }

  get entities(): EntityTable {
    this.entityTable ??= new EntityTable(this);
    return this.entityTable;
  }

  get links(): LinkTable {
    this.linkTable ??= new LinkTable(this);
    return this.linkTable;
  }

  /** Why a row happened: its own message, or else the model's reason for such a transition. */
  reason(row: number): string {
    const { event, from, detail } = this.row(row);
    if (detail !== '' && event !== 'created') return detail;
    return reasonOf(this.metadata.model, event, from);
  }

  /** The state of everything at `time_s`; see `snapshotAt`. */
  stateAt(time_s: number, reuse?: Snapshot): Snapshot {
    return snapshotAt(this, this.keyframes, time_s, reuse);
  }

  /** The row, the row that led to it, and so on; the last one is the root cause. */
  causes(row: number): number[] {
    const chain: number[] = [];
    for (let at = row; at >= 0; ) {
      chain.push(at);
      const batch = this.batchOf(at);
      at = batch.cause[at - batch.firstRow];
    }
    return chain;
  }

  /** Rows that this row led to directly, in order; keyframe rows repeat causes and do not count. */
  children(row: number): Int32Array {
    this.childRows ??= new Groups(this.rows, (tell) => {
      for (const { cause, event, length, firstRow } of this.batches) {
        for (let i = 0; i < length; i++) {
          if (cause[i] >= 0 && this.roles[event[i]] !== ROLE.keyframe) tell(cause[i], firstRow + i);
        }
      }
    });
    return this.childRows.of(row);
  }

  /** Rows in which the entity was created, changed its state or was removed, in order. */
  history(entity: number): Int32Array {
    this.transitionRows ??= new Groups(this.entityCount, (tell) => {
      for (const { entity: entities, event, length, firstRow } of this.batches) {
        for (let i = 0; i < length; i++) {
          if (this.roles[event[i]] <= ROLE.removed) tell(entities[i], firstRow + i);
        }
      }
    });
    return this.transitionRows.of(entity);
  }
}
