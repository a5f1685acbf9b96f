import {
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  tableFromIPC,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StrataError } from '../../engine/errors.ts';
import { openRecording } from '../../engine/recording/decode.ts';
import { RecordingEncoder } from '../../engine/recording/encode.ts';
import { RECORDING_ERRORS } from '../../engine/recording/errors.ts';
import type { RecordingMetadata } from '../../engine/recording/format.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { EVENTS, HEAD, history, METADATA, play, recordBytes, Scribe } from './build.ts';

/** The recording, or the code of the error; any other error fails the test. */
function attempt(bytes: Uint8Array): Recording | string {
  try {
    return openRecording(bytes);
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    expect(Object.keys(RECORDING_ERRORS)).toContain(error.code);
    expect(error.message).not.toBe('');
    expect(error.advice).not.toBe('');
    return error.code;
  }
}

const codeOf = (bytes: Uint8Array): string => {
  const result = attempt(bytes);
  return typeof result === 'string' ? result : 'opened';
};

/** Uses every part of a recording, to show that opening it was check enough. */
function explore(recording: Recording): void {
  const { entities, links } = recording;
  for (const entity of entities.numbers()) {
    entities.get(entity);
    recording.history(entity);
    links.providers(entity, recording.rows);
    links.dependents(entity, recording.rows);
  }
  for (let row = 0; row < recording.rows; row++) {
    recording.row(row);
    recording.reason(row);
    recording.causes(row);
    recording.children(row);
  }
  for (const time_s of [-1, 0, recording.end_s / 2, recording.end_s]) recording.stateAt(time_s);
}

function isPrefix(part: Recording, whole: Recording): void {
  expect(part.rows).toBeLessThanOrEqual(whole.rows);
  for (let i = 0; i < part.rows; i++) expect(part.row(i)).toEqual(whole.row(i));
}

const example = (): Uint8Array =>
  recordBytes((r) => {
    const s = new Scribe(r);
    const disk = s.create(0, 'sdb', 'disk/ok');
    const osd = s.create(0, 'osd.3', 'osd/up.in');
    s.note(0, osd, 'linked', disk);
    r.flush();
    r.keyframe(1, (add) => {
      add(disk, 0, 0);
      add(osd, 5, 1);
    });
    s.move(2, osd, 'lost', 'osd/down.in', s.move(2, disk, 'fail', 'disk/failed'));
  });

describe('a file that breaks off', () => {
  it('gives its rows up to the last whole batch, or a typed error, at every length', () => {
    const bytes = example();
    const whole = openRecording(bytes);
    const seen = new Set<number | string>();
    for (let length = 0; length < bytes.length; length++) {
      const result = attempt(bytes.subarray(0, length));
      if (typeof result === 'string') {
        seen.add(result);
        continue;
      }
      expect(result.truncated).toBe(true);
      isPrefix(result, whole);
      explore(result);
      seen.add(result.rows);
    }
    expect(seen).toEqual(new Set(['RECORDING_NOT_ARROW', 'RECORDING_HEAD_TRUNCATED', 0, 3, 5, 7]));
  });

  it('holds for arbitrary recordings and lengths', () => {
    fc.assert(
      fc.property(history, fc.double({ min: 0, max: 1, noNaN: true }), (steps, part) => {
        const bytes = recordBytes((r) => play(steps, r));
        const result = attempt(bytes.subarray(0, Math.floor(part * bytes.length)));
        if (typeof result !== 'string') isPrefix(result, openRecording(bytes));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a file with changed bytes', () => {
  it('opens or gives a typed error, and what opens can be used', () => {
    const bytes = example();
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = bytes.slice();
        for (const [at, value] of changes) changed[at] = value;
        const result = attempt(changed);
        if (typeof result !== 'string') explore(result);
      }),
      { numRuns: 2000 },
    );
  });
});

/** A file as other programs write them: magic, schema, dictionaries, batches, end mark. */
function fileOf(batches: RecordBatch[]): Uint8Array {
  const stream = RecordBatchStreamWriter.writeAll(batches).toUint8Array(true);
  const magic = new TextEncoder().encode('ARROW1');
  return Uint8Array.from([...magic, 0, 0, ...stream, ...magic]);
}

/** The example as Arrow itself writes it, with other metadata. */
function withMetadata(changes: Record<string, string | undefined>): Uint8Array {
  const table = tableFromIPC(example());
  const metadata = new Map(table.schema.metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) metadata.delete(`strata.${key}`);
    else metadata.set(`strata.${key}`, value);
  }
  const schema = new Schema(table.schema.fields, metadata);
  return fileOf(table.batches.map(({ data }) => new RecordBatch(schema, data)));
}

describe('a file that is something else', () => {
  const text = (s: string) => new TextEncoder().encode(s);

  it('is told apart', () => {
    expect(codeOf(text(''))).toBe('RECORDING_NOT_ARROW');
    expect(codeOf(text('PAR1....PAR1'))).toBe('RECORDING_NOT_ARROW');
    expect(codeOf(text('scenario: x\n'))).toBe('RECORDING_NOT_ARROW');
    expect(codeOf(text('ARROW1'))).toBe('RECORDING_HEAD_TRUNCATED');
    expect(codeOf(text(`ARROW1\0\0${'x'.repeat(400)}ARROW1`))).toBe('RECORDING_HEAD_TRUNCATED');
  });

  it('may be an Arrow file with other columns', () => {
    const field = new Field('x', new Float64(), false);
    const schema = new Schema([field]);
    const data = makeData({ type: new Float64(), length: 1, data: new Float64Array([1]) });
    const type = new Struct(schema.fields);
    const batch = new RecordBatch(schema, makeData({ type, length: 1, children: [data] }));
    expect(() => openRecording(fileOf([batch]))).toThrow(
      /column 1 is `x` of type Float64; expected `time_s`/,
    );
    const headless = RecordBatchFileWriter.writeAll([batch]).toUint8Array(true);
    expect(codeOf(headless)).toBe('RECORDING_WRONG_SCHEMA');
  });

  it('may be a recording of another version, or one without its metadata', () => {
    const same = openRecording(withMetadata({}));
    expect(same.truncated).toBe(false);
    isPrefix(openRecording(example()), same);
    expect(codeOf(withMetadata({ version: '2' }))).toBe('RECORDING_VERSION');
    const wrong: Record<string, string | undefined>[] = [
      { version: undefined },
      { scenario: undefined },
      { mode: 'imagined' },
      { parameters: '[1]' },
      { model: '{' },
      { model: '{}' },
      { model: '{"kinds":[],"states":{"a":{"class":"odd","serving":true}},"events":{}}' },
      { model: '{"kinds":[],"states":{},"events":{"fail":{"disk":1}}}' },
    ];
    for (const changes of wrong) {
      expect(codeOf(withMetadata(changes)), JSON.stringify(changes)).toBe('RECORDING_WRONG_SCHEMA');
    }
  });

  it('may name states that its model does not describe', () => {
    const sink = new MemorySink();
    const metadata: RecordingMetadata = { ...METADATA, model: { ...METADATA.model, states: {} } };
    new RecordingEncoder({ ...HEAD, metadata }, sink).close();
    expect(codeOf(sink.bytes())).toBe('RECORDING_WRONG_SCHEMA');
  });
});

describe('rows that contradict each other', () => {
  it('are found when the file is opened', () => {
    const bad: [number, number, number, number, number, number][] = [
      [0, 0, 999, 0, 0, -1],
      [0, 0, 0, EVENTS.length, 0, -1],
      [0, 0, 0, 0, 999, -1],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, -2],
      [0, 4e9, 0, 0, 0, -1],
    ];
    for (const row of bad) {
      expect(codeOf(recordBytes((r) => r.append(...row))), `${row}`).toBe('RECORDING_CORRUPT');
    }
  });

  it('or rows that are not there are refused', () => {
    const recording = openRecording(example());
    for (const row of [-1, 7, 0.5, Number.NaN]) {
      expect(() => recording.row(row)).toThrow(
        expect.objectContaining({ code: 'RECORDING_ROW_RANGE' }),
      );
    }
  });
});
