/** Takes an Arrow file, whole or cut off, apart into typed arrays. Nothing is copied but names. */
import {
  type Data,
  type RecordBatch,
  RecordBatchReader,
  type Schema,
  type Vector,
} from 'apache-arrow';
import type { Columns } from './encode.ts';
import { recordingError } from './errors.ts';
import { RECORDING_FIELDS } from './schema.ts';

/** One record batch: columns over its rows, and where they are in the recording. */
export interface RecordingBatch extends Columns {
  readonly firstRow: number;
  readonly length: number;
}

export interface RawRecording {
  readonly schema: Schema;
  readonly states: readonly string[];
  readonly events: readonly string[];
  readonly batches: readonly RecordingBatch[];
  /** The footer was missing or unusable: rows at the end may be missing. */
  readonly truncated: boolean;
}

const MAGIC = [...'ARROW1'].map((letter) => letter.charCodeAt(0));
/** Bytes before the first message: the magic, padded. */
const HEAD_BYTES = 8;
/** The least that a footer takes: its length and the magic. */
const FOOT_BYTES = 10;

/** Reads all batches; checks that the columns are those of a recording, not what they hold. */
export function readBatches(bytes: Uint8Array): RawRecording {
  if (!hasMagic(bytes, 0)) throw notArrow(bytes);
  const raw = readFile(bytes) ?? readStream(bytes.subarray(HEAD_BYTES));
  if (raw === undefined) {
    throw recordingError(
      'RECORDING_HEAD_TRUNCATED',
      `the file is cut off after ${bytes.length} bytes, within its schema or dictionaries`,
      'the run ended before anything was recorded; run it again',
    );
  }
  return raw;
}

function hasMagic(bytes: Uint8Array, at: number): boolean {
  return at >= 0 && MAGIC.every((code, i) => bytes[at + i] === code);
}

function notArrow(bytes: Uint8Array): Error {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  const found =
    bytes.length === 0 ? 'it is empty' : start === 'PAR1' ? 'it is a Parquet file' : 'it is not';
  return recordingError(
    'RECORDING_NOT_ARROW',
    `expected an Arrow IPC file, which starts with ARROW1, but ${found}`,
    'give a file written by `strata run --out FILE.arrow`',
  );
}

/** By the footer; undefined if there is none or it leads nowhere. */
function readFile(bytes: Uint8Array): RawRecording | undefined {
  if (bytes.length < HEAD_BYTES + FOOT_BYTES || !hasMagic(bytes, bytes.length - MAGIC.length)) {
    return undefined;
  }
  const batches: RecordBatch[] = [];
  let reader: RecordBatchReader;
  try {
    reader = RecordBatchReader.from(bytes).open();
    for (let i = 0; i < reader.numRecordBatches; i++) {
      const batch = reader.readRecordBatch(i) as RecordBatch | null;
      if (batch === null) return undefined;
      batches.push(batch);
    }
  } catch {
    return undefined;
  }
  return assemble(reader.schema, reader.dictionaries, batches, false);
}

/** Message by message until the end or the first that is incomplete; undefined without a head. */
function readStream(bytes: Uint8Array): RawRecording | undefined {
  const batches: RecordBatch[] = [];
  let schema: Schema | undefined;
  let dictionaries: Map<number, Vector> | undefined;
  try {
    const reader = RecordBatchReader.from(bytes).open();
    // The reader drops both when it reaches the end.
    schema = reader.schema;
    dictionaries = reader.dictionaries;
    for (let next = reader.next(); !next.done; next = reader.next()) batches.push(next.value);
  } catch {
    // What was read until here is the recording.
  }
  if (schema === undefined || dictionaries === undefined) return undefined;
  checkFields(schema);
  if (dictionaries.size < new Set(schema.dictionaries.keys()).size) return undefined;
  return assemble(schema, dictionaries, batches, true);
}

function assemble(
  schema: Schema,
  dictionaries: Map<number, Vector>,
  arrowBatches: readonly RecordBatch[],
  truncated: boolean,
): RawRecording {
  checkFields(schema);
  const names = (column: number) => {
    const vector = dictionaries.get((schema.fields[column].type as { id: number }).id);
    return vector === undefined ? [] : Array.from(vector, String);
  };
  const [from, event, to] = [names(2), names(3), names(4)];
  if (from.length !== to.length || from.some((name, i) => name !== to[i])) {
    throw wrongSchema('the columns `from` and `to` have different dictionaries');
  }
  const batches: RecordingBatch[] = [];
  let firstRow = 0;
  for (const batch of arrowBatches) {
    if (batch.numRows === 0) continue;
    batches.push(columnsOf(batch.data.children, batch.numRows, firstRow));
    firstRow += batch.numRows;
  }
  return { schema, states: from, events: event, batches, truncated };
}

function checkFields(schema: Schema): void {
  RECORDING_FIELDS.forEach((expected, i) => {
    const found = schema.fields[i];
    const matches = found?.name === expected.name && `${found.type}` === `${expected.type}`;
    if (matches) return;
    const is = found === undefined ? 'missing' : `\`${found.name}\` of type ${found.type}`;
    throw wrongSchema(`column ${i + 1} is ${is}; expected \`${expected.name}\`, ${expected.type}`);
  });
}

export function wrongSchema(message: string): Error {
  return recordingError(
    'RECORDING_WRONG_SCHEMA',
    message,
    'give a file written by `strata run --out FILE.arrow`',
  );
}

function columnsOf(data: readonly Data[], length: number, firstRow: number): RecordingBatch {
  const [time_s, entity, from, event, to, cause, value, detail] = data;
  const batch = {
    firstRow,
    length,
    time_s: time_s.values,
    entity: entity.values,
    from: from.values,
    event: event.values,
    to: to.values,
    cause: cause.values,
    value: value.values,
    detailOffsets: detail.valueOffsets,
    detailBytes: detail.values,
  };
  const { detailBytes: _, ...columns } = batch;
  for (const [name, column] of Object.entries(columns)) {
    const needed = name === 'detailOffsets' ? length + 1 : length;
    if (typeof column !== 'number' && column.length < needed) {
      throw recordingError(
        'RECORDING_CORRUPT',
        `the column \`${name}\` from row ${firstRow} on is shorter than its batch`,
        'the file was changed after it was written; run the scenario again',
      );
    }
  }
  return batch;
}
