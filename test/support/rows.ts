import type { RowSink } from '../../engine/engine.ts';

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

  append(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
  ): number {
    return this.#push(time_s, uid, from, event, to, cause, Number.NaN, '');
  }

  appendWithValue(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    value: number,
  ): number {
    return this.#push(time_s, uid, from, event, to, cause, value, '');
  }

  appendWithDetail(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    detail: string,
  ): number {
    return this.#push(time_s, uid, from, event, to, cause, Number.NaN, detail);
  }

  #push(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    value: number,
    detail: string,
  ): number {
    this.list.push({ time_s, uid, from, event, to, cause, value, detail });
    return this.list.length - 1;
  }
}
