import type { RowColumns, RowSink } from '../../engine/row-sink.ts';

export interface Row {
  readonly time_s: number;
  readonly uid: number;
  readonly from: number;
  readonly event: number;
  readonly to: number;
  readonly cause: number;
  readonly value: number;
  readonly detail: string;
}

/** Keeps rows as objects: for tests that look at what was recorded. */
export class RowList implements RowSink {
  readonly list: Row[] = [];

  get rows(): number {
    return this.list.length;
  }

  append(...row: RowColumns): number {
    return this.#push(row, Number.NaN, '');
  }

  appendWithValue(
    ...[time_s, uid, from, event, to, cause, value]: [...RowColumns, number]
  ): number {
    return this.#push([time_s, uid, from, event, to, cause], value, '');
  }

  appendWithDetail(
    ...[time_s, uid, from, event, to, cause, detail]: [...RowColumns, string]
  ): number {
    return this.#push([time_s, uid, from, event, to, cause], Number.NaN, detail);
  }

  #push([time_s, uid, from, event, to, cause]: RowColumns, value: number, detail: string): number {
    this.list.push({ time_s, uid, from, event, to, cause, value, detail });
    return this.list.length - 1;
  }
}
