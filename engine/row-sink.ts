/** The columns that every row has. */
export type RowColumns = readonly [
  time_s: number,
  uid: number,
  from: number,
  event: number,
  to: number,
  cause: number,
];

/** Where rows go; `engine/recording/recorder.ts` writes them as Arrow. All calls return the row. */
export interface RowSink {
  readonly rows: number;
  append(...row: RowColumns): number;
  appendWithValue(...row: [...RowColumns, value: number]): number;
  appendWithDetail(...row: [...RowColumns, detail: string]): number;
}
