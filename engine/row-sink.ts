/** Where rows go; `engine/recording/recorder.ts` writes them as Arrow. All calls return the row. */
export interface RowSink {
  readonly rows: number;
  append(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
  ): number;
  appendWithValue(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    value: number,
  ): number;
  appendWithDetail(
    time_s: number,
    uid: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    detail: string,
  ): number;
}
