import { type Columns, RecordingEncoder } from './encode.ts';
import { recordingError } from './errors.ts';
import {
  BATCH_ROWS,
  kindOfState,
  MAX_NAMES,
  MAX_ROWS,
  type RecordingHead,
  SPECIAL_EVENTS,
} from './format.ts';
import type { ByteSink } from './sink.ts';

/** A keyframe is due after this many rows, or ten times the live entities if that is more. */
const KEYFRAME_ROWS = 1_000_000;
const KEYFRAME_ROWS_PER_ENTITY = 10;

/** A batch with this many bytes of details is written early; offsets are 32-bit. */
const DETAIL_BYTES_MAX = 64 * 1024 * 1024;

/** The bit pattern of "no value": other NaNs would make equal runs differ in their bytes. */
const NAN_BITS = 0x7ff8000000000000n;

/** Adds one live entity to a keyframe: its state now and the row of its last transition. */
export type AddToKeyframe = (entity: number, state: number, cause: number) => void;

/**
 * Appends rows to columns in place and hands every full batch to the encoder. `append` allocates
 * nothing. With `sink` null rows are counted and forgotten.
 *
 * Ids of states and events are indexes into the head's `states` and `events`; entity numbers are
 * given from 0 upward; times never decrease. Breaking these is found out when a batch is written
 * (times) or read (ids), not on the hot path.
 */
export class Recorder {
  private readonly encoder: RecordingEncoder | null;
  private readonly time_s = new Float64Array(BATCH_ROWS);
  private readonly entity = new Uint32Array(BATCH_ROWS);
  private readonly from = new Uint16Array(BATCH_ROWS);
  private readonly event = new Uint16Array(BATCH_ROWS);
  private readonly to = new Uint16Array(BATCH_ROWS);
  private readonly cause = new Int32Array(BATCH_ROWS);
  /** All NaN but where a row of this batch has a value. */
  private readonly value = new Float64Array(BATCH_ROWS);
  /** All 0 but while a batch with details is written. */
  private readonly detailOffsets = new Int32Array(BATCH_ROWS + 1);
  private detailBytes = new Uint8Array(4_096);
  private detailUsed_bytes = 0;
  private readonly detailRows: number[] = [];
  private readonly detailEnds: number[] = [];
  private readonly text = new TextEncoder();
  /** Rows in the batch under way, and rows written before it. */
  private at = 0;
  private written = 0;
  private hasValues = false;
  private lastTime_s = Number.NEGATIVE_INFINITY;
  private closed = false;
  private readonly keyframeEvent: number;
  private keyframeTime_s = 0;
  private rowsAtKeyframe = 0;

  constructor(head: RecordingHead, sink: ByteSink | null) {
    checkHead(head);
    this.keyframeEvent = head.events.indexOf('keyframe');
    this.encoder = sink === null ? null : new RecordingEncoder(head, sink);
    this.clearValues();
  }

  /** Rows recorded so far, keyframe rows included; also the index of the next row. */
  get rows(): number {
    return this.written + this.at;
  }

  /** Records a row and returns its index. `cause` is the index of the row that led to it, or -1. */
  append(
    time_s: number,
    entity: number,
    from: number,
    event: number,
    to: number,
    cause: number,
  ): number {
    const at = this.at;
    this.time_s[at] = time_s;
    this.entity[at] = entity;
    this.from[at] = from;
    this.event[at] = event;
    this.to[at] = to;
    this.cause[at] = cause;
    this.at = at + 1;
    const row = this.written + at;
    if (at + 1 === BATCH_ROWS) this.flush();
    return row;
  }

  /** As `append`, with a metric's sample or a link's provider. */
  appendWithValue(
    time_s: number,
    entity: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    value: number,
  ): number {
    if (!Number.isNaN(value)) {
      this.value[this.at] = value;
      this.hasValues = true;
    }
    return this.append(time_s, entity, from, event, to, cause);
  }

  /** As `append`, with the name of an entity in its creation row, or a message. */
  appendWithDetail(
    time_s: number,
    entity: number,
    from: number,
    event: number,
    to: number,
    cause: number,
    detail: string,
  ): number {
    if (detail !== '' && this.encoder !== null) this.stageDetail(detail);
    const row = this.append(time_s, entity, from, event, to, cause);
    if (this.detailUsed_bytes > DETAIL_BYTES_MAX) this.flush();
    return row;
  }

  /** Whether enough was recorded since the last keyframe to write another one. */
  keyframeDue(liveEntities: number): boolean {
    const due = Math.max(KEYFRAME_ROWS, KEYFRAME_ROWS_PER_ENTITY * liveEntities);
    return this.rows - this.rowsAtKeyframe >= due;
  }

  /**
   * Writes a snapshot: `fill` calls `add` once for every live entity, in an order that equal runs
   * share (readers rely on none). The rows get batches of their own.
   */
  keyframe(time_s: number, fill: (add: AddToKeyframe) => void): void {
    this.flush();
    this.keyframeTime_s = time_s;
    fill(this.addToKeyframe);
    this.flush();
    this.rowsAtKeyframe = this.rows;
  }

  private readonly addToKeyframe: AddToKeyframe = (entity, state, cause) => {
    this.append(this.keyframeTime_s, entity, state, this.keyframeEvent, state, cause);
  };

  /** Writes the rows held back, as a short batch; a live run calls this now and then. */
  flush(): void {
    const rows = this.at;
    if (rows === 0) return;
    if (this.encoder !== null) {
      this.checkBatch(rows);
      this.spreadDetails(rows);
      this.encoder.batch(this.columns(), rows);
    }
    this.written += rows;
    this.at = 0;
    if (this.hasValues) this.clearValues();
    if (this.detailRows.length > 0) this.clearDetails();
  }

  /** Writes what is held back and the footer, and closes the sink. Twice is once. */
  close(): void {
    this.flush();
    if (this.closed) return;
    this.encoder?.close();
    this.closed = true;
  }

  private columns(): Columns {
    const { time_s, entity, from, event, to, cause, value, detailOffsets } = this;
    const detailBytes = this.detailBytes.subarray(0, this.detailUsed_bytes);
    return { time_s, entity, from, event, to, cause, value, detailOffsets, detailBytes };
  }

  private checkBatch(rows: number): void {
    if (this.closed) {
      throw recordingError(
        'RECORDING_CLOSED',
        `row ${this.written} was recorded after close()`,
        'record before closing',
      );
    }
    if (this.written + rows > MAX_ROWS) {
      throw recordingError(
        'RECORDING_FULL',
        `the recording would exceed ${MAX_ROWS} rows`,
        'run for a shorter time, record less, or turn the recording off',
      );
    }
    let last = this.lastTime_s;
    for (let i = 0; i < rows; i++) {
      const time_s = this.time_s[i];
      if (!(time_s >= last)) {
        throw recordingError(
          'RECORDING_TIME_ORDER',
          `row ${this.written + i} is at ${time_s} s, after a row at ${last} s`,
          'record rows in the order of their times',
        );
      }
      last = time_s;
    }
    this.lastTime_s = last;
  }

  private stageDetail(detail: string): void {
    const needed_bytes = this.detailUsed_bytes + 3 * detail.length;
    if (needed_bytes > this.detailBytes.length) {
      const grown = new Uint8Array(2 * needed_bytes);
      grown.set(this.detailBytes.subarray(0, this.detailUsed_bytes));
      this.detailBytes = grown;
    }
    this.detailUsed_bytes += this.encodeAscii(detail) ?? this.encodeText(detail);
    this.detailRows.push(this.at);
    this.detailEnds.push(this.detailUsed_bytes);
  }

  /** Names are nearly always ASCII and short: a loop is faster than a call of the encoder. */
  private encodeAscii(detail: string): number | undefined {
    const bytes = this.detailBytes;
    const start = this.detailUsed_bytes;
    for (let i = 0; i < detail.length; i++) {
      const code = detail.charCodeAt(i);
      if (code > 0x7f) return undefined;
      bytes[start + i] = code;
    }
    return detail.length;
  }

  private encodeText(detail: string): number {
    const free = this.detailBytes.subarray(this.detailUsed_bytes);
    return this.text.encodeInto(detail, free).written;
  }

  /** Turns the ends of the few details into an offset for every row. */
  private spreadDetails(rows: number): void {
    const last = this.detailRows.length - 1;
    for (let i = 0; i <= last; i++) {
      const until = i === last ? rows : this.detailRows[i + 1];
      this.detailOffsets.fill(this.detailEnds[i], this.detailRows[i] + 1, until + 1);
    }
  }

  private clearDetails(): void {
    this.detailOffsets.fill(0);
    this.detailRows.length = 0;
    this.detailEnds.length = 0;
    this.detailUsed_bytes = 0;
  }

  private clearValues(): void {
    new BigUint64Array(this.value.buffer).fill(NAN_BITS);
    this.hasValues = false;
  }
}

function checkHead({ states, events, metadata }: RecordingHead): void {
  const fail = (message: string, advice: string) =>
    recordingError('RECORDING_DICTIONARY', message, advice);
  for (const [what, names] of [
    ['states', states],
    ['events', events],
  ] as const) {
    if (names.length > MAX_NAMES) {
      throw fail(`${names.length} ${what}`, `a recording can name at most ${MAX_NAMES}`);
    }
    if (new Set(names).size !== names.length) {
      throw fail(`two ${what} have the same name`, 'names are global and unique');
    }
  }
  for (const event of SPECIAL_EVENTS) {
    if (!events.includes(event)) throw fail(`no event \`${event}\``, 'add all of SPECIAL_EVENTS');
  }
  const kinds = new Set(metadata.model.kinds.map(({ kind }) => kind));
  for (const state of states) {
    if (!kinds.has(kindOfState(state)) || metadata.model.states[state] === undefined) {
      throw fail(`the model does not describe the state \`${state}\``, 'add it and its kind');
    }
  }
}
