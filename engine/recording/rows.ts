/** What a recording holds, row after row, and where to find a row in it. */
import type { RecordingBatch } from './batches.ts';
import { recordingError } from './errors.ts';
import type { RecordingMetadata, StateClass } from './format.ts';
import { TEXT } from './text.ts';

export interface StateInfo {
  readonly id: number;
  /** `kind/state`. */
  readonly name: string;
  readonly kind: string;
  /** The part after the kind. */
  readonly state: string;
  readonly layer: string;
  readonly class: StateClass;
  readonly serving: boolean;
}

/** One row with names in place of ids, for reports; loops use the columns of `batches`. */
export interface Row {
  readonly row: number;
  readonly time_s: number;
  readonly entity: number;
  readonly from: string;
  readonly event: string;
  readonly to: string;
  readonly cause: number;
  readonly value: number;
  readonly detail: string;
}

export interface RecordingParts {
  readonly metadata: RecordingMetadata;
  readonly states: readonly StateInfo[];
  readonly events: readonly string[];
  /** ROLE by event id. */
  readonly roles: Uint8Array;
  readonly batches: readonly RecordingBatch[];
  readonly rows: number;
  readonly entityCount: number;
  readonly truncated: boolean;
}

export class RecordedRows implements RecordingParts {
  readonly metadata: RecordingMetadata;
  readonly states: readonly StateInfo[];
  readonly events: readonly string[];
  readonly roles: Uint8Array;
  readonly batches: readonly RecordingBatch[];
  readonly rows: number;
  /** One more than the highest entity number. */
  readonly entityCount: number;
  readonly truncated: boolean;

  constructor(parts: RecordingParts) {
    this.metadata = parts.metadata;
    this.states = parts.states;
    this.events = parts.events;
    this.roles = parts.roles;
    this.batches = parts.batches;
    this.rows = parts.rows;
    this.entityCount = parts.entityCount;
    this.truncated = parts.truncated;
  }

  /** Time of the first row, 0 without rows. */
  get start_s(): number {
    return this.batches[0]?.time_s[0] ?? 0;
  }

  /** Time of the last row, 0 without rows. */
  get end_s(): number {
    const last = this.batches.at(-1);
    return last === undefined ? 0 : last.time_s[last.length - 1];
  }

  /** The batch that holds a row; its place there is `row - batch.firstRow`. */
  batchOf(row: number): RecordingBatch {
    if (!Number.isInteger(row) || row < 0 || row >= this.rows) {
      throw recordingError(
        'RECORDING_ROW_RANGE',
        `there is no row ${row} in a recording of ${this.rows} rows`,
        'rows are counted from 0',
      );
    }
    let low = 0;
    let high = this.batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.batches[middle].firstRow <= row) low = middle;
      else high = middle - 1;
    }
    return this.batches[low];
  }

  /** Calls `visit` with the batches of rows `first` up to `end` and the range within each. */
  eachBatch(
    first: number,
    end: number,
    visit: (batch: RecordingBatch, begin: number, end: number) => void,
  ): void {
    if (first >= end) return;
    for (let b = this.batches.indexOf(this.batchOf(first)); b < this.batches.length; b++) {
      const batch = this.batches[b];
      if (batch.firstRow >= end) return;
      const begin = Math.max(0, first - batch.firstRow);
      visit(batch, begin, Math.min(batch.length, end - batch.firstRow));
    }
  }

  row(row: number): Row {
    const batch = this.batchOf(row);
    const i = row - batch.firstRow;
    return {
      row,
      time_s: batch.time_s[i],
      entity: batch.entity[i],
      from: this.states[batch.from[i]].name,
      event: this.events[batch.event[i]],
      to: this.states[batch.to[i]].name,
      cause: batch.cause[i],
      value: batch.value[i],
      detail: this.detail(row),
    };
  }

  /** The text of a row: an entity's name in its creation row, a message, or empty. */
  detail(row: number): string {
    const { detailOffsets, detailBytes, firstRow } = this.batchOf(row);
    const i = row - firstRow;
    return TEXT.decode(detailBytes.subarray(detailOffsets[i], detailOffsets[i + 1]));
  }

  /** Number of rows up to and including `time_s`. */
  rowsUntil(time_s: number): number {
    let low = 0;
    let high = this.batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.batches[middle].time_s[0] <= time_s) low = middle + 1;
      else high = middle;
    }
    const batch = this.batches[low - 1];
    if (batch === undefined) return 0;
    let first = 0;
    let end = batch.length;
    while (first < end) {
      const middle = (first + end) >>> 1;
      if (batch.time_s[middle] <= time_s) first = middle + 1;
      else end = middle;
    }
    return batch.firstRow + first;
  }
}
