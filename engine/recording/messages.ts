/** The messages of an Arrow stream: schema, dictionaries, record batches. Source: Schema.fbs and
 * Message.fbs of the Arrow columnar format, version 5. */
import { DamagedError, Table } from './flatbuffer.ts';

export interface FieldInfo {
  readonly name: string;
  /** As Arrow prints it: `Float64`, `Dictionary<Uint16, Utf8>`. */
  readonly type: string;
  readonly dictionary?: number;
}

export interface SchemaInfo {
  readonly fields: readonly FieldInfo[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Rows, and where each buffer of the columns is in the file. */
export interface BatchInfo {
  readonly length: number;
  readonly compressed: boolean;
  /** Offset and length in bytes, by turns; offsets count from the start of the stream. */
  readonly buffers: readonly number[];
}

export type Message =
  | { readonly type: 'schema'; readonly schema: SchemaInfo }
  | { readonly type: 'dictionary'; readonly id: number; readonly names: BatchInfo }
  | { readonly type: 'batch'; readonly batch: BatchInfo };

const CONTINUATION = 0xffffffff;
const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const;
const TYPE = { int: 2, float: 3, utf8: 5 } as const;

/**
 * Walks over the messages from `start` on. Ends at the end-of-stream mark and returns the position
 * behind it; throws DamagedError or RangeError where the bytes stop making sense.
 */
export function* readMessages(bytes: Uint8Array, start: number): Generator<Message, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = start; ; ) {
    if (view.getUint32(at, true) !== CONTINUATION) throw new DamagedError('no message starts here');
    const head_bytes = view.getUint32(at + 4, true);
    at += 8;
    if (head_bytes === 0) return at;
    if (at + head_bytes > bytes.length) throw new DamagedError('the message breaks off');
    const head = new DataView(bytes.buffer, bytes.byteOffset + at, head_bytes);
    const body = at + head_bytes;
    const message = Table.root(head);
    const body_bytes = message.int64(3);
    if (body + body_bytes > bytes.length) throw new DamagedError('the body breaks off');
    yield decode(message, body, body_bytes);
    at = body + body_bytes;
  }
}

function decode(message: Table, body: number, body_bytes: number): Message {
  const header = message.table(2);
  if (header === undefined) throw new DamagedError('the message has no header');
  switch (message.uint8(1)) {
    case HEADER.schema:
      return { type: 'schema', schema: decodeSchema(header) };
    case HEADER.dictionary: {
      const data = header.table(1);
      if (data === undefined) throw new DamagedError('the dictionary is empty');
      return {
        type: 'dictionary',
        id: header.int64(0),
        names: decodeBatch(data, body, body_bytes),
      };
    }
    case HEADER.batch:
      return { type: 'batch', batch: decodeBatch(header, body, body_bytes) };
    default:
      throw new DamagedError('a message of an unknown type');
  }
}

function decodeSchema(schema: Table): SchemaInfo {
  const entries = schema.tables(2).map((pair) => [pair.text(0), pair.text(1)] as const);
  return { fields: schema.tables(1).map(decodeField), metadata: new Map(entries) };
}

function decodeField(field: Table): FieldInfo {
  const name = field.text(0);
  const type = typeName(field.uint8(2), field.table(3));
  const encoding = field.table(4);
  if (encoding === undefined) return { name, type };
  const index = typeName(TYPE.int, encoding.table(1));
  return { name, type: `Dictionary<${index}, ${type}>`, dictionary: encoding.int64(0) };
}

function typeName(type: number, details: Table | undefined): string {
  switch (type) {
    case TYPE.int:
      return `${details?.uint8(1) === 1 ? 'Int' : 'Uint'}${details?.int32(0)}`;
    case TYPE.float:
      return `Float${16 << (details?.int16(0) ?? 0)}`;
    case TYPE.utf8:
      return 'Utf8';
    default:
      return `Arrow type ${type}`;
  }
}

function decodeBatch(batch: Table, body: number, body_bytes: number): BatchInfo {
  const buffers = batch.int64Pairs(2);
  for (let i = 0; i < buffers.length; i += 2) {
    if (buffers[i] + buffers[i + 1] > body_bytes) throw new DamagedError('a buffer breaks off');
    buffers[i] += body;
  }
  const nulls = batch.int64Pairs(1).some((count, i) => i % 2 === 1 && count > 0);
  if (nulls) throw new DamagedError('a column holds nulls');
  return { length: batch.int64(0), compressed: batch.table(3) !== undefined, buffers };
}
