/**
 * Writes record batches as an Arrow IPC file, each handed to the sink as it is complete. The bytes
 * depend on nothing but the rows and the head.
 */
import {
  AsyncByteQueue,
  type Data,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  type Schema,
  Struct,
  Utf8,
  Vector,
} from 'apache-arrow';
import type { RecordingHead } from './format.ts';
import { recordingSchema } from './schema.ts';
import type { ByteSink } from './sink.ts';

/** The columns of one batch; only the first `rows` of each are written. */
export interface Columns {
  readonly time_s: Float64Array;
  readonly entity: Uint32Array;
  readonly from: Uint16Array;
  readonly event: Uint16Array;
  readonly to: Uint16Array;
  readonly cause: Int32Array;
  readonly value: Float64Array;
  /** One more than there are rows, from 0 upward. */
  readonly detailOffsets: Int32Array;
  /** UTF-8 bytes that the offsets point into. */
  readonly detailBytes: Uint8Array;
}

export class RecordingEncoder {
  private readonly schema: Schema;
  private readonly struct: Struct;
  private readonly states: Vector<Utf8>;
  private readonly events: Vector<Utf8>;
  private readonly output: SinkQueue;
  private readonly writer: HeadFirstWriter;

  /** Writes the head (schema and dictionaries) at once, so that even an empty run is readable. */
  constructor(head: RecordingHead, sink: ByteSink) {
    this.schema = recordingSchema(head.metadata);
    this.struct = new Struct(this.schema.fields);
    this.states = new Vector([utf8Data(head.states)]);
    this.events = new Vector([utf8Data(head.events)]);
    this.output = new SinkQueue(sink);
    this.writer = new HeadFirstWriter();
    this.writer.begin(this.output, this.schema, this.recordBatch(emptyColumns(), 0));
    this.output.drain();
  }

  /** Writes the first `rows` rows of the columns as one record batch. */
  batch(columns: Columns, rows: number): void {
    this.writer.write(this.recordBatch(columns, rows));
    this.output.drain();
  }

  /** Writes the footer and closes the sink. */
  close(): void {
    this.writer.close();
  }

  private recordBatch(c: Columns, length: number): RecordBatch {
    const [time, entity, from, event, to, cause, value, detail] = this.schema.fields;
    const flat = (type: Data['type'], data: ArrayBufferView) =>
      makeData({ type, length, nullCount: 0, data } as never) as Data;
    const named = (type: Data['type'], data: Uint16Array, dictionary: Vector<Utf8>) =>
      makeData({ type, length, nullCount: 0, data, dictionary } as never) as Data;
    const children = [
      flat(time.type, c.time_s.subarray(0, length)),
      flat(entity.type, c.entity.subarray(0, length)),
      named(from.type, c.from.subarray(0, length), this.states),
      named(event.type, c.event.subarray(0, length), this.events),
      named(to.type, c.to.subarray(0, length), this.states),
      flat(cause.type, c.cause.subarray(0, length)),
      flat(value.type, c.value.subarray(0, length)),
      makeData({
        type: detail.type as Utf8,
        length,
        nullCount: 0,
        valueOffsets: c.detailOffsets.subarray(0, length + 1),
        data: c.detailBytes,
      }),
    ];
    return new RecordBatch(
      this.schema,
      makeData({ type: this.struct, length, nullCount: 0, children }),
    );
  }
}

function emptyColumns(): Columns {
  return {
    time_s: new Float64Array(0),
    entity: new Uint32Array(0),
    from: new Uint16Array(0),
    event: new Uint16Array(0),
    to: new Uint16Array(0),
    cause: new Int32Array(0),
    value: new Float64Array(0),
    detailOffsets: new Int32Array(1),
    detailBytes: new Uint8Array(0),
  };
}

function utf8Data(names: readonly string[]): Data<Utf8> {
  const encoded = names.map((name) => new TextEncoder().encode(name));
  const valueOffsets = new Int32Array(names.length + 1);
  encoded.forEach((bytes, i) => {
    valueOffsets[i + 1] = valueOffsets[i] + bytes.length;
  });
  const data = new Uint8Array(valueOffsets[names.length]);
  encoded.forEach((bytes, i) => {
    data.set(bytes, valueOffsets[i]);
  });
  return makeData({ type: new Utf8(), length: names.length, nullCount: 0, valueOffsets, data });
}

/**
 * Arrow's file writer leaves the schema to the footer; a file that lost its footer in a crash would
 * then be unreadable. The file format allows the schema after the magic as in a stream, as the C++
 * and Rust writers do, and so does this one, with the dictionaries right behind it.
 */
class HeadFirstWriter extends RecordBatchFileWriter {
  begin(output: SinkQueue, schema: Schema, empty: RecordBatch): void {
    this.reset(output, schema);
    this._writeDictionaries(empty);
  }

  protected override _writeSchema(schema: Schema): this {
    return this._writeMagic()._writePadding(2)._writeMessage(Message.from(schema));
  }
}

const STAGE_BYTES = 65_536;
const SMALL_BYTES = 4_096;

/**
 * Stands in for the writer's queue, which would keep the whole run in memory. Small pieces (message
 * heads, padding) are gathered, so that a batch takes a few writes instead of some thirty.
 */
class SinkQueue extends AsyncByteQueue<Uint8Array> {
  private readonly sink: ByteSink;
  private readonly stage = new Uint8Array(STAGE_BYTES);
  private staged = 0;

  constructor(sink: ByteSink) {
    super();
    this.sink = sink;
  }

  override write(piece: Uint8Array | ArrayBufferLike): void {
    const bytes = piece instanceof Uint8Array ? piece : new Uint8Array(piece);
    if (bytes.length > SMALL_BYTES) {
      this.drain();
      this.sink.write(bytes);
      return;
    }
    if (this.staged + bytes.length > STAGE_BYTES) this.drain();
    this.stage.set(bytes, this.staged);
    this.staged += bytes.length;
  }

  drain(): void {
    if (this.staged === 0) return;
    this.sink.write(this.stage.subarray(0, this.staged));
    this.staged = 0;
  }

  override close(): void {
    this.drain();
    this.sink.close();
  }
}
