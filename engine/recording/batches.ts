/** Takes an Arrow file, whole or cut off, apart into typed arrays. Nothing is copied but names. */
import type { Columns } from './encode.ts';
import { recordingError } from './errors.ts';
import { DamagedError } from './flatbuffer.ts';
import { COLUMNS } from './format.ts';
import { type BatchInfo, type Message, readMessages, type SchemaInfo } from './messages.ts';
import { TEXT } from './text.ts';

/** One record batch: columns over its rows, and where they are in the recording. */
export interface RecordingBatch extends Columns {
  readonly firstRow: number;
  readonly length: number;
}

export interface RawRecording {
  readonly metadata: ReadonlyMap<string, string>;
  readonly states: readonly string[];
  readonly events: readonly string[];
  readonly batches: readonly RecordingBatch[];
  /** The file does not end as a complete one does: rows at the end may be missing. */
  readonly truncated: boolean;
}

const MAGIC = [...'ARROW1'].map((letter) => letter.charCodeAt(0));
/** Bytes before the first message: the magic, padded. */
const HEAD_BYTES = 8;

/** Buffers of a batch: validity and data of seven columns, then validity, offsets, data of one. */
const BUFFERS = 17;

/**
 * Reads message by message up to the end mark or the first message that is incomplete. The footer
 * only repeats what the messages say; it shows that the file is whole.
 */
export function readBatches(bytes: Uint8Array): RawRecording {
  if (!hasMagic(bytes, 0)) throw notArrow(bytes);
  const reading = new Reading(bytes);
  let truncated = true;
  try {
    const messages = readMessages(bytes, HEAD_BYTES);
    let next = messages.next();
    for (; !next.done; next = messages.next()) reading.take(next.value);
    truncated = !(bytes.length > next.value && hasMagic(bytes, bytes.length - MAGIC.length));
  } catch (error) {
    if (!(error instanceof DamagedError) && !(error instanceof RangeError)) throw error;
  }
  return reading.finish(truncated);
}

function hasMagic(bytes: Uint8Array, at: number): boolean {
  return at >= 0 && MAGIC.every((code, i) => bytes[at + i] === code);
}

function notArrow(bytes: Uint8Array): Error {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  const found =
    bytes.length === 0 ? 'it is empty' : start === 'PAR1' ? 'it is Parquet' : 'this does not';
  return recordingError(
    'RECORDING_NOT_ARROW',
    `expected an Arrow IPC file, which starts with ARROW1; ${found}`,
    'give a file written by `strata run --out FILE.arrow`',
  );
}

export function wrongSchema(message: string): Error {
  return recordingError(
    'RECORDING_WRONG_SCHEMA',
    message,
    'give a file written by `strata run --out FILE.arrow`',
  );
}

class Reading {
  private readonly bytes: Uint8Array;
  private schema: SchemaInfo | undefined;
  private readonly dictionaries = new Map<number, readonly string[]>();
  private readonly batches: RecordingBatch[] = [];
  private rows = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(message: Message): void {
    if (message.type !== 'schema' && this.schema === undefined) {
      throw wrongSchema('the file does not start with its schema, as recordings do');
    }
    switch (message.type) {
      case 'schema':
        checkFields(message.schema);
        this.schema = message.schema;
        return;
      case 'dictionary':
        this.dictionaries.set(message.id, this.names(message.names));
        return;
      case 'batch':
        this.addBatch(message.batch);
        return;
    }
  }

  finish(truncated: boolean): RawRecording {
    const { schema, dictionaries, batches } = this;
    const names = (column: number) =>
      dictionaries.get(schema?.fields[column].dictionary ?? Number.NaN);
    const [from, event, to] = [names(2), names(3), names(4)];
    if (!schema || !from || !event || !to) {
      throw recordingError(
        'RECORDING_HEAD_TRUNCATED',
        `the file (${this.bytes.length} bytes) breaks off within its schema or dictionaries`,
        'the run ended before anything was recorded; run it again',
      );
    }
    if (from.length !== to.length || from.some((name, i) => name !== to[i])) {
      throw wrongSchema('the columns `from` and `to` have different dictionaries');
    }
    return { metadata: schema.metadata, states: from, events: event, batches, truncated };
  }

  private names({ length, buffers }: BatchInfo): string[] {
    const [, , offsetsAt, offsets_bytes, textAt, text_bytes] = buffers;
    const offsets = this.column(Int32Array, offsetsAt, offsets_bytes, length + 1);
    const text = this.column(Uint8Array, textAt, text_bytes, text_bytes);
    return Array.from({ length }, (_, i) => TEXT.decode(text.subarray(offsets[i], offsets[i + 1])));
  }

  private addBatch({ length, compressed, buffers }: BatchInfo): void {
    if (compressed) throw wrongSchema('the batches are compressed; recordings are not');
    if (buffers.length !== 2 * BUFFERS) throw new DamagedError('a column is missing');
    if (length === 0) return;
    const data = <T extends Numbers>(type: NumbersType<T>, buffer: number, elements: number) =>
      this.column(type, buffers[2 * buffer], buffers[2 * buffer + 1], elements);
    const detailBytes_length = buffers[2 * BUFFERS - 1];
    this.batches.push({
      firstRow: this.rows,
      length,
      time_s: data(Float64Array, 1, length),
      entity: data(Uint32Array, 3, length),
      from: data(Uint16Array, 5, length),
      event: data(Uint16Array, 7, length),
      to: data(Uint16Array, 9, length),
      cause: data(Int32Array, 11, length),
      value: data(Float64Array, 13, length),
      detailOffsets: data(Int32Array, 15, length + 1),
      detailBytes: data(Uint8Array, 16, detailBytes_length),
    });
    this.rows += length;
  }

  /** A view of a buffer, or a copy where the file's bytes are not aligned for one. */
  private column<T extends Numbers>(
    type: NumbersType<T>,
    at: number,
    length_bytes: number,
    elements: number,
  ): T {
    const needed_bytes = elements * type.BYTES_PER_ELEMENT;
    if (!(needed_bytes <= length_bytes)) throw new DamagedError('a column is too short');
    const { buffer, byteOffset } = this.bytes;
    const start = byteOffset + at;
    if (start % type.BYTES_PER_ELEMENT === 0) return new type(buffer, start, elements);
    return new type(this.bytes.slice(at, at + needed_bytes).buffer, 0, elements);
  }
}

type Numbers = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

interface NumbersType<T extends Numbers> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

function checkFields({ fields }: SchemaInfo): void {
  COLUMNS.forEach(([name, type], i) => {
    const found = fields[i];
    if (found?.name === name && found.type === type) return;
    const is = found === undefined ? 'missing' : `\`${found.name}\` of type ${found.type}`;
    throw wrongSchema(`column ${i + 1} is ${is}; expected \`${name}\` of type ${type}`);
  });
}
