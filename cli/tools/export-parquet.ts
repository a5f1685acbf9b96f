import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { FORMAT_VERSION, type RecordingMetadata } from '../../engine/recording/format.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import type { ByteSink } from '../../engine/recording/sink.ts';

const ROWS_PER_GROUP = 262_144;

/**
 * Writes a recording as Parquet: the same rows and columns (so `cause` still counts rows), states
 * and events as plain strings, metadata as key-value pairs under the same keys.
 */
export function writeParquet(recording: Recording, sink: ByteSink): void {
  const bytes = new ByteWriter() as ByteWriter & { flush?: () => void };
  const hand = () => {
    sink.write(bytes.getBytes());
    bytes.index = 0;
  };
  bytes.flush = hand;
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const;
  const required = { repetition_type: 'REQUIRED' } as const;
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'root', num_children: 8 },
      { name: 'time_s', type: 'DOUBLE', ...required },
      { name: 'entity', type: 'INT32', converted_type: 'UINT_32', ...required },
      { name: 'from', ...text },
      { name: 'event', ...text },
      { name: 'to', ...text },
      { name: 'cause', type: 'INT32', ...required },
      { name: 'value', type: 'DOUBLE', ...required },
      { name: 'detail', ...text },
    ],
    kvMetadata: keyValues(recording.metadata),
    createdBy: 'strata',
  });
  for (let first = 0; first < recording.rows; first += ROWS_PER_GROUP) {
    const end = Math.min(first + ROWS_PER_GROUP, recording.rows);
    writer.write({ columnData: columnData(recording, first, end), rowGroupSize: ROWS_PER_GROUP });
  }
  writer.finish();
  hand();
  sink.close();
}

function keyValues(metadata: RecordingMetadata): { key: string; value: string }[] {
  return Object.entries({ version: FORMAT_VERSION, ...metadata })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({
      key: `strata.${key}`,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }));
}

function columnData(recording: Recording, first: number, end: number) {
  const rows = end - first;
  const time_s = new Float64Array(rows);
  const entity = new Uint32Array(rows);
  const cause = new Int32Array(rows);
  const value = new Float64Array(rows);
  const from: string[] = [];
  const event: string[] = [];
  const to: string[] = [];
  const detail: string[] = [];
  recording.eachBatch(first, end, (batch, begin, stop) => {
    const at = batch.firstRow + begin - first;
    time_s.set(batch.time_s.subarray(begin, stop), at);
    entity.set(batch.entity.subarray(begin, stop), at);
    cause.set(batch.cause.subarray(begin, stop), at);
    value.set(batch.value.subarray(begin, stop), at);
    for (let i = begin; i < stop; i++) {
      from.push(recording.states[batch.from[i]].name);
      event.push(recording.events[batch.event[i]]);
      to.push(recording.states[batch.to[i]].name);
      const empty = batch.detailOffsets[i] === batch.detailOffsets[i + 1];
      detail.push(empty ? '' : recording.detail(batch.firstRow + i));
    }
  });
  const named = { time_s, entity, from, event, to, cause, value, detail };
  return Object.entries(named).map(([name, data]) => ({ name, data }));
}
