import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FileSink, HashSink, readRecording } from '../../cli/tools/recording-file.ts';
import { Recorder } from '../../engine/recording/recorder.ts';
import { HEAD, recordBytes, Scribe } from './build.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (r: Recorder): void => {
  const s = new Scribe(r);
  s.move(1, s.create(0, 'sdb', 'disk/ok'), 'fail', 'disk/failed');
};

it('writes a file with its hash, in folders that it makes, and reads it back', () => {
  const path = join(folder, 'a', 'b', 'run.arrow');
  const sink = new HashSink(new FileSink(path));
  const recorder = new Recorder(HEAD, sink);
  write(recorder);
  expect(sink.traceHash).toBeUndefined();
  recorder.close();
  const bytes = readFileSync(path);
  expect(Uint8Array.from(bytes)).toEqual(recordBytes(write));
  expect(sink.traceHash).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(readRecording(path).row(1)).toMatchObject({ event: 'fail', to: 'disk/failed' });
});

it('can be read while it is written', () => {
  const path = join(folder, 'live.arrow');
  const recorder = new Recorder(HEAD, new FileSink(path));
  expect(readRecording(path)).toMatchObject({ rows: 0, truncated: true });
  write(recorder);
  recorder.flush();
  expect(readRecording(path)).toMatchObject({ rows: 2, truncated: true });
  recorder.close();
  expect(readRecording(path)).toMatchObject({ rows: 2, truncated: false });
});

it('hashes without a file', () => {
  const sink = new HashSink();
  const recorder = new Recorder(HEAD, sink);
  write(recorder);
  recorder.close();
  expect(sink.traceHash).toBe(createHash('sha256').update(recordBytes(write)).digest('hex'));
});

it('passes on what the file system or the reader says', () => {
  expect(() => readRecording(join(folder, 'none.arrow'))).toThrow(/ENOENT/);
  const path = join(folder, 'text.arrow');
  writeFileSync(path, 'scenario: x');
  expect(() => readRecording(path)).toThrow(
    expect.objectContaining({ code: 'RECORDING_NOT_ARROW' }),
  );
});
